import {
  type Infer,
  type Schema,
  choice,
  defaulted,
  durationMs,
  list,
  mapped,
  object,
  oneOf,
  optional,
  required,
  string,
} from '../../../core/schema.ts';
import { jwksUrl } from './jwks-url.ts';

/** Signatures that anybody can verify and only the issuer can make: none with a shared secret (RFC 8725 §2.1, §3.1). */
export const ALGORITHMS = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519'] as const;

const text = string({ type: 'text', form: 'not empty', pattern: /^[\s\S]+$/, maxLength: 1024 });

/** One or several. */
const texts: Schema<readonly string[]> = oneOf('text or a list of texts', [
  { when: 'text', schema: mapped(text, (one) => [one]) },
  { when: 'list', schema: list(text, { min: 1 }) },
]);

/** `identity.verify`. */
export const verifySchema = object({
  jwks: required(jwksUrl(), 'Where the keys of the issuer are (a JSON Web Key Set): https, or http on loopback.'),
  audience: required(texts, 'Who the tokens are for: one of these must be in the claim `aud`.'),
  issuer: optional(texts, 'Who issues them: the claim `iss` must be one of these. Absent: it is not looked at.'),
  algorithms: defaulted(
    list(choice(ALGORITHMS), { min: 1 }),
    [...ALGORITHMS],
    'Signature algorithms that are accepted. None with a shared secret is possible.',
  ),
  leeway: defaulted(durationMs({ max: 5 * 60_000 }), '30s', 'How much the clocks of issuer and gateway may differ, for `exp` and `nbf`.'),
  scopeClaim: optional(text, 'The claim that holds the scopes, as words or as a list. Absent: `scope` and `scp`.'),
});

export type VerifySection = Infer<typeof verifySchema>;

/** `jwt` of a consumer source. */
export const jwtSchema = object({
  claim: required(text, 'The claim that names the consumer; of verified tokens only.'),
  version: optional(text, 'The claim that holds its version.'),
  jwks: optional(
    jwksUrl(),
    'Where the keys of the issuer are. Absent: as `identity.verify` says, and where that is there it must be the same.',
  ),
});

/** How tokens are verified, and what is wanted of them. */
export interface TokenConfig {
  readonly jwks: string;
  /** Undefined: not looked at. */
  readonly audience: readonly string[] | undefined;
  readonly issuer: readonly string[] | undefined;
  readonly algorithms: readonly string[];
  readonly leewayMs: number;
  readonly scopeClaims: readonly string[];
  /** Claims that name the consumer and its version. */
  readonly claims: readonly string[];
}

export function tokenConfig(verify: VerifySection, claims: readonly string[]): TokenConfig {
  const { jwks, audience, issuer, algorithms, leeway, scopeClaim } = verify;
  const scopeClaims = scopeClaim === undefined ? ['scope', 'scp'] : [scopeClaim];
  return { jwks, audience, issuer, algorithms, leewayMs: leeway, scopeClaims, claims };
}

/** Where tokens only name the consumer: signed by the issuer, whoever they are for. */
export function namingConfig(jwks: string, claims: readonly string[]): TokenConfig {
  return { jwks, audience: undefined, issuer: undefined, algorithms: ALGORITHMS, leewayMs: 30_000, scopeClaims: [], claims };
}
