const MIN_MARGIN_MS = 5;
const MARGIN_RATIO = 0.02;

/**
 * What is left for the upstream (DL-3): the remaining time less max(5 ms, 2 %), so that its answer, or its own timeout, is here
 * before ours falls due. Whole milliseconds, 0 where nothing is left.
 */
export function forwardedTimeoutMs(remainingMs: number): number {
  return Math.max(0, Math.floor(remainingMs - Math.max(MIN_MARGIN_MS, remainingMs * MARGIN_RATIO)));
}

/** A timeout as the field of this lower-case name carries it; `grpc-timeout` has a unit and at most 8 digits (gRPC over HTTP2, "Timeout"). */
export function timeoutValue(header: string, timeoutMs: number): string {
  if (header !== 'grpc-timeout') return String(timeoutMs);
  return timeoutMs < 1e8 ? `${timeoutMs}m` : `${Math.floor(timeoutMs / 1000)}S`;
}
