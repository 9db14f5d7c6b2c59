import fc from 'fast-check';
import { expect, it } from 'vitest';
import { differences, findingRow } from '../../test/kit/finding-rows.ts';
import { MOST_ROW_LENGTH, readFindingRow } from './finding-row.ts';

const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

it('a row comes back as it was', () => {
  fc.assert(
    fc.property(differences, (row) => {
      expect(plain(readFindingRow(JSON.stringify(row)))).toEqual(plain(row));
    }),
  );
});

it('lists that Redis has made objects of are lists; members that are not ours are not kept', () => {
  const text = JSON.stringify({ ...findingRow(1), operations: {}, evidence: { types: {}, formats: {}, values: ['x'] }, more: 1 });
  expect(readFindingRow(text)).toMatchObject({ operations: [], evidence: { types: [], formats: [], values: ['x'] } });
  expect(readFindingRow(text)).not.toHaveProperty('more');
});

const OTHERS: readonly unknown[] = [null, 5, -1, 1.5, 1e300, 'x', '', true, [], {}, [5], { x: 5 }, { x: null }];
const row = findingRow(1, { acknowledged: { at: 1, note: 'x', withdrawn: true } });

it.each([
  ...Object.keys(row),
  ...['seen.count', 'seen.firstSeenAt', 'seen.lastSeenAt', 'consumers.shop', 'evidence.types', 'evidence.formats', 'evidence.values'],
  ...['contract.version', 'contract.digest', 'acknowledged.at', 'acknowledged.note', 'acknowledged.withdrawn', 'consumers.shop.count'],
])('nothing else is taken for its %s', (path) => {
  const ours = at(row, path);
  let refused = 0;
  for (const other of OTHERS) {
    const changed = structuredClone(row) as object;
    const parent = at(changed, path.split('.').slice(0, -1).join('.')) as Record<string, unknown>;
    parent[path.split('.').at(-1) as string] = other;
    const read = readFindingRow(JSON.stringify(changed));
    if (read === undefined) refused += 1;
    else expect([typeof ours, Array.isArray(ours)], `${path}: ${JSON.stringify(other)}`).toEqual(kindOf(other, path));
  }
  expect(refused).toBeGreaterThan(6);
});

it.each([
  ['no JSON', '{'],
  ['nothing', ''],
  ['too much', JSON.stringify(findingRow(1, { name: 'x'.repeat(MOST_ROW_LENGTH) }))],
])('%s is no row', (_, text) => expect(readFindingRow(text)).toBeUndefined());

function at(value: unknown, path: string): unknown {
  return path === '' ? value : path.split('.').reduce((inner, name) => (inner as Record<string, unknown>)[name], value);
}

/** As what an object without members is taken for. */
function kindOf(other: unknown, path: string): [string, boolean] {
  const isList = /operations|types|formats|values/.test(path);
  return [typeof other, Array.isArray(other) || (isList && JSON.stringify(other) === '{}')];
}
