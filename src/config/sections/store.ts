import { type Schema, choice, defaulted, durationMs, object, optional, sizeBytes, string } from '../../core/schema.ts';
import { orVariable } from '../../core/schema/node.ts';
import { scalar, wrongType } from '../../core/schema/scalars.ts';
import { redisUrl } from '../redis-url.ts';

const MOST_REPLICAS = 10_000;

/** `auto`, or how many there are. */
const replicas: Schema<number | 'auto'> = scalar<number | 'auto'>({
  empty: 'auto',
  type: `\`auto\` or whole number, 1 to ${MOST_REPLICAS}`,
  json: orVariable({ anyOf: [{ const: 'auto' }, { type: 'integer', minimum: 1, maximum: MOST_REPLICAS }] }),
  read(value) {
    if (value === 'auto') return { value };
    const count = typeof value === 'string' && /^\d{1,5}$/.test(value) ? Number(value) : value;
    if (typeof count !== 'number' || !Number.isInteger(count)) return { fault: wrongType('`auto` or a whole number', value) };
    if (count >= 1 && count <= MOST_REPLICAS) return { value: count };
    return { fault: { code: 'out_of_range', message: `${count} is not within 1 to ${MOST_REPLICAS}`, found: String(count) } };
  },
});

/** Which keys go with which `kind` is said by checkStore. */
export const storeSchema = object({
  kind: defaulted(
    choice(['memory', 'redis']),
    'memory',
    'Where what rate limits count and what is known of idempotency keys is kept: in the `memory` of each process, or in a `redis` that all replicas share.',
  ),
  maxBytes: defaulted(
    sizeBytes({ min: 1024 ** 2, max: 64 * 1024 ** 3 }),
    '64MiB',
    'Of `memory`: what it may take, a quarter of it for rate limits. Beyond it what was not used for longest goes first.',
  ),
  url: optional(
    redisUrl(),
    'Of `redis`, and required there: `redis://[user][:password]@host[:port][/database]`; `rediss://` for TLS, with a certificate that the system trusts.',
  ),
  timeout: defaulted(
    durationMs({ min: 1, max: 1000 }),
    '20ms',
    'Of `redis`: what it may take to answer. Beyond it a request goes on as its route says, and the next ones do not wait at all until it answers again.',
  ),
  prefix: defaulted(
    string({
      type: 'prefix',
      form: 'letters, digits, . _ : -',
      pattern: /^[A-Za-z0-9][A-Za-z0-9._:-]{0,62}$/,
      maxLength: 63,
    }),
    'plumbline',
    'Of `redis`: what all keys begin with. Gateways with the same one share their limits.',
  ),
  replicas: defaulted(
    replicas,
    'auto',
    'Of `redis`: how many gateways share it, among whom a limit is divided while it is away. `auto`: they are counted.',
  ),
});
