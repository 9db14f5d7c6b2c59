import type { Exchange } from '../core/exchange.ts';
import { coreMetrics } from '../core/metrics.ts';
import type { OutcomeJournal } from '../core/outcome-journal.ts';
import type {
  Afterwork,
  Clock,
  Counter,
  Family,
  Gauge,
  LateAnswer,
  Logger,
  Meter,
  Observer,
  Task,
  Timer,
  Timers,
  UnknownOutcome,
} from '../core/ports.ts';
import type { OutcomeItem, OutcomePage, OutcomeQuery, Settlement } from '../core/views.ts';
import { outcomeMetrics } from './metrics.ts';
import type { OutcomeLedger } from './outcomes.ts';

export interface OutcomeRecordParts {
  readonly ledger: OutcomeLedger;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly afterwork: Afterwork;
  readonly meter: Meter;
  readonly logger: Logger;
}

/** A journal that could not be written is tried again after so long: where a disk is full, writing more often only costs. */
const RETRY_MS = 5000;

/**
 * The ledger of unknown outcomes, with its metrics and, where there is one, its journal. What changes is written when the turn of the event loop
 * is over, all of that turn at once, and no caller waits for it; but before anything is shown or acknowledged, so that what somebody has seen is
 * there after the process was killed.
 */
export class OutcomeRecord implements Pick<Observer, 'outcomeKnown' | 'unknownOutcome'>, Task {
  readonly #ledger: OutcomeLedger;
  readonly #clock: Clock;
  readonly #timers: Timers;
  readonly #afterwork: Afterwork;
  readonly #logger: Logger;
  readonly #found: Family<Counter, typeof outcomeMetrics.found.labels>;
  readonly #open: Family<Gauge, typeof coreMetrics.outcomesOpen.labels>;
  readonly #dropped: Counter;
  readonly #writeFailures: Counter;
  #droppedSoFar = 0;
  #journal: OutcomeJournal | undefined = undefined;
  #waiting = false;
  /** Set while the journal cannot be written. */
  #retry: Timer | undefined = undefined;

  constructor({ ledger, clock, timers, afterwork, meter, logger }: OutcomeRecordParts) {
    this.#ledger = ledger;
    this.#clock = clock;
    this.#timers = timers;
    this.#afterwork = afterwork;
    this.#logger = logger;
    this.#found = meter.counter(outcomeMetrics.found);
    this.#open = meter.gauge(coreMetrics.outcomesOpen);
    this.#dropped = meter.counter(outcomeMetrics.dropped).with();
    this.#writeFailures = meter.counter(outcomeMetrics.writeFailures).with();
  }

  /** Takes in what the journal has, and writes into it from here on. Before traffic comes. */
  keepIn(journal: OutcomeJournal): void {
    this.#ledger.restore(journal.read());
    this.#journal = journal;
    this.#changed();
  }

  unknownOutcome(x: Exchange, { reason, keyHash }: UnknownOutcome): void {
    const lapsed = reason === 'LOCK_LAPSED';
    const item = this.#ledger.add(
      {
        api: x.route.api,
        route: x.route.name,
        operation: x.operationId,
        method: x.request.method,
        path: x.request.path,
        requestId: x.requestId,
        correlationId: x.correlationId,
        traceId: x.traceId,
        consumer: { name: x.consumer.name, version: x.consumer.version },
        reason,
        upstream: x.route.upstream,
        // It tells of an earlier request, of which this one has only the key.
        sent: lapsed || x.sent === 'nothing' ? 'unknown' : x.sent,
        attempts: x.attempts,
        keyHash,
      },
      this.#clock.wallMs(),
    );
    if (item === undefined) return;
    this.#found.with(item.api, item.operation, item.reason).inc();
    this.#changed();
  }

  /** It was listed for its lapsed lock alone: its answer says what became of it, but for a 5xx, which may mean either. */
  outcomeKnown({ keyHash, status }: LateAnswer): void {
    const open = status >= 500 ? undefined : this.#ledger.lapsed(keyHash);
    if (open === undefined) return;
    const settlement: Settlement = { as: status < 400 ? 'executed' : 'not_executed', note: `answered ${status} after its lock had lapsed` };
    if (this.#ledger.settle(open.id, settlement, this.#clock.wallMs()) !== undefined) this.#changed();
  }

  settle(id: string, settlement: Settlement): OutcomeItem | undefined {
    const item = this.#ledger.settle(id, settlement, this.#clock.wallMs());
    if (item !== undefined) this.#changed();
    this.work();
    return item;
  }

  query(query: OutcomeQuery): OutcomePage | undefined {
    this.work();
    return this.#ledger.query(query);
  }

  /** Writes what has changed. */
  work(): void {
    if (!this.#waiting) return;
    this.#waiting = false;
    const error = this.#journal?.write(this.#ledger.takeChanges());
    if (error !== undefined) this.#failed(error);
    else if (this.#retry !== undefined) {
      this.#retry = undefined;
      this.#logger.info({}, 'the ledger of unknown outcomes can be written again');
    }
  }

  /** Writes what waits, for the last time. What comes after that is in memory alone. */
  close(): void {
    this.#waiting ||= this.#retry !== undefined;
    this.work();
    this.#retry?.cancel();
    this.#journal = undefined;
  }

  #changed(): void {
    for (const [api, open] of this.#ledger.open) this.#open.with(api).set(open);
    const { dropped } = this.#ledger;
    if (dropped > this.#droppedSoFar) this.#dropped.inc(dropped - this.#droppedSoFar);
    this.#droppedSoFar = dropped;
    if (this.#waiting || this.#retry !== undefined || this.#journal === undefined) return;
    this.#waiting = true;
    this.#afterwork.add(this);
  }

  #failed(error: Error): void {
    this.#writeFailures.inc();
    this.#ledger.startAnew();
    if (this.#retry === undefined)
      this.#logger.error({ reason: error.message }, 'the ledger of unknown outcomes cannot be written; it goes on in memory');
    this.#retry?.cancel();
    this.#retry = this.#timers.after(RETRY_MS, () => {
      this.#waiting = true;
      this.work();
    });
  }
}
