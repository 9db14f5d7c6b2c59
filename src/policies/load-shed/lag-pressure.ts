/** Longer than the half second that one reading of the lag is about: two spans never see the same reading alone. */
const SPAN_MS = 600;
/** In this time what is refused after a peak falls by half. */
const EASE_MS = 600;
/** Less is none. */
const LEAST_SHARE = 0.01;

/**
 * How large a share of new requests to refuse for the sake of the event loop. One long pause (a garbage collection, a start) is no overload, and
 * for the half second after it a reading tells of nothing else: what counts is the least that two spans in a row have seen. The share grows from
 * 0 at the limit to 1 at twice the limit, and falls slowly, so that the load does not swing between all and nothing.
 */
export class LagPressure {
  #spanAt = Number.NEGATIVE_INFINITY;
  /** Least reading of this span, and of the one before it; 0 where nobody asked then. */
  #lowestMs = 0;
  #beforeMs = 0;
  #peak = 0;
  #peakAt = 0;

  /** Takes a reading; must be asked for every new request. `nowMs`: monotonic. 0 to 1. */
  share(lagMs: number, limitMs: number, nowMs: number): number {
    const wanted = Math.min(1, this.#sustained(lagMs, nowMs) / limitMs - 1);
    if (this.#peak === 0 && wanted <= 0) return 0;
    const eased = this.#peak * 2 ** ((this.#peakAt - nowMs) / EASE_MS);
    if (wanted < eased) {
      if (eased >= LEAST_SHARE) return eased;
      this.#peak = 0;
      return 0;
    }
    this.#peak = wanted;
    this.#peakAt = nowMs;
    return wanted;
  }

  #sustained(lagMs: number, nowMs: number): number {
    const ageMs = nowMs - this.#spanAt;
    if (ageMs >= SPAN_MS) {
      this.#beforeMs = ageMs < 2 * SPAN_MS ? this.#lowestMs : 0;
      this.#lowestMs = lagMs;
      this.#spanAt = nowMs;
    } else if (lagMs < this.#lowestMs) this.#lowestMs = lagMs;
    return Math.min(this.#beforeMs, this.#lowestMs);
  }
}
