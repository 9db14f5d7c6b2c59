import type { VerifiedToken } from '../../../core/credentials.ts';
import type { TokenConfig } from './config.ts';

export type Claims = Readonly<Record<string, unknown>>;

/** Scopes of one token that are kept; nobody has as many. */
const MAX_SCOPES = 1000;

/** What is kept of a token whose signature and claims were found good. */
export function tokenOf(claims: Claims, { scopeClaims, claims: wanted }: TokenConfig): VerifiedToken {
  const named = new Map<string, string>();
  for (const name of wanted) {
    const value = claimOf(claims, name);
    if (typeof value === 'string') named.set(name, value);
  }
  const scopes = new Set(scopeClaims.flatMap((name) => wordsOf(claimOf(claims, name))).slice(0, MAX_SCOPES));
  return { principal: principalOf(claims), scopes, claims: named };
}

function claimOf(claims: Claims, name: string): unknown {
  return Object.hasOwn(claims, name) ? claims[name] : undefined;
}

/** Words (RFC 8693 §4.2), or a list of them, as many issuers write it. */
function wordsOf(value: unknown): readonly string[] {
  if (typeof value === 'string') return value.split(' ').filter((word) => word !== '');
  return Array.isArray(value) ? value.filter((word: unknown) => typeof word === 'string') : [];
}

/** Whom the token stands for, and who uses it (RFC 9068 §2.2): a token that is renewed says the same. */
function principalOf(claims: Claims): string | undefined {
  const subject = claimOf(claims, 'sub');
  if (typeof subject !== 'string' || subject === '') return undefined;
  return JSON.stringify([claimOf(claims, 'iss'), subject, claimOf(claims, 'client_id') ?? claimOf(claims, 'azp')]);
}

/** How much of the memory for known tokens it takes, in characters. */
export function sizeOf({ principal = '', scopes, claims }: VerifiedToken): number {
  let size = 500 + principal.length;
  for (const scope of scopes) size += 50 + scope.length;
  for (const [name, value] of claims) size += 50 + name.length + value.length;
  return size;
}

const BY_CODE: Readonly<Record<string, string>> = {
  ERR_JWT_EXPIRED: 'the token has expired',
  ERR_JWS_SIGNATURE_VERIFICATION_FAILED: 'the signature of the token is not that of its issuer',
  ERR_JOSE_ALG_NOT_ALLOWED: 'the token is signed with an algorithm that is not accepted',
  ERR_JOSE_NOT_SUPPORTED: 'the token has a critical header that is not understood',
  ERR_JWS_INVALID: 'the token is not a signed JSON Web Token',
  ERR_JWT_INVALID: 'the token is not a signed JSON Web Token',
};
const BY_CLAIM: Readonly<Record<string, string>> = {
  nbf: 'the token is not valid yet',
  exp: 'the token does not say properly when it expires',
  aud: 'the token is for another audience',
  iss: 'the token is of another issuer',
};

/** What is wrong with a token, of an error of jose's; undefined: something else went wrong than the token. */
export function faultOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined;
  if (error.code === 'ERR_JWT_CLAIM_VALIDATION_FAILED')
    return BY_CLAIM[(error as { readonly claim?: string }).claim ?? ''] ?? BY_CLAIM['exp'];
  return BY_CODE[String(error.code)];
}
