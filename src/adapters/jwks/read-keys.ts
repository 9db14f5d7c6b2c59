import { type KeyObject, createPublicKey, type webcrypto } from 'node:crypto';

/** One public key that signatures can be verified with. */
interface SigningKey {
  readonly kid: string | undefined;
  readonly alg: string | undefined;
  /** `RSA`, or the curve. */
  readonly kind: string;
  readonly key: KeyObject;
}

/** An issuer has two or three. */
const MAX_KEYS = 100;
/** Of one token without `kid`: each costs a signature's verification. */
const MAX_CANDIDATES = 16;
/** RFC 7518 §3.3 asks for 2048 bits at least; what is far beyond usual sizes only costs time. */
const MIN_RSA_BITS = 2048;
const MAX_RSA_BITS = 16_384;

/** What keys an algorithm needs (RFC 7518 §3.1, RFC 8037 §3.1, RFC 9864 §2.2). */
const KIND: ReadonlyMap<string, string> = new Map([
  ['RS256', 'RSA'],
  ['RS384', 'RSA'],
  ['RS512', 'RSA'],
  ['PS256', 'RSA'],
  ['PS384', 'RSA'],
  ['PS512', 'RSA'],
  ['ES256', 'P-256'],
  ['ES384', 'P-384'],
  ['ES512', 'P-521'],
  ['EdDSA', 'Ed25519'],
  ['Ed25519', 'Ed25519'],
]);

/** The keys of one fetch. */
export class SigningKeys {
  readonly #keys: readonly SigningKey[];

  constructor(keys: readonly SigningKey[]) {
    this.#keys = keys;
  }

  get count(): number {
    return this.#keys.length;
  }

  has(kid: string): boolean {
    return this.#keys.some((key) => key.kid === kid);
  }

  /** A key without `kid` or `alg` may be meant by any (RFC 7517 §4.4, §4.5). */
  find(alg: string, kid: string | undefined): readonly KeyObject[] {
    const kind = KIND.get(alg);
    return this.#keys
      .filter((key) => key.kind === kind && (kid === undefined || key.kid === undefined || key.kid === kid))
      .filter((key) => key.alg === undefined || key.alg === alg || kind === 'Ed25519')
      .slice(0, MAX_CANDIDATES)
      .map(({ key }) => key);
  }
}

/**
 * Reads a JSON Web Key Set (RFC 7517 §5). Keys that are not understood, or are not for signatures, are left out, as §5 says. Undefined: it is no key
 * set.
 */
export function readKeys(text: string): SigningKeys | undefined {
  let set: unknown;
  try {
    set = JSON.parse(text);
  } catch {
    return undefined;
  }
  const keys = typeof set === 'object' && set !== null && Object.hasOwn(set, 'keys') ? (set as { readonly keys: unknown }).keys : undefined;
  if (!Array.isArray(keys)) return undefined;
  return new SigningKeys(keys.slice(0, MAX_KEYS).flatMap((key: unknown) => readKey(key) ?? []));
}

function readKey(given: unknown): SigningKey | undefined {
  if (typeof given !== 'object' || given === null) return undefined;
  const jwk = { ...given } as Readonly<Record<string, unknown>>;
  const { kid, alg, use, kty, crv } = jwk;
  if (use !== undefined && use !== 'sig') return undefined;
  if (jwk['key_ops'] !== undefined && !(Array.isArray(jwk['key_ops']) && jwk['key_ops'].includes('verify'))) return undefined;
  // Public members alone: a set that gives a private key away is its issuer's fault, and the public half is all that is wanted.
  const members = kty === 'RSA' ? ['kty', 'n', 'e'] : kty === 'EC' ? ['kty', 'crv', 'x', 'y'] : kty === 'OKP' ? ['kty', 'crv', 'x'] : [];
  const parts = Object.fromEntries(members.map((name) => [name, jwk[name]]));
  if (members.length === 0 || !Object.values(parts).every((part) => typeof part === 'string' && part.length <= 4096)) return undefined;
  const key = publicKey(parts as webcrypto.JsonWebKey);
  if (key === undefined) return undefined;
  const bits = key.asymmetricKeyDetails?.modulusLength;
  if (bits !== undefined && (bits < MIN_RSA_BITS || bits > MAX_RSA_BITS)) return undefined;
  return {
    kid: typeof kid === 'string' ? kid : undefined,
    alg: typeof alg === 'string' ? alg : undefined,
    kind: kty === 'RSA' ? 'RSA' : String(crv),
    key,
  };
}

function publicKey(key: webcrypto.JsonWebKey): KeyObject | undefined {
  try {
    return createPublicKey({ key, format: 'jwk' });
  } catch {
    return undefined;
  }
}
