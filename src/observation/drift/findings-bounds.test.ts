/** What findings take of memory and time. A million of them: findings-bounds.long.test.ts. */
import { expect, it } from 'vitest';
import { LIMIT, fieldOf, takenBy } from '../../../test/kit/filled-findings.ts';
import { driftSeen } from '../../../test/kit/findings.ts';
import { usedHeapBytes } from '../../../test/kit/garbage.ts';
import { Findings } from './findings.ts';

const MIB = 1024 ** 2;

it('as many as are kept, with more consumers than are told apart, take no more than 16 MiB', async () => {
  const { bytes, findings } = await takenBy({ distinct: 20_000, driftOf: fieldOf, consumerOf: (n) => `consumer-${n % 10_000}` });
  expect(findings).toBe(LIMIT);
  expect(bytes).toBeGreaterThan(MIB);
  expect(bytes).toBeLessThan(16 * MIB);
});

it('what is known already is counted without a hash and without garbage: 100,000 times within 2 MiB', async () => {
  const findings = new Findings({ limit: LIMIT });
  const seen = driftSeen();
  // Objects that mean the same, as those of violations are.
  const [drift, same] = [fieldOf(1), fieldOf(1)];
  for (let i = 0; i < 20_000; i++) findings.observe(seen, i % 2 === 0 ? drift : same);
  const before = await usedHeapBytes();
  for (let i = 0; i < 100_000; i++) findings.observe(seen, i % 2 === 0 ? drift : same);
  expect(process.memoryUsage().heapUsed - before).toBeLessThan(2 * MIB);
  expect([findings.size, findings.latest?.count]).toEqual([1, 120_000]);
});
