import {
  type Schema,
  boolean,
  choice,
  defaulted,
  durationMs,
  headerName,
  list,
  mapped,
  object,
  optional,
  sizeBytes,
  string,
} from '../../core/schema.ts';

/** `policies.idempotency` (semantics ID). */
export interface IdempotencyConfig {
  /** In lower case. */
  readonly header: string;
  /** Where the key stands in a JSON body (RFC 6901), where the header has none; undefined: nowhere. */
  readonly pointer: string | undefined;
  /** Operations that are refused without a key. */
  readonly required: readonly string[];
  readonly ttlMs: number;
  /** Whose keys they are: the caller's own, everybody's, or those of the tenant that a header names. */
  readonly scope: 'principal' | 'shared' | `header:${string}`;
  readonly onInFlight: 'reject' | 'wait';
  readonly onUnknown: 'refuse' | 'run';
  readonly onExpired: 'new' | 'reject';
  /** Largest answer that is kept whole. */
  readonly maxBytes: number;
  /** Keep answers of 5xx too: they ran. */
  readonly keep5xx: boolean;
  /** What a key with another payload is answered. */
  readonly mismatchStatus: 409 | 422;
}

const written = object({
  header: defaulted(headerName(), 'Idempotency-Key', 'Request field that carries the key.'),
  pointer: optional(
    string({ type: 'JSON pointer', form: 'begins with /', pattern: /^(?:\/(?:[^~/]|~[01])*)+$/, maxLength: 512 }),
    'Where the key stands in a JSON body; a key in the header wins.',
  ),
  required: defaulted(list(string({ maxLength: 512 })), [], 'Operations that are refused with 400 without a key.'),
  ttl: defaulted(durationMs({ min: 1000 }), '24h', 'How long a key is remembered.'),
  scope: defaulted(
    mapped(
      string({
        type: 'scope',
        form: 'principal, shared or header:NAME',
        pattern: /^(?:principal|shared|header:[A-Za-z0-9!#$%&'*+.^_`|~-]{1,128})$/,
      }),
      (text) => (text.startsWith('header:') ? text.toLowerCase() : text) as IdempotencyConfig['scope'],
    ),
    'principal',
    'Whose keys they are: `principal`, the caller by its credential, without one by its address; `header:NAME`, the tenant; `shared`, everybody.',
  ),
  onInFlight: defaulted(
    choice(['reject', 'wait']),
    'reject',
    'A second request while the first still runs: 409 at once, or `wait` for the answer of the first.',
  ),
  onUnknown: defaulted(choice(['refuse', 'run']), 'refuse', 'After a first request whose outcome nobody knows: 409, or `run` it again.'),
  onExpired: defaulted(choice(['new', 'reject']), 'new', 'A key that has expired: as if it were new, or 409 for as long again.'),
  maxBytes: defaulted(
    sizeBytes({ min: 1, max: 64 * 1024 ** 2 }),
    '1MiB',
    'Largest answer that is kept to be replayed; of a larger one only that it was given.',
  ),
  keep5xx: defaulted(boolean(), true, 'Keep answers of 5xx too: the request ran. `false`: after one the key is free again.'),
  mismatchStatus: defaulted(
    choice(['409', '422']),
    '409',
    'Status where a key comes with another payload; the expired IETF draft says 422.',
  ),
});

export const idempotencySchema: Schema<IdempotencyConfig> = mapped(written, ({ ttl, mismatchStatus, ...rest }) => ({
  ...rest,
  ttlMs: ttl,
  mismatchStatus: mismatchStatus === '422' ? 422 : 409,
}));
