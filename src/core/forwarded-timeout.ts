const MIN_MARGIN_MS = 5;
const MARGIN_RATIO = 0.02;

/**
 * What is left for the upstream (DL-3): the remaining time less max(5 ms, 2 %), so that its answer, or its own timeout, is here
 * before ours falls due. Whole milliseconds, 0 where nothing is left.
 */
export function forwardedTimeoutMs(remainingMs: number): number {
  return Math.max(0, Math.floor(remainingMs - Math.max(MIN_MARGIN_MS, remainingMs * MARGIN_RATIO)));
}
