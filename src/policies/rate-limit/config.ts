import {
  type Schema,
  boolean,
  checkedParts,
  choice,
  defaulted,
  durationMs,
  integer,
  list,
  mapped,
  object,
  oneOf,
  optional,
  required,
  string,
} from '../../core/schema.ts';

/** What requests are told apart by: each value has a count of its own. */
export type KeyPart = 'consumer' | 'operation' | 'peer' | `header:${string}`;

/** One entry of `policies.rateLimit` (semantics RL). */
export interface RateLimitConfig {
  /** Shown in RateLimit, RateLimit-Policy and metrics. */
  readonly name: string;
  /** Requests in `perMs`. */
  readonly rate: number;
  readonly perMs: number;
  /** Requests that may come at once. */
  readonly burst: number;
  readonly key: readonly KeyPart[];
  /** Counted only, never refused (RL-4). */
  readonly shadow: boolean;
  /** `queue`: a request waits for its turn instead of being refused (RL-5). */
  readonly mode: 'refuse' | 'queue';
  /** Requests that wait at a time, for each key. */
  readonly queue: number;
  /** What happens when the shared store cannot be asked: this replica's share counts, or the request is refused (RL-3). */
  readonly onStoreError: 'local' | 'refuse';
  /** Send `X-RateLimit-*` too. */
  readonly legacyHeaders: boolean;
}

export const DEFAULT_QUEUE = 100;

const part: Schema<KeyPart> = mapped(
  string({
    type: 'key',
    form: 'consumer, operation, peer or header:NAME',
    pattern: /^(?:consumer|operation|peer|header:[A-Za-z0-9!#$%&'*+.^_`|~-]{1,128})$/,
  }),
  (text) => (text.startsWith('header:') ? text.toLowerCase() : text) as KeyPart,
);

const key = oneOf<readonly KeyPart[]>('`consumer`, `operation`, `peer`, `header:NAME`, or a list of them', [
  { when: 'text', schema: mapped(part, (one) => [one]) },
  { when: 'list', schema: list(part, { min: 1 }) },
]);

const written = object({
  name: required(
    string({ type: 'name', form: 'letters, digits, - and _', pattern: /^[A-Za-z0-9][A-Za-z0-9_-]*$/, maxLength: 64 }),
    'Shown in `RateLimit`, `RateLimit-Policy` and metrics.',
  ),
  rate: required(integer({ min: 1, max: 1_000_000 }), 'Requests in `per`.'),
  per: defaulted(durationMs({ min: 1, max: 86_400_000 }), '1s', 'The time that `rate` is about.'),
  burst: optional(integer({ min: 1, max: 1_000_000 }), 'Requests that may come at once. Absent: as many as `rate`.'),
  key: defaulted(key, 'consumer', 'What requests are told apart by; of a list, all together.'),
  shadow: defaulted(boolean(), false, 'Count what would be refused, and let it pass.'),
  mode: defaulted(
    choice(['refuse', 'queue']),
    'refuse',
    '`refuse` answers 429. `queue` lets a request wait for its turn: for quotas of partners.',
  ),
  queue: defaulted(
    integer({ min: 1, max: 10_000 }),
    DEFAULT_QUEUE,
    'With `mode: queue`: how many wait at a time for each key; beyond it 429.',
  ),
  onStoreError: defaulted(
    choice(['local', 'refuse']),
    'local',
    'What happens when Redis cannot be asked: this replica counts its share by itself, or the answer is 503.',
  ),
  legacyHeaders: defaulted(boolean(), false, 'Send `X-RateLimit-Limit`, `-Remaining` and `-Reset` too.'),
});

const limit: Schema<RateLimitConfig> = mapped(written, ({ per, burst, ...rest }) => ({ ...rest, perMs: per, burst: burst ?? rest.rate }));

export const rateLimitSchema: Schema<readonly RateLimitConfig[]> = checkedParts(list(limit, { min: 1 }), (limits) =>
  limits.flatMap(({ name, mode, shadow }, i) => [
    ...(limits.findIndex((other) => other.name === name) < i
      ? [{ below: [i, 'name'], code: 'duplicate_name', message: `"${name}" is the name of another limit of this route` }]
      : []),
    ...(mode === 'queue' && shadow
      ? [{ below: [i, 'mode'], code: 'shadow_queue', message: 'a limit that only counts (`shadow: true`) makes nobody wait' }]
      : []),
  ]),
);
