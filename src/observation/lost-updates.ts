import type { Exchange } from '../core/exchange.ts';
import type { Logger, LostUpdate, Meter, Observer } from '../core/ports.ts';
import { observationMetrics } from './metrics.ts';

/** Findings that have their line in the log; those beyond it are only counted. */
const MAX_KNOWN = 1000;

/** Tells of writes that overwrote others (PC-2): a line in the log for each new one, and a counter. */
export function lostUpdateObserver(logger: Logger, meter: Meter): Pick<Observer, 'lostUpdate'> {
  const known = new Set<string>();
  const observations = meter.counter(observationMetrics.drift);
  const dropped = meter.counter(observationMetrics.dropped).with('findings');
  return {
    lostUpdate(x: Exchange, { id, overwritten }: LostUpdate): void {
      const { api, direction } = x.route;
      observations.with(direction, api, x.operationId, 'lost_update').inc();
      if (known.has(id)) return;
      if (known.size >= MAX_KNOWN) return dropped.inc();
      known.add(id);
      logger.warn(
        {
          id,
          kind: 'lost_update',
          api,
          operation: x.operationId,
          pointer: '',
          consumer: x.consumer.name,
          evidence: { method: x.request.method, request_id: x.requestId, overwritten_request_id: overwritten },
        },
        'drift.finding',
      );
    },
  };
}
