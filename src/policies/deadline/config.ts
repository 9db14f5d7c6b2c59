/** `policies.deadline` (semantics DL). All in milliseconds; undefined: no such limit. */
export interface DeadlineConfig {
  /** From the request's head to the answer's head, over all tries. */
  readonly totalMs: number | undefined;
  /** One try, from the request sent to the answer's head. */
  readonly attemptMs: number | undefined;
  readonly connectMs: number;
  /** Longest silence of a streaming answer. */
  readonly idleMs: number;
  /** Further header names that carry a timeout, each in its own format (DL-1). */
  readonly aliases: readonly string[];
}
