import { fieldName } from '../../core/headers.ts';
import {
  type Fault,
  type Path,
  type Schema,
  checked,
  checkedParts,
  defaulted,
  durationMs,
  integer,
  mapped,
  object,
  optional,
  record,
  sizeBytes,
  string,
} from '../../core/schema.ts';

/** A fixed answer. */
export interface StaticConfig {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface LastGoodConfig {
  /** Memory for all answers that are kept. */
  readonly maxBytes: number;
  readonly maxAgeMs: number;
}

/** `policies.fallback` (semantics FB): one of the two, or both; then the last good answer goes first. */
export interface FallbackConfig {
  readonly static: StaticConfig | undefined;
  readonly lastGood: LastGoodConfig | undefined;
}

/** Statuses whose answers have no content (RFC 9110 §15.3.5, §15.3.6, §15.4.5). */
export const BODILESS: ReadonlySet<number> = new Set([204, 205, 304]);

/** Fields that the gateway writes into every answer. */
const WRITTEN: ReadonlySet<string> = new Set(['content-length', 'via', 'x-request-id', 'x-correlation-id']);

function staticFaults({ status, headers, body }: StaticConfig): readonly (Fault & { readonly below: Path })[] {
  const faults: (Fault & { readonly below: Path })[] = [];
  const seen = new Set<string>();
  for (const name of Object.keys(headers)) {
    const { lower, hopByHop, reserved } = fieldName(name);
    const below = ['headers', name];
    if (hopByHop || reserved || WRITTEN.has(lower)) faults.push({ below, code: 'reserved', message: 'is written by the gateway itself' });
    else if (seen.has(lower)) faults.push({ below, code: 'duplicate_name', message: 'is named twice' });
    seen.add(lower);
  }
  if (BODILESS.has(status) && body !== '') {
    faults.push({ below: ['body'], code: 'no_content', message: `an answer with status ${status} has no body` });
  }
  return faults;
}

const fixed: Schema<StaticConfig> = checkedParts(
  object({
    status: defaulted(integer({ min: 200, max: 599 }), 200, 'Status of the answer.'),
    headers: defaulted(
      record(string({ form: 'visible characters and spaces', pattern: /^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/, type: 'field value' }), {
        key: 'header name',
        pattern: /^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/,
      }),
      { 'Content-Type': 'application/json' },
      'Its header fields. `Cache-Control: no-store` is added unless `Cache-Control` is among them.',
    ),
    body: defaulted(string({ maxLength: 65_536 }), '', 'Its body.'),
  }),
  staticFaults,
);

const written = object({
  static: optional(fixed, 'A fixed answer.'),
  lastGood: optional(
    object({
      maxBytes: defaulted(
        sizeBytes({ min: 1024, max: 1024 ** 3 }),
        '4MiB',
        'Memory for answers that are kept, over all targets of the route; a body of more than a quarter of it is not kept.',
      ),
      maxAge: defaulted(durationMs({ min: 1000 }), '5m', 'For how long after its request an answer may be sent again.'),
    }),
    'The last good answer to the same request: GET and 200 only, and only what may be shared.',
  ),
});

const read: Schema<FallbackConfig> = mapped(written, ({ static: answer, lastGood }) => ({
  static: answer,
  lastGood: lastGood === undefined ? undefined : { maxBytes: lastGood.maxBytes, maxAgeMs: lastGood.maxAge },
}));

export const fallbackSchema: Schema<FallbackConfig> = checked(read, (config) =>
  config.static === undefined && config.lastGood === undefined ? { code: 'empty', message: 'needs `static` or `lastGood`' } : undefined,
);
