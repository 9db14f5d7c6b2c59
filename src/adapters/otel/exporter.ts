import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Clock, Counter, Logger, Meter, Random, Timer, Timers, Tracer } from '../../core/ports.ts';
import type { Span } from '../../core/span.ts';
import type { Collector } from './collector.ts';
import { type Envelope, encodeSpan } from './encode.ts';
import { DROP_REASONS, type DropReason, otelMetrics } from './metrics.ts';
import { judge } from './reply.ts';
import { WallOffset } from './wall-offset.ts';

/** As the SDKs' batch processor has them: spans that wait at most, in one POST, and how long the first of them waits. */
const QUEUE = 2048;
const BATCH = 512;
const DELAY_MS = 5000;
/** Spans encoded in one turn of the event loop: some 0.5 ms. */
const SLICE = 64;
/** POSTs of one batch; between them 1, 2, 4 and 8 seconds, give or take a fifth. */
const MAX_TRIES = 5;
const BACKOFF_MS = 1000;
/** What still waits at the end is sent within this, or given up. */
const CLOSE_MS = 2000;

export interface ExporterDeps {
  readonly collector: Collector;
  readonly envelope: Envelope;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly random: Random;
  readonly meter: Meter;
  readonly logger: Logger;
}

/**
 * Keeps spans that have ended until they are sent. `record` appends to a bounded queue and no more; all else happens later, one
 * batch at a time. What a collector does or does not do costs spans, never traffic.
 */
export class BatchExporter implements Tracer {
  readonly #deps: ExporterDeps;
  readonly #offset: WallOffset;
  readonly #exported: Counter;
  readonly #dropped: { readonly [R in DropReason]: Counter };
  readonly #queue: Span[] = [];
  #timer: Timer | undefined = undefined;
  /** The sending that goes on. */
  #work: Promise<void> | undefined = undefined;
  /** Ends the pause between two tries. */
  #wake: (() => void) | undefined = undefined;
  #failing = false;
  #closing: Promise<void> | undefined = undefined;

  constructor(deps: ExporterDeps) {
    this.#deps = deps;
    this.#offset = new WallOffset(deps.clock);
    this.#exported = deps.meter.counter(otelMetrics.exported).with();
    const dropped = deps.meter.counter(otelMetrics.dropped);
    this.#dropped = Object.fromEntries(DROP_REASONS.map((reason) => [reason, dropped.with(reason)])) as Record<DropReason, Counter>;
  }

  record(span: Span): void {
    if (this.#closing !== undefined) return this.#dropped.shutdown.inc();
    if (this.#queue.length >= QUEUE) return this.#dropped.queue_full.inc();
    this.#queue.push(span);
    if (this.#work !== undefined) return;
    if (this.#queue.length >= BATCH) this.#start();
    else this.#timer ??= this.#deps.timers.after(DELAY_MS, () => this.#start());
  }

  /** Sends what waits, within two seconds; what is left then is given up. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    const { timers, collector } = this.#deps;
    const late = timers.after(CLOSE_MS, () => collector.close());
    this.#wake?.();
    await this.#work;
    if (this.#queue.length > 0) await this.#send();
    late.cancel();
    collector.close();
  }

  #start(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#work ??= this.#send().then(() => {
      this.#work = undefined;
      if (this.#queue.length > 0 && this.#closing === undefined) this.#timer = this.#deps.timers.after(DELAY_MS, () => this.#start());
    });
  }

  /** One batch, and more as long as there are full ones; at the end all that waits. */
  async #send(): Promise<void> {
    do {
      const batch = this.#queue.splice(0, BATCH);
      try {
        await this.#deliver(await this.#encode(batch), batch.length);
      } catch (error) {
        // A mistake of ours, in a place that nobody waits for: it costs these spans, not the process.
        this.#dropped.rejected.inc(batch.length);
        this.#state(String(error));
      }
    } while (this.#queue.length >= (this.#closing === undefined ? BATCH : 1));
  }

  async #encode(batch: readonly Span[]): Promise<string> {
    const { head, tail } = this.#deps.envelope;
    const offsetMs = this.#offset.ms();
    const encoded: string[] = [];
    for (const [i, span] of batch.entries()) {
      if (i % SLICE === 0) await nextTurn();
      encoded.push(encodeSpan(span, offsetMs));
    }
    return head + encoded.join(',') + tail;
  }

  async #deliver(body: string, spans: number): Promise<void> {
    const { collector, clock } = this.#deps;
    for (let tries = 1; ; tries++) {
      const verdict = judge(await collector.post(body), spans, clock.wallMs());
      if (verdict.is === 'taken') {
        this.#exported.inc(spans - verdict.rejected);
        this.#dropped.rejected.inc(verdict.rejected);
        return this.#state(verdict.rejected > 0 ? verdict.reason : undefined);
      }
      this.#state(verdict.reason);
      if (verdict.is === 'refused') return this.#dropped.rejected.inc(spans);
      if (this.#closing !== undefined) return this.#dropped.shutdown.inc(spans);
      if (tries === MAX_TRIES) return this.#dropped.unreachable.inc(spans);
      await this.#pause(verdict.afterMs ?? this.#backoffMs(tries));
    }
  }

  #backoffMs(tries: number): number {
    return BACKOFF_MS * 2 ** (tries - 1) * (0.8 + 0.4 * this.#deps.random.unit());
  }

  #pause(ms: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = this.#deps.timers.after(ms, resolve);
    this.#wake = () => {
      timer.cancel();
      resolve();
    };
    return promise;
  }

  /** One line when it begins to fail, one when it works again. */
  #state(reason: string | undefined): void {
    const failing = reason !== undefined;
    if (failing === this.#failing) return;
    this.#failing = failing;
    const { logger } = this.#deps;
    if (failing) logger.warn({ reason }, 'spans cannot be exported; traffic goes on');
    else logger.info({}, 'spans are exported again');
  }
}
