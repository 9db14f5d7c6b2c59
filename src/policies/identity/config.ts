import {
  type Infer,
  type Schema,
  choice,
  defaulted,
  headerName,
  later,
  list,
  mapped,
  object,
  oneOf,
  optional,
  required,
} from '../../core/schema.ts';

/** One source of the consumer's name; the first that gives one wins (semantics HD-2). Header names are in lower case. */
export type ConsumerSource =
  | { readonly from: 'header'; readonly header: string; readonly version: string | undefined }
  | { readonly from: 'apiKey'; readonly header: string }
  | { readonly from: 'userAgent' };

/** `identity` and `trust` of the configuration, as the policy wants them. */
export interface IdentityConfig {
  readonly consumer: readonly ConsumerSource[];
  /** Whose request, correlation and trace identifiers are taken over. */
  readonly ids: 'anyone' | 'peers';
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

const fromUserAgent: Schema<ConsumerSource> = mapped(choice(['userAgent']), () => ({ from: 'userAgent' }));

const source = oneOf(
  '`userAgent`, `{ header, version }` or `{ apiKey: { header } }`',
  [
    { when: 'text', schema: fromUserAgent },
    { when: { key: 'apiKey' }, schema: fromApiKey },
    { when: { key: 'header' }, schema: fromHeader },
  ],
  ['jwt', 'certificate'],
);

/** The section `identity`. */
export const identitySchema = object({
  consumer: defaulted(
    list(source),
    [{ header: 'X-Consumer-Name', version: 'X-Consumer-Version' }, { apiKey: { header: 'X-API-Key' } }, 'userAgent'],
    'Where the name of the calling consumer is looked for; the first that gives one wins. (`jwt` and `certificate`: not in this version.)',
  ),
  verify: later('Verification of tokens.'),
});

export type IdentitySection = Infer<typeof identitySchema>;
