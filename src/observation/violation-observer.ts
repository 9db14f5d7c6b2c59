import type { Clock, Observer } from '../core/ports.ts';
import type { ViolationStore } from './violations.ts';

/** Puts what the policies find into the store. */
export function violationObserver(store: ViolationStore, clock: Clock): Pick<Observer, 'violation'> {
  return {
    violation(x, finding) {
      store.add(
        {
          requestId: x.requestId,
          traceId: x.traceId,
          api: x.route.api,
          contractVersion: x.contract?.version ?? '',
          operation: x.operationId,
          side: finding.side,
          mode: finding.mode,
          consumer: x.consumer,
          rule: finding.rule,
          location: finding.location,
          pointer: finding.pointer,
          specPointer: finding.specPointer,
          detail: finding.detail,
          ...(finding.value !== undefined && { value: finding.value }),
        },
        clock.wallMs(),
      );
    },
  };
}
