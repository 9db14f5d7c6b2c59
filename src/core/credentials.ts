import type { Exchange } from './exchange.ts';

/** What a verified access token says. Never logged, never a label, never in an answer. */
export interface VerifiedToken {
  /** Who it stands for: issuer, subject and client in one text; undefined where it names no subject. */
  readonly principal: string | undefined;
  readonly scopes: ReadonlySet<string>;
  /** The claims that the configuration asks for by name, where they are text. */
  readonly claims: ReadonlyMap<string, string>;
}

/**
 * What became of a request's access token. `keys`: those that it could be held against are not to be had; `encrypted`: only its addressee can
 * read it; `overload`: it is too large, or too many others were being verified.
 */
export type TokenVerdict =
  | { readonly is: 'absent' }
  | { readonly is: 'verified'; readonly token: VerifiedToken }
  /** `detail` is for people and quotes nothing of the token. */
  | { readonly is: 'invalid'; readonly detail: string }
  | { readonly is: 'unknown'; readonly why: 'keys' | 'encrypted' | 'overload' };

export const NO_TOKEN: TokenVerdict = Object.freeze({ is: 'absent' });

/** What comes of `promise`, or `cancelled` as soon as the exchange is given up. `promise` must not reject. */
export function orCancelled<T>(x: Exchange, promise: Promise<T>): Promise<T | 'cancelled'> {
  return new Promise((resolve) => {
    const withdraw = x.onCancel(() => resolve('cancelled'));
    void promise.then((value) => {
      withdraw();
      resolve(value);
    });
  });
}
