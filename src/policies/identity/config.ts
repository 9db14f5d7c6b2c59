import {
  type Fault,
  type Infer,
  type Path,
  type Schema,
  checkedParts,
  choice,
  defaulted,
  headerName,
  list,
  mapped,
  object,
  oneOf,
  optional,
  required,
} from '../../core/schema.ts';
import { type TokenConfig, jwtSchema, namingConfig, tokenConfig, verifySchema } from './tokens/config.ts';

/** One source of the consumer's name; the first that gives one wins (semantics HD-2). Header names are in lower case. */
export type ConsumerSource =
  | { readonly from: 'header'; readonly header: string; readonly version: string | undefined }
  | { readonly from: 'apiKey'; readonly header: string }
  | { readonly from: 'jwt'; readonly claim: string; readonly version: string | undefined; readonly jwks: string | undefined }
  | { readonly from: 'userAgent' };

/** `identity` and `trust` of the configuration, as the policy wants them. */
export interface IdentityConfig {
  readonly consumer: readonly ConsumerSource[];
  /** Whose request, correlation and trace identifiers are taken over. */
  readonly ids: 'anyone' | 'peers';
  /** How access tokens are verified; undefined: they are not. */
  readonly tokens: TokenConfig | undefined;
  /** Whether what becomes of them counts for the contract, and for whose idempotency keys they are; else they only name the consumer. */
  readonly judged: boolean;
}

const fromHeader: Schema<ConsumerSource> = mapped(
  object({
    header: required(headerName(), "Field that carries the consumer's name; believed from trusted peers only."),
    version: optional(headerName(), "Field that carries the consumer's version."),
  }),
  ({ header, version }) => ({ from: 'header', header, version }),
);

const fromApiKey: Schema<ConsumerSource> = mapped(
  object({
    apiKey: required(
      object({ header: required(headerName(), 'Field that carries the key.') }),
      'An API key; shown as a fingerprint, never itself.',
    ),
  }),
  ({ apiKey }) => ({ from: 'apiKey', header: apiKey.header }),
);

const fromJwt: Schema<ConsumerSource> = mapped(
  object({ jwt: required(jwtSchema, 'A claim of the access token, where that was verified.') }),
  ({ jwt }) => ({ from: 'jwt', ...jwt }),
);

const fromUserAgent: Schema<ConsumerSource> = mapped(choice(['userAgent']), () => ({ from: 'userAgent' }));

const source = oneOf(
  '`userAgent`, `{ header, version }`, `{ jwt: { claim } }` or `{ apiKey: { header } }`',
  [
    { when: 'text', schema: fromUserAgent },
    { when: { key: 'apiKey' }, schema: fromApiKey },
    { when: { key: 'jwt' }, schema: fromJwt },
    { when: { key: 'header' }, schema: fromHeader },
  ],
  ['certificate'],
);

const section = object({
  consumer: defaulted(
    list(source),
    [{ header: 'X-Consumer-Name', version: 'X-Consumer-Version' }, { apiKey: { header: 'X-API-Key' } }, 'userAgent'],
    'Where the name of the calling consumer is looked for; the first that gives one wins. (`certificate`: not in this version.)',
  ),
  verify: optional(verifySchema, 'Verification of access tokens. Absent: credentials are checked for presence and form only.'),
});

/** The section `identity`. */
export const identitySchema = checkedParts(section, ({ consumer, verify }) => {
  const jwks = verify?.jwks ?? firstKeys(consumer);
  return consumer.flatMap((one, i): ReadonlyArray<Fault & { readonly below: Path }> => {
    if (one.from !== 'jwt') return [];
    const below = ['consumer', i, 'jwt'];
    if (one.jwks === undefined && verify === undefined)
      return [{ below, code: 'needs_keys', message: 'needs `jwks`, or `identity.verify`: only verified tokens name a consumer' }];
    if (one.jwks === undefined || one.jwks === jwks) return [];
    const message = 'tokens are held against one key set, and another one stands before this';
    return [{ below: [...below, 'jwks'], code: 'other_keys', message }];
  });
});

function firstKeys(consumer: readonly ConsumerSource[]): string | undefined {
  for (const one of consumer) if (one.from === 'jwt' && one.jwks !== undefined) return one.jwks;
  return undefined;
}

export type IdentitySection = Infer<typeof identitySchema>;

/** How access tokens are verified for these settings, and what that counts for. */
export function tokensOf({ consumer, verify }: IdentitySection): Pick<IdentityConfig, 'tokens' | 'judged'> {
  const sources = consumer.filter((one) => one.from === 'jwt');
  const claims = sources.flatMap(({ claim, version }) => (version === undefined ? [claim] : [claim, version]));
  if (verify !== undefined) return { tokens: tokenConfig(verify, claims), judged: true };
  const jwks = firstKeys(consumer);
  return { tokens: jwks === undefined ? undefined : namingConfig(jwks, claims), judged: false };
}
