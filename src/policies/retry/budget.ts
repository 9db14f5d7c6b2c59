/** How long a request or a retry counts. */
const WINDOW_MS = 10_000;
/** The window moves in steps: what counts is between 9.9 and 10 s old. */
const SLICES = 100;
const SLICE_MS = WINDOW_MS / SLICES;

/** How many retries a route may make (semantics RT-7). */
export interface Allowance {
  /** Retries for each request. */
  readonly ratio: number;
  /** Retries that are allowed each second besides. */
  readonly minPerSecond: number;
}

/** Counts of the last ten seconds, in slices. Time never goes back: what comes late counts as now. */
class Window {
  sum = 0;
  readonly #counts = new Uint32Array(SLICES);
  #slice = 0;
  /** End of the slice that is being counted in. */
  #untilMs = SLICE_MS;

  add(nowMs: number): void {
    this.advance(nowMs);
    const at = this.#slice % SLICES;
    this.#counts[at] = (this.#counts[at] as number) + 1;
    this.sum += 1;
  }

  /** Forgets what has grown too old. */
  advance(nowMs: number): void {
    if (nowMs < this.#untilMs) return;
    const slice = Math.floor(nowMs / SLICE_MS);
    for (let i = Math.max(this.#slice + 1, slice - SLICES + 1); i <= slice; i++) {
      this.sum -= this.#counts[i % SLICES] as number;
      this.#counts[i % SLICES] = 0;
    }
    this.#slice = slice;
    this.#untilMs = (slice + 1) * SLICE_MS;
  }
}

/**
 * What keeps retries from becoming the load that breaks an upstream: for each request a part of a retry, and a few each second besides, as in
 * Finagle's RetryBudget. Requests and retries are counted and forgotten alike, so that a change of the numbers holds at once. Instants are
 * those of the monotonic clock, in milliseconds.
 */
export class RetryBudget {
  readonly #requests = new Window();
  readonly #retries = new Window();

  countRequest(nowMs: number): void {
    this.#requests.add(nowMs);
  }

  countRetry(nowMs: number): void {
    this.#retries.add(nowMs);
  }

  /** Whether one more retry may be made now. */
  allows(nowMs: number, { ratio, minPerSecond }: Allowance): boolean {
    this.#requests.advance(nowMs);
    this.#retries.advance(nowMs);
    const most = this.#requests.sum * ratio + (minPerSecond * WINDOW_MS) / 1000;
    return this.#retries.sum + 1 <= most + ROUNDING;
  }
}

/** 0.29 times 100 is a little less than 29. */
const ROUNDING = 1e-9;
