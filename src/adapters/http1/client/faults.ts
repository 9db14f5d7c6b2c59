import { type Rejection, rejection } from '../../../core/rejection.ts';

/** What a failure to connect means, by Node's or libuv's code (semantics ER-0). */
const BY_CODE: Readonly<Record<string, Rejection>> = Object.freeze({
  ECONNREFUSED: rejection('UPSTREAM_REFUSED', 'the upstream refused the connection'),
  // Accepted, and reset before the system could say that it was.
  ECONNRESET: rejection('UPSTREAM_RESET', 'the upstream closed the connection as soon as it was made'),
  EADDRNOTAVAIL: rejection('UPSTREAM_REFUSED', 'no address was free to reach the upstream from'),
  ENOTFOUND: rejection('DNS_FAILURE', "the upstream's name has no address"),
  EAI_AGAIN: rejection('DNS_FAILURE', "the upstream's name could not be resolved"),
  EAI_FAIL: rejection('DNS_FAILURE', "the upstream's name could not be resolved"),
  ENODATA: rejection('DNS_FAILURE', "the upstream's name has no address"),
  ETIMEDOUT: rejection('CONNECT_TIMEOUT', 'no connection to the upstream in time'),
});

const UNREACHABLE = Object.freeze(rejection('UPSTREAM_REFUSED', 'the upstream cannot be reached'));

/** Why there is no connection. With several addresses the first failure speaks: its address was the one to prefer. */
export function connectFault(error: Error): Rejection {
  const { code, errors } = error as Error & { readonly code?: string; readonly errors?: readonly Error[] };
  if (code === undefined && errors?.[0] !== undefined) return connectFault(errors[0]);
  return (code === undefined ? undefined : BY_CODE[code]) ?? UNREACHABLE;
}

export const CONNECT_TIMEOUT = BY_CODE['ETIMEDOUT'] as Rejection;
export const RESET = Object.freeze(rejection('UPSTREAM_RESET', 'the upstream closed the connection before its whole answer was here'));
export const NOT_AS_LONG = Object.freeze(rejection('MALFORMED_REQUEST', 'the body is not as long as was announced'));
export const UNSENDABLE = Object.freeze(rejection('MALFORMED_REQUEST', 'the request cannot be sent on as it is'));
export const TOO_MANY = Object.freeze(rejection('OVERLOADED', 'too many requests wait for a connection to the upstream'));
export const CLOSED = Object.freeze(rejection('OVERLOADED', 'the gateway is shutting down'));
