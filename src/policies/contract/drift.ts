/** What verdicts and answers say of how the contract and the service differ (product, D1). Pure. */
import type { ContractResponse, Operation, Outcome, Violation } from '../../core/contract.ts';
import type { Drift, DriftKind } from '../../core/drift.ts';
import { type RawHeaders, headerValue } from '../../core/headers.ts';
import { unknownWebhook } from './unknown-route-drift.ts';
import { VALID_BUT_IGNORED } from './ignored.ts';

export const NONE: readonly Drift[] = Object.freeze([]);

/** What a broken rule of an answer is called; every other one is a `constraint`. */
const KIND_OF: ReadonlyMap<string, DriftKind> = new Map([
  ['undocumented_status', 'undocumented_status'],
  ['media_type', 'undocumented_media_type'],
  ['additionalProperties', 'undocumented_field'],
  ['unevaluatedProperties', 'undocumented_field'],
  ['enum', 'undocumented_enum_value'],
  ['const', 'undocumented_enum_value'],
  ['type', 'type'],
  ['parameter_format', 'type'],
  ['format', 'format'],
  ['required', 'missing_required'],
  ['dependentRequired', 'missing_required'],
  ['header_required', 'missing_required'],
  ['body_required', 'missing_required'],
]);

/** Rules whose last member names what is missing or too many: at one place of the document there may be several. */
const NAMED: ReadonlySet<string> = new Set([
  'required',
  'dependentRequired',
  'additionalProperties',
  'unevaluatedProperties',
  'header_required',
  'parameter_required',
]);

/** A broken rule of an answer. `now`: milliseconds since 1970. */
export function driftOfAnswer(violation: Violation, answer: ContractResponse, now: number): Drift {
  const kind = kindOf(violation, now);
  if (kind === 'undocumented_status') return driftOf(violation, kind, String(answer.status));
  if (violation.location === 'media_type') return driftOf(violation, kind, mediaTypeOf(violation, answer.headers));
  return driftOf(violation, kind, subjectOf(violation) || (kind === 'constraint' ? ruleOf(violation) : ''));
}

/** A broken rule of a request that the service took. Undefined: taking it says nothing of the service. */
export function driftOfAccepted(violation: Violation, headers: RawHeaders): Drift | undefined {
  const { rule } = violation;
  switch (rule) {
    // A server may disregard Accept (RFC 9110 §12.5.1): a contract cannot promise that it will not.
    case 'not_acceptable':
      return undefined;
    case 'undocumented_body':
      return driftOf(violation, 'undocumented_body', '');
    case 'undocumented_webhook':
      return unknownWebhook(violation.trait?.named);
    case 'media_type':
      return driftOf(violation, 'undocumented_media_type', mediaTypeOf(violation, headers));
    default:
      return driftOf(violation, 'invalid_accepted', `${rule} ${subjectOf(violation)}`.trimEnd());
  }
}

function kindOf({ rule, trait }: Violation, now: number): DriftKind {
  const gone = trait?.deprecated;
  if (gone !== undefined && isAhead(gone.sunsetAt, now)) return 'gone_before_sunset';
  if (trait?.fits === 'no_type') return 'type';
  if (trait?.fits === 'no_name') return 'undocumented_enum_value';
  return KIND_OF.get(rule) ?? 'constraint';
}

function driftOf({ side, location, specPointer, trait, value, ...of }: Violation, kind: DriftKind, name: string): Drift {
  const pointer = trait?.place ?? (location === 'body' ? of.pointer.replaceAll(/\/\d+(?=\/|$)/g, '/*') : of.pointer);
  const types = trait?.type === undefined ? NO_TEXTS : [trait.type];
  const formats = trait?.format === undefined ? NO_TEXTS : [trait.format];
  return { kind, side, location, pointer, specPointer, name, types, formats, ...(value !== undefined && { value }) };
}

