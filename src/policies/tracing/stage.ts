import type { Exchange } from '../../core/exchange.ts';
import { headerList } from '../../core/headers.ts';
import type { Clock, Tracer } from '../../core/ports.ts';
import type { Policy, Stage } from '../../core/stage.ts';
import type { TracingConfig } from './config.ts';
import { TraceContext } from './context.ts';
import { isSampled, ratioSampler } from './sampling.ts';
import { serverSpan } from './server-span.ts';

/**
 * Flags of a trace that begins here: random trace ID, and sampled. Without an exporter of ours the decision is the service's, and
 * `sampled` is what leaves it to the service: parent-based samplers drop the whole trace for a parent that says "not sampled".
 */
const SAMPLED_FLAGS = '03';
/** Random trace ID, and not sampled: said only where the decision is ours to make. */
const UNSAMPLED_FLAGS = '02';

/** What a tracestate may be relied on to keep (§3.3.1.5); a longer one is passed on, but no span repeats it. Half of a list is none. */
const MAX_STATE = 512;

const leftToTheService = (): string => SAMPLED_FLAGS;

/** Without an exporter: context is passed on, nothing is recorded. */
class Propagating implements Stage<void> {
  readonly name = 'tracing';
  readonly #context: TraceContext;

  constructor(context: TraceContext) {
    this.#context = context;
  }

  onRequest(x: Exchange): undefined {
    this.#context.enter(x, leftToTheService);
  }
}

/** With an exporter: a believed decision is followed, one about a trace that begins here is made by its ID; a SERVER span each. */
class Recording implements Stage<void> {
  readonly name = 'tracing';
  readonly #context: TraceContext;
  readonly #flagsOf: (traceId: string) => string;
  readonly #tracer: Tracer;
  readonly #clock: Clock;

  constructor(context: TraceContext, sample: number, tracer: Tracer, clock: Clock) {
    const samples = ratioSampler(sample);
    this.#context = context;
    this.#flagsOf = (traceId) => (samples(traceId) ? SAMPLED_FLAGS : UNSAMPLED_FLAGS);
    this.#tracer = tracer;
    this.#clock = clock;
  }

  onRequest(x: Exchange): undefined {
    const { given, flags } = this.#context.enter(x, this.#flagsOf);
    if (!isSampled(flags)) return;
    const state = given === undefined ? '' : (headerList(x.request.headers, 'tracestate') ?? '');
    x.trace = { parentId: given?.parentId ?? '', flags, state: state.length > MAX_STATE ? '' : state };
  }

  onFinish(x: Exchange): void {
    if (x.trace !== undefined) this.#tracer.record(serverSpan(x, x.trace, this.#clock.monotonicMs()));
  }
}

export const tracing = {
  name: 'tracing',
  compile({ ids, sample }, _route, { random, meter, tracer, clock }): Propagating | Recording {
    const context = new TraceContext(ids, random, meter);
    return tracer === undefined || sample === undefined ? new Propagating(context) : new Recording(context, sample, tracer, clock);
  },
} satisfies Policy<'tracing', TracingConfig>;
