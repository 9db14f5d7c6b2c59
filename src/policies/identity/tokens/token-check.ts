import { accessToken } from '../../../core/access-token.ts';
import { NO_TOKEN, type TokenVerdict } from '../../../core/credentials.ts';
import type { Exchange } from '../../../core/exchange.ts';
import type { Deps } from '../../../core/policy.ts';
import type { Counter } from '../../../core/ports.ts';
import type { Maybe } from '../../../core/stage.ts';
import type { TokenConfig } from './config.ts';
import { tokenMetrics } from './metrics.ts';
import { TokenVerifier } from './verifier.ts';

const SEVERAL: TokenVerdict = Object.freeze({ is: 'invalid', detail: 'more than one access token was sent' });

/** What becomes of the access tokens of a route's requests. Keys and verdicts outlive a reload. */
export class TokenCheck {
  readonly #verifier: TokenVerifier;
  readonly #counters: Readonly<Record<Exclude<TokenVerdict['is'], 'absent'>, Counter>>;

  constructor(config: TokenConfig, { live, keys, clock, meter }: Deps) {
    const set = live(`identity:keys:${config.jwks}`, () => keys.open(config.jwks));
    this.#verifier = live(`identity:tokens:${JSON.stringify(config)}`, () => new TokenVerifier(config, set, clock));
    const family = meter.counter(tokenMetrics.verifications);
    this.#counters = { verified: family.with('verified'), invalid: family.with('invalid'), unknown: family.with('unknown') };
  }

  /** At once where there is no token, or it is known to be good. */
  of({ request }: Exchange): Maybe<TokenVerdict> {
    const token = accessToken(request.headers, request.query);
    if (token === undefined) return NO_TOKEN;
    const verdict = token === 'several' ? SEVERAL : this.#verifier.verify(token);
    return verdict instanceof Promise ? verdict.then((late) => this.#counted(late)) : this.#counted(verdict);
  }

  #counted(verdict: TokenVerdict): TokenVerdict {
    if (verdict.is !== 'absent') this.#counters[verdict.is].inc();
    return verdict;
  }
}
