/**
 * Makes docs/reliability.md of the catalogue of faults: what stands there is what `test/faults/live` plays, and its last column is worded from the
 * very values that those tests assert.
 */
import { CATALOGUE } from '../test/faults/live/catalogue.ts';
import { CONFIGURATIONS, type ConfigurationName, LIMITS } from '../test/faults/live/configurations.ts';
import { type Fault, type Group, inWords } from '../test/faults/live/fault.ts';

/** Every generated file: its path from the root of the repository, and what must be in it. */
export function generate(): Record<string, string> {
  return { 'docs/reliability.md': reliabilityPage(CATALOGUE) };
}

/** @throws TypeError where two faults have one id, or a fault promises nothing. */
export function reliabilityPage(groups: readonly Group[]): string {
  const faults = groups.flatMap((group) => group.faults);
  for (const [i, { id, expect }] of faults.entries()) {
    if (faults.findIndex((other) => other.id === id) < i) throw new TypeError(`two faults are called ${id}`);
    if (Object.keys(expect).length === 0) throw new TypeError(`nothing is promised of ${id}`);
  }
  const cases = faults.reduce((sum, { expect }) => sum + Object.keys(expect).length, 0);
  return `${HEAD}
${faults.length} faults, ${cases} tests.

## Configurations

| name | what it is |
|---|---|
${Object.entries(CONFIGURATIONS)
  .map(([name, { what }]) => `| ${name} | ${cell(what)} |`)
  .join('\n')}

\`deadline\` is ${block(LIMITS.long)}; where a fault is one of time, ${block(LIMITS.short)}.

${groups.map(section).join('\n\n')}
`;
}

function section({ title, faults }: Group): string {
  return `## ${title}\n\n| fault | promised | test | what the test asserts |\n|---|---|---|---|\n${faults.map(row).join('\n')}`;
}

function row({ id, what, promise, expect }: Fault): string {
  const byWords = Map.groupBy(Object.keys(expect) as ConfigurationName[], (name) =>
    inWords(expect[name] as NonNullable<(typeof expect)[typeof name]>),
  );
  const asserted = [...byWords].map(([words, names]) => `**${names.join(', ')}**: ${cell(words)}`).join('<br>');
  return `| ${cell(what)} | ${cell(promise)} | \`${id}\` | ${asserted} |`;
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|');
}

function block(limits: Readonly<Record<string, string>>): string {
  return `\`{ ${Object.entries(limits)
    .map(([key, value]) => `${key}: ${value}`)
    .join(', ')} }\``;
}

const HEAD = `# What becomes of faults

<!-- Generated from test/faults/live by scripts/generate-reliability.ts: change it there, then run npm run generate. -->

Each fault is played over real sockets against the real gateway, in each configuration that is named with it: \`PLUMBLINE_TEST_LONG=1 npx vitest run test/faults/live -t 'ID'\`
plays one. The last column is made of the values that its test compares: the answer that the client gets, how often the upstream was asked (requests that
came to it, whole or not), and what stands behind the key, the circuit and the log. A fault without a test is not in here.

Besides, after **every** one of them: exactly one line in the log for each exchange, with this status, code and flags; \`requests_total\`,
\`upstream_attempts_total\` and \`retries_total\` say the same as the log; \`requests_in_flight\`, \`concurrency_in_use\`, \`upstream_waiting\`, \`buffered_bytes\`
and \`downstream_connections\` are 0 again; no connection to the upstream is busy, no timer and no socket is left, \`internal_errors_total\` is 0; and the next
request, on another route to the same upstream, gets its own answer. \`FIN\` ends one side of a connection in order, \`RST\` breaks it.

The rules (\`EV-7\` and so on) are those of the [error model and the policies](failures.md); a rule's own tests have it at the beginning of their titles.
`;
