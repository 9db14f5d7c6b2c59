import type { Drift } from '../../src/core/drift.ts';
import { Findings } from '../../src/observation/drift/findings.ts';
import type { DriftSeen } from '../../src/observation/drift/kept-finding.ts';
import { driftSeen } from './findings.ts';
import { usedHeapBytes } from './garbage.ts';

/** As by default. */
export const LIMIT = 5000;

export interface Filling {
  /** How many different things are seen. */
  readonly distinct: number;
  readonly driftOf: (n: number) => Drift;
  readonly consumerOf: (n: number) => string;
}

/** Heap that findings take, with as many of everything as they keep. */
export async function takenBy({ distinct, driftOf, consumerOf }: Filling): Promise<{ readonly bytes: number; readonly findings: number }> {
  const before = await usedHeapBytes();
  const findings = new Findings({ limit: LIMIT });
  const seen: { -readonly [K in keyof DriftSeen]: DriftSeen[K] } = { ...driftSeen() };
  const see = (n: number, of: number): void => {
    seen.consumer = consumerOf(n);
    seen.operation = `operation-${n % 97}`;
    findings.observe(seen, driftOf(of));
  };
  for (let n = 0; n < distinct; n++) see(n, n);
  // Each that is kept by more consumers than it tells apart.
  for (let n = 0; n < LIMIT * 25; n++) see(n * 7, n % LIMIT);
  return { bytes: (await usedHeapBytes()) - before, findings: findings.size };
}

/** The `n`th of many fields that a contract does not know: eight at one place, as many more would be folded into one. */
export function fieldOf(n: number, text: (n: number, kind: string) => string = (i, kind) => `${kind}${i}`): Drift {
  return {
    kind: 'undocumented_field',
    side: 'response',
    location: 'body',
    pointer: text(n, '/items/*/field'),
    specPointer: text(n >> 3, '/components/schemas/Schema'),
    name: text(n, 'field'),
    types: ['string'],
    formats: ['uuid'],
  };
}
