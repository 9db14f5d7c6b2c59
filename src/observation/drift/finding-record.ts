import type { Drift } from '../../core/drift.ts';
import type { Exchange } from '../../core/exchange.ts';
import type { Clock, Counter, Logger, Meter, Observer } from '../../core/ports.ts';
import type { FindingItem, FindingPage, FindingQuery } from '../../core/views.ts';
import { observationMetrics } from '../metrics.ts';
import { FindingGauges, ObservationCounters } from './finding-gauges.ts';
import { FindingLines } from './finding-lines.ts';
import { type ContractInForce, Findings } from './findings.ts';
import type { DriftSeen, KeptFinding } from './kept-finding.ts';
import { findingItem } from './finding-item.ts';

export interface FindingRecordParts {
  /** How many findings are kept; 0: none are looked for. */
  readonly limit: number;
  readonly clock: Clock;
  readonly meter: Meter;
  /** Undefined: new findings have no lines. */
  readonly logger: Logger | undefined;
}

/** Whoever keeps findings beyond the process. */
export interface FindingKeeper {
  /** Resolves when what was said until now of the finding outlives the process, with undefined; or with the reason, for people, why it does not. */
  keep(id: string): Promise<string | undefined>;
}

/** Drift of one exchange that its span tells of. */
const MAX_EVENTS = 20;

/** Drift of the data path: into the findings, with their metrics, log lines and span events. */
export class FindingRecord implements Pick<Observer, 'drift' | 'wantsDrift'> {
  readonly findings: Findings;
  readonly lines: FindingLines;
  readonly wantsDrift: boolean;
  readonly #clock: Clock;
  readonly #gauges: FindingGauges;
  readonly #observations: ObservationCounters;
  readonly #dropped: Counter;
  /** One for all: nothing keeps it. */
  readonly #seen: { -readonly [K in keyof DriftSeen]: DriftSeen[K] } = {
    direction: 'ingress',
    api: '',
    operation: '',
    contractVersion: '',
    digest: '',
    consumer: '',
    atMs: 0,
  };
  #keeper: FindingKeeper | undefined = undefined;

  constructor({ limit, clock, meter, logger }: FindingRecordParts) {
    this.#clock = clock;
    this.#gauges = new FindingGauges(meter);
    this.#observations = new ObservationCounters(meter);
    this.#dropped = meter.counter(observationMetrics.dropped).with('findings');
    this.lines = new FindingLines(clock, logger, meter);
    this.wantsDrift = limit > 0;
    this.findings = new Findings({ limit, onMoved: (finding, from, to) => this.#gauges.moved(finding, from, to) });
  }

  keptBy(keeper: FindingKeeper): void {
    this.#keeper = keeper;
  }

  /** All contracts in force, by API: each time that one of them, or its baseline file, has changed. */
  contracts(inForce: ReadonlyMap<string, ContractInForce>): void {
    this.#gauges.sweep();
    this.#observations.forget();
    this.findings.contracts(inForce);
  }

  drift(x: Exchange, drift: Drift): void {
    const seen = this.see(x, drift);
    const { latest } = this.findings;
    if (latest === undefined || seen === 'dropped') return;
    if (x.trace !== undefined) tellSpan(x, latest, drift);
    if (seen === 'new') this.#tell(x, latest, drift);
  }

  /** Counts it, and tells nobody: for what has a line of its own. */
  see(x: Exchange, drift: Drift): 'new' | 'known' | 'dropped' {
    const { direction, api } = x.route;
    const operation = x.operationId;
    this.#observations.count(direction, api, operation, drift.kind);
    if (!this.wantsDrift) return 'dropped';
    const seen = this.#seen;
    const { contract } = x;
    seen.direction = direction;
    seen.api = api;
    seen.operation = operation;
    seen.contractVersion = contract === undefined ? '' : contract.version;
    seen.digest = contract === undefined ? '' : contract.digest;
    seen.consumer = x.consumer.name;
    seen.atMs = this.#clock.wallMs();
    const outcome = this.findings.observe(seen, drift);
    if (outcome === 'dropped') this.#dropped.inc();
    return outcome;
  }

  query(query: FindingQuery): FindingPage | undefined {
    const page = this.findings.query(query);
    return page && { items: page.items.map(findingItem), next: page.next };
  }

  find(id: string): FindingItem | undefined {
    const found = this.findings.find(id);
    return found && findingItem(found);
  }

  /** Undefined where there is no finding of this id. */
  acknowledge(id: string, note: string): FindingItem | undefined {
    this.findings.acknowledge(id, { at: this.#clock.wallMs(), note });
    return this.find(id);
  }

  /** Takes an acknowledgement back; a baseline file that lists the finding goes on listing it. Undefined where there is no finding of this id. */
  withdraw(id: string): FindingItem | undefined {
    this.findings.withdraw(id, { at: this.#clock.wallMs() });
    return this.find(id);
  }

  /** Resolves when what was said is kept, with undefined; or with the reason why it is not. At once where nothing is to be kept beyond the process. */
  async kept(id: string): Promise<string | undefined> {
    return this.#keeper?.keep(id);
  }

  #tell(x: Exchange, { id, kind, api, pointer }: KeptFinding, { types, formats, value, side, name, specPointer }: Drift): void {
    const evidence = { types, formats, ...(value !== undefined && { values: [value] }) };
    const line = { id, kind, api, operation: x.operationId, pointer, consumer: x.consumer.name, evidence };
    this.lines.write({ ...line, side, name, spec_pointer: specPointer, request_id: x.requestId });
  }
}

function tellSpan(x: Exchange, { id }: KeptFinding, { kind, side, location, pointer }: Drift): void {
  x.foundDrift ??= [];
  if (x.foundDrift.length < MAX_EVENTS) x.foundDrift.push({ id, kind, side, location, pointer });
}
