import { type Schema, defaulted, durationMs, integer, mapped, object } from '../../core/schema.ts';

/** `policies.loadShed` (semantics LS). */
export interface LoadShedConfig {
  readonly eventLoopLagMs: number;
  /** Exchanges of the whole process. */
  readonly inFlight: number;
}

const written = object({
  eventLoopLag: defaulted(
    durationMs({ min: 10, max: 60_000 }),
    '100ms',
    'When the event loop keeps running later than this, a share of new requests is refused with 503: none at this lag, all at twice of it.',
  ),
  inFlight: defaulted(
    integer({ min: 1, max: 1_000_000 }),
    10_000,
    'Requests in flight, over all routes and open upgrades included, from which on new ones are refused with 503.',
  ),
});

export const loadShedSchema: Schema<LoadShedConfig> = mapped(written, ({ eventLoopLag, inFlight }) => ({
  eventLoopLagMs: eventLoopLag,
  inFlight,
}));
