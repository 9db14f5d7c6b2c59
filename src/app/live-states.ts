import type { Deps } from '../core/policy.ts';

interface Shared {
  readonly key: string;
  readonly state: unknown;
  /** How many generations use it. */
  users: number;
}

/** What one generation has of it. */
export interface LiveLease {
  readonly live: Deps['live'];
  /** Nobody needs the generation any more. */
  release(): void;
}

/**
 * State of policies that outlives a reload: it lives as long as a generation needs it, and goes with the last one, so that routes that come and go
 * under other names leave neither memory nor a gauge behind. What has something to take back is told (`Symbol.dispose`).
 */
export class LiveStates {
  readonly #states = new Map<string, Shared>();

  get size(): number {
    return this.#states.size;
  }

  lease(): LiveLease {
    const held = new Map<string, Shared>();
    return {
      live: <T>(key: string, make: () => T): T => {
        let shared = held.get(key);
        if (shared === undefined) {
          shared = this.#states.get(key) ?? { key, state: make(), users: 0 };
          shared.users += 1;
          this.#states.set(key, shared);
          held.set(key, shared);
        }
        return shared.state as T;
      },
      release: () => {
        for (const shared of held.values()) this.#release(shared);
        held.clear();
      },
    };
  }

  #release(shared: Shared): void {
    shared.users -= 1;
    if (shared.users > 0) return;
    this.#states.delete(shared.key);
    const { state } = shared;
    if (typeof state === 'object' && state !== null && Symbol.dispose in state) (state as Disposable)[Symbol.dispose]();
  }
}
