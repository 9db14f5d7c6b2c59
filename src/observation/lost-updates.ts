import type { Drift } from '../core/drift.ts';
import type { Exchange } from '../core/exchange.ts';
import type { LostUpdate, Observer } from '../core/ports.ts';
import type { FindingRecord } from './drift/finding-record.ts';

/** Writes that overwrote others and have had their line in the log; of those beyond it nothing is said that was not said before. */
const MAX_KNOWN = 1000;

/**
 * Tells of writes that overwrote others (PC-2): one finding for each operation that lets it happen, and a line in the log for each write, as two people
 * have to be told.
 */
export function lostUpdateObserver(record: FindingRecord): Pick<Observer, 'lostUpdate'> {
  const known = new Set<string>();
  return {
    lostUpdate(x: Exchange, { id: update, overwritten }: LostUpdate): void {
      const found = record.see(x, driftOf(x));
      const { latest } = record.findings;
      if (found === 'dropped' || latest === undefined || known.has(update) || known.size >= MAX_KNOWN) return;
      known.add(update);
      record.lines.write({
        id: latest.id,
        kind: 'lost_update',
        api: x.route.api,
        operation: x.operationId,
        pointer: '',
        consumer: x.consumer.name,
        evidence: { update, method: x.request.method, request_id: x.requestId, overwritten_request_id: overwritten },
      });
    },
  };
}

function driftOf({ operation, operationId, request }: Exchange): Drift {
  return {
    kind: 'lost_update',
    side: 'request',
    location: 'header',
    pointer: '',
    specPointer: operation?.specPointer ?? '',
    // Without a contract all operations of a route are one, but for their methods.
    name: operation === undefined ? request.method : operationId,
    types: [],
    formats: [],
  };
}
