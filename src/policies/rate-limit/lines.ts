import type { Clock, Timers } from '../../core/ports.ts';
import { Line } from './line.ts';

/** Keys at which somebody waits, or which a partner has closed, at a time; for each route. */
const MAX_LINES = 1000;

/** The lines of a route by their key. They are no part of a generation: who waits goes on waiting through a reload. */
export class Lines<T extends object> {
  readonly #clock: Pick<Clock, 'monotonicMs'>;
  readonly #timers: Timers;
  readonly #lines = new Map<string, Line<T>>();

  constructor(clock: Pick<Clock, 'monotonicMs'>, timers: Timers) {
    this.#clock = clock;
    this.#timers = timers;
  }

  find(key: string): Line<T> | undefined {
    return this.#lines.get(key);
  }

  /** Undefined where there are too many. */
  at(key: string): Line<T> | undefined {
    const known = this.#lines.get(key);
    if (known !== undefined) return known;
    if (this.#lines.size >= MAX_LINES) this.#forgetIdle();
    if (this.#lines.size >= MAX_LINES) return undefined;
    const line = new Line<T>(this.#clock, this.#timers);
    this.#lines.set(key, line);
    return line;
  }

  #forgetIdle(): void {
    for (const [key, line] of this.#lines) if (!line.isBusy) this.#lines.delete(key);
  }
}
