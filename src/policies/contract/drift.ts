/** What verdicts and answers say of how the contract and the service differ (product, D1). Pure. */
import type { Operation, Outcome, Violation } from '../../core/contract.ts';
import type { Drift, DriftKind } from '../../core/drift.ts';

/** What a broken rule of an answer is called; every other one is a `constraint`. */
const KIND_OF: ReadonlyMap<string, DriftKind> = new Map([
  ['undocumented_path', 'undocumented_endpoint'],
  ['undocumented_method', 'undocumented_method'],
  ['undocumented_webhook', 'undocumented_webhook'],
  ['undocumented_status', 'undocumented_status'],
  ['undocumented_body', 'undocumented_body'],
  ['media_type', 'undocumented_media_type'],
  ['additionalProperties', 'undocumented_field'],
  ['unevaluatedProperties', 'undocumented_field'],
  ['enum', 'undocumented_enum_value'],
  ['const', 'undocumented_enum_value'],
  ['type', 'type'],
  ['parameter_format', 'type'],
  ['format', 'format'],
  ['required', 'missing_required'],
  ['header_required', 'missing_required'],
  ['body_required', 'missing_required'],
]);

/** Rules that name in the pointer's last member what they are about: at one place of the document there may be several. */
const NAMED: ReadonlySet<string> = new Set(['required', 'additionalProperties', 'unevaluatedProperties', 'dependentRequired']);

/** A broken rule as drift of the provider: of an answer as `status`, or of a request that it took. */
export function driftOf(violation: Violation, kind: DriftKind = KIND_OF.get(violation.rule) ?? 'constraint'): Drift {
  const { side, location, rule, specPointer, value } = violation;
  const pointer = violation.pointer.replaceAll(/\/\d+(?=\/|$)/g, '/*');
  const last = NAMED.has(rule) ? pointer.slice(pointer.lastIndexOf('/') + 1) : '';
  const name = kind === 'invalid_accepted' ? `${rule} ${last}`.trimEnd() : last;
  return { kind, side, location, pointer, specPointer, name, types: [], formats: [], ...(value !== undefined && { value }) };
}

/** What of an exchange a finding about both sides rests on. */
export interface Judged {
  readonly operation: Operation;
  readonly verdict: Outcome;
  /** What the request has that the contract does not know. */
  readonly drift: readonly Drift[];
  /** Of the service's own answer. */
  readonly status: number;
}

/** Stricter or laxer than the contract: what the service's answer to a judged request says. */
export function driftOfBoth({ operation, verdict, drift, status }: Judged): readonly Drift[] {
  const took = status < 400;
  if (verdict.is === 'valid' && (status === 400 || status === 422)) return [refusedValid(operation, status)];
  if (!took) return NONE;
  if (verdict.is !== 'invalid') return drift;
  return [...verdict.violations.map((violation) => driftOf(violation, 'invalid_accepted')), ...drift];
}

export const NONE: readonly Drift[] = Object.freeze([]);

function refusedValid({ specPointer }: Operation, status: number): Drift {
  return {
    kind: 'valid_refused',
    side: 'request',
    location: 'status',
    pointer: '',
    specPointer,
    name: String(status),
    types: [],
    formats: [],
  };
}
