import type { FindingItem } from '../../src/core/views.ts';
import { type Reason, REASONS, type Ruling, RULINGS } from './drift-reasons.ts';
import { documentedHeaders } from './drift-judge.ts';
import { type Json, type JsonObject, member } from './github.ts';
import { at } from './judge/pointers.ts';
import type { RedoclyProblem, RedoclyReport } from './redocly.ts';
import { code } from './rows.ts';

/** Why a finding is true. @throws where nobody has said so, or it is said twice: then it has not been judged. */
export function reasonOf({ kind, name }: FindingItem): Reason {
  const found = REASONS.filter((reason) => reason.kind === kind && reason.name.test(name));
  const [reason] = found;
  if (reason === undefined || found.length > 1) throw new Error(`${found.length} reasons why ${kind} ${name} is true`);
  return reason;
}

/** Whether redocly tells of the same. */
function isSame({ message, method, path, side }: RedoclyProblem, { kind, name }: FindingItem): boolean {
  if (kind === 'missing_required') {
    const missing = /^Response is missing required field "(?:.*\.)?([^."]+)"\.$/.exec(message);
    return side === 'response' && missing?.[1] === name;
  }
  if (kind !== 'undocumented_endpoint' || !message.startsWith('Undocumented endpoint: ')) return false;
  const pattern = name.replaceAll(/[.*+?^$()|[\]\\]/g, '\\$&').replaceAll(/\{[^}]*\}/g, '[^/]+');
  return new RegExp(`^${pattern}$`).test(`${method} ${path}`);
}

/** What both say of one thing; either may say nothing. */
export interface Row {
  readonly finding: FindingItem | undefined;
  readonly problems: readonly RedoclyProblem[];
  readonly ruling: Ruling | undefined;
}

/** Each finding and each problem is in one row. @throws where a problem is in none, or in several. */
export function compared(findings: readonly FindingItem[], { problems }: RedoclyReport): Row[] {
  const rows: Row[] = [
    ...findings.map((finding) => ({ finding, problems: problems.filter((problem) => isSame(problem, finding)), ruling: undefined })),
    ...RULINGS.map((ruling) => ({ finding: undefined, problems: problems.filter(({ message }) => ruling.says.test(message)), ruling })),
  ];
  for (const problem of problems) {
    const count = rows.filter((row) => row.problems.includes(problem)).length;
    if (count !== 1) throw new Error(`${count} rows have ${problem.method} ${problem.path}: ${problem.message}`);
  }
  return rows;
}

/** `docs/drift-github.md`. */
export function driftPage(document: Json, findings: readonly FindingItem[], report: RedoclyReport): string {
  const rows = compared(findings, report);
  const both = rows.filter(({ finding, problems }) => finding !== undefined && problems.length > 0);
  const ours = rows.filter(({ finding, problems }) => finding !== undefined && problems.length === 0);
  const theirs = rows.filter(({ finding }) => finding === undefined);
  return `# GitHub's traffic of 2022 against GitHub's contract of today

Written and compared by \`test/real/github-drift.test.ts\`; do not edit. The traffic are the 132 exchanges of \`@octokit/fixtures\`, 131 of them with GitHub's API, recorded in
2022 and 2024; the contract is GitHub's own, \`@octokit/openapi\` ${String(member(member(document, 'info'), 'version'))} with 1,223 operations. Of each package the version is in \`package-lock.json\`:

\`\`\`sh
node test/real/github-har.ts > github.har
plumbline drift report --spec node_modules/@octokit/openapi/generated/api.github.com.json --all github.har
\`\`\`

## What changed

**${findings.length} findings, ${findings.reduce((sum, { count }) => sum + count, 0)} observations.** Each was held against the words of the document and the recorded message; what a table says of the reason is what stands in one of them. A second judge
in \`test/real\` that shares no code with Plumbline finds the same things at the same places as often, and nothing else. It was written for the kinds of drift that this traffic
has, and stops at any other. A request that was refused for what is wrong with it is no finding, nor is a header that a client adds.

What both leave out on purpose: fields of HTTP and of browsers' security, and those that tell of limits. So it is **not** told that 51 of these answers have five \`x-ratelimit-…\` fields which their operations do not
document: the document has three of them, at \`rate-limit/get\` alone, and two nowhere. By its words that is drift, and Plumbline misses it; redocly does, too.

${table(
  ['kind', 'name', 'seen in', 'place in the document', 'its words', 'times', 'why it is true'],
  findings.map((finding) => [
    finding.kind.replaceAll('_', ' '),
    code(finding.name),
    operations(finding),
    code(finding.specPointer),
    code(wordsOf(document, finding)),
    String(finding.count),
    reasonOf(finding).why,
  ]),
)}

## Beside redocly drift

The same archive, given to \`redocly drift\` of ${report.tool.replace(/@([\d.]+)$/, ' $1')} (experimental, as its help says):

\`\`\`sh
redocly drift github.har --api api.github.com.json --format json -o drift.json
node test/real/redocly.ts drift.json ${report.tool}
\`\`\`

What it wrote is kept in [redocly-drift.json](../test/real/recorded/redocly-drift.json), without values: ${report.problems.length} problems, ${report.problems.reduce((sum, { occurrences }) => sum + occurrences, 0)} occurrences.

| | problems | findings |
|---|---|---|
| both tell of it | ${count(both.flatMap(({ problems }) => problems))} | ${both.length} |
| Plumbline alone | | ${ours.length} |
| redocly alone | ${count(theirs.flatMap(({ problems }) => problems))} | |
| together | ${report.problems.length} | ${findings.length} |

### Both

redocly tells of a thing once for each operation, and of an unknown path once for each number in it; for Plumbline a schema that several operations use is one place, and what may be a value is \`{}\`. Where several problems are one finding,
somebody has one thing to mend.

${table(
  ['finding', 'times', "redocly's problems", 'occurrences'],
  both.map(({ finding, problems }) => [
    title(finding as FindingItem),
    String(finding?.count),
    String(problems.length),
    occurrences(problems),
  ]),
)}

### Plumbline alone

All of them are right, as the first table says of each. In redocly's report of this traffic there is nothing of these kinds but \`required\`: the one of them is in a message that it did not compile the schema of.

${table(
  ['finding', 'times'],
  ours.map(({ finding }) => [title(finding as FindingItem), String(finding?.count)]),
)}

### redocly alone

${table(
  ['what', 'problems', 'occurrences', 'who is right', 'why'],
  theirs.map(({ problems, ruling }) => [
    ruling?.about ?? '',
    String(problems.length),
    occurrences(problems),
    ruling?.right ?? '',
    ruling?.why ?? '',
  ]),
)}
`;
}

