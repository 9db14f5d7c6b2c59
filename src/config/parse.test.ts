import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Parsed, parseConfiguration } from './parse.ts';
import { PLAIN, renderProblems } from './render.ts';

const GOLDEN = join(import.meta.dirname, 'golden');

const SOUND = `listeners:
  ingress: { port: 7080 }
routes:
  - name: billing
    listener: ingress
    upstream: http://127.0.0.1:3000
`;

function parse(text: string, env: Readonly<Record<string, string>> = {}): Parsed {
  return parseConfiguration({ text, file: 'plumbline.yaml', dir: '/etc/plumbline', env });
}

/** `line:column code pointer` of every problem. */
function places(text: string, env?: Readonly<Record<string, string>>): string[] {
  return parse(text, env).problems.map((p) => `${p.line}:${p.column} ${p.code} ${p.pointer}`);
}

test('ten different mistakes are ten problems, each with its place', () => {
  const text = readFileSync(join(GOLDEN, 'ten-mistakes.yaml'), 'utf8');
  const { settings, problems } = parseConfiguration({ text, file: 'ten-mistakes.yaml', dir: '/etc/plumbline', env: {} });
  expect(settings).toBeUndefined();
  expect(problems).toHaveLength(10);
  expect(renderProblems(problems, () => text, PLAIN)).toBe(readFileSync(join(GOLDEN, 'ten-mistakes.txt'), 'utf8'));
});

test('the smallest file is sound', () => {
  expect(parse(SOUND).problems).toEqual([]);
});

describe('what is no configuration', () => {
  test.each([
    ['an empty file', '', ['1:1 empty ']],
    ['a comment alone', '# nothing\n', ['1:1 empty ']],
    ['an empty mapping', '{}', ['1:1 missing_key /listeners', '1:1 missing_key /routes']],
    ['a word', 'hello', ['1:1 wrong_type ']],
    ['a list', '- a\n- b', ['1:1 wrong_type ']],
    ['two documents', `${SOUND}---\n${SOUND}`, ['7:1 several_documents ']],
    ['broken YAML', 'service: { name: x\nroutes: []\n', ['2:1 yaml_syntax ']],
    ['a tab', 'service:\n\tname: x\n', ['2:1 yaml_syntax ']],
    ['a variable without quotes in a flow mapping', `admin: { token: $\{A} }\n${SOUND}`, ['1:17 yaml_syntax ']],
    ['an unknown tag', `service: !env x\n${SOUND}`, ['1:10 yaml_syntax ']],
  ])('%s', (_, text, expected) => {
    expect(places(text)).toEqual(expected);
  });
});

