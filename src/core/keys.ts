import type { KeyObject } from 'node:crypto';
import type { Maybe } from './stage.ts';

/** The public keys that an issuer had at one time. */
export interface KnownKeys {
  /** Counts up with each time that they were fetched. */
  readonly version: number;
  /** They should have been fetched again by now: what they do not verify may have been signed with a newer one. */
  readonly stale: boolean;
  /** Whether one of them has this name. */
  has(kid: string): boolean;
  /** Those that may have signed under this `alg` (RFC 7518 §3.1) and `kid`; without a `kid` all that fit the algorithm. A bounded number. */
  find(alg: string, kid: string | undefined): readonly KeyObject[];
}

/** The keys of one issuer, kept and fetched again as needed. Never rejects, and never makes anybody wait longer than two seconds. */
export interface KeySet extends Disposable {
  /** `unavailable`: there are none, and none that could be waited for. */
  current(): Maybe<KnownKeys | 'unavailable'>;
  /** Keys that were fetched after those of `version`. `same`: those are as new as can be; `unavailable`: nobody knows. */
  newer(version: number): Maybe<KnownKeys | 'same' | 'unavailable'>;
}

/** Where keys come from that signatures are verified with (RFC 7517). */
export interface Keys {
  /** `url`: of a JSON Web Key Set. Begins to fetch it. */
  open(url: string): KeySet;
}
