import { expect, test } from 'vitest';
import { parseConfiguration } from './parse.ts';
import type { Settings } from './settings.ts';

const BASE = 'listeners: { in: {} }\nroutes: [{ name: r, listener: in, upstream: "http://a" }]\n';

function parse(more: string): { readonly settings: Settings | undefined; readonly problems: readonly string[] } {
  const { settings, problems } = parseConfiguration({ text: BASE + more, file: 'plumbline.yaml', dir: '/etc/plumbline', env: {} });
  return { settings, problems: problems.map(({ code, pointer }) => `${code} ${pointer}`) };
}

test('nothing is kept on disk unless it is said where', () => {
  expect(parse('').settings?.state).toBeUndefined();
  expect(parse('state:').settings?.state).toBeUndefined();
});

test.each([
  ['/var/lib/plumbline', '/var/lib/plumbline'],
  ['var/state', '/etc/plumbline/var/state'],
])('state.dir %s', (dir, expected) => {
  expect(parse(`state: { dir: ${dir} }`).settings?.state).toEqual({ dir: expected });
});

test.each([
  ['state: {}', 'missing_key /state/dir'],
  ['state: { dir: "" }', 'malformed /state/dir'],
  ['state: { dir: [a] }', 'wrong_type /state/dir'],
  ['state: { dri: a }', 'unknown_key /state/dri'],
  ['telemetry: { limits: { outcomes: 0 } }', 'out_of_range /telemetry/limits/outcomes'],
  ['telemetry: { limits: { outcomes: 10001 } }', 'out_of_range /telemetry/limits/outcomes'],
])('%s is refused', (more, problem) => {
  expect(parse(more).problems).toContain(problem);
});

test('a thousand outcomes are kept', () => {
  expect(parse('').settings?.telemetry.limits.outcomes).toBe(1000);
});
