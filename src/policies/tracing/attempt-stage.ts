import type { Attempt, Exchange } from '../../core/exchange.ts';
import type { Clock, Random, Tracer } from '../../core/ports.ts';
import type { Answer, AttemptEnd, AttemptStage, Policy } from '../../core/stage.ts';
import { type Destination, clientSpan } from './client-span.ts';
import { formatTraceParent } from './traceparent.ts';

class Seen {
  answer: Answer | undefined = undefined;
}

/** A CLIENT span for each try of a trace that is exported; the upstream sees it as the parent of its own. */
class AttemptTracing implements AttemptStage<Seen | undefined> {
  readonly name = 'attemptTracing';
  readonly #to: Destination;
  readonly #tracer: Tracer;
  readonly #random: Random;
  readonly #clock: Clock;

  constructor(upstream: string, tracer: Tracer, random: Random, clock: Clock) {
    const [scheme = '', authority = ''] = upstream.split('://');
    this.#to = { origin: upstream, scheme, authority };
    this.#tracer = tracer;
    this.#random = random;
    this.#clock = clock;
  }

  open(x: Exchange): Seen | undefined {
    return x.trace === undefined ? undefined : new Seen();
  }

  onRequest(x: Exchange, t: Attempt): undefined {
    if (x.trace === undefined) return;
    t.spanId = this.#random.hex(8);
    t.edits.set('traceparent', formatTraceParent(x.traceId, t.spanId, x.trace.flags));
  }

  onResponse(_x: Exchange, _t: Attempt, answer: Answer, seen: Seen | undefined): Answer {
    if (seen !== undefined) seen.answer = answer;
    return answer;
  }

  onFinish(x: Exchange, t: Attempt, end: AttemptEnd, seen: Seen | undefined): void {
    if (x.trace === undefined || seen === undefined) return;
    this.#tracer.record(clientSpan(x, t, x.trace, this.#to, { answer: seen.answer, end, endedAt: this.#clock.monotonicMs() }));
  }
}

export const attemptTracing = {
  name: 'attemptTracing',
  compile: (_config, route, { tracer, random, clock }) =>
    tracer === undefined ? undefined : new AttemptTracing(route.upstream, tracer, random, clock),
} satisfies Policy<'attemptTracing', undefined>;
