import { describe, expect, test } from 'vitest';
import { type Problem, showPointer, toPointer } from './problem.ts';
import { COLOURED, PLAIN, renderProblem, renderProblems } from './render.ts';

const problem = (more: Partial<Problem> = {}): Problem => ({
  severity: 'error',
  code: 'x',
  message: 'is wrong',
  file: 'plumbline.yaml',
  line: 1,
  column: 1,
  pointer: '',
  ...more,
});

/** The lines under the first one. */
function frame(source: string, line: number, column: number): string[] {
  return renderProblem(problem({ line, column }), source, PLAIN).split('\n').slice(1);
}

test('place, severity, key, message and suggestion stand in one line', () => {
  const text = renderProblem(problem({ line: 12, column: 3, pointer: '/routes/0/match', suggestion: 'path' }), undefined, PLAIN);
  expect(text).toBe('plumbline.yaml:12:3 error routes[0].match: is wrong; did you mean "path"?');
  expect(renderProblem(problem({ line: 0, column: 0, file: '--port' }), undefined, PLAIN)).toBe('--port error is wrong');
});

test('the mark stands under the value', () => {
  expect(frame('a: 1\nrequest: enfroce # x\n', 2, 10)).toEqual(['  2 | request: enfroce # x', '    |          ^^^^^^^']);
  expect(frame('a: "b c", d: 1', 1, 4)[1]).toBe('    |    ^^^^^');
  expect(frame('a: http://b:1/', 1, 4)[1]).toBe('    |    ^^^^^^^^^^^');
  expect(frame('\ta: 1\r\n', 1, 2)).toEqual(['  1 |  a: 1', '    |  ^']);
});

test('a byte order mark shifts no mark', () => {
  expect(frame('\uFEFFa: 1', 1, 4)).toEqual(['  1 | a: 1', '    |    ^']);
});

test('a line far to the right is cut around the mark', () => {
  const [text, mark] = frame(`${'x'.repeat(500)} here ${'y'.repeat(500)}`, 1, 502) as [string, string];
  expect(text.length).toBeLessThan(130);
  expect(text.slice(mark.indexOf('^'), mark.lastIndexOf('^') + 1)).toBe('here');
});

test('there is no frame where there is no line', () => {
  expect(frame('a: 1', 9, 1)).toEqual([]);
  expect(frame('a: 1', 0, 0)).toEqual([]);
  expect(frame('a: 1\n\n', 2, 1)).toEqual([]);
});

describe('what comes from outside cannot write to the terminal', () => {
  test.each(['\u001b[2J', '\u009b31m', '\u202e', '\u0007'])('%j', (odd) => {
    const text = renderProblem(problem({ message: odd, file: odd, pointer: `/${odd}`, suggestion: odd }), `a: ${odd}`, PLAIN);
    expect(text).not.toContain(odd);
  });
});

test('a secret on the line is not shown', () => {
  for (const line of [
    'admin: { token: hunter2, prot: 1 }',
    'token: "hunter2 hunter2"',
    "  token: 'hunter2'",
    '{"token":"hunter2"}',
    'password: hunter2',
    'upstream: http://me:hunter2@host:1',
    'url: "redis://:hunter2@127.0.0.1:6379", more: 1',
  ]) {
    expect(frame(line, 1, 1).join('\n'), line).not.toContain('hunter2');
  }
  expect(frame(`token: "$\{TOKEN}"`, 1, 1)[0]).toContain('TOKEN');
});

test('an address of a Redis is shown where no password can be in it', () => {
  for (const url of ['redis://127.0.0.1:6379', 'rediss://cache.example/2', 'redis://[::1]:6379', `redis://$\{HOST}:6379`]) {
    expect(frame(`url: "${url}", more: 1`, 1, 1)[0]).toContain(url);
  }
});

test('all of them are counted', () => {
  expect(renderProblems([problem(), problem({ severity: 'warning' })], () => undefined, PLAIN)).toMatch(/\n1 error, 1 warning\n$/);
  expect(renderProblems([problem(), problem()], () => undefined, PLAIN)).toMatch(/\n2 errors\n$/);
  expect(renderProblems([problem({ severity: 'info' })], () => undefined, PLAIN)).toMatch(/\n1 info\n$/);
});

test('colours are for terminals', () => {
  expect(renderProblem(problem({ pointer: '/a' }), 'a: 1', COLOURED)).toContain('\u001b[1;31merror\u001b[0m');
});

test.each([
  [['routes', 0, 'policies', 'contract'], '/routes/0/policies/contract', 'routes[0].policies.contract'],
  [['operations', 'GET /x~y'], '/operations/GET ~1x~0y', 'operations["GET /x~y"]'],
  [[], '', ''],
])('%j as a pointer', (path, pointer, shown) => {
  expect(toPointer(path)).toBe(pointer);
  expect(showPointer(pointer)).toBe(shown);
});
