import { listMembers } from './list-members.ts';

/** What the field Connection says (RFC 9110 §7.6.1). */
export interface ConnectionOptions {
  readonly close: boolean;
  readonly keepAlive: boolean;
  readonly upgrade: boolean;
  /** Other names, in lower case: fields that end here. */
  readonly names: readonly string[];
}

export const NO_OPTIONS: ConnectionOptions = Object.freeze({ close: false, keepAlive: false, upgrade: false, names: Object.freeze([]) });

function parseOptions(value: string): ConnectionOptions {
  let close = false;
  let keepAlive = false;
  let upgrade = false;
  const names: string[] = [];
  for (const option of listMembers(value.toLowerCase())) {
    if (option === 'close') close = true;
    else if (option === 'keep-alive') keepAlive = true;
    else if (option === 'upgrade') upgrade = true;
    else if (option !== '') names.push(option);
  }
  return { close, keepAlive, upgrade, names };
}

/** What nearly all senders write, read once. */
const USUAL: ReadonlyMap<string, ConnectionOptions> = new Map(
  ['close', 'Close', 'keep-alive', 'Keep-Alive', 'upgrade', 'Upgrade', 'keep-alive, Upgrade'].map((text) => [
    text,
    Object.freeze(parseOptions(text)),
  ]),
);

/** `value`: all Connection fields of a message, joined. */
export function connectionOptions(value: string): ConnectionOptions {
  return USUAL.get(value) ?? parseOptions(value);
}

const PROTOCOL = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+(?:\/[!#$%&'*+.^_`|~0-9A-Za-z-]+)?$/;
/** Protocols in which the connection would carry further requests, which nobody here would see: h2c and its like are a way to smuggle. */
const NEVER: ReadonlySet<string> = new Set(['h2', 'h2c', 'h3', 'http', 'tls']);

/** What of the field Upgrade (RFC 9110 §7.8) may be passed on; undefined: nothing. */
export function passableProtocols(value: string): string | undefined {
  const passed = listMembers(value).filter(
    (protocol) => PROTOCOL.test(protocol) && !NEVER.has((protocol.split('/')[0] as string).toLowerCase()),
  );
  return passed.length === 0 ? undefined : passed.join(', ');
}
