/** From verdicts to what the caller is told. Pure. */
import type { Operation, Outcome, SkipReason, Violation } from '../../core/contract.ts';
import type { TokenVerdict } from '../../core/credentials.ts';
import type { Maybe } from '../../core/stage.ts';
import { type RejectedField, type Rejection, type RejectionCode, rejection } from '../../core/rejection.ts';

/** What `onUnchecked: refuse` is about (CP-3): checks that could have been made, had the message been another. */
const UNCHECKED: ReadonlySet<SkipReason> = new Set(['too_large', 'overload', 'encoding', 'unverified']);

function weight(outcome: Outcome): number {
  if (outcome.is === 'valid') return 0;
  if (outcome.is === 'invalid') return 3;
  return UNCHECKED.has(outcome.reason) ? 2 : 1;
}

/**
 * Two verdicts on parts of one message: what is broken outweighs what could not be judged, and that outweighs what is right. Of
 * two skipped parts the one that `refuse` is about outweighs the other, else the first.
 */
export function combine(a: Outcome, b: Outcome): Outcome {
  if (a.is === 'invalid' && b.is === 'invalid') return { is: 'invalid', violations: [...a.violations, ...b.violations] };
  return weight(b) > weight(a) ? b : a;
}

export const skipped = (reason: SkipReason): Outcome => ({ is: 'skipped', reason });

/** `/amount/value` → `amount.value`; a tilde or slash inside a name is unescaped (RFC 6901 §4). */
function dotted(pointer: string): string {
  return pointer
    .slice(1)
    .split('/')
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
    .join('.');
}

export function fieldsOf(violations: readonly Violation[]): RejectedField[] {
  return violations.map(({ pointer, location, rule, detail }) => ({
    path: dotted(pointer),
    in: location,
    code: rule
      .replaceAll(/[^A-Za-z0-9]/g, '_')
      .replaceAll(/([a-z])([A-Z])/g, '$1_$2')
      .toUpperCase(),
    message: detail,
  }));
}

/** The code that a broken rule of a request earns where it is not REQUEST_CONTRACT_VIOLATION. */
const CODE_OF: ReadonlyMap<string, RejectionCode> = new Map([
  ['credentials', 'CREDENTIALS_MISSING'],
  ['credentials_invalid', 'CREDENTIALS_INVALID'],
  ['scope_missing', 'SCOPE_MISSING'],
  ['media_type', 'UNSUPPORTED_MEDIA_TYPE'],
  ['not_acceptable', 'NOT_ACCEPTABLE'],
  ['malformed', 'MALFORMED_REQUEST'],
]);

/** The refusal of a request that breaks the contract. The first violation decides: checks run from the head to the body. */
export function refusalOf(operation: Operation, violations: readonly Violation[]): Rejection {
  const [first] = violations as readonly [Violation];
  const code = CODE_OF.get(first.rule) ?? 'REQUEST_CONTRACT_VIOLATION';
  if (code === 'CREDENTIALS_MISSING' || code === 'CREDENTIALS_INVALID' || code === 'SCOPE_MISSING') {
    const challenge = operation.challengeTo(first);
    // The credentials are what is wrong, whatever else is: of a request that is let in by nobody nothing more is told.
    const fields = code === 'SCOPE_MISSING' ? { fields: fieldsOf(violations.filter(({ rule }) => rule === first.rule)) } : {};
    return rejection(code, first.detail, { ...fields, ...(challenge !== undefined && { headers: ['WWW-Authenticate', challenge] }) });
  }
  if (code !== 'REQUEST_CONTRACT_VIOLATION') return rejection(code, first.detail);
  const detail = violations.length === 1 ? first.detail : `${violations.length} rules are broken; first: ${first.detail}`;
  return rejection(code, detail, { fields: fieldsOf(violations) });
}

/** What `onUnchecked: refuse` answers to a request that could not be judged for this reason; undefined: it passes (CP-3). */
export function uncheckedRequest(reason: SkipReason): Rejection | undefined {
  switch (reason) {
    case 'too_large':
      return rejection('BODY_TOO_LARGE', 'the body is too large to be checked against the contract');
    case 'overload':
      return rejection('OVERLOADED', 'there is no room to check the body against the contract', { headers: ['Retry-After', '1'] });
    case 'encoding':
      return rejection('UNSUPPORTED_MEDIA_TYPE', 'the content coding of the body cannot be checked against the contract');
    default:
      return undefined;
  }
}

/** What is skipped because an access token could not be verified. */
export function isUnverified(outcome: Outcome): boolean {
  return outcome.is === 'skipped' && outcome.reason === 'unverified';
}

/**
 * What `onUnchecked: refuse` answers to a token that could not be verified. One that only its addressee can read will not be readable later either;
 * for all else there is another time.
 */
export function unverified(operation: Operation, token: Maybe<TokenVerdict> | undefined): Rejection {
  if (token !== undefined && !(token instanceof Promise) && token.is === 'unknown' && token.why === 'encrypted') {
    const { challenge } = operation;
    const headers = challenge === undefined ? {} : { headers: ['WWW-Authenticate', challenge] };
    return rejection('CREDENTIALS_INVALID', 'the token is encrypted, and cannot be verified here', headers);
  }
  return rejection('OVERLOADED', 'the access token cannot be verified at the moment', { headers: ['Retry-After', '1'] });
}

/** The same for an answer of the upstream. */
export function uncheckedResponse(reason: SkipReason, status: number): Rejection | undefined {
  if (!UNCHECKED.has(reason)) return undefined;
  return rejection('RESPONSE_CONTRACT_VIOLATION', `the answer could not be checked against the contract (${reason})`, {
    receivedStatus: status,
    proxyDetails: reason,
  });
}

export function refusalOfResponse(violations: readonly Violation[], status: number): Rejection {
  const [first] = violations as readonly [Violation];
  return rejection('RESPONSE_CONTRACT_VIOLATION', `the upstream's answer breaks the contract: ${first.detail}`, { receivedStatus: status });
}
