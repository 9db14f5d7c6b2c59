import type { Exchange } from '../../core/exchange.ts';
import { headerList, headerValue, headerValues } from '../../core/headers.ts';
import { coreMetrics } from '../../core/metrics.ts';
import type { Counter, Family, Meter, Random } from '../../core/ports.ts';
import type { TracingConfig } from './config.ts';
import { type TraceParent, formatTraceParent, parseTraceParent, shortenBaggage } from './traceparent.ts';

/** The trace that an exchange belongs to now. */
export interface Entered {
  /** What was taken over; undefined: the trace begins here. */
  readonly given: TraceParent | undefined;
  readonly flags: string;
}

/** W3C trace context and baggage: taken over, begun where there is none, and passed on with a span of our own as the parent. */
export class TraceContext {
  readonly #ids: TracingConfig['ids'];
  readonly #random: Random;
  readonly #dropped: Family<Counter, readonly ['header']>;

  constructor(ids: TracingConfig['ids'], random: Random, meter: Meter) {
    this.#ids = ids;
    this.#random = random;
    this.#dropped = meter.counter(coreMetrics.untrusted);
    for (const name of ['traceparent', 'tracestate', 'baggage']) this.#dropped.with(name);
  }

  /** `flagsOf` is asked for a trace that begins here. Flags that were given are passed on as they are. */
  enter(x: Exchange, flagsOf: (traceId: string) => string): Entered {
    const { headers } = x.request;
    const believed = this.#ids === 'anyone' || x.peer.trusted;
    const given = believed ? this.#given(x) : undefined;
    x.spanId = this.#random.hex(8);
    x.traceId = given?.traceId ?? this.#random.hex(16);
    const flags = given?.flags ?? flagsOf(x.traceId);
    x.requestEdits.set('traceparent', formatTraceParent(x.traceId, x.spanId, flags));
    if (given === undefined) {
      if (headerValue(headers, 'traceparent') !== undefined) this.#dropped.with('traceparent').inc();
      this.#drop(x, 'tracestate');
    }
    if (believed) shorten(x);
    else this.#drop(x, 'baggage');
    return { given, flags };
  }

  /** HD-1: what is not passed on is counted. */
  #drop(x: Exchange, lower: string): void {
    if (headerValue(x.request.headers, lower) === undefined) return;
    x.requestEdits.remove(lower);
    this.#dropped.with(lower).inc();
  }

  /** Two traceparents are as good as none (§3.2). */
  #given(x: Exchange): TraceParent | undefined {
    const values = headerValues(x.request.headers, 'traceparent');
    return values.length === 1 ? parseTraceParent(values[0] as string) : undefined;
  }
}

function shorten(x: Exchange): void {
  const baggage = headerList(x.request.headers, 'baggage');
  const shortened = baggage === undefined ? undefined : shortenBaggage(baggage);
  if (shortened === '') x.requestEdits.remove('baggage');
  else if (shortened !== undefined) x.requestEdits.set('baggage', shortened);
}
