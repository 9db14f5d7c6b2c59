import { Breaker, Call, type Change, type Verdict } from '../../src/policies/circuit-breaker/breaker.ts';
import { type CircuitBreakerConfig, circuitBreakerSchema } from '../../src/policies/circuit-breaker/config.ts';
import { Issues } from '../../src/core/schema.ts';
import { FakeClock } from './clock.ts';
import { FixedRandom } from './random.ts';

export const CIRCUIT_DEFAULTS = circuitBreakerSchema.parse({}, [], new Issues());

/** How far a call has come, for a test to set. */
export class Asked extends Call {
  declare readonly progress: { sentAt: number | undefined; headAt: number | undefined };
}

/** A circuit on a clock of its own, and calls that end as a test says. */
export function circuit(config: Partial<CircuitBreakerConfig> = {}) {
  const clock = new FakeClock();
  const random = new FixedRandom();
  random.nextUnit = 0.5; // no jitter
  const changes: Change[] = [];
  const note = (change: Change): void => void changes.push(change);
  const breaker = new Breaker({ ...CIRCUIT_DEFAULTS, ...config }, clock, random, note);
  /** Undefined: it was not let through. */
  const ask = (): Asked | undefined => {
    const call = new Asked({ sentAt: undefined, headAt: undefined });
    return breaker.admit(call) ? call : undefined;
  };
  const calls = (count: number, verdict: Verdict): void => {
    for (let i = 0; i < count; i++) breaker.ended(ask() as Asked, verdict);
  };
  return {
    clock,
    random,
    changes,
    breaker,
    ask,
    calls,
    note,
    /** As many probes as may be, all still under way. */
    probes: () => Array.from({ length: 10 }, ask).filter((call) => call !== undefined),
    halfOpen: () => {
      calls(20, 'failed');
      clock.advance(5000);
    },
  };
}
