import type { Counter, Gauge, Histogram } from '../../core/ports.ts';
import type { SpanRef } from '../../core/span.ts';
import { Exemplar } from './exemplar.ts';

/**
 * The numbers of one series each. They are ours because a child of the client library joins and looks up all label values on every
 * call (600 ns with seven labels; a cell takes a few); the registry reads them when it is scraped. Nothing here throws: a value that
 * makes no sense is left out.
 */
export type Labels = Readonly<Record<string, string>>;

export class CounterCell implements Counter {
  readonly labels: Labels;
  value = 0;

  constructor(labels: Labels) {
    this.labels = labels;
  }

  inc(by = 1): void {
    if (by >= 0 && by < Number.POSITIVE_INFINITY) this.value += by;
  }
}

export class GaugeCell implements Gauge {
  readonly labels: Labels;
  value = 0;

  constructor(labels: Labels) {
    this.labels = labels;
  }

  set(value: number): void {
    this.value = value;
  }

  inc(by = 1): void {
    this.value += by;
  }

  dec(by = 1): void {
    this.value -= by;
  }
}

export class HistogramCell implements Histogram {
  readonly labels: Labels;
  readonly #bounds: readonly number[];
  /** Observations by bucket, not cumulative; the last is +Inf. */
  readonly counts: Float64Array;
  sum = 0;
  /** By bucket, as `counts`; made with the first one, as most processes export no spans. */
  exemplars: Array<Exemplar | undefined> | undefined = undefined;

  constructor(labels: Labels, bounds: readonly number[]) {
    this.labels = labels;
    this.#bounds = bounds;
    this.counts = new Float64Array(bounds.length + 1);
  }

  observe(value: number, exemplar?: SpanRef): void {
    if (!Number.isFinite(value)) return;
    const bounds = this.#bounds;
    let i = 0;
    while (i < bounds.length && value > (bounds[i] as number)) i += 1;
    this.counts[i] = (this.counts[i] as number) + 1;
    this.sum += value;
    if (exemplar !== undefined) this.#keep(i, value, exemplar);
  }

  #keep(bucket: number, value: number, { traceId, spanId }: SpanRef): void {
    this.exemplars ??= new Array<Exemplar | undefined>(this.counts.length);
    this.exemplars[bucket] = new Exemplar(traceId, spanId, value, Date.now() / 1000);
  }
}