function count(problems: readonly RedoclyProblem[]): number {
  return new Set(problems).size;
}

function occurrences(problems: readonly RedoclyProblem[]): string {
  return String(problems.reduce((sum, one) => sum + one.occurrences, 0));
}

function title({ kind, name, pointer }: FindingItem): string {
  const at = kind === 'missing_required' && pointer !== `/${name}` ? ` at ${code(pointer)}` : '';
  return `${kind.replaceAll('_', ' ')} ${code(name)}${at}`;
}

const SHOWN_OPERATIONS = 3;

function operations({ operations: all }: FindingItem): string {
  if (all[0] === '_unmatched') return 'no operation';
  const shown = [...all].sort().slice(0, SHOWN_OPERATIONS).map(code).join(', ');
  return all.length > SHOWN_OPERATIONS ? `${shown} and ${all.length - SHOWN_OPERATIONS} more` : shown;
}

/** The document's own, short enough for a table. */
function wordsOf(document: Json, finding: FindingItem): string {
  const { kind, name, specPointer, side } = finding;
  const says = at(document, specPointer);
  switch (kind) {
    case 'missing_required':
      return `"required": [… ${JSON.stringify((says as readonly Json[]).find((entry) => entry === name))} …]`;
    case 'undocumented_media_type': {
      const content = (side === 'request' ? member(says, 'content') : says) as JsonObject;
      return `"content": {${Object.keys(content).map((type) => ` ${JSON.stringify(type)}: …`)} }`;
    }
    case 'undocumented_endpoint':
      return `no key of "paths" fits ${name}`;
    case 'undocumented_header':
      return `"headers": {${headersOf(document, finding).map((field) => ` ${JSON.stringify(field)}: …`)} }`;
    default: {
      const quote = `${specPointer}${reasonOf(finding).quote}`;
      return `${quote
        .split('/')
        .slice(-2)
        .map((token) => JSON.stringify(token))
        .join(': { ')}: ${JSON.stringify(at(document, quote))} }`;
    }
  }
}

/** What answers of the operations of a finding have. */
function headersOf(document: Json, { operations: ids }: FindingItem): string[] {
  const paths = member(document, 'paths') as JsonObject;
  const all = Object.entries(paths).flatMap(([path, item]) =>
    Object.entries(item as JsonObject)
      .filter(([, operation]) => ids.includes(String(member(operation, 'operationId'))))
      .flatMap(([method]) => documentedHeaders(document, `/paths/${path.replaceAll('~', '~0').replaceAll('/', '~1')}/${method}`)),
  );
  return [...new Set(all)].sort();
}

function table(head: readonly string[], rows: ReadonlyArray<readonly string[]>): string {
  const line = (cells: readonly string[]): string => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), `|${head.map(() => '---|').join('')}`, ...rows.map(line)].join('\n');
}
