import type { ContractSkew } from '../core/contract-skew.ts';
import type { Exchange } from '../core/exchange.ts';
import type { Observer } from '../core/ports.ts';
import type { FindingRecord } from './drift/finding-record.ts';

/** Tells of consumers that were built on another version of a contract (product, O2): one finding for each consumer and the version that it names. */
export function contractSkewObserver(record: FindingRecord): Pick<Observer, 'contractSkew'> {
  return {
    contractSkew(x: Exchange, { declared, inForce, skew }: ContractSkew): void {
      const { name, version } = x.consumer;
      const found = record.see(x, {
        kind: 'contract_skew',
        side: 'request',
        location: 'header',
        pointer: '',
        specPointer: '/info/version',
        name: `${name} is built on ${declared}`,
        types: [],
        formats: [],
      });
      const { latest } = record.findings;
      if (found !== 'new' || latest === undefined) return;
      record.lines.write({
        id: latest.id,
        kind: 'contract_skew',
        api: x.route.api,
        operation: x.operationId,
        pointer: '',
        consumer: name,
        evidence: { skew, declared, in_force: inForce, consumer_version: version, request_id: x.requestId },
      });
    },
  };
}
