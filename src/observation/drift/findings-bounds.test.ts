import { describe, expect, it } from 'vitest';
import { driftSeen } from '../../../test/kit/findings.ts';
import { usedHeapBytes } from '../../../test/kit/garbage.ts';
import type { Drift } from '../../core/drift.ts';
import { Findings } from './findings.ts';
import type { DriftSeen } from './kept-finding.ts';

const LIMIT = 5000;
const DISTINCT = process.env['PLUMBLINE_TEST_LONG'] === '1' ? 1_000_000 : 200_000;
const CONSUMERS = 10_000;
const MIB = 1024 ** 2;

function fill(findings: Findings, distinct: number, driftOf: (n: number) => Drift, consumerOf: (n: number) => string): void {
  const seen: { -readonly [K in keyof DriftSeen]: DriftSeen[K] } = { ...driftSeen() };
  const see = (n: number, of: number): void => {
    seen.consumer = consumerOf(n);
    seen.operation = `operation-${n % 97}`;
    findings.observe(seen, driftOf(of));
  };
  for (let n = 0; n < distinct; n++) see(n, n);
  // Each that is kept by more consumers than it tells apart.
  for (let n = 0; n < LIMIT * 25; n++) see(n * 7, n % LIMIT);
}

async function takenBy(distinct: number, driftOf: (n: number) => Drift, consumerOf: (n: number) => string): Promise<number> {
  const before = await usedHeapBytes();
  const findings = new Findings({ limit: LIMIT });
  fill(findings, distinct, driftOf, consumerOf);
  const taken = (await usedHeapBytes()) - before;
  expect(findings.size).toBe(LIMIT);
  return taken;
}

describe(`${DISTINCT} different things, seen by ${CONSUMERS} consumers`, () => {
  const of = (n: number, text: (n: number, kind: string) => string): Drift => ({
    kind: 'undocumented_field',
    side: 'response',
    location: 'body',
    pointer: text(n, '/items/*/field'),
    // Few names at one place: else they would be folded into one.
    specPointer: text(n >> 3, '/components/schemas/Schema'),
    name: text(n, 'field'),
    types: ['string'],
    formats: ['uuid'],
  });

  it('take no more than 16 MiB', async () => {
    const plain = (n: number, what: string): string => `${what}${n}`;
    const taken = await takenBy(
      DISTINCT,
      (n) => of(n, plain),
      (n) => `consumer-${n % CONSUMERS}`,
    );
    expect(taken).toBeGreaterThan(MIB);
    expect(taken).toBeLessThan(16 * MIB);
  });

  it('take no more than 64 MiB where all texts are as long as somebody could make them', async () => {
    const rest = 'x'.repeat(3000);
    const long = (n: number, what: string): string => `${what}${n}${rest}`;
    const taken = await takenBy(
      LIMIT,
      (n) => of(n, long),
      (n) => `consumer-${n % CONSUMERS}${rest}`,
    );
    expect(taken).toBeLessThan(64 * MIB);
  });
});

it('what is known already is counted without a hash and without garbage: 100,000 times within 2 MiB', async () => {
  const findings = new Findings({ limit: LIMIT });
  const [seen, drift] = [driftSeen(), { ...DRIFT }];
  // Other objects that mean the same, as of violations.
  const same = { ...DRIFT, specPointer: ['', 'components', 'schemas', 'User'].join('/'), name: ['nick', 'name'].join('') };
  for (let i = 0; i < 20_000; i++) findings.observe(seen, i % 2 === 0 ? drift : same);
  const before = await usedHeapBytes();
  const started = process.memoryUsage().heapUsed;
  for (let i = 0; i < 100_000; i++) findings.observe(seen, i % 2 === 0 ? drift : same);
  expect(process.memoryUsage().heapUsed - started).toBeLessThan(2 * MIB);
  expect((await usedHeapBytes()) - before).toBeLessThan(MIB);
  expect([findings.size, findings.latest?.count]).toEqual([1, 120_000]);
});

const DRIFT: Drift = {
  kind: 'undocumented_field',
  side: 'response',
  location: 'body',
  pointer: '/nickname',
  specPointer: '/components/schemas/User',
  name: 'nickname',
  types: ['string'],
  formats: [],
};
