import type { Exchange } from '../../core/exchange.ts';
import { headerList, headerValues } from '../../core/headers.ts';
import type { Random } from '../../core/ports.ts';
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

  constructor(ids: TracingConfig['ids'], random: Random) {
    this.#ids = ids;
    this.#random = random;
  }

  onRequest(x: Exchange): undefined {
    const { headers } = x.request;
    const believed = this.#ids === 'anyone' || x.peer.trusted;
    const given = believed ? this.#given(x) : undefined;
    x.spanId = this.#random.hex(8);
    x.traceId = given?.traceId ?? this.#random.hex(16);
    x.requestEdits.set('traceparent', formatTraceParent(x.traceId, x.spanId, given?.flags ?? NEW_TRACE_FLAGS));
    if (given === undefined) x.requestEdits.remove('tracestate');
    if (!believed) return x.requestEdits.remove('baggage') as undefined;
    const baggage = headerList(headers, 'baggage');
    const shortened = baggage === undefined ? undefined : shortenBaggage(baggage);
    if (shortened === '') x.requestEdits.remove('baggage');
    else if (shortened !== undefined) x.requestEdits.set('baggage', shortened);
    return undefined;
  }

  /** Two traceparents are as good as none (§3.2). */
  #given(x: Exchange): TraceParent | undefined {
    const values = headerValues(x.request.headers, 'traceparent');
    return values.length === 1 ? parseTraceParent(values[0] as string) : undefined;
  }
}

export const tracing = {
  name: 'tracing',
  compile: (config, _route, deps) => new Tracing(config.ids, deps.random),
} satisfies Policy<'tracing', TracingConfig>;