describe('each key is judged where it stands', () => {
  test.each([
    ['an unknown key', `${SOUND}telemetri: {}\n`, '7:1 unknown_key /telemetri'],
    ['a key of the prototype', `${SOUND}__proto__: { admin: { port: 1 } }\n`, '7:1 unknown_key /__proto__'],
    ['toString as a key', `${SOUND}errors: { toString: 1 }\n`, '7:11 unknown_key /errors/toString'],
    ['a duplicate key', `${SOUND}drain: {}\ndrain: {}\n`, '8:1 duplicate_key /drain'],
    ['a missing key', 'listeners: { a: {} }\nroutes:\n  - name: x\n    listener: a\n', '3:5 missing_key /routes/0/upstream'],
    ['a wrong type', `${SOUND}admin:\n  port: many\n`, '8:9 wrong_type /admin/port'],
    ['nothing where a text belongs', `${SOUND}service:\n  name:\n`, '8:3 wrong_type /service/name'],
    ['a number where a text belongs', `${SOUND}service: { version: 1.10 }\n`, '7:21 wrong_type /service/version'],
    ['out of range', `${SOUND}admin: { port: 65536 }\n`, '7:16 out_of_range /admin/port'],
    ['a duration without a unit', `${SOUND}drain: { grace: 25 }\n`, '7:17 wrong_type /drain/grace'],
    ['a duration too long', `${SOUND}drain: { grace: 100h }\n`, '7:17 out_of_range /drain/grace'],
    [
      'a size of no known unit',
      `${SOUND}telemetry: { limits: { bufferedBytes: 64MB } }\n`,
      '7:39 wrong_type /telemetry/limits/bufferedBytes',
    ],
    ['an address block', `${SOUND}trust:\n  peers: [10.0.0.0/8, 10.0.0.0/33]\n`, '8:23 malformed /trust/peers/1'],
    ['a header name', `${SOUND}identity: { consumer: [{ header: "X Y" }] }\n`, '7:34 malformed /identity/consumer/0/header'],
    ['a misspelt source', `${SOUND}identity: { consumer: [{ heder: X }] }\n`, '7:26 unknown_key /identity/consumer/0/heder'],
    ['an access log that is no path', `${SOUND}telemetry: { accessLog: stdot }\n`, '7:25 not_allowed /telemetry/accessLog'],
    ['a variable without a value', `${SOUND}service: { name: "\${WHO}" }\n`, '7:18 unset_variable /service/name'],
    ['a variable that is none', `${SOUND}service: { name: "\${WHO" }\n`, '7:18 malformed_variable /service/name'],
    ['an alias to nothing', `${SOUND}service: { name: *who }\n`, '7:18 unknown_anchor /service/name'],
    ['a key that is a mapping', `${SOUND}? { a: b }\n: 1\n`, '7:3 malformed_key '],
    ['a token that no header can carry', `${SOUND}admin: { token: "a b" }\n`, '7:17 malformed /admin/token'],
    ['the name of a listener', `${SOUND.replace('ingress', '_none')}`, '2:3 malformed /listeners/_none'],
  ])('%s', (_, text, expected) => {
    expect(places(text)).toContain(expected);
    expect(parse(text).settings).toBeUndefined();
  });

  test('an upstream is a scheme, a host and a port', () => {
    const faults = [
      '127.0.0.1:3000',
      'http://a/x',
      'http://u:p@a',
      'http://a?x',
      'http://a#x',
      'ftp://a',
      'http://',
      'http://a:99999',
      'h2c://a',
      'http://a:0',
    ];
    for (const url of faults)
      expect(places(SOUND.replace('http://127.0.0.1:3000', `"${url}"`))[0], url).toMatch(/^6:15 \w+ \/routes\/0\/upstream$/);
    for (const url of ['http://a', 'http://a:80/', 'http://[::1]:3000'])
      expect(places(SOUND.replace('http://127.0.0.1:3000', `"${url}"`)), url).toEqual([]);
  });

  test('what is said of a name or a base path says what can stand there', () => {
    const messages = (text: string) => parse(`${SOUND}${text}`).problems.flatMap((p) => (p.severity === 'error' ? [p.message] : []));
    expect(messages('contracts: { a: { openapi: a.yaml, basePath: v1 } }')[0]).toBe(
      '"v1" is not one of auto, none, or a path (begins with /)',
    );
    expect(messages('contracts: { a: { openapi: a.yaml, basePath: [] } }')[0]).toBe('expected auto, none or a path, found a list');
    expect(messages('contracts: { "a b": { openapi: a.yaml } }')[0]).toMatch(/^"a b" is not a name \(letters, digits/);
  });

  test('a password in a URL is not repeated', () => {
    const { problems } = parse(SOUND.replace('http://127', 'http://user:hunter2@127'));
    expect(JSON.stringify(problems)).not.toContain('hunter2');
  });

  test('a value from an alias is judged where it is written', () => {
    expect(places(`service: { name: &n { a: 1 }, version: *n }\n${SOUND}`)).toEqual([
      '1:21 wrong_type /service/name',
      '1:40 wrong_type /service/version',
    ]);
  });

  test('lines end as they like', () => {
    expect(places(`${SOUND}admin:\n  port: x\n`.replaceAll('\n', '\r\n'))).toEqual(['8:9 wrong_type /admin/port']);
  });
});

test('a file that unfolds without end is refused', () => {
  const lines = ['a0: &a0 [x, x]'];
  for (let i = 1; i < 30; i += 1) lines.push(`a${i}: &a${i} [*a${i - 1}, *a${i - 1}]`);
  expect(places(lines.join('\n'))).toEqual(['1:1 too_large ']);
});

test('what is nested too deep is refused', () => {
  expect(places(`${SOUND}service: ${'['.repeat(60)}${']'.repeat(60)}`)).toContain(`7:49 too_deep /service${'/0'.repeat(39)}`);
  expect(places('['.repeat(20_000))).toEqual([expect.stringMatching(/too_deep/)]);
});

test('a mistake in every line is reported up to a bound', () => {
  const { problems } = parse(Array.from({ length: 2000 }, (_, i) => `k${i}: 1`).join('\n'));
  expect(problems).toHaveLength(501);
  expect(problems.at(-1)?.message).toMatch(/more problems/);
});

const wild = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.json(),
  fc.stringMatching(/^[a-z:{}[\]&*!|>'"%@`$, \n-]*$/),
  fc
    .record({ key: fc.constantFrom('listeners', 'routes', 'admin', 'trust', 'identity', '__proto__'), value: fc.json() })
    .map(({ key, value }) => `${SOUND}${key}: ${value}\n`),
  fc
    .record({ from: fc.nat(SOUND.length), length: fc.nat(20), by: fc.string() })
    .map(({ from, length, by }) => SOUND.slice(0, from) + by + SOUND.slice(from + length)),
);

test('no text makes it throw, and every problem is somewhere in the text', () => {
  fc.assert(
    fc.property(wild, (text) => {
      const { settings, problems } = parse(text, { HOME: '/root' });
      expect(settings === undefined).toBe(problems.some(({ severity }) => severity === 'error'));
      const lines = text.split('\n').length;
      for (const { line, column } of problems) expect(line >= 1 && line <= lines && column >= 1).toBe(true);
      expect(renderProblems(problems, () => text, PLAIN)).not.toMatch(/[^\n\P{Cc}]/u);
    }),
    { numRuns: 500 },
  );
});

const scalarKeys: ReadonlyArray<readonly string[]> = [
  ['service', 'name'],
  ['admin', 'port'],
  ['drain', 'grace'],
  ['errors', 'detail'],
  ['telemetry', 'limits', 'lines'],
  ['listeners', 'ingress', 'keepAlive'],
  ['trust', 'ids'],
];

test('positions are exact, however the file is indented', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...scalarKeys),
      fc.integer({ min: 0, max: 4 }),
      fc.integer({ min: 1, max: 6 }),
      fc.integer({ min: 1, max: 9 }),
      (path, blank, indent, gap) => {
        const sound = path[0] === 'listeners' ? SOUND.replace(/listeners:\n.*\n/, '') : SOUND;
        const block = path
          .map((key, i) => `${' '.repeat(i * indent)}${key}:${i === path.length - 1 ? `${' '.repeat(gap)}[wrong]` : ''}`)
          .join('\n');
        const text = `${'\n'.repeat(blank)}${block}\n${sound}`;
        const last = path.length - 1;
        const column = last * indent + (path[last] as string).length + 1 + gap + 1;
        expect(places(text)).toContain(
          `${blank + path.length}:${column} ${path[last] === 'detail' || path[last] === 'ids' ? 'not_allowed' : 'wrong_type'} /${path.join('/')}`,
        );
      },
    ),
  );
});
