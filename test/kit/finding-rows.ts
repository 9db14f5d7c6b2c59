import fc from 'fast-check';
import type { FindingRow, Seen } from '../../src/core/findings.ts';

/** Instants of tests. */
export const AT_MS = Date.UTC(2026, 10, 22, 3, 0, 0);

/** A row as findings give them: what matters to a test, and the rest as it mostly is. */
export function findingRow(number: number, more: Partial<FindingRow> = {}): FindingRow {
  const seen = { count: 1, firstSeenAt: AT_MS, lastSeenAt: AT_MS };
  return {
    id: number.toString(16).padStart(16, '0'),
    kind: 'undocumented_field',
    direction: 'ingress',
    api: 'billing',
    operation: 'getInvoice',
    side: 'response',
    location: 'body',
    pointer: `/field${number}`,
    specPointer: '#/components/schemas/Invoice',
    name: `field${number}`,
    seen,
    consumers: { shop: seen },
    operations: ['getInvoice'],
    evidence: { types: ['string'], formats: [], values: [] },
    contract: { version: '1.0.0', digest: 'd1' },
    acknowledged: undefined,
    ...more,
  };
}

/**
 * Texts on which orders, escapes and encodings differ. None that is another one's beginning and a backslash: Node 26.10 (V8 14.6) reads the name `a"` as
 * `a\` where it has read objects with that name before, which would be a difference of the test's own making.
 */
const nasty = fc.constantFrom(
  '',
  'a',
  'a!',
  'a"',
  'A',
  'b/c',
  'ä',
  '\u007f',
  '\uffff',
  '\ue000',
  '😀',
  '😀a',
  '\u0000',
  '\n',
  'b\\',
  '__proto__',
  '1',
  '_other',
);
const text = fc.oneof({ weight: 3, arbitrary: nasty }, fc.string({ unit: 'binary', maxLength: 4 }));
const at = fc.integer({ min: AT_MS, max: AT_MS + 3 });
const seen: fc.Arbitrary<Seen> = fc
  .record({ count: fc.integer({ min: 0, max: 5 }), a: at, b: at })
  .map(({ count, a, b }) => ({ count, firstSeenAt: Math.min(a, b), lastSeenAt: Math.max(a, b) }));
const sorted = (most: number): fc.Arbitrary<string[]> => fc.uniqueArray(text, { maxLength: most }).map((texts) => texts.sort());
const name = fc.oneof(
  text,
  fc.integer({ min: 10, max: 49 }).map((number) => `c${number}`),
);

/** Differences of one finding, of every form that findings make. */
export const differences: fc.Arbitrary<FindingRow> = fc
  .record({
    direction: fc.constantFrom('ingress' as const, 'egress' as const),
    operation: text,
    location: fc.constantFrom('body' as const, 'header' as const),
    pointer: text,
    seen,
    consumers: fc
      .uniqueArray(fc.tuple(name, seen), { maxLength: 20, selector: ([key]) => key })
      .map((entries) => Object.fromEntries(entries)),
    operations: sorted(20),
    types: sorted(8),
    values: sorted(8),
    contract: fc.record({ version: text, digest: text }),
    acknowledged: fc.option(fc.record({ at, note: text, withdrawn: fc.constant(true as const) }, { requiredKeys: ['at', 'note'] }), {
      nil: undefined,
    }),
  })
  .map(({ types, values, ...row }) => findingRow(1, { ...row, evidence: { types, formats: [], values } }));
