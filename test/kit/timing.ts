/**
 * Added to every upper limit of time, in milliseconds: a machine that does other work besides may be late by this much without a rule
 * being broken. Lower limits never have slack.
 */
export const SLACK_MS = Number(process.env['PLUMBLINE_TEST_SLACK_MS'] ?? 0);

/** The middle one: what a rule about time is held against, so that one late turn of the event loop breaks none. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

/** Milliseconds until `work` is done. */
export async function elapsedMs(work: () => Promise<unknown>): Promise<number> {
  const from = performance.now();
  await work();
  return performance.now() - from;
}

/** Not to be right, but to let time pass that a rule speaks of. */
export function pass(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
