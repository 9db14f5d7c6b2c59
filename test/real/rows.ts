import type { Violation } from '../../src/core/contract.ts';
import { type Json, type JsonObject, isObject, member } from './github.ts';
import { fieldOf, mediaTypeOf } from './judge/exchange.ts';
import { at } from './judge/pointers.ts';
import type { Recording } from './recordings.ts';
import type { Verdicts } from './verdicts.ts';

/** One line of the table: violations that differ in nothing but the exchange and the item of an array. */
export interface Row {
  readonly operation: string;
  readonly side: string;
  readonly location: string;
  readonly rule: string;
  /** `*` stands for an item of an array. */
  readonly pointer: string;
  readonly specPointer: string;
  /** The document's own. */
  readonly words: string;
  /** Type and shape of what broke the rule; no value. */
  readonly found: string;
  readonly times: number;
}

export function rowsOf(document: Json, all: readonly Verdicts[]): Row[] {
  const rows = new Map<string, Row>();
  for (const { recording, operation, violations } of all)
    for (const violation of violations) {
      const { side, location, rule, specPointer } = violation;
      const about = bodyOf(recording, violation);
      const row = {
        operation,
        side,
        location,
        rule,
        pointer: general(about, violation.pointer),
        specPointer,
        words: wordsOf(document, violation, recording),
        found: foundOf(recording, violation, about),
      };
      const key = JSON.stringify(row);
      rows.set(key, { ...row, times: (rows.get(key)?.times ?? 0) + 1 });
    }
  return [...rows.keys()].sort().map((key) => rows.get(key) as Row);
}

export function markdown(rows: readonly Row[], skipped: readonly string[]): string {
  const lines = rows.map(({ operation, side, location, rule, pointer, specPointer, words, found, times }) => {
    const cells = [code(operation), side, `${location}: ${rule}`, code(pointer), code(specPointer), code(words), found, String(times)];
    return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  });
  return `# What GitHub's recorded traffic has against GitHub's contract

Every violation that the gateway reports of the 132 exchanges of \`@octokit/fixtures\`, with the words of \`@octokit/openapi\` that make it
one. Written and compared by \`github.test.ts\` (again with \`vitest run test/real --update\`), which also lets a judge of its own, which
shares nothing with the gateway, read the same words. Values are never shown, only their types.

${NOTES}
Skipped: ${skipped.length === 0 ? 'nothing' : skipped.join(', ')}.

| operation | side | rule | where | place in the document | its words | what was there | times |
|---|---|---|---|---|---|---|---|
${lines.join('\n')}
`;
}

/** What the words alone do not explain. */
const NOTES = `- Paths: \`/repositories/{number}\` is where GitHub redirects to from a repository's old name, projects with columns have since been
  taken out of the API, and archives come from another host; the document has none of them. \`…/contents/\` and \`…/git/refs/\` end
  where \`{path}\` and \`{ref}\` would have to begin.
- \`…/git/refs/heads/test\`: \`{ref}\` is \`heads/test\`, and GitHub's document marks the parameter \`x-multi-segment\`. OpenAPI does not
  know that word, and the value of a parameter "MUST NOT contain any unescaped 'generic syntax' characters", which a slash is (3.0.4, Path Templating).
- Not here: null where a schema says \`nullable\` beside an \`enum\` without null, as \`state_reason\` of an issue does 20 times. By the letter
  of 3.0.3 the \`enum\` refuses it; authors mean the opposite, and both judges let it pass.
- Members that are required and absent: the traffic is of 2022 and 2024, and has none of what GitHub's answers have gained since.
`;

/** For a cell of a table. */
export function code(text: string): string {
  return text === '' ? '' : `\`${text}\``;
}

function bodyOf(recording: Recording, { side, location }: Violation): Json | undefined {
  if (location !== 'body') return undefined;
  const text = (side === 'request' ? recording.requestBody : recording.responseBody).toString();
  try {
    return JSON.parse(text) as Json;
  } catch {
    return text;
  }
}

/** Items of arrays as `*`. */
export function general(body: Json | undefined, pointer: string): string {
  const tokens = pointer.split('/');
  return tokens.map((token, i) => (i > 0 && Array.isArray(at(body ?? null, tokens.slice(0, i).join('/'))) ? '*' : token)).join('/');
}

/** What the document says, short enough for a table. What is missing in the document is shown by what is there. */
function wordsOf(document: Json, violation: Violation, recording: Recording): string {
  const { rule, pointer, specPointer } = violation;
  const says = at(document, specPointer);
  const name = pointer.slice(pointer.lastIndexOf('/') + 1);
  switch (rule) {
    case 'undocumented_path':
      return `no key of "paths" fits ${recording.method} ${shapeOfPath(recording.target)}`;
    case 'required':
      return `"required": [… ${JSON.stringify((says as readonly Json[]).find((entry) => entry === name))} …]`;
    case 'media_type': {
      const content = violation.side === 'request' ? member(says, 'content') : says;
      return `"content": {${Object.keys(content as JsonObject).map((type) => ` ${JSON.stringify(type)}: …`)} }`;
    }
    case 'not_acceptable':
      return Object.entries(says as JsonObject)
        .filter(([status]) => status.startsWith('2'))
        .map(
          ([status, response]) =>
            `"${status}": { "content": {${Object.keys(member(response, 'content') as JsonObject).map((type) => ` "${type}": …`)} } }`,
        )
        .join(', ');
    default:
      return `${JSON.stringify(specPointer.slice(specPointer.lastIndexOf('/') + 1))}: ${JSON.stringify(says)}`;
  }
}

/** Names that the recording made up and numbers are left out. */
export function shapeOfPath(target: string): string {
  const [path = ''] = target.split('?');
  return path
    .split('/')
    .map((segment) => (/^\d+$/.test(segment) ? '{number}' : /^tmp-scenario-/.test(segment) ? '{name}' : segment))
    .join('/');
}

function foundOf(recording: Recording, { side, location, rule, pointer }: Violation, body: Json | undefined): string {
  const headers = side === 'request' ? recording.requestHeaders : recording.responseHeaders;
  if (location === 'route') return 'the path';
  if (rule === 'media_type') return `media type ${mediaTypeOf(headers)}`;
  if (rule === 'not_acceptable') return `Accept: ${fieldOf(headers, 'accept')}`;
  return body === undefined ? location : typeOf(at(body, pointer));
}

/** Type and shape of a value. */
export function typeOf(value: Json | undefined): string {
  if (value === undefined) return 'absent';
  if (value === null) return 'null';
  if (Array.isArray(value)) return `array of ${value.length}`;
  return isObject(value) ? 'object' : typeof value;
}
