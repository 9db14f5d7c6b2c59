/** What the injector reads of an AdmissionReview (admission.k8s.io/v1). */
export interface ReviewRequest {
  /** Names the review; the answer says it again. */
  readonly uid: string;
  readonly operation: string;
  /** Empty for the object itself. */
  readonly subResource: string;
  readonly kind: { readonly group: string; readonly version: string; readonly kind: string };
  /** Of the object; the object itself may not say it yet. */
  readonly namespace: string;
  /** Empty where the API server makes one up of `generateName`. */
  readonly name: string;
  /** What is to be created; undefined at every other operation. */
  readonly object: Readonly<Record<string, unknown>> | undefined;
}

/** Why a body is no review that could be answered, for people. */
export class ReviewError extends Error {
  override readonly name = 'ReviewError';
}

const API_VERSION = 'admission.k8s.io/v1';
/** An API server sends a UUID of 36 characters. */
const MAX_UID_LENGTH = 256;

/** @throws ReviewError where the body is no JSON (RFC 8259), or no review of the version that the webhook configuration asks for. */
export function readReview(body: Uint8Array): ReviewRequest {
  const review = object(parsed(body), 'the body');
  if (review.apiVersion !== API_VERSION || review.kind !== 'AdmissionReview') {
    throw new ReviewError(`an AdmissionReview of ${API_VERSION} is wanted, not ${shown(review.kind)} of ${shown(review.apiVersion)}`);
  }
  const request = object(review.request, 'request');
  const uid = text(request.uid, 'request.uid');
  if (uid === '' || uid.length > MAX_UID_LENGTH) throw new ReviewError(`request.uid has 1 to ${MAX_UID_LENGTH} characters`);
  const kind = object(request.kind, 'request.kind');
  const operation = text(request.operation, 'request.operation');
  return {
    uid,
    operation,
    subResource: optionalText(request.subResource, 'request.subResource'),
    kind: {
      group: optionalText(kind.group, 'request.kind.group'),
      version: text(kind.version, 'request.kind.version'),
      kind: text(kind.kind, 'request.kind.kind'),
    },
    namespace: optionalText(request.namespace, 'request.namespace'),
    name: optionalText(request.name, 'request.name'),
    object: operation === 'CREATE' ? object(request.object, 'request.object') : undefined,
  };
}

/** Not the parser's own words: they quote what was sent. */
function parsed(body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch {
    throw new ReviewError('the body is no JSON in UTF-8');
  }
}

function object(value: unknown, what: string): Readonly<Record<string, unknown>> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Readonly<Record<string, unknown>>;
  throw new ReviewError(`${what} must be an object, not ${shown(value)}`);
}

function text(value: unknown, what: string): string {
  if (typeof value === 'string') return value;
  throw new ReviewError(`${what} must be a string, not ${shown(value)}`);
}

function optionalText(value: unknown, what: string): string {
  return value === undefined || value === null ? '' : text(value, what);
}

const MAX_SHOWN = 60;

/** A scalar as it is, shortened; of the rest its kind alone. */
function shown(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object' && value !== null) return 'an object';
  return JSON.stringify(value).slice(0, MAX_SHOWN);
}
