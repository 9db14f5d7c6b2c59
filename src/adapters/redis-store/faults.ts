import { ReplyError } from 'ioredis';

/**
 * Error codes that Redis begins its errors with. Everything else counts as `ERR`: what stands in an error is the server's, may repeat what
 * was sent to it, a password too, and never gets into a log or a label.
 */
const CODES = [
  'NOSCRIPT',
  'LOADING',
  'READONLY',
  'MASTERDOWN',
  'MOVED',
  'ASK',
  'CROSSSLOT',
  'CLUSTERDOWN',
  'TRYAGAIN',
  'OOM',
  'BUSY',
  'MISCONF',
  'NOREPLICAS',
  'WRONGTYPE',
  'WRONGPASS',
  'NOAUTH',
  'NOPERM',
] as const;

export type FaultCode = (typeof CODES)[number] | 'ERR';

/** All that there are. */
export const FAULT_CODES: readonly FaultCode[] = [...CODES, 'ERR'];

/** Of an error that the server has replied; undefined for one of the connection, where nothing can be said about what the server did. */
export function replyCode(error: unknown): FaultCode | undefined {
  if (!(error instanceof ReplyError)) return undefined;
  const word = /^[A-Z]+/.exec((error as Error).message)?.[0];
  return CODES.find((code) => code === word) ?? 'ERR';
}

/** After these another connection may lead to a server that can: the name leads to the new primary, or the password was changed. */
export function asksForReconnect(code: FaultCode): boolean {
  return code === 'READONLY' || code === 'MASTERDOWN' || code === 'NOAUTH' || code === 'WRONGPASS';
}

/** What went wrong with a connection, in a word: `ECONNREFUSED`, `CERT_HAS_EXPIRED`. */
export function connectionCode(error: unknown): string {
  const { code } = error as { readonly code?: unknown };
  return typeof code === 'string' && /^[A-Z0-9_]{1,60}$/.test(code) ? code : 'connection_error';
}

/** `AUTH` where the server asks for none (Redis 6 and later; before). Harmless, and no reason to go without the store. */
export function needsNoPassword(error: unknown): boolean {
  return /without any password configured|no password is set/.test((error as Error).message);
}
