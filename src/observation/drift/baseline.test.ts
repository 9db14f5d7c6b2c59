import { expect, it } from 'vitest';
import { readBaseline } from './baseline.ts';

const A = '0123456789abcdef';
const B = 'fedcba9876543210';
const told = (value: unknown, most = 100) => {
  const { entries, faults } = readBaseline(value, most);
  return { entries: Object.fromEntries(entries), faults: faults.map(({ severity, code, pointer }) => `${severity} ${code} ${pointer}`) };
};

it('lists findings by id, with their notes; what else stands there is for people', () => {
  expect(told({ findings: [{ id: A, kind: 'type', operation: 'o', pointer: '/a', name: 'n', note: 'ticket 7' }, { id: B }] })).toEqual({
    entries: { [A]: 'ticket 7', [B]: '' },
    faults: [],
  });
  expect(told({ findings: [] })).toEqual({ entries: {}, faults: [] });
});

it.each<[unknown, string]>([
  [null, ''],
  ['findings', ''],
  [[{ id: A }], ''],
  [{}, ''],
  [{ findings: { id: A } }, '/findings'],
  [{ findings: null }, '/findings'],
])('%j is no baseline: an error', (value, pointer) => {
  expect(told(value)).toEqual({ entries: {}, faults: [`error not_a_baseline ${pointer}`] });
});

it.each<[unknown, string]>([
  ['x', 'wrong_type /findings/0'],
  [null, 'wrong_type /findings/0'],
  [{ note: 'x' }, 'missing_id /findings/0'],
  [{ id: 'ABCDEF0123456789' }, 'wrong_id /findings/0/id'],
  [{ id: '0123' }, 'wrong_id /findings/0/id'],
  [{ id: 1234567890123456 }, 'wrong_id /findings/0/id'],
  [{ id: B }, 'duplicate /findings/1/id'],
])('%j is left out with a warning, and the others hold', (entry, fault) => {
  const findings = fault.startsWith('duplicate') ? [{ id: B, note: 'first' }, entry] : [entry, { id: B, note: 'first' }];
  expect(told({ findings })).toEqual({ entries: { [B]: 'first' }, faults: [`warning ${fault}`] });
});

it('an id that YAML reads as a number is told of as such', () => {
  expect(readBaseline({ findings: [{ id: 1234567890123456 }] }, 9).faults[0]?.message).toContain('in quotes');
});

it('what is misspelt, or of the wrong type, is told of; the entry holds', () => {
  expect(told({ findings: [{ id: A, notes: 'x', 'a/b~c': 1, note: 5 }], version: 1 })).toEqual({
    entries: { [A]: '' },
    faults: [
      'warning unknown_key /version',
      'warning unknown_key /findings/0/notes',
      'warning unknown_key /findings/0/a~1b~0c',
      'warning wrong_type /findings/0/note',
    ],
  });
});

it('however much of it is doubtful, every entry that has an id holds', () => {
  const findings = Array.from({ length: 200 }, (_, i) => ({ id: String(i).padStart(16, 'a'), owner: 'web' }));
  const { entries, faults } = readBaseline({ findings: [...Array.from({ length: 60 }, () => ({ id: 'x' })), ...findings] }, 5000);
  expect([entries.size, faults.length]).toEqual([200, 50]);
  expect(faults.at(-1)?.message).toContain('211 more');
});

it('is bounded in entries, in notes, and in what it says', () => {
  const findings = Array.from({ length: 3 }, (_, i) => ({ id: String(i).padStart(16, 'a'), note: 'x'.repeat(900) }));
  const { entries, faults } = readBaseline({ findings }, 2);
  expect([[...entries.values()].map(({ length }) => length), faults.map(({ code, pointer }) => `${code} ${pointer}`)]).toEqual([
    [500, 500],
    ['too_many /findings/2'],
  ]);
  expect(readBaseline({ findings: Array.from({ length: 1000 }, () => 1) }, 5000).faults).toHaveLength(50);
});
