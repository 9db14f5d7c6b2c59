import fc from 'fast-check';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { readBaseline } from '../../observation/drift/baseline.ts';
import type { FindingItem } from '../../core/views.ts';
import { baselineYaml } from './baseline-yaml.ts';

const item = (id: string, more: Partial<FindingItem> = {}): FindingItem =>
  ({ id, kind: 'undocumented_field', operation: 'getThing', pointer: '/a', name: 'a', ...more }) as FindingItem;
const noted = (note: string): Partial<FindingItem> => ({ acknowledgement: { by: 'person', note } });

it('whatever the ids and notes look like, the file says them as a baseline, and nothing in it is doubtful', () => {
  const id = fc.oneof(
    fc.constantFrom('1234567890123456', '0000000000000001', '12345678901e3456', '1e00000000000000', '0x00000000000000'.replace('x', 'f')),
    fc.string({ unit: fc.constantFrom(...'0123456789abcdef'), minLength: 16, maxLength: 16 }),
  );
  const note = fc.oneof(
    fc.constantFrom('', 'yes', '7', '# no', 'a: b', 'two\nlines\n', ' - x ', '|', '\u2028'),
    fc.string({ maxLength: 20 }),
  );
  fc.assert(
    fc.property(fc.uniqueArray(fc.tuple(id, note), { selector: ([each]) => each, maxLength: 5 }), (findings) => {
      const text = baselineYaml(findings.map(([each, said]) => item(each, noted(said))));
      const { entries, faults } = readBaseline(parse(text), 100);
      expect(faults).toEqual([]);
      expect([...entries].sort()).toEqual(findings.map(([each, said]) => [each, said]).sort());
    }),
  );
});

it('has what people review it by, and no more', () => {
  const items = [item('b000000000000000', noted('since 2020')), item('a000000000000000', { pointer: '', name: '' })];
  expect(baselineYaml(items)).toBe(`findings:
  - id: a000000000000000
    kind: undocumented_field
    operation: getThing
  - id: b000000000000000
    kind: undocumented_field
    operation: getThing
    pointer: /a
    name: a
    note: since 2020
`);
  expect(baselineYaml([])).toBe('findings: []\n');
});
