import type { Generation } from '../pipeline/pipeline.ts';

/** A generation, and how many still need it: who builds it, the listeners that serve from it, the exchanges that began with it. */
export class LiveGeneration {
  readonly generation: Generation;
  readonly #onOver: () => void;
  #holders = 1;

  /** Held by its maker. `onOver`: nobody needs it any more, nor ever will. */
  constructor(generation: Generation, onOver: () => void) {
    this.generation = generation;
    this.#onOver = onOver;
  }

  hold(): void {
    this.#holders += 1;
  }

  release(): void {
    this.#holders -= 1;
    if (this.#holders === 0) this.#onOver();
  }
}
