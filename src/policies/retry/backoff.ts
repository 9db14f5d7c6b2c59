export interface Backoff {
  /** Longest pause before the second try; each further one doubles it. */
  readonly baseMs: number;
  readonly maxMs: number;
}

/**
 * Full jitter: anything between nothing and a limit that doubles with each try, so that those who failed together do not come back together.
 * `made`: tries so far; `unit`: 0 to 1, drawn anew each time.
 */
export function backoffMs({ baseMs, maxMs }: Backoff, made: number, unit: number): number {
  return unit * Math.min(maxMs, baseMs * 2 ** (made - 1));
}
