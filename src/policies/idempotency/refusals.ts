import { rejection } from '../../core/rejection.ts';
import { type Answer, refuse } from '../../core/stage.ts';

const SOON = { headers: ['Retry-After', '1'] };

/** What the policy answers by itself (semantics ER). Made once: an answer is never changed. */
export const MISSING = refuse(
  rejection(
    'IDEMPOTENCY_KEY_MISSING',
    'this operation needs an idempotency key: send a new one with each new request, the same with its repetitions',
  ),
);
export const KEY_INVALID = refuse(
  rejection('IDEMPOTENCY_KEY_INVALID', 'the key must be a quoted string, or 1 to 255 visible ASCII characters, and stand there once'),
);
export const BODY_KEY_INVALID = refuse(
  rejection('IDEMPOTENCY_KEY_INVALID', 'the key in the body must be a text of at most 255 characters, or a whole number below 2^53'),
);
export const NOT_JSON = refuse(rejection('MALFORMED_REQUEST', 'the body is not JSON, and the idempotency key is looked for in it'));
export const BODY_TOO_LARGE = refuse(rejection('BODY_TOO_LARGE', 'the idempotency key is looked for in bodies of up to 1 MiB'));
export const OVERLOADED = refuse(
  rejection('OVERLOADED', 'too much is under way to hold the body, without which the idempotency key cannot be judged', SOON),
);
export const IN_FLIGHT = refuse(
  rejection(
    'IDEMPOTENCY_KEY_IN_FLIGHT',
    'the first request with this key has not been answered yet: ask again later, with the same key',
    SOON,
  ),
);
export const OUTCOME_UNKNOWN = refuse(
  rejection(
    'IDEMPOTENCY_KEY_OUTCOME_UNKNOWN',
    'the first request with this key was sent and not answered: find out whether it took effect before you send it with a new key',
  ),
);
export const EXPIRED = refuse(
  rejection('IDEMPOTENCY_KEY_EXPIRED', 'this key was used before, and what came of it is no longer kept: a new request needs a new key'),
);
export const UNAVAILABLE = refuse(
  rejection(
    'IDEMPOTENCY_UNAVAILABLE',
    'whether this key was used before cannot be found out now, and nothing was done: ask again later, with the same key',
    SOON,
  ),
);

export function mismatch(status: 409 | 422): Answer {
  return refuse(
    rejection('IDEMPOTENCY_KEY_PAYLOAD_MISMATCH', 'this key was used before, for another request: a new request needs a new key', {
      status,
    }),
  );
}

/** `status`: what the upstream had answered. */
export function resultNotKept(status: number): Answer {
  const detail = `the first request with this key was answered with ${status}; the answer was too large, or a stream, and is not kept: ask for what it did`;
  return refuse(rejection('IDEMPOTENCY_KEY_RESULT_NOT_KEPT', detail, { members: { upstream_status: status } }));
}
