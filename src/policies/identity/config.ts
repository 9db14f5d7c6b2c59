/** One source of the consumer's name; the first that gives one wins (semantics HD-2). */
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
