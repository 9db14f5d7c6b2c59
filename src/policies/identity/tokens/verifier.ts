import { type KeyObject, hash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import type { TokenVerdict, VerifiedToken } from '../../../core/credentials.ts';
import type { KeySet } from '../../../core/keys.ts';
import type { Clock } from '../../../core/ports.ts';
import type { Maybe } from '../../../core/stage.ts';
import type { TokenConfig } from './config.ts';
import { type Claims, faultOf, sizeOf, tokenOf } from './verdict-of.ts';

/** Longer than any header section by default; taking it apart takes less than a millisecond. */
const MAX_TOKEN_LENGTH = 64 * 1024;
/** Signatures are verified off the event loop, four at a time; behind so many a caller would wait too long. */
const MAX_RUNNING = 256;
/** What is known of good tokens: the verdict on a caller's next request is there at once. */
const MAX_KNOWN = 10_000;
const MAX_KNOWN_SIZE = 8 * 1024 * 1024;
/** A token that never expires is verified again after this. */
const LONGEST_KNOWN_MS = 5 * 60_000;

interface Remembered {
  readonly verdict: TokenVerdict & { readonly is: 'verified' };
  /** Wall-clock instant, milliseconds. */
  readonly until: number;
}

type Jose = typeof import('jose');

/** Verifies access tokens that are JSON Web Tokens (RFC 7519, RFC 8725), each once as long as it is good. Never rejects. */
export class TokenVerifier {
  readonly #config: TokenConfig;
  readonly #keys: KeySet;
  readonly #clock: Clock;
  readonly #jose: Promise<Jose>;
  readonly #known = new LRUCache<string, Remembered>({
    max: MAX_KNOWN,
    maxSize: MAX_KNOWN_SIZE,
    sizeCalculation: ({ verdict }) => sizeOf(verdict.token),
  });
  /** Tokens that are being verified: whoever brings one of them too waits for the same verdict. */
  readonly #running = new Map<string, Promise<TokenVerdict>>();

  constructor(config: TokenConfig, keys: KeySet, clock: Clock) {
    this.#config = config;
    this.#keys = keys;
    this.#clock = clock;
    // Loaded where tokens are verified, and before the first comes.
    this.#jose = import('jose');
  }

  verify(token: string): Maybe<TokenVerdict> {
    if (token.length > MAX_TOKEN_LENGTH) return OVERLOAD;
    const id = hash('sha256', token, 'base64');
    const known = this.#known.get(id);
    if (known !== undefined && this.#clock.wallMs() < known.until) return known.verdict;
    const running = this.#running.get(id);
    if (running !== undefined) return running;
    if (this.#running.size >= MAX_RUNNING) return OVERLOAD;
    const verdict = this.#verify(token, id).finally(() => this.#running.delete(id));
    this.#running.set(id, verdict);
    return verdict;
  }

  async #verify(token: string, id: string): Promise<TokenVerdict> {
    try {
      const jose = await this.#jose;
      const header = headerOf(jose, token);
      if (header === undefined) return NO_JWT;
      // RFC 7516 §9: what has an `enc` is encrypted, and only whom it is for can tell what it is.
      if ('enc' in header) return isEncrypted(token) ? ENCRYPTED : NO_JWT;
      const { alg, kid } = header;
      if (typeof alg !== 'string' || !this.#config.algorithms.includes(alg)) return BAD_ALGORITHM;
      const keys = await this.#keys.current();
      if (keys === 'unavailable') return NO_KEYS;
      const held = await this.#held(jose, token, id, keys.find(alg, kid));
      if (held !== undefined) return held;
      // Not by a key that it names and that is what it was. Any other may have been made since.
      if (kid !== undefined && keys.has(kid) && !keys.stale) return BAD_SIGNATURE;
      const newer = await this.#keys.newer(keys.version);
      if (newer === 'unavailable') return NO_KEYS;
      if (newer === 'same') return BAD_SIGNATURE;
      return (await this.#held(jose, token, id, newer.find(alg, kid))) ?? BAD_SIGNATURE;
    } catch {
      // Nothing that a token could say comes here: it is not the caller's fault, and must not be called one.
      return OVERLOAD;
    }
  }

  /** Undefined: none of the keys has made its signature. */
  async #held(jose: Jose, token: string, id: string, keys: readonly KeyObject[]): Promise<TokenVerdict | undefined> {
    for (const key of keys) {
      const verdict = await this.#under(jose, token, id, key);
      if (verdict !== undefined) return verdict;
    }
    return undefined;
  }

  /** Undefined: this key has not made its signature. */
  async #under(jose: Jose, token: string, id: string, key: KeyObject): Promise<TokenVerdict | undefined> {
    const { audience, issuer, algorithms, leewayMs } = this.#config;
    const now = this.#clock.wallMs();
    try {
      const { payload } = await jose.jwtVerify(token, key, {
        algorithms: [...algorithms],
        currentDate: new Date(now),
        clockTolerance: leewayMs / 1000,
        ...(audience !== undefined && { audience: [...audience] }),
        ...(issuer !== undefined && { issuer: [...issuer] }),
      });
      return this.#remember(id, tokenOf(payload as Claims, this.#config), payload.exp, now);
    } catch (error) {
      const fault = faultOf(error);
      if (fault === undefined) throw error;
      if (fault === BAD_SIGNATURE.detail) return undefined;
      // A signed token whose content is another token (RFC 7519 §5.2): whose claims those are is for its addressee to say.
      if (fault === NO_JWT.detail && isNested(headerOf(jose, token))) return ENCRYPTED;
      return { is: 'invalid', detail: fault };
    }
  }

  #remember(id: string, token: VerifiedToken, exp: number | undefined, now: number): TokenVerdict {
    const verdict = { is: 'verified', token } as const;
    const expiresAt = exp === undefined ? Number.POSITIVE_INFINITY : Math.floor(exp) * 1000 + this.#config.leewayMs;
    this.#known.set(id, { verdict, until: Math.min(now + LONGEST_KNOWN_MS, expiresAt) });
    return verdict;
  }
}

const OVERLOAD: TokenVerdict = Object.freeze({ is: 'unknown', why: 'overload' });
const NO_KEYS: TokenVerdict = Object.freeze({ is: 'unknown', why: 'keys' });
const ENCRYPTED: TokenVerdict = Object.freeze({ is: 'unknown', why: 'encrypted' });
const NO_JWT = Object.freeze({ is: 'invalid', detail: 'the token is not a signed JSON Web Token' });
const BAD_ALGORITHM: TokenVerdict = Object.freeze({ is: 'invalid', detail: 'the token is signed with an algorithm that is not accepted' });
const BAD_SIGNATURE = Object.freeze({ is: 'invalid', detail: 'the signature of the token is not that of its issuer' });

interface Header {
  readonly alg?: unknown;
  readonly kid?: string;
  readonly cty?: unknown;
}

/** Undefined: it is no JOSE header, or has a `kid` that is none (RFC 7515 §4.1.4). */
function headerOf(jose: Jose, token: string): Header | undefined {
  try {
    const header: Readonly<Record<string, unknown>> = jose.decodeProtectedHeader(token);
    return header['kid'] === undefined || typeof header['kid'] === 'string' ? header : undefined;
  } catch {
    return undefined;
  }
}

function isNested(header: Header | undefined): boolean {
  return typeof header?.cty === 'string' && header.cty.toLowerCase() === 'jwt';
}

/** RFC 7516 §3.1: five parts. */
function isEncrypted(token: string): boolean {
  return /^[\w-]+(?:\.[\w-]*){4}$/.test(token);
}
