import type { Maybe } from '../../core/stage.ts';
import type { Store, StoreValue } from '../../core/store.ts';
import type { ClaimState } from './claim-record.ts';
import { NO_BODY } from './claim-record.ts';
import { type ClaimReply, claimScript } from './claim-script.ts';
import type { IdempotencyConfig } from './config.ts';
import { releaseScript, type SettleReply, settleScript } from './settle-scripts.ts';

/** Who claims what. */
export interface Claimant {
  readonly keyHash: string;
  readonly owner: string;
  readonly principal: string;
  readonly operation: string;
}

/** How a claim ended. */
export interface Settlement {
  readonly state: Exclude<ClaimState, 'running'>;
  readonly fingerprint: string;
  readonly status: number;
  readonly headers: string;
  readonly body: Uint8Array;
}

/** The default of `maxBytes`. */
const LATER_BYTES = 1024 * 1024;

/** The claims of one route, in the store. */
export class Claims {
  readonly #store: Store;
  readonly #config: IdempotencyConfig;

  constructor(store: Store, config: IdempotencyConfig) {
    this.#store = store;
    this.#config = config;
  }

  /** `lockMs`: how long it may run before others believe that it never will be settled. `unavailable`: it may be claimed all the same. */
  claim(c: Claimant, lockMs: number): Maybe<ClaimReply | 'unavailable'> {
    const { ttlMs, onUnknown, onExpired } = this.#config;
    return this.#store.run(claimScript, [c.keyHash], [c.owner, Math.ceil(lockMs), ttlMs, onUnknown, onExpired, c.principal, c.operation]);
  }

  /** Written down now, or as soon as the store can be reached: then `later`. */
  settle(c: Claimant, s: Settlement): Maybe<SettleReply | 'later'> {
    const reply = this.#store.run(settleScript, [c.keyHash], this.#settlement(c, s));
    if (!(reply instanceof Promise)) return reply === 'unavailable' ? this.settleLater(c, s) : reply;
    return reply.then((late) => (late === 'unavailable' ? this.settleLater(c, s) : late));
  }

  /** As if it had never been claimed. */
  release(c: Claimant): Maybe<'released' | 'not_ours' | 'later'> {
    const reply = this.#store.run(releaseScript, [c.keyHash], [c.owner]);
    if (!(reply instanceof Promise)) return reply === 'unavailable' ? this.releaseLater(c) : reply;
    return reply.then((late) => (late === 'unavailable' ? this.releaseLater(c) : late));
  }

  /** Nobody waits for it. Of a large answer only that it was given: what waits for a store is little, and must hold many (docs/store.md). */
  settleLater(c: Claimant, s: Settlement): 'later' {
    const kept = s.body.byteLength > LATER_BYTES ? { ...s, state: 'marker' as const, headers: '', body: NO_BODY } : s;
    this.#store.later(settleScript, [c.keyHash], this.#settlement(c, kept));
    return 'later';
  }

  releaseLater(c: Claimant): 'later' {
    this.#store.later(releaseScript, [c.keyHash], [c.owner]);
    return 'later';
  }

  #settlement(c: Claimant, s: Settlement): StoreValue[] {
    const { ttlMs, onExpired } = this.#config;
    return [c.owner, s.state, ttlMs, onExpired, c.principal, c.operation, s.fingerprint, s.status, s.headers, s.body];
  }
}

export function unknown(fingerprint: string): Settlement {
  return { state: 'unknown', fingerprint, status: 0, headers: '', body: NO_BODY };
}
