import type { Drift } from '../../src/core/drift.ts';
import { FindingRecord } from '../../src/observation/drift/finding-record.ts';
import type { DriftSeen } from '../../src/observation/drift/kept-finding.ts';
import { FakeClock } from './clock.ts';
import { RecordingMeter } from './meter.ts';

/** A field that the contract does not know. */
export function drift(more: Partial<Drift> = {}): Drift {
  return {
    kind: 'undocumented_field',
    side: 'response',
    location: 'body',
    pointer: '/items/*/nickname',
    specPointer: '/components/schemas/User',
    name: 'nickname',
    types: ['string'],
    formats: [],
    ...more,
  };
}

export function driftSeen(more: Partial<DriftSeen> = {}): DriftSeen {
  return {
    direction: 'ingress',
    api: 'billing',
    operation: 'getInvoice',
    contractVersion: '1.0.0',
    digest: 'd1',
    consumer: 'shop',
    atMs: 1000,
    ...more,
  };
}

/** A record with everything that it tells. */
export function findingRecord(limit = 5000) {
  const lines: Array<Record<string, unknown>> = [];
  const meter = new RecordingMeter();
  const clock = new FakeClock();
  const keep = (fields: object, msg: string): void => void lines.push({ msg, ...fields });
  const record = new FindingRecord({ limit, clock, meter, logger: { info: keep, warn: keep, error: keep } });
  return { lines, meter, clock, record };
}
