import type { Attempt, Exchange } from '../../core/exchange.ts';
import type { Deps, RouteSpec } from '../../core/policy.ts';
import { rejection } from '../../core/rejection.ts';
import { type Answer, type AttemptEnd, type AttemptStage, type Policy, refuse } from '../../core/stage.ts';
import { Breaker, Call, type Change, type Verdict } from './breaker.ts';
import { CircuitGauge } from './circuit-gauge.ts';
import type { CircuitBreakerConfig } from './config.ts';
import { atEnd, atHead } from './verdict.ts';

/** What outlives a reload: one circuit of a route and an upstream. */
interface Circuit extends Disposable {
  breaker: Breaker;
  gauge: CircuitGauge;
  /** Stages that were compiled for it, and which of them has the say: a configuration that never came into force has none. */
  compiled: number;
  inForce: number;
}

/** One try: whether it was let through, and what it was answered. */
class Tried extends Call {
  answer: Answer | undefined = undefined;
}

/**
 * Stops asking an upstream that fails (CB-1, CB-2). What is bad about a call is counted as soon as it is known, so that the retry plan asks a
 * circuit that knows of it; what has begun well is counted when it has ended, as it may still break.
 */
class CircuitBreaker implements AttemptStage<Tried> {
  readonly name = 'circuitBreaker';
  readonly skipsUpgrades = true as const;
  readonly #config: CircuitBreakerConfig;
  readonly #route: RouteSpec;
  readonly #deps: Deps;
  readonly #gauge: CircuitGauge;
  readonly #circuit: Circuit;
  readonly #breaker: Breaker;
  readonly #order: number;

  constructor(config: CircuitBreakerConfig, route: RouteSpec, deps: Deps) {
    const { api, name, upstream } = route;
    this.#config = config;
    this.#route = route;
    this.#deps = deps;
    const gauge = deps.live(`circuitBreaker state ${api} ${upstream}`, () => new CircuitGauge(api, upstream, deps.meter));
    this.#gauge = gauge;
    this.#circuit = deps.live(`circuitBreaker ${name} ${upstream}`, () => {
      const breaker = new Breaker(config, deps.clock, deps.random, this.#changed);
      const circuit: Circuit = { breaker, gauge, compiled: 0, inForce: 0, [Symbol.dispose]: () => retire(circuit) };
      return circuit;
    });
    this.#breaker = this.#circuit.breaker;
    this.#circuit.compiled += 1;
    this.#order = this.#circuit.compiled;
  }

  open(_x: Exchange, t: Attempt): Tried {
    return new Tried(t);
  }

  onRequest(_x: Exchange, _t: Attempt, tried: Tried): Answer | undefined {
    if (this.#circuit.inForce < this.#order) this.#comeIntoForce();
    return this.#breaker.admit(tried) ? undefined : this.#refusal();
  }

  onResponse(_x: Exchange, t: Attempt, answer: Answer, tried: Tried): Answer {
    const verdict = atHead(t, answer, this.#config.slowerThanMs);
    if (verdict === undefined) {
      tried.begunWell = true;
      tried.answer = answer;
    } else this.#breaker.ended(tried, verdict);
    return answer;
  }

  onFinish(_x: Exchange, t: Attempt, end: AttemptEnd, tried: Tried): void {
    const verdict: Verdict = tried.answer === undefined ? 'void' : atEnd(t, tried.answer, end);
    this.#breaker.ended(tried, verdict);
  }

  admits(): boolean {
    return this.#breaker.admits();
  }

  /** The first request of a new configuration: its numbers count from here on, and the circuit is shown under its name. */
  #comeIntoForce(): void {
    const circuit = this.#circuit;
    circuit.inForce = this.#order;
    circuit.gauge.moved(circuit.breaker.state, 'closed');
    circuit.gauge = this.#gauge;
    circuit.gauge.moved('closed', circuit.breaker.state);
    circuit.breaker.use(this.#config, this.#changed);
  }

  #refusal(): Answer {
    const detail = this.#breaker.state === 'open' ? 'the upstream fails: nothing is sent to it for now' : 'the upstream is being tried out';
    return refuse(rejection('CIRCUIT_OPEN', detail, { headers: ['Retry-After', String(this.#breaker.retryAfterS)] }));
  }

  /** One line each. Nobody need ask for the gauge to show that the circuit is no longer open. */
  readonly #changed = ({ from, to, calls, failed, slow, openMs }: Change): void => {
    const { logger, timers } = this.#deps;
    const { api, name, upstream } = this.#route;
    this.#gauge.changed(from, to);
    const fields = { api, route: name, upstream, from, to };
    if (to === 'open') {
      timers.after(openMs, () => this.#breaker.look());
      const why =
        from === 'closed' ? 'circuit opened: too many calls failed or were slow' : 'circuit opened again: one of its probes went wrong';
      logger.warn({ ...fields, calls, failed, slow, open_ms: Math.round(openMs) }, why);
    } else if (to === 'half_open') logger.info(fields, 'circuit half-open: a few calls are let through as probes');
    else logger.info({ ...fields, calls }, 'circuit closed: its probes went well');
  };
}

/** Nobody asks it any more: whoever looks at the gauge must not take it for a circuit that is still open. */
function retire({ breaker, gauge }: Circuit): void {
  gauge.moved(breaker.state, 'closed');
  breaker.retire();
}

export const circuitBreaker = {
  name: 'circuitBreaker',
  compile: (config, route, deps) => new CircuitBreaker(config, route, deps),
} satisfies Policy<'circuitBreaker', CircuitBreakerConfig>;
