import { hash } from 'node:crypto';
import type { ContractSkew } from '../core/contract-skew.ts';
import type { Exchange } from '../core/exchange.ts';
import type { Logger, Meter, Observer } from '../core/ports.ts';
import { observationMetrics } from './metrics.ts';

/** Findings that have their line in the log; those beyond it are only counted. */
const MAX_KNOWN = 1000;

/** Tells of consumers that were built on another version of a contract (product, O2): a line in the log for each new one, and a counter. */
export function contractSkewObserver(logger: Logger, meter: Meter): Pick<Observer, 'contractSkew'> {
  const known = new Set<string>();
  const observations = meter.counter(observationMetrics.drift);
  const dropped = meter.counter(observationMetrics.dropped).with('findings');
  return {
    contractSkew(x: Exchange, { declared, inForce, skew }: ContractSkew): void {
      const { api, direction } = x.route;
      const { name, version } = x.consumer;
      observations.with(direction, api, x.operationId, 'contract_skew').inc();
      const key = [api, name, declared, inForce].join('\n');
      if (known.has(key)) return;
      if (known.size >= MAX_KNOWN) return dropped.inc();
      known.add(key);
      logger.warn(
        {
          id: hash('sha256', key, 'hex'),
          kind: 'contract_skew',
          api,
          operation: x.operationId,
          pointer: '',
          consumer: name,
          evidence: { skew, declared, in_force: inForce, consumer_version: version, request_id: x.requestId },
        },
        'drift.finding',
      );
    },
  };
}
