import fc from 'fast-check';
import { expect, test } from 'vitest';
import { transform } from '../../src/cli/inject/stream.ts';
import { DEFAULT_SETTINGS } from '../../src/inject/settings.ts';
import { CASES, fileOf } from './case.ts';

const settings = { ...DEFAULT_SETTINGS, contract: { configMap: 'c', key: 'openapi.yaml' } };

/** What people type by mistake, and what readers of YAML stumble over. */
const BITS = [
  '',
  '\n',
  ' ',
  '- ',
  ': ',
  '{',
  '}',
  '[',
  ']',
  '"',
  "'",
  '#',
  '&a ',
  '*a ',
  '!!str ',
  '|\n',
  'null',
  '\t',
  '\r\n',
  '---\n',
  '...\n',
  'http',
  '8080',
  ',',
  '<<: *a\n',
  '? ',
  '\ufeff',
  '\u2028',
];

const texts = CASES.flatMap((name) => [fileOf(name, 'in.yaml'), fileOf(name, 'out.yaml')]);

const damaged = fc
  .tuple(
    fc.constantFrom(...texts),
    fc.array(fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.constantFrom(...BITS), fc.constantFrom(0, 0, 1, 8)), {
      minLength: 1,
      maxLength: 3,
    }),
  )
  .map(([text, damages]) =>
    damages.reduce((now, [where, bit, gone]) => {
      const at = Math.floor(where * now.length);
      return now.slice(0, at) + bit + now.slice(at + gone);
    }, text),
  );

const run = (text: string, is: 'inject' | 'uninject') => transform([{ file: 'x', text }], is === 'inject' ? { is, settings } : { is });

test('damaged manifests are refused, or injected as well as whole ones: twice is once, and back is where one was', () => {
  const seen = { readable: 0, changed: 0 };
  fc.assert(
    fc.property(damaged, (text) => {
      const injected = run(text, 'inject');
      if (injected.notes.some(({ level }) => level === 'unreadable')) return;
      seen.readable += 1;
      const [made = ''] = injected.texts;
      expect(run(made, 'inject').texts).toEqual([made]);
      // What was injected before goes to where it came from; only the rest can be held against this text.
      if (run(text, 'uninject').texts[0] !== text) return;
      if (made !== text) seen.changed += 1;
      expect(run(made, 'uninject').texts).toEqual([text]);
    }),
    { numRuns: 60 },
  );
  expect(seen.readable).toBeGreaterThan(5);
  expect(seen.changed).toBeGreaterThan(0);
}, 60_000);
