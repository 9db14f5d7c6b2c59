import fc from 'fast-check';
import { load, YAML11_SCHEMA } from 'js-yaml';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { blockLines, flowText, FLOW_YAML } from './emit.ts';
import { isLiteral, scalarText } from './scalars.ts';

test.each([
  ['http-app', 'http-app'],
  ['ghcr.io/plumbline/plumbline:0.1.0', 'ghcr.io/plumbline/plumbline:0.1.0'],
  ['--max-semi-space-size=32', '--max-semi-space-size=32'],
  ['/etc/plumbline', '/etc/plumbline'],
  ['128Mi', '128Mi'],
  ['{"v":1}', `'{"v":1}'`],
  [`it's "x"`, `"it's \\"x\\""`],
  ['0.1.0', '"0.1.0"'],
  ['8080', '"8080"'],
  ['0x1F', '"0x1F"'],
  ['1e3', '"1e3"'],
  ['12:30', '"12:30"'],
  ['yes', '"yes"'],
  ['N', '"N"'],
  ['~', '"~"'],
  ['', '""'],
  ['a: b', '"a: b"'],
  ['a #b', '"a #b"'],
  ['-', '"-"'],
  ['é\u0085', '"é\\u0085"'],
])('%j is written %s', (value, written) => {
  expect(scalarText(value, 'plain')).toBe(written);
});

test('quotes that were there stay where they can', () => {
  expect(scalarText('http', 'single')).toBe(`'http'`);
  expect(scalarText('http', 'double')).toBe('"http"');
  expect(scalarText("it's", 'single')).toBe(`"it's"`);
  expect(scalarText(7080, 'double')).toBe('7080');
});

const READERS: ReadonlyArray<(text: string) => unknown> = [
  (text) => parse(text),
  (text) => parse(text, { version: '1.1' }),
  (text) => load(text, { schema: YAML11_SCHEMA }),
];

const ODD = [
  'y',
  'No',
  'NULL',
  '.inf',
  '-.5',
  '1_000',
  '0o7',
  '0b1',
  '2001-01-01',
  '=',
  '<<',
  '%a',
  '@a',
  '`a',
  '!a',
  '&a',
  '*a',
  '? a',
  '- a',
  ': a',
  'a:',
  '[',
  '}',
  '---',
  '...',
  '1e',
  '0d',
  '5y',
  '+1',
  '-e',
  '--',
  '/:',
  'x:y',
];
const anyText = fc.oneof(
  fc.constantFrom(...ODD),
  fc.string(),
  fc.string({ unit: 'binary' }),
  fc.stringMatching(/^[-+.:_/0-9a-fA-FxobTZynYN]{1,8}$/),
);

test('every text is read as itself by every reader, alone, as a key, in a list and between brackets', () => {
  fc.assert(
    fc.property(anyText, fc.constantFrom('plain', 'single', 'double'), (value, quotes) => {
      for (const read of READERS) {
        expect(read(`a: ${scalarText(value, quotes)}\n`)).toEqual({ a: value });
        expect(read(`- ${scalarText(value, quotes)}\n`)).toEqual([value]);
      }
      expect(parse(`? ${flowText({ [value]: [value, value] }, FLOW_YAML)}\n: 1\n`, { mapAsMap: true })).toBeInstanceOf(Map);
      expect(parse(flowText({ [value]: [value, { b: value }] }, FLOW_YAML))).toEqual(
        JSON.parse(JSON.stringify({ [value]: [value, { b: value }] })),
      );
    }),
    { numRuns: 150 },
  );
}, 60_000);

const anyLines = fc
  .array(fc.oneof(fc.constantFrom('', ' ', '  a', 'a  ', '\ta', '# a', '- a', '...'), fc.string()), { maxLength: 5 })
  .map((lines) => lines.join('\n'));

test('a literal is read as what was written, wherever it stands', () => {
  let literals = 0;
  fc.assert(
    fc.property(fc.tuple(anyLines, fc.constantFrom('', '\n')), fc.constantFrom(0, 4), ([text, end], column) => {
      const value = text + end;
      if (isLiteral(value)) literals += 1;
      const lines = blockLines({ a: value, b: [{ c: value }, value], d: 1 }, column, { step: 2, dash: 0 });
      const expected = { a: value, b: [{ c: value }, value], d: 1 };
      for (const read of READERS)
        expect(read(`${lines.map((line) => line.slice(line === '' ? 0 : column)).join('\n')}\n`)).toEqual(expected);
    }),
    { numRuns: 120 },
  );
  expect(literals).toBeGreaterThan(5);
});
