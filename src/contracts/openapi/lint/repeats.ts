import { isIdempotent } from '../../../core/rejection.ts';
import { isObject, lookUp } from '../document/pointer.ts';
import type { OperationModel } from '../model.ts';
import type { LintParts } from './parts.ts';

/** A header that names one execution, or the version that a change is made to: with either a request can be sent again. */
const REPEAT_HEADERS = /idempoten|^if-match$|^if-unmodified-since$/i;
/** Extensions by which a document says that repeating does no harm: `x-idempotent: true`, `x-idempotency: …`. */
const REPEAT_EXTENSION = /^x-(?:idempoten|natural-key)/i;

/** Of other specifications, and idempotent by the registry of methods (RFC 9110 §16.1): sent twice they do what they do once. */
const REGISTERED: ReadonlySet<string> = new Set(
  'ACL BIND COPY LINK MKCALENDAR MKCOL MOVE PROPFIND PROPPATCH REBIND REPORT SEARCH UNBIND UNLINK UNLOCK'.split(' '),
);

/**
 * Operations that change something and say nowhere what becomes of a request that is sent twice: after a timeout nobody knows whether to send
 * it again.
 */
export function lintRepeats({ model, context }: LintParts): void {
  for (const operation of model.operations) {
    if (isIdempotent(operation.method) || REGISTERED.has(operation.method) || hasRepeatStory(operation)) continue;
    context.problems.warning(
      'no_repeat_story',
      operation.place,
      `${operation.id} sent twice may be executed twice: it takes no Idempotency-Key and no If-Match, and nothing says that it does no harm (x-idempotent)`,
    );
  }
}

function hasRepeatStory({ parameters, place }: OperationModel): boolean {
  if (parameters.some((parameter) => parameter.in === 'header' && REPEAT_HEADERS.test(parameter.name))) return true;
  const operation = lookUp(place.file.value, place.pointer);
  return isObject(operation) && Object.entries(operation).some(([key, value]) => REPEAT_EXTENSION.test(key) && value !== false);
}
