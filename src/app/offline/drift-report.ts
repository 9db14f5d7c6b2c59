import type { Contract } from '../../core/contract.ts';
import type { Drift } from '../../core/drift.ts';
import type { Exchange } from '../../core/exchange.ts';
import type { Observer } from '../../core/ports.ts';
import type { FindingItem } from '../../core/views.ts';
import { findingItem } from '../../observation/drift/finding-item.ts';
import { Findings } from '../../observation/drift/findings.ts';
import type { RecordedExchange } from '../../observation/traffic/recorded.ts';
import type { ContractConfig } from '../../policies/contract/config.ts';
import { Holder } from './holder.ts';
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
  /** Sides of which there is no verdict, by the reason. */
  readonly skipped: ReadonlyMap<string, number>;
  /** Findings beyond what is kept. */
  readonly dropped: number;
}

export interface DriftReportOptions {
  /** Accepted findings, by id, with their notes. */
  readonly baseline: ReadonlyMap<string, string>;
  /** Only exchanges of this host; undefined: of those that the contract's servers name. */
  readonly host: string | undefined;
}

/** What recorded traffic and a contract have against each other: the engine of the data path, out of the path. */
export async function driftReport(
  contract: Contract,
  exchanges: Iterable<RecordedExchange>,
  { baseline, host }: DriftReportOptions,
): Promise<DriftReport> {
  const findings = new Findings({ limit: LIMIT });
  findings.contracts(new Map([[contract.name, { digest: contract.digest, baseline }]]));
  const told = new Told(findings, contract);
  const holder = new Holder(contract, REPORT, told);
  const skipped = new Map<string, number>();
  let [held, elsewhere] = [0, 0];
  for (const exchange of exchanges) {
    if (!isOf(contract, exchange, host)) {
      elsewhere += 1;
      continue;
    }
    told.atMs = exchange.at;
    const { requestVerdict } = await holder.hold(exchange);
    if (requestVerdict?.is === 'skipped') skipped.set(requestVerdict.reason, (skipped.get(requestVerdict.reason) ?? 0) + 1);
    held += 1;
  }
  const page = findings.query({ ...EVERYTHING, limit: LIMIT });
  return { items: (page?.items ?? []).map(findingItem), held, elsewhere, skipped, dropped: told.dropped };
}

/** Nobody waits: all is looked at, however large. */
const MAX_BODY_BYTES = 64 * 1024 * 1024;

const REPORT: ContractConfig = {
  request: 'report',
  response: 'report',
  undocumented: 'report',
  ignore: [],
  sample: 1,
  maxBodyBytes: MAX_BODY_BYTES,
  onUnchecked: 'pass',
  countRefused: false,
  operations: {},
  showValues: [],
};

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
