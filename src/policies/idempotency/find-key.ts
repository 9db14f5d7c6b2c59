import type { Exchange } from '../../core/exchange.ts';
import { ParsedBody } from '../../core/parsed-body.ts';
import type { Answer, Maybe, Unread } from '../../core/stage.ts';
import { isPlainJson, keyOfValue, parsePointer, valueAt } from './body-key.ts';
import { READ_BYTES } from './comparison.ts';
import type { IdempotencyConfig } from './config.ts';
import type { IdempotencyOutcome } from './counted.ts';
import { INVALID, headerKey } from './key.ts';
import { BODY_KEY_INVALID, BODY_TOO_LARGE, KEY_INVALID, MISSING, NOT_JSON, OVERLOADED } from './refusals.ts';

/**
 * There is no key that could be used. `outcome` and `answer` are for where one is required; elsewhere the request is refused all the same,
 * goes on and counts as bypassed (it may have a key), or goes on (it has none).
 */
export interface KeyFault {
  readonly outcome: IdempotencyOutcome;
  readonly answer: Answer;
  readonly elsewhere: 'refuse' | 'bypass' | 'pass';
}

const HEADER_INVALID: KeyFault = { outcome: 'invalid', answer: KEY_INVALID, elsewhere: 'refuse' };
const IN_BODY_INVALID: KeyFault = { outcome: 'invalid', answer: BODY_KEY_INVALID, elsewhere: 'refuse' };
const ABSENT: KeyFault = { outcome: 'missing', answer: MISSING, elsewhere: 'pass' };
const NO_JSON: KeyFault = { outcome: 'missing', answer: NOT_JSON, elsewhere: 'pass' };
const UNREAD: Readonly<Record<Unread, KeyFault>> = {
  too_large: { outcome: 'missing', answer: BODY_TOO_LARGE, elsewhere: 'bypass' },
  overload: { outcome: 'overload', answer: OVERLOADED, elsewhere: 'bypass' },
};

/** Finds the key of a request (ID-1): in the header, else where the pointer leads to in a JSON body. The two never name the same claim. */
export class KeyFinder {
  readonly #header: string;
  readonly #pointer: readonly string[] | undefined;

  constructor({ header, pointer }: IdempotencyConfig) {
    this.#header = header;
    this.#pointer = pointer === undefined ? undefined : parsePointer(pointer);
  }

  find(x: Exchange): Maybe<string | KeyFault> {
    const key = headerKey(x.request.headers, this.#header);
    if (key === INVALID) return HEADER_INVALID;
    if (key !== undefined) return `header ${key}`;
    if (this.#pointer === undefined || x.requestBody.state === 'none' || !isPlainJson(x.request.headers)) return ABSENT;
    const pointer = this.#pointer;
    const body = x.requestBody.whole(READ_BYTES);
    return body instanceof Promise ? body.then((late) => inBody(x, late, pointer)) : inBody(x, body, pointer);
  }
}

function inBody(x: Exchange, body: readonly Uint8Array[] | Unread | 'cancelled', pointer: readonly string[]): string | KeyFault {
  if (body === 'cancelled') return ABSENT;
  if (typeof body === 'string') return UNREAD[body];
  const json = new ParsedBody(body, x.requestBody.receivedBytes).json();
  if (!json.ok) return NO_JSON;
  const key = keyOfValue(valueAt(json.value, pointer));
  if (key === INVALID) return IN_BODY_INVALID;
  return key === undefined ? ABSENT : `body ${key}`;
}
