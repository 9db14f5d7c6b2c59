import { type Schema, defaulted, durationMs, integer, mapped, number, object } from '../../core/schema.ts';

/** `policies.circuitBreaker` (semantics CB). */
export interface CircuitBreakerConfig {
  readonly windowMs: number;
  readonly minCalls: number;
  /** Share of calls, 0 to 1, that failed or were slow. */
  readonly failureRatio: number;
  /** A call whose answer's head takes longer is slow. */
  readonly slowerThanMs: number;
  readonly openMs: number;
  readonly maxOpenMs: number;
  readonly probes: number;
}

const written = object({
  window: defaulted(durationMs({ min: 100, max: 600_000 }), '10s', 'The time whose calls are looked at.'),
  minCalls: defaulted(integer({ min: 1, max: 100_000 }), 20, 'With fewer calls in the window it stays closed.'),
  failureRatio: defaulted(number({ min: 0.01, max: 1 }), 0.5, 'Share of calls that failed or were slow from which on it opens.'),
  slowerThan: defaulted(durationMs({ min: 1 }), '2s', 'A call whose answer takes longer to begin is slow.'),
  open: defaulted(
    durationMs({ min: 10, max: 3_600_000 }),
    '5s',
    'How long nothing is sent when it opens; doubled with each probe that failed.',
  ),
  maxOpen: defaulted(durationMs({ min: 10, max: 3_600_000 }), '60s', 'The longest that becomes.'),
  probes: defaulted(integer({ min: 1, max: 100 }), 3, 'Calls that are let through after that; when all are good it closes.'),
});

export const circuitBreakerSchema: Schema<CircuitBreakerConfig> = mapped(written, ({ window, slowerThan, open, maxOpen, ...rest }) => ({
  ...rest,
  windowMs: window,
  slowerThanMs: slowerThan,
  openMs: open,
  maxOpenMs: maxOpen,
}));
