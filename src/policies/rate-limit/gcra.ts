/**
 * The generic cell rate algorithm (ITU-T I.371, annex A), as pure arithmetic, in its form of a leaky bucket: what is kept is not the
 * instant at which the next request is due but how much of the burst is in use (`level`, in requests) at an instant. Both forms admit the
 * same requests. This one stays exact where instants are large and intervals small, and keeps its meaning when rate or burst are changed.
 */

/** `intervalMs`: from one request to the next at the long-run rate. `burst`: how many may come at once. Both above 0. */
export interface Limit {
  readonly intervalMs: number;
  readonly burst: number;
}

/** A part of a request: what rounding may cost, so that it never costs a whole one. It does not add up. */
export const SLACK = 1e-6;

/**
 * What is in use at `nowMs` where it was `kept` at `keptAt`. A clock that was set back empties nothing and fills nothing; a burst that
 * has become smaller counts from now on.
 */
export function levelAt(kept: number, keptAt: number, nowMs: number, intervalMs: number, burst: number): number {
  return Math.max(0, Math.min(kept, burst) - Math.max(0, nowMs - keptAt) / intervalMs);
}

/** Whether `cost` requests more fit in. */
export function fits(level: number, cost: number, burst: number): boolean {
  return level + cost <= burst + SLACK;
}

/** How many requests would pass now. */
export function passingNow(level: number, burst: number): number {
  return Math.max(0, Math.floor(burst - level + SLACK));
}

/** Milliseconds until the next request passes; 0 where it would pass now. */
export function untilNextMs(level: number, { intervalMs, burst }: Limit): number {
  return Math.max(0, level + 1 - burst) * intervalMs;
}

/** Milliseconds until as many as `burst` may come at once again. */
export function untilFullMs(level: number, { intervalMs }: Limit): number {
  return level * intervalMs;
}

/** The part of one of `replicas` processes that count by themselves (RL-3); at least one request. */
export function shareOf({ intervalMs, burst }: Limit, replicas: number): Limit {
  return { intervalMs: intervalMs * replicas, burst: Math.max(1, Math.floor(burst / replicas)) };
}
