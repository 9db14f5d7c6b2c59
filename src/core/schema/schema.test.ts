import fc from 'fast-check';
import { describe, expect, expectTypeOf, test } from 'vitest';
import {
  type Infer,
  Issues,
  type Schema,
  boolean,
  choice,
  defaulted,
  durationMs,
  headerName,
  integer,
  later,
  list,
  nearest,
  number,
  object,
  oneOf,
  optional,
  pathPrefix,
  record,
  required,
  sizeBytes,
  string,
} from '../schema.ts';

/** What is read, and `code path` of what is wrong. */
function read<T>(schema: Schema<T>, value: unknown): { readonly value: T; readonly issues: readonly string[] } {
  const issues = new Issues();
  const got = schema.parse(value, [], issues);
  return { value: got, issues: issues.list.map(({ code, path }) => `${code} ${path.join('.')}`.trim()) };
}

const small = object({
  name: required(string(), 'a name'),
  size: defaulted(integer({ min: 1, max: 9 }), 3, 'a size'),
  mode: optional(choice(['on', 'off']), 'a mode'),
  inner: defaulted(object({ flag: defaulted(boolean(), false, 'a flag') }), {}, 'a section'),
  soon: later('not yet'),
});

test('the type is the one that the schema says', () => {
  expectTypeOf<Infer<typeof small>>().toEqualTypeOf<{
    readonly name: string;
    readonly size: number;
    readonly mode: 'on' | 'off' | undefined;
    readonly inner: { readonly flag: boolean };
  }>();
  expect(read(small, { name: 'a' })).toEqual({ value: { name: 'a', size: 3, mode: undefined, inner: { flag: false } }, issues: [] });
});

test('an object is closed, and every mistake in it is reported', () => {
  expect(read(small, { nam: 'a', size: 10, mode: 'of', soon: 1, zzz: 1, inner: { flag: 'yes' } }).issues).toEqual([
    'unknown_key nam',
    'unknown_key zzz',
    'out_of_range size',
    'not_allowed mode',
    'wrong_type inner.flag',
    'not_in_this_version soon',
  ]);
  expect(read(small, {}).issues).toEqual(['missing_key name']);
});

test('what was meant is told even where it stands beside, and then is not taken for missing', () => {
  const issues = new Issues();
  small.parse({ name: 'a', nmae: 'b' }, [], issues);
  small.parse({ nmae: 'b' }, [], issues);
  expect(issues.list.map(({ code, suggestion }) => [code, suggestion])).toEqual([
    ['unknown_key', 'name'],
    ['unknown_key', 'name'],
  ]);
});

test('nothing under a section is its default, nothing under a value is a mistake', () => {
  expect(read(small, { name: 'a', inner: null })).toMatchObject({ value: { inner: { flag: false } }, issues: [] });
  expect(read(small, { name: null, size: null }).issues).toEqual(['wrong_type name', 'wrong_type size']);
});

test('a default that the schema would refuse is a bug that shows at once', () => {
  expect(() => defaulted(durationMs(), '1 hour', 'x')).toThrow('1 hour');
});

test('keys of the prototype are keys like any other', () => {
  expect(read(small, JSON.parse('{"name":"a","__proto__":{"size":1},"constructor":1}')).issues).toEqual([
    'unknown_key __proto__',
    'unknown_key constructor',
  ]);
  const names = record(integer({ min: 0, max: 9 }), { key: 'name', pattern: /^\w+$/ });
  const { value, issues } = read(names, JSON.parse('{"__proto__":1,"toString":2}'));
  expect(issues).toEqual([]);
  expect(Object.entries(value)).toEqual([
    ['__proto__', 1],
    ['toString', 2],
  ]);
  expect(Object.getPrototypeOf(value)).toBeNull();
});

describe('durations', () => {
  test.each([
    ['0s', 0],
    ['250ms', 250],
    ['15s', 15_000],
    ['1.5s', 1500],
    ['5m', 300_000],
    ['24h', 86_400_000],
  ])('%s', (text, ms) => expect(read(durationMs(), text)).toEqual({ value: ms, issues: [] }));

  test.each([15, '15', '-1s', '1 s', '1d', 's', '', '1h30m', '1e3s', null, {}, '9999999999h'])('%j is none', (value) => {
    expect(read(durationMs(), value).issues).toHaveLength(1);
  });

  test('never longer than a timer can be', () => {
    expect(read(durationMs(), '576h').issues).toEqual([]);
    expect(read(durationMs(), '577h').issues).toEqual(['out_of_range']);
  });
});

