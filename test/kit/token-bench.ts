import { type KeyObject, createPublicKey } from 'node:crypto';
import type { TokenVerdict } from '../../src/core/credentials.ts';
import type { KeySet, KnownKeys } from '../../src/core/keys.ts';
import { ALGORITHMS, type TokenConfig } from '../../src/policies/identity/tokens/config.ts';
import { TokenVerifier } from '../../src/policies/identity/tokens/verifier.ts';
import { FakeClock } from './clock.ts';
import { TestIssuer } from './issuer.ts';

/** Keys that a test sets. */
export class FakeKeys implements KeySet {
  /** Names of those that are there, and of those that come when newer ones are asked for. */
  now: readonly string[] = ['a'];
  later: readonly string[] | 'same' | 'unavailable' = 'same';
  away = false;
  stale = false;
  /** How often newer ones were asked for. */
  asked = 0;
  readonly made = new Map<string, { readonly key: KeyObject; readonly alg: string }>();
  readonly #issuer: TestIssuer;

  constructor(issuer: TestIssuer) {
    this.#issuer = issuer;
  }

  async add(kid: string, alg?: string): Promise<void> {
    const pair = await this.#issuer.key(kid, alg);
    this.made.set(kid, { key: createPublicKey({ key: pair.jwk, format: 'jwk' }), alg: pair.alg });
  }

  current(): KnownKeys | 'unavailable' {
    return this.away ? 'unavailable' : this.#known(1, this.now);
  }

  newer(): KnownKeys | 'same' | 'unavailable' {
    this.asked += 1;
    return typeof this.later === 'string' ? this.later : this.#known(2, this.later);
  }

  #known(version: number, kids: readonly string[]): KnownKeys {
    return {
      version,
      stale: this.stale,
      has: (kid) => kids.includes(kid),
      find: (alg, kid) =>
        kids
          .filter((name) => kid === undefined || kid === name)
          .flatMap((name) => this.made.get(name) ?? [])
          .filter((pair) => pair.alg === alg)
          .map(({ key }) => key),
    };
  }

  [Symbol.dispose](): void {}
}

const CONFIG: TokenConfig = {
  jwks: 'https://issuer.example/jwks.json',
  audience: ['billing'],
  issuer: ['https://issuer.example'],
  algorithms: ALGORITHMS,
  leewayMs: 30_000,
  scopeClaims: ['scope', 'scp'],
  claims: ['azp', 'ver'],
};

const issuer = new TestIssuer();

/** A verifier with one key, `a`, and time that stands still. */
export async function tokenBench() {
  const clock = new FakeClock();
  const keys = new FakeKeys(issuer);
  await keys.add('a');
  const verifier = (more: Partial<TokenConfig> = {}): TokenVerifier => new TokenVerifier({ ...CONFIG, ...more }, keys, clock);
  /** Seconds since 1970. */
  const now = (): number => clock.wallMs() / 1000;
  return {
    clock,
    keys,
    issuer,
    verifier,
    now,
    claims: (more: object = {}): object => ({
      iss: 'https://issuer.example',
      aud: 'billing',
      sub: 'u1',
      exp: now() + 300,
      ...more,
    }),
    judged: async (token: string, more: Partial<TokenConfig> = {}): Promise<string> => say(await verifier(more).verify(token)),
  };
}

/** One line for a verdict. */
export function say(verdict: TokenVerdict): string {
  if (verdict.is === 'invalid') return verdict.detail;
  return verdict.is === 'unknown' ? `unknown: ${verdict.why}` : verdict.is;
}
