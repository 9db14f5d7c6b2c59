import type { Location, Side } from './contract.ts';

/**
 * What kind of difference there is between the traffic and its contract (product, D1). `undocumented_…`: it was there and the document does not know it;
 * `type`, `format`, `missing_required`, `constraint`: it is not as declared; `valid_refused`, `invalid_accepted`: the provider is stricter or laxer than
 * its contract; `gone_before_sunset`: something deprecated went before its time; the last two are found by the policies of those names.
 */
export const DRIFT_KINDS = [
  'undocumented_endpoint',
  'undocumented_method',
  'undocumented_webhook',
  'undocumented_parameter',
  'undocumented_header',
  'undocumented_field',
  'undocumented_status',
  'undocumented_media_type',
  'undocumented_body',
  'undocumented_enum_value',
  'type',
  'format',
  'missing_required',
  'constraint',
  'valid_refused',
  'invalid_accepted',
  'gone_before_sunset',
  'lost_update',
  'contract_skew',
] as const;

export type DriftKind = (typeof DRIFT_KINDS)[number];

/**
 * One thing seen once that is not as its contract says. `kind`, `side`, `specPointer` and `name`, with the API, make it the same finding wherever it is
 * seen: a field that a shared schema does not know is one finding in all operations that use the schema.
 */
export interface Drift {
  readonly kind: DriftKind;
  readonly side: Side;
  readonly location: Location;
  /** JSON pointer (RFC 6901) into the body, or `/name` of a parameter or header; items of lists and members of maps are `*`. Never a value. */
  readonly pointer: string;
  /** Place in the document that it contradicts, or that knows nothing of it. */
  readonly specPointer: string;
  /** What tells it from others at that place: name of a field, parameter or header, a status, a media type, a method and folded path. Never a value. */
  readonly name: string;
  /** JSON types of what was there, `integer` apart from `number`; empty where there is none. */
  readonly types: readonly string[];
  /** Formats that texts there looked like (`date-time`, `uuid`, `email`, `uri`, …). */
  readonly formats: readonly string[];
  /** The value, where the operator lets it be shown (`showValues`). */
  readonly value?: string;
}

/** Drift as a span tells of it: `id` is that of its finding. */
export interface FoundDrift extends Pick<Drift, 'kind' | 'side' | 'location' | 'pointer'> {
  readonly id: string;
}
