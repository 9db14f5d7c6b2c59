import { type Schema, boolean, defaulted, durationMs, integer, mapped, object } from '../../core/schema.ts';

/** `policies.concurrency` (semantics CC). */
export interface ConcurrencyConfig {
  /** Requests at the upstream at a time; with `adaptive` the most that it may become. */
  readonly limit: number;
  readonly queue: number;
  readonly queueTimeoutMs: number;
  /** The limit follows the upstream's response times. */
  readonly adaptive: boolean;
}

const written = object({
  limit: defaulted(integer({ min: 1, max: 65_535 }), 100, 'Requests at the upstream at a time, to their last byte.'),
  queue: defaulted(integer({ min: 0, max: 10_000 }), 20, 'Requests that wait for a place; beyond it 503.'),
  queueTimeout: defaulted(durationMs({ min: 1, max: 600_000 }), '1s', 'How long one waits; then 503.'),
  adaptive: defaulted(boolean(), false, 'Lower the limit while the upstream is slower than it can be, and raise it again up to `limit`.'),
});

export const concurrencySchema: Schema<ConcurrencyConfig> = mapped(written, ({ queueTimeout, ...rest }) => ({
  ...rest,
  queueTimeoutMs: queueTimeout,
}));
