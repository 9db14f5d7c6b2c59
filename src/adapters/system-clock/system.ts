/** The only source of time, timers and randomness. */
import { randomFillSync } from 'node:crypto';
import type { Clock, Random, Timers } from '../../core/ports.ts';
import { TimerWheel } from './timer-wheel.ts';

export const systemClock: Clock = Object.freeze({
  monotonicMs: () => performance.now(),
  wallMs: () => Date.now(),
});

/** `onError`: what a timer's callback threw. */
export function systemTimers(onError: (error: unknown) => void): Timers {
  return new TimerWheel(
    () => performance.now(),
    (fn, ms) => {
      const timer = setTimeout(fn, ms).unref();
      return () => clearTimeout(timer);
    },
    onError,
  );
}

/** Random bytes are drawn in blocks: one call to the system for hundreds of identifiers. */
class SystemRandom implements Random {
  readonly #block = Buffer.alloc(4096);
  #used = this.#block.length;

  hex(bytes: number): string {
    const from = this.#take(bytes);
    return this.#block.toString('hex', from, from + bytes);
  }

  unit(): number {
    return this.#block.readUIntBE(this.#take(6), 6) / 2 ** 48;
  }

  uuid(): string {
    const from = this.#take(10);
    const random = this.#block;
    random[from] = ((random[from] as number) & 0x0f) | 0x70; // version 7
    random[from + 2] = ((random[from + 2] as number) & 0x3f) | 0x80; // variant 10
    const time = Date.now().toString(16).padStart(12, '0');
    const hex = random.toString('hex', from, from + 10);
    return `${time.slice(0, 8)}-${time.slice(8)}-${hex.slice(0, 4)}-${hex.slice(4, 8)}-${hex.slice(8)}`;
  }

  #take(bytes: number): number {
    if (this.#used + bytes > this.#block.length) {
      randomFillSync(this.#block);
      this.#used = 0;
    }
    const from = this.#used;
    this.#used += bytes;
    return from;
  }
}

export function systemRandom(): Random {
  return new SystemRandom();
}
