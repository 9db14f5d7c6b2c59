import type { Random } from '../../src/core/ports.ts';

/** Identifiers that count up from 1: different from each other, the same in every run. */
export class FixedRandom implements Random {
  #made = 0;
  /** What `unit` gives until a test says otherwise. */
  nextUnit = 0;

  hex(bytes: number): string {
    return this.#next()
      .padStart(bytes * 2, '0')
      .slice(-bytes * 2);
  }

  unit(): number {
    return this.nextUnit;
  }

  uuid(): string {
    return `00000000-0000-7000-8000-${this.#next().padStart(12, '0')}`;
  }

  #next(): string {
    this.#made += 1;
    return this.#made.toString(16);
  }
}
