import { type Schema, defaulted, durationMs, headerName, list, mapped, object, optional } from '../../core/schema.ts';

/** `policies.deadline` (semantics DL). All in milliseconds; undefined: no such limit. */
export interface DeadlineConfig {
  /** From the request's head to the answer's head, over all tries. */
  readonly totalMs: number | undefined;
  /** One try, from the request sent to the answer's head. */
  readonly attemptMs: number | undefined;
  readonly connectMs: number;
  /** Longest silence of a streaming answer. */
  readonly idleMs: number;
  /** Further header names that carry a timeout, each in its own format (DL-1); in lower case. */
  readonly aliases: readonly string[];
}

const written = object({
  total: optional(
    durationMs({ min: 1 }),
    "Longest time from a request's head to its answer's head, over all tries. A trusted caller's `X-Request-Timeout-Ms` can only shorten it. Absent: no limit but the caller's.",
  ),
  attempt: optional(
    durationMs({ min: 1 }),
    "Longest time of one try, from the request sent to the answer's head. Absent: what is left of the deadline.",
  ),
  connect: defaulted(durationMs({ min: 1 }), '1s', 'Longest time to get a connection to the upstream.'),
  idle: defaulted(durationMs({ min: 1 }), '5m', 'Longest silence of an answer that has begun; after it the answer is cut.'),
  aliases: defaulted(
    list(headerName()),
    [],
    'Further header fields in which trusted callers send a timeout, each read in its own format (`grpc-timeout: 300m`).',
  ),
});

export const deadlineSchema: Schema<DeadlineConfig> = mapped(written, ({ total, attempt, connect, idle, aliases }) => ({
  totalMs: total,
  attemptMs: attempt,
  connectMs: connect,
  idleMs: idle,
  aliases,
}));
