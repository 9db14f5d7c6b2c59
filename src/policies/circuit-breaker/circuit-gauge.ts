import type { Counter, Gauge, Meter } from '../../core/ports.ts';
import type { CircuitState } from './breaker.ts';
import { circuitBreakerMetrics } from './metrics.ts';

const STATES = ['closed', 'open', 'half_open'] as const;

/** `circuit_state` of one api and upstream. Its routes have a circuit each; the one that is worst off is shown. */
export class CircuitGauge {
  readonly #gauges: Readonly<Record<CircuitState, Gauge>>;
  readonly #transitions: Readonly<Record<CircuitState, Counter>>;
  /** How many circuits are not closed. */
  #open = 0;
  #halfOpen = 0;

  constructor(api: string, upstream: string, meter: Meter) {
    const states = meter.gauge(circuitBreakerMetrics.state);
    const transitions = meter.counter(circuitBreakerMetrics.transitions);
    const each = <T>(make: (state: CircuitState) => T): Record<CircuitState, T> =>
      Object.fromEntries(STATES.map((state) => [state, make(state)])) as Record<CircuitState, T>;
    this.#gauges = each((state) => states.with(api, upstream, state));
    this.#transitions = each((state) => transitions.with(api, upstream, state));
    this.#show();
  }

  changed(from: CircuitState, to: CircuitState): void {
    this.#transitions[to].inc();
    this.moved(from, to);
  }

  /** As `changed`, but nothing happened: a circuit has come here, or has left. One that is not here is as good as closed. */
  moved(from: CircuitState, to: CircuitState): void {
    this.#add(from, -1);
    this.#add(to, 1);
    this.#show();
  }

  #add(state: CircuitState, by: number): void {
    if (state === 'open') this.#open += by;
    else if (state === 'half_open') this.#halfOpen += by;
  }

  #show(): void {
    const shown = this.#open > 0 ? 'open' : this.#halfOpen > 0 ? 'half_open' : 'closed';
    for (const state of STATES) this.#gauges[state].set(state === shown ? 1 : 0);
  }
}
