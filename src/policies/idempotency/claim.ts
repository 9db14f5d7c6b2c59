import type { BodyDigest } from '../../core/exchange.ts';
import type { Claimant } from './claims.ts';

/** What one exchange has to do with a key. */
export class Claim implements Claimant {
  keyHash = '';
  owner = '';
  principal = '';
  operation = '';
  /** It is ours, and must be settled or given up. */
  held = false;
  /** Monotonic instant until which others wait for us; after it they are told that nobody knows. */
  lockEndAt = 0;
  /** Of the body; asked for where the claim is ours. */
  digest: BodyDigest | undefined = undefined;
  /** There is no key: whether it equals one of the last minute is found out when it is over. */
  suspect = false;
}

/** Of every request to which a key means nothing; never written to. */
export const NO_CLAIM = new Claim();
