import {
  type Schema,
  boolean,
  checked,
  choice,
  defaulted,
  durationMs,
  integer,
  list,
  mapped,
  number,
  object,
  sizeBytes,
} from '../../core/schema.ts';

const CAUSES = ['connect', 'reset', 'timeout', '408', '429', '500', '502', '503', '504'] as const;

export type RetryCause = (typeof CAUSES)[number];

/** `policies.retry` (semantics RT). */
export interface RetryConfig {
  /** Tries in all, the first included. */
  readonly attempts: number;
  readonly on: readonly RetryCause[];
  readonly keepBytes: number;
  /** The upstream itself makes a repeat under one idempotency key harmless. */
  readonly upstreamHonoursKey: boolean;
  readonly backoff: { readonly baseMs: number; readonly maxMs: number };
  readonly budget: { /** Retries for each request. */ readonly ratio: number; readonly minPerSecond: number };
}

const backoff = checked(
  object({
    base: defaulted(
      durationMs({ min: 1, max: 60_000 }),
      '25ms',
      'Longest pause before the second try; each further one doubles it. The pause is drawn from 0 to that.',
    ),
    max: defaulted(durationMs({ min: 1, max: 60_000 }), '250ms', 'Longest pause before any try.'),
  }),
  ({ base, max }) =>
    base > max ? { code: 'base_over_max', message: `base is ${base} ms, and so longer than max, which is ${max} ms` } : undefined,
);

const written = object({
  attempts: defaulted(integer({ min: 1, max: 10 }), 2, 'Tries in all, the first included.'),
  on: defaulted(
    list(choice(CAUSES)),
    ['connect', 'reset', 'timeout', '408', '429', '502', '503', '504'],
    'What is tried again, where the request may be repeated. `timeout` is the attempt timeout (`deadline.attempt`); 429 only with a `Retry-After` that fits.',
  ),
  keepBytes: defaulted(sizeBytes({ min: 0, max: 16 * 1024 ** 2 }), '64KiB', 'Largest request body that is kept to be sent again.'),
  upstreamHonoursKey: defaulted(
    boolean(),
    false,
    'The upstream executes a request once for each idempotency key: then a POST or PATCH with one (`Idempotency-Key`, or where `idempotency` finds it) may be repeated too.',
  ),
  backoff: defaulted(backoff, {}, 'Pauses between tries. A `Retry-After` of the upstream that is longer takes their place.'),
  budget: defaulted(
    object({
      ratio: defaulted(number({ min: 0, max: 10 }), 0.2, 'Retries for each request, over the last 10 seconds.'),
      minPerSecond: defaulted(
        integer({ min: 0, max: 10_000 }),
        10,
        'Retries that are allowed each second besides, so that a quiet route can retry.',
      ),
    }),
    {},
    'How many retries an upstream may be asked to bear, over all requests of the route.',
  ),
});

export const retrySchema: Schema<RetryConfig> = mapped(written, ({ backoff, ...rest }) => ({
  ...rest,
  backoff: { baseMs: backoff.base, maxMs: backoff.max },
}));