describe('sizes', () => {
  const size = sizeBytes({ min: 1, max: 1024 ** 4 });
  test.each([
    [1024, 1024],
    ['1024', 1024],
    ['10B', 10],
    ['64KiB', 65_536],
    ['0.5KiB', 512],
    ['4MiB', 4_194_304],
    ['1GiB', 1_073_741_824],
  ])('%s', (text, bytes) => expect(read(size, text)).toEqual({ value: bytes, issues: [] }));

  test.each(['4MB', '4M', '4 MiB', '0.3B', -1, 1.5, '', null, [], '0'])('%j is none', (value) => {
    expect(read(size, value).issues).toHaveLength(1);
  });

  test('the usual spellings are suggested', () => {
    const issues = new Issues();
    for (const value of ['4MB', '4m', '64k', '1gb', 'x']) size.parse(value, [], issues);
    expect(issues.list.map(({ suggestion }) => suggestion)).toEqual(['4MiB', '4MiB', '64KiB', '1GiB', undefined]);
  });
});

test.each([
  [integer({ min: 0, max: 9 }), [0, 9, '5'], [10, -1, 1.5, '1.5', 'x', '', true, null, Number.NaN]],
  [number({ min: 0, max: 1 }), [0, 1, 0.5, '0.5'], [1.1, '2', '.5', '1e0', Number.POSITIVE_INFINITY]],
  [boolean(), [true, false, 'true', 'false'], ['yes', 1, null]],
  [choice(['a', 'b']), ['a', 'b'], ['c', 'A', 1, null, ['a']]],
  [choice(['a', '408']), ['a', '408'], ['409', 409, 4080]],
  [string({ maxLength: 3 }), ['', 'abc'], ['abcd', 1, true, null, {}]],
  [headerName(), ['X-Tenant', 'x_y'], ['', 'a b', 'a:', 'é']],
  [pathPrefix(), ['/', '/v1', '/v1/', '/a/.b/..c', '/%2F'], ['', 'v1', '//', '/a//b', '/.', '/a/..', '/a/../b', '/a?b', '/a#b', '/a b']],
  [list(integer({ min: 0, max: 9 }), { min: 1 }), [[1], [1, 2]], [[], {}, 'x', ['x'], [10]]],
])('%# what is taken and what is not', (schema: Schema<unknown>, taken: unknown[], refused: unknown[]) => {
  for (const value of taken) expect(read(schema, value).issues, JSON.stringify(value)).toEqual([]);
  for (const value of refused) expect(read(schema, value).issues, JSON.stringify(value)).not.toEqual([]);
});

test('one of several shapes is told by what the value is', () => {
  const source = oneOf<unknown>(
    'a word or a mapping',
    [
      { when: 'text', schema: choice(['here']) },
      { when: { key: 'header' }, schema: object({ header: required(string(), 'x') }) },
    ],
    ['jwt'],
  );
  expect(read(source, 'here').issues).toEqual([]);
  expect(read(source, { header: 'x' }).issues).toEqual([]);
  expect(read(source, 'there').issues).toEqual(['not_allowed']);
  expect(read(source, { header: 'x', y: 1 }).issues).toEqual(['unknown_key y']);
  expect(read(source, { jwt: {} }).issues).toEqual(['not_in_this_version jwt']);
  expect(read(source, { haeder: 'x' }).issues).toEqual(['unknown_key haeder']);
  expect(read(source, 1).issues).toEqual(['wrong_type']);
});

test.each([
  ['listners', 'listeners'],
  ['contarcts', 'contracts'],
  ['telemetri', 'telemetry'],
  ['max_body_bytes', 'maxBodyBytes'],
  ['MAXBODYBYTES', 'maxBodyBytes'],
  ['listen', 'listeners'],
  ['contractsFile', 'contracts'],
  ['prot', 'port'],
  ['xyz', undefined],
  ['', undefined],
  ['p', undefined],
  ['x'.repeat(100), undefined],
])('%s may mean %s', (word, meant) => {
  expect(nearest(word, ['listeners', 'contracts', 'telemetry', 'maxBodyBytes', 'port'])).toBe(meant);
});

test('whatever is read, it ends and says where', () => {
  fc.assert(
    fc.property(fc.anything({ withNullPrototype: true, withDate: true, withMap: true, withBigInt: true }), (value) => {
      for (const schema of [
        small,
        list(small),
        record(small, { key: 'name', pattern: /^a/ }),
        durationMs(),
        sizeBytes({ min: 0, max: 9 }),
      ]) {
        const { issues, value: got } = read<unknown>(schema, value);
        expect(got).toBeDefined();
        expect(issues.every((issue) => typeof issue === 'string')).toBe(true);
      }
    }),
  );
});
