import fc from 'fast-check';
import { expect, it } from 'vitest';
import { DRIFT_KINDS } from './drift.ts';
import type { FindingRow, Seen } from './findings.ts';
import { MAX_CONSUMERS, MAX_EVIDENCE, MAX_OPERATIONS, OTHERS, merge } from './merge-findings.ts';

/** Few, so that ties come up; and names that objects have of their own. */
const seen: fc.Arbitrary<Seen> = fc
  .tuple(fc.integer({ min: 0, max: 50 }), fc.integer({ min: 0, max: 9 }), fc.integer({ min: 0, max: 9 }))
  .map(([count, a, b]) => ({ count, firstSeenAt: Math.min(a, b), lastSeenAt: Math.max(a, b) }));
const word = fc.oneof(fc.constantFrom('__proto__', 'constructor', OTHERS, 'a', 'b'), fc.string({ maxLength: 3 }));
const few = (most: number) => fc.uniqueArray(word, { maxLength: most }).map((list) => list.sort());
const consumers = fc.uniqueArray(fc.tuple(word, seen), { maxLength: MAX_CONSUMERS, selector: ([name]) => name });
const row: fc.Arbitrary<FindingRow> = fc.record({
  id: fc.constant('0123456789abcdef'),
  kind: fc.constant(DRIFT_KINDS[0]),
  direction: fc.constantFrom('ingress' as const, 'egress' as const),
  api: fc.constant('billing'),
  operation: word,
  side: fc.constant('request' as const),
  location: fc.constantFrom('body' as const, 'query' as const),
  pointer: word,
  specPointer: fc.constant('/paths'),
  name: fc.constant('n'),
  seen,
  consumers: consumers.map((list) => Object.fromEntries(list)),
  operations: few(MAX_OPERATIONS),
  evidence: fc.record({ types: few(MAX_EVIDENCE), formats: few(MAX_EVIDENCE), values: few(MAX_EVIDENCE) }),
  contract: fc.record({ version: word, digest: word }),
  acknowledged: fc.option(
    fc
      .tuple(fc.integer({ min: 0, max: 3 }), word, fc.boolean())
      .map(([at, note, withdrawn]) => ({ at, note, ...(withdrawn && { withdrawn: true as const }) })),
    { nil: undefined },
  ),
});

/** As JSON: members in the order of their names, as an order of members is none. */
const plain = (value: FindingRow): string => JSON.stringify({ ...value, consumers: Object.entries(value.consumers).sort() });

it('merging is commutative', () => {
  fc.assert(
    fc.property(row, row, (a, b) => {
      expect(plain(merge(a, b))).toBe(plain(merge(b, a)));
    }),
  );
});

it('merging is associative, however many there are of each', () => {
  fc.assert(
    fc.property(row, row, row, (a, b, c) => {
      expect(plain(merge(merge(a, b), c))).toBe(plain(merge(a, merge(b, c))));
    }),
  );
});

it('counts are added, and none is lost by folding', () => {
  fc.assert(
    fc.property(fc.array(row, { minLength: 1, maxLength: 5 }), (rows) => {
      const whole = rows.reduce(merge);
      expect(whole.seen.count).toBe(rows.reduce((sum, { seen: { count } }) => sum + count, 0));
      const each = ({ consumers: of }: FindingRow): number => Object.values(of).reduce((sum, { count }) => sum + count, 0);
      expect(each(whole)).toBe(rows.reduce((sum, one) => sum + each(one), 0));
    }),
  );
});

it('what it gives is bounded as what it takes', () => {
  const many = (prefix: string, most: number) => Array.from({ length: most }, (_, i) => `${prefix}${String(i).padStart(2, '0')}`);
  const of = (prefix: string): FindingRow => ({
    id: '0123456789abcdef',
    kind: 'type',
    direction: 'ingress',
    api: 'a',
    operation: 'o',
    side: 'request',
    location: 'body',
    pointer: '',
    specPointer: '',
    name: '',
    seen: { count: 20, firstSeenAt: 1, lastSeenAt: 2 },
    consumers: Object.fromEntries(many(prefix, MAX_CONSUMERS).map((name) => [name, { count: 1, firstSeenAt: 1, lastSeenAt: 2 }])),
    operations: many(prefix, MAX_OPERATIONS),
    evidence: { types: many(prefix, MAX_EVIDENCE), formats: [], values: [] },
    contract: { version: '1', digest: 'd' },
    acknowledged: undefined,
  });
  const whole = merge(of('b'), of('a'));
  expect(Object.keys(whole.consumers)).toEqual([...many('a', MAX_CONSUMERS), OTHERS]);
  expect(whole.consumers[OTHERS]).toEqual({ count: MAX_CONSUMERS, firstSeenAt: 1, lastSeenAt: 2 });
  expect([whole.operations, whole.evidence.types]).toEqual([many('a', MAX_OPERATIONS), many('a', MAX_EVIDENCE)]);
});
