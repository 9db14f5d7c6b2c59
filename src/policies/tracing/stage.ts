import type { Exchange } from '../../core/exchange.ts';
import { headerList, headerValue, headerValues } from '../../core/headers.ts';
import { coreMetrics } from '../../core/metrics.ts';
import type { Counter, Family, Random } from '../../core/ports.ts';
import type { Policy, Stage } from '../../core/stage.ts';
import type { TracingConfig } from './config.ts';
import { type TraceParent, formatTraceParent, parseTraceParent, shortenBaggage } from './traceparent.ts';

/**
 * Flags of a trace that begins here: random trace ID, and sampled. Without an exporter of ours the decision is the service's, and
 * `sampled` is what leaves it to the service: parent-based samplers drop the whole trace for a parent that says "not sampled".
 */
const NEW_TRACE_FLAGS = '03';

/** W3C trace context and baggage: taken over, begun where there is none, and passed on with a span of our own as the parent. */
class Tracing implements Stage<void> {
  readonly name = 'tracing';
  readonly #ids: TracingConfig['ids'];
  readonly #random: Random;
  readonly #dropped: Family<Counter, readonly ['header']>;

  constructor(ids: TracingConfig['ids'], random: Random, dropped: Family<Counter, readonly ['header']>) {
    this.#ids = ids;
    this.#random = random;
    this.#dropped = dropped;
  }

  onRequest(x: Exchange): undefined {
    const { headers } = x.request;
    const believed = this.#ids === 'anyone' || x.peer.trusted;
    const given = believed ? this.#given(x) : undefined;
    x.spanId = this.#random.hex(8);
    x.traceId = given?.traceId ?? this.#random.hex(16);
    x.requestEdits.set('traceparent', formatTraceParent(x.traceId, x.spanId, given?.flags ?? NEW_TRACE_FLAGS));
    if (given === undefined) {
      if (headerValue(headers, 'traceparent') !== undefined) this.#dropped.with('traceparent').inc();
      this.#drop(x, 'tracestate');
    }
    if (!believed) return this.#drop(x, 'baggage');
    const baggage = headerList(headers, 'baggage');
    const shortened = baggage === undefined ? undefined : shortenBaggage(baggage);
    if (shortened === '') x.requestEdits.remove('baggage');
    else if (shortened !== undefined) x.requestEdits.set('baggage', shortened);
    return undefined;
  }

  /** HD-1: what is not passed on is counted. */
  #drop(x: Exchange, lower: string): undefined {
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

export const tracing = {
  name: 'tracing',
  compile: (config, _route, deps) => new Tracing(config.ids, deps.random, deps.meter.counter(coreMetrics.untrusted)),
} satisfies Policy<'tracing', TracingConfig>;
