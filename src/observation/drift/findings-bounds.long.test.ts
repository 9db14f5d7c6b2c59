/** What findings take at worst. The same with less of everything is in findings-bounds.test.ts. */
import { expect, it } from 'vitest';
import { LIMIT, fieldOf, takenBy } from '../../../test/kit/filled-findings.ts';
import type { Drift } from '../../core/drift.ts';

const MIB = 1024 ** 2;
/** A machine that has much else to do. */
const PATIENCE_MS = 60_000;

it(
  'a million different things, seen by ten thousand consumers, take no more than 16 MiB',
  async () => {
    const { bytes, findings } = await takenBy({ distinct: 1_000_000, driftOf: fieldOf, consumerOf: (n) => `consumer-${n % 10_000}` });
    expect(findings).toBe(LIMIT);
    expect(bytes).toBeLessThan(16 * MIB);
  },
  PATIENCE_MS,
);

it(
  'no more than 40 MiB where all texts are as long as somebody could make them',
  async () => {
    const long = (n: number, what: string): string => `${what}${n}`.padEnd(what.startsWith('/') ? 1100 : 200, 'x');
    // Made before, and flat: it is not the making that is measured.
    const drifts = Array.from({ length: LIMIT }, (_, n) => JSON.parse(JSON.stringify(fieldOf(n, long))) as Drift);
    const consumers = Array.from({ length: 1000 }, (_, n) => long(n, 'consumer-'));
    const { bytes, findings } = await takenBy({
      distinct: LIMIT,
      driftOf: (n) => drifts[n] as Drift,
      consumerOf: (n) => consumers[n % consumers.length] as string,
    });
    expect(findings).toBe(LIMIT);
    expect(bytes).toBeLessThan(40 * MIB);
  },
  PATIENCE_MS,
);
