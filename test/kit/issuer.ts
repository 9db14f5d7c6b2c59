import { type JWTHeaderParameters, type JWTPayload, SignJWT, exportJWK, generateKeyPair } from 'jose';
import { type Origin, type OriginHandler, startOrigin } from './origin.ts';

interface SigningPair {
  readonly kid: string;
  readonly alg: string;
  readonly privateKey: CryptoKey;
  readonly jwk: Readonly<Record<string, unknown>>;
}

/** Who gives tokens out: keys by `kid`, made when they are first used. */
export class TestIssuer {
  readonly #pairs = new Map<string, Promise<SigningPair>>();

  key(kid: string, alg = 'ES256'): Promise<SigningPair> {
    const known = this.#pairs.get(kid);
    if (known !== undefined) return known;
    const pair = generateKeyPair(alg, { extractable: true }).then(async ({ privateKey, publicKey }) => ({
      kid,
      alg,
      privateKey,
      jwk: { ...(await exportJWK(publicKey)), kid, alg, use: 'sig' },
    }));
    this.#pairs.set(kid, pair);
    return pair;
  }

  /** A key set of these keys, as text. */
  async keySet(...kids: readonly string[]): Promise<string> {
    return JSON.stringify({ keys: await Promise.all(kids.map(async (kid) => (await this.key(kid)).jwk)) });
  }

  /** `header` replaces members of the header; one that is undefined is left out. */
  async token(claims: object, kid = 'a', header: Readonly<Record<string, unknown>> = {}): Promise<string> {
    const { alg, privateKey } = await this.key(kid);
    const members = Object.entries({ alg, kid, ...header }).filter(([, value]) => value !== undefined);
    return new SignJWT(claims as JWTPayload).setProtectedHeader(Object.fromEntries(members) as JWTHeaderParameters).sign(privateKey);
  }
}

/** A token that nobody signed, of these parts. */
export function unsigned(header: object | string, claims: object | string, signature = 'c2ln'): string {
  const part = (value: object | string): string =>
    Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');
  return `${part(header)}.${part(claims)}.${signature}`;
}

export interface KeyServer extends AsyncDisposable {
  /** Where its keys are. */
  readonly jwks: string;
  /** What it was asked so far. */
  readonly requests: Origin['requests'];
  /** May be changed while it runs. */
  answer: OriginHandler;
}

/** A JWKS endpoint on a free port of 127.0.0.1. */
export async function startKeyServer(answer: OriginHandler): Promise<KeyServer> {
  const origin = await startOrigin((...args) => server.answer(...args));
  const server: KeyServer = {
    jwks: `${origin.url}/jwks.json`,
    requests: origin.requests,
    answer,
    [Symbol.asyncDispose]: () => origin.close(),
  };
  return server;
}

/** Answers with this text. */
export function sending(text: string, headers: Readonly<Record<string, string>> = {}): OriginHandler {
  return (_request, response) => {
    response.writeHead(200, { 'Content-Type': 'application/json', ...headers });
    response.end(text);
  };
}
