import type { Operation } from '../../core/contract.ts';
import type { TokenVerdict } from '../../core/credentials.ts';
import type { Exchange } from '../../core/exchange.ts';
import type { Maybe } from '../../core/stage.ts';

/** What became of the access token, where that decides; undefined: it does not, or nothing verifies it. */
export function tokenOf({ credentials, request }: Exchange, operation: Operation): Maybe<TokenVerdict | undefined> {
  return credentials !== undefined && operation.asksForToken(request) ? credentials : undefined;
}

export function paramsOf(x: Exchange): ReadonlyMap<string, string> {
  return x.match !== undefined && 'params' in x.match ? x.match.params : NO_PARAMS;
}

const NO_PARAMS: ReadonlyMap<string, string> = new Map();