const NO_TEXTS: readonly string[] = Object.freeze([]);

/** The member, header or parameter that a rule is about. */
function subjectOf({ rule, pointer, trait }: Violation): string {
  if (!NAMED.has(rule)) return '';
  const place = trait?.place ?? pointer;
  return place
    .slice(place.lastIndexOf('/') + 1)
    .replaceAll('~1', '/')
    .replaceAll('~0', '~');
}

/** Where the place in the document is not that of the rule there may be several at one place. */
function ruleOf({ rule, specPointer }: Violation): string {
  return specPointer.endsWith(`/${rule}`) ? '' : rule;
}

const ESSENCE = /^[a-z0-9!#$&^_.+-]{1,64}\/[a-z0-9!#$&^_.+-]{1,64}$/;

/** Without parameters, in lower case (RFC 9110 §8.3.1). Of a part of a body it is not known. */
function mediaTypeOf({ pointer }: Violation, headers: RawHeaders): string {
  if (pointer !== '') return '';
  const [essence = ''] = (headerValue(headers, 'content-type') ?? '').split(';');
  const plain = essence.trim().toLowerCase();
  return ESSENCE.test(plain) ? plain : '*/*';
}

/** The service has it no more although the contract says that it goes later, or not when. `now`: milliseconds since 1970. */
export function goneOperation(operation: Operation, status: number, now: number): Drift | undefined {
  const { deprecated, deprecation, method, template, specPointer } = operation;
  if (!deprecated || !isAhead(deprecation?.sunsetAt, now) || !meansGone(operation, status)) return undefined;
  const name = `${method} ${template}`;
  return { kind: 'gone_before_sunset', side: 'response', location: 'status', pointer: '', specPointer, name, types: [], formats: [] };
}

/** Not where it may mean the thing that a parameter names, or what the contract itself says of that answer. */
function meansGone(operation: Operation, status: number): boolean {
  const isOfThing = operation.template.includes('{');
  if (operation.namesStatus?.(status) === true) return status === 410 && !isOfThing;
  return status === 410 || status === 405 || status === 501 || (status === 404 && !isOfThing);
}

function isAhead(sunsetAt: number | undefined, now: number): boolean {
  return sunsetAt === undefined || sunsetAt > now;
}

/** The service did with the request what it asks for. A redirect leaves that to another place, and catch-all ones go anywhere. */
export function isTaken(status: number): boolean {
  return status < 300 || status === 304;
}

/** Refused for what it says, as far as a status tells. */
export function isFaulted(status: number): boolean {
  return status === 400 || status === 422;
}

/** Stricter than its contract: it refuses a request that is valid as a whole. */
export function refusedValid({ specPointer }: Operation, verdict: Outcome, status: number): Drift | undefined {
  // What is valid only without its ignored parts may have been refused for them.
  if (verdict.is !== 'valid' || verdict === VALID_BUT_IGNORED || !isFaulted(status)) return undefined;
  const name = String(status);
  return { kind: 'valid_refused', side: 'request', location: 'status', pointer: '', specPointer, name, types: [], formats: [] };
}

/** Each thing once, with all the evidence for it. */
export function gathered(drift: readonly Drift[]): readonly Drift[] {
  if (drift.length < 2) return drift;
  const byKey = new Map<string, Drift>();
  for (const one of drift) {
    const key = keyOf(one);
    const known = byKey.get(key);
    byKey.set(
      key,
      known === undefined ? one : { ...known, types: union(known.types, one.types), formats: union(known.formats, one.formats) },
    );
  }
  return [...byKey.values()];
}

/** What makes two of them the same finding. */
export function keyOf({ kind, side, specPointer, name }: Drift): string {
  return `${kind} ${side} ${specPointer} ${name}`;
}

function union(a: readonly string[], b: readonly string[]): readonly string[] {
  return b.every((text) => a.includes(text)) ? a : [...new Set([...a, ...b])];
}
