import { hostAndPort } from './address.ts';
import { EVERY_ADDRESS, type Endpoint } from './listen.ts';

const REASONS: Readonly<Record<string, string>> = {
  EADDRINUSE: 'the port is taken',
  EACCES: 'permission denied',
  EAFNOSUPPORT: 'this machine has no IPv6',
  EADDRNOTAVAIL: 'this machine has no such address',
  ENOTFOUND: 'the name is not known',
  EAI_AGAIN: 'the name could not be resolved',
};

/** A listener that could not be opened. `message` names it, its address and why; `code` is the system's. */
export class ListenError extends Error {
  override readonly name = 'ListenError';
  readonly listener: string;
  readonly host: string;
  readonly port: number;
  readonly code: string;

  /** `hint`: what else is known of it. */
  constructor(listener: string, { host = EVERY_ADDRESS, port }: Endpoint, code: string, hint = '') {
    super(`${listener} cannot listen on ${hostAndPort(host, port)}: ${REASONS[code] ?? 'the system refuses'} (${code})${hint}`);
    this.listener = listener;
    this.host = host;
    this.port = port;
    this.code = code;
  }
}
