import type { Contract } from '../../core/contract.ts';
import type { Drift } from '../../core/drift.ts';
import type { Exchange } from '../../core/exchange.ts';
import type { Observer } from '../../core/ports.ts';
import type { FindingItem } from '../../core/views.ts';
import { findingItem } from '../../observation/drift/finding-item.ts';
import { Findings } from '../../observation/drift/findings.ts';
import type { RecordedExchange } from '../../observation/traffic/recorded.ts';
import { Holder, headOf } from './holder.ts';
import type { Lane, Subject } from './lane.ts';
import { UNRECORDED } from './recorded-body.ts';
import { isOf } from './recordings.ts';

/** Far above what a person reads; a recording that has more is of another service. */
const LIMIT = 50_000;

export interface DriftReport {
  /** New ones first, as `/api/findings` has them. */
  readonly items: readonly FindingItem[];
  /** Exchanges that were held against the contract. */
  readonly held: number;
  /** Of a host that the contract is not about. */
  readonly elsewhere: number;
  /** That no route leads to the contract. */
  readonly unrouted: number;
  /** Sides of exchanges whose bodies the recording does not hold. */
  readonly unrecorded: number;
  /** Sides of which there is no verdict for another reason, by that. */
  readonly skipped: ReadonlyMap<string, number>;
  /** Observations beyond the findings that are kept. */
  readonly dropped: number;
}

/** What recorded traffic and a contract have against each other: the engine of the data path, out of the path. `host`: only what went there; undefined: to the hosts that the contract's servers name. */
export async function driftReport(
  { contract, baseline, laneOf }: Subject,
  exchanges: readonly RecordedExchange[],
  host: string | undefined,
): Promise<DriftReport> {
  const findings = new Findings({ limit: LIMIT });
  findings.contracts(new Map([[contract.name, { digest: contract.digest, baseline }]]));
  const skipped = new Map<string, number>();
  const skip = (reason: string): void => void skipped.set(reason, (skipped.get(reason) ?? 0) + 1);
  const told = new Told(findings, contract);
  const holders = new Map<Lane, Holder>();
  let [held, elsewhere, unrouted] = [0, 0, 0];
  // Several files, and those of browsers, are not in order; a finding is told by where it was seen first.
  for (const exchange of exchanges.toSorted((a, b) => a.at - b.at)) {
    if (!isOf(contract, exchange, host)) {
      elsewhere += 1;
      continue;
    }
    const head = headOf(exchange);
    const lane = laneOf(head);
    if (lane === undefined) {
      unrouted += 1;
      continue;
    }
    const holder = holders.get(lane) ?? new Holder(lane, told, skip);
    holders.set(lane, holder);
    told.atMs = exchange.at;
    await holder.hold(exchange, head);
    held += 1;
  }
  const unrecorded = skipped.get(UNRECORDED) ?? 0;
  skipped.delete(UNRECORDED);
  const page = findings.query({ ...EVERYTHING, limit: LIMIT });
  return { items: (page?.items ?? []).map(findingItem), held, elsewhere, unrouted, unrecorded, skipped, dropped: told.dropped };
}

const EVERYTHING = {
  api: undefined,
  kind: undefined,
  state: undefined,
  operation: undefined,
  consumer: undefined,
  after: undefined,
} as const;

/** Keeps what the stage finds; violations are in the findings already. */
class Told implements Observer {
  readonly wantsDrift = true;
  atMs = 0;
  dropped = 0;
  readonly #findings: Findings;
  readonly #contract: Contract;

  constructor(findings: Findings, contract: Contract) {
    this.#findings = findings;
    this.#contract = contract;
  }

  drift(x: Exchange, found: Drift): void {
    const { version, digest } = this.#contract;
    const seen = { direction: x.route.direction, api: x.route.api, operation: x.operationId, contractVersion: version, digest };
    if (this.#findings.observe({ ...seen, consumer: x.consumer.name, atMs: this.atMs }, found) === 'dropped') this.dropped += 1;
  }

  violation(): void {}
  unknownOutcome(): void {}
  outcomeKnown(): void {}
  lostUpdate(): void {}
  contractSkew(): void {}
}
