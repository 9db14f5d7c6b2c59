import type { Exchange } from './exchange.ts';
import { fieldName, headerValue } from './headers.ts';

const ATTEMPT = 'x-retry-attempt';

/**
 * Fields in which callers say that they ask again, in lower case, and from which number on: ours, Envoy's (the number of the try), and
 * gRPC's (tries before this one; gRFC A6).
 */
const SAYS_AGAIN: ReadonlyMap<string, number> = new Map([
  [ATTEMPT, 2],
  ['x-envoy-attempt-count', 2],
  ['grpc-previous-rpc-attempts', 1],
]);
const SHORTEST = 15;
const LONGEST = 26;

/** RT-9: a gateway in front is repeating already. */
export function isStacked(x: Exchange): boolean {
  return stackedAttempt(x) > 1;
}

/** Number of the try of a gateway in front that this request is, as far as it may say so; else 0. */
export function stackedAttempt(x: Exchange): number {
  const value = x.peer.trusted ? headerValue(x.request.headers, ATTEMPT) : undefined;
  return value !== undefined && /^\d{1,9}$/.test(value) ? Number(value) : 0;
}

/** The caller says that it has asked for this before, and may say so (HD-4). */
export function isCallersRetry(x: Exchange): boolean {
  if (!x.peer.trusted) return false;
  const { headers } = x.request;
  for (let i = 0; i < headers.length; i += 2) {
    const name = headers[i] as string;
    if (name.length < SHORTEST || name.length > LONGEST) continue;
    const from = SAYS_AGAIN.get(fieldName(name).lower);
    if (from !== undefined && Number(headers[i + 1]) >= from) return true;
  }
  return false;
}
