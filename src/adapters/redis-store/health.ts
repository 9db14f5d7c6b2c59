import type { Clock, Counter, Family, Gauge, Logger, Meter } from '../../core/ports.ts';
import { FAULT_CODES, type FaultCode } from './faults.ts';
import { redisStoreMetrics } from './metrics.ts';

/** The same fault is not told again before. */
const TOLD_FOR_MS = 60_000;

/** Tells of the store's state: each change once, whatever happens meanwhile. Never a word of the server's own. */
export class Health {
  readonly #clock: Pick<Clock, 'monotonicMs'>;
  readonly #logger: Logger;
  readonly #address: string;
  readonly #up: Gauge;
  readonly #errors: Family<Counter, readonly ['reason']>;
  readonly #toldAt = new Map<string, number>();
  /** Since when it is away, as the log has it; undefined: the log says that it is there, or nothing yet. */
  #awayAt: number | undefined = undefined;

  /** `address`: for people, without credentials. */
  constructor(address: string, clock: Pick<Clock, 'monotonicMs'>, logger: Logger, meter: Meter) {
    this.#address = address;
    this.#clock = clock;
    this.#logger = logger;
    this.#up = meter.gauge(redisStoreMetrics.up).with('redis');
    this.#errors = meter.counter(redisStoreMetrics.errors);
    for (const reason of [...FAULT_CODES, 'malformed']) this.#errors.with(reason);
    this.#up.set(0);
  }

  up(): void {
    this.#up.set(1);
    if (this.#awayAt === undefined) return;
    const afterMs = Math.round(this.#clock.monotonicMs() - this.#awayAt);
    this.#awayAt = undefined;
    this.#logger.info({ store: this.#address, after_ms: afterMs }, 'the shared store is back');
  }

  /** `slow`: it may be back within a moment, which is worth a metric and no line. */
  down(reason: string): void {
    this.#up.set(0);
    if (reason === 'slow' || this.#awayAt !== undefined) return;
    this.#awayAt = this.#clock.monotonicMs();
    this.#logger.warn({ store: this.#address, reason }, 'the shared store is away: each replica decides by itself until it is back');
  }

  /** It is there, and does not do what it is asked. */
  refused(reason: FaultCode | 'malformed'): void {
    this.#errors.with(reason).inc();
    const nowMs = this.#clock.monotonicMs();
    if (nowMs - (this.#toldAt.get(reason) ?? Number.NEGATIVE_INFINITY) < TOLD_FOR_MS) return;
    this.#toldAt.set(reason, nowMs);
    this.#logger.warn({ store: this.#address, reason }, 'the shared store refuses calls');
  }
}
