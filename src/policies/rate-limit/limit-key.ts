import { hash } from 'node:crypto';
import type { Exchange } from '../../core/exchange.ts';
import { headerList } from '../../core/headers.ts';
import type { KeyPart, RateLimitConfig } from './config.ts';

/** Longer ones are hashed: names of consumers are bounded, names of operations are the contract's. */
const MAX_LENGTH = 256;

/** What tells the requests of one limit apart. Nothing between two parts can stand in one. */
const BETWEEN = '\n';

/**
 * The key of a limit's record for an exchange. Header values go in as a hash: they can be as long as a header section, they may be
 * credentials, and the key leaves the process where replicas share a store. A header that is not there is a value of its own.
 */
export class LimitKey {
  readonly #prefix: string;
  readonly #parts: ReadonlyArray<(x: Exchange) => string>;

  constructor(route: string, limit: RateLimitConfig) {
    this.#prefix = `${route}${BETWEEN}${limit.name}`;
    this.#parts = limit.key.map(readerOf);
  }

  of(x: Exchange): string {
    let key = this.#prefix;
    for (const part of this.#parts) key += BETWEEN + part(x);
    return key.length <= MAX_LENGTH ? key : this.#prefix + BETWEEN + short(key);
  }
}

function readerOf(part: KeyPart): (x: Exchange) => string {
  switch (part) {
    case 'consumer':
      return (x) => x.consumer.name;
    case 'operation':
      return (x) => x.operationId;
    case 'peer':
      return (x) => x.peer.address;
    default: {
      const name = part.slice('header:'.length);
      return (x) => {
        const value = headerList(x.request.headers, name);
        return value === undefined ? '-' : short(value);
      };
    }
  }
}

function short(text: string): string {
  return hash('sha256', text, 'base64url');
}
