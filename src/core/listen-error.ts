const REASONS: Readonly<Record<string, string>> = {
  EADDRINUSE: 'the port is taken',
  EACCES: 'permission denied',
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
  constructor(listener: string, host: string, port: number, code: string, hint = '') {
    const at = `${host.includes(':') ? `[${host}]` : host}:${port}`;
    super(`${listener} cannot listen on ${at}: ${REASONS[code] ?? 'the system refuses'} (${code})${hint}`);
    this.listener = listener;
    this.host = host;
    this.port = port;
    this.code = code;
  }
}
