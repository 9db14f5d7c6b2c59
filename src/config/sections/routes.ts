import {
  type Infer,
  type Schema,
  boolean,
  defaulted,
  durationMs,
  integer,
  later,
  list,
  mapped,
  object,
  oneOf,
  optional,
  pathPrefix,
  record,
  required,
  string,
} from '../../core/schema.ts';
import { contractSchema } from '../../policies/contract/config.ts';
import { deadlineSchema } from '../../policies/deadline/config.ts';
import { name, origin, requestHost } from '../values.ts';

export const policiesSchema = object({
  contract: optional(contractSchema, 'Holds traffic against the contract.'),
  deadline: optional(deadlineSchema, 'Bounds in time.'),
  rateLimit: later('Rate limits.'),
  idempotency: later('Idempotency keys.'),
  precondition: later('Required preconditions.'),
  retry: later('Retries.'),
  circuitBreaker: later('Circuit breaker.'),
  concurrency: later('Concurrency limits.'),
  loadShed: later('Load shedding.'),
  fallback: later('Fallback answers.'),
  webhook: later('Webhook signatures.'),
});

/** Methods are case-sensitive tokens (RFC 9110 §9.1); all that are in use are in capitals. */
const method: Schema<string> = string({ type: 'method', form: 'in capitals', pattern: /^[A-Z][A-Z_-]*$/, maxLength: 32 });

const match = object({
  path: defaulted(pathPrefix(), '/', 'Beginning of the path, whole segments (`/v1` covers `/v1/x`, not `/v10`).'),
  host: optional(
    mapped(requestHost(), (text) => text.toLowerCase()),
    'Host that was asked for, without its port.',
  ),
  methods: optional(list(method, { min: 1 }), 'Methods. Absent: all.'),
  headers: defaulted(
    record(string(), { key: 'header name', pattern: /^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/ }),
    {},
    'Header fields that must be there with exactly this value.',
  ),
});

const url = mapped(origin(), (text) => (URL.canParse(text) ? new URL(text).origin : text));

const DEFAULTS = { connections: 256, idle: '4s' } as const;

const upstreamMapping = object({
  url: required(url, 'Scheme, host and port: `http://127.0.0.1:3000`.'),
  preserveHost: defaulted(boolean(), true, "Send the caller's Host on; `false`: the upstream's own."),
  stripPrefix: optional(pathPrefix(), 'Taken off the beginning of the path, whole segments.'),
  connections: defaulted(integer({ min: 1, max: 65_535 }), DEFAULTS.connections, 'Most connections to it at a time.'),
  idle: defaulted(
    durationMs({ min: 1, max: 3_600_000 }),
    DEFAULTS.idle,
    'How long an idle connection is kept; shorter than the upstream keeps it.',
  ),
  http2: later('HTTP/2 to the upstream.'),
  tls: later('TLS to the upstream.'),
});

type Upstream = Infer<typeof upstreamMapping>;

const upstreamText: Schema<Upstream> = mapped(url, (text) => ({ ...upstreamMapping.empty, url: text }));

const upstream = oneOf<Upstream>('a URL or `{ url, … }`', [
  { when: 'text', schema: upstreamText },
  { when: 'mapping', schema: upstreamMapping },
]);

const route = object({
  name: required(name(), 'Shown in metrics and logs.'),
  listener: required(name(), 'Listener that takes its requests.'),
  match: defaulted(
    match,
    {},
    'Which requests; all must hold. Of several routes the longest path wins, then host, then headers, then methods, never the order in the file.',
  ),
  upstream: required(upstream, 'Where they go.'),
  contract: optional(name(), 'Contract that they are held against.'),
  policies: defaulted(
    policiesSchema,
    {},
    'Policies of this route. Each replaces the one of that name under the top-level `policies` whole.',
  ),
});

export const routesSchema = list(route, { min: 1 });
