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
import { circuitBreakerSchema } from '../../policies/circuit-breaker/config.ts';
import { concurrencySchema } from '../../policies/concurrency/config.ts';
import { fallbackSchema } from '../../policies/fallback/config.ts';
import { idempotencySchema } from '../../policies/idempotency/config.ts';
import { loadShedSchema } from '../../policies/load-shed/config.ts';
import { preconditionSchema } from '../../policies/precondition/config.ts';
import { rateLimitSchema } from '../../policies/rate-limit/config.ts';
import { retrySchema } from '../../policies/retry/config.ts';
import { contractSchema } from '../../policies/contract/config.ts';
import { deadlineSchema } from '../../policies/deadline/config.ts';
import { mediaType, name, origin, requestHost } from '../values.ts';
import { webhooksSchema } from './webhooks.ts';

export const policiesSchema = object({
  contract: optional(contractSchema, 'Holds traffic against the contract.'),
  deadline: optional(deadlineSchema, 'Bounds in time.'),
  rateLimit: optional(rateLimitSchema, 'Rate limits, by name; a request must pass all of them.'),
  idempotency: optional(idempotencySchema, 'Idempotency keys: a request is executed once.'),
  precondition: optional(preconditionSchema, 'Changes must name the version that they change.'),
  retry: optional(retrySchema, 'Tries again what may be repeated.'),
  circuitBreaker: optional(circuitBreakerSchema, 'Stops asking an upstream that fails.'),
  concurrency: optional(concurrencySchema, 'Bounds the requests at the upstream at a time.'),
  loadShed: optional(loadShedSchema, 'Refuses new requests when the gateway itself has too much to do.'),
  fallback: optional(fallbackSchema, 'An answer for when the upstream has none.'),
  webhook: later('Webhook signatures.'),
});

/** Methods are case-sensitive tokens (RFC 9110 §9.1); all that are in use are in capitals. */
const method: Schema<string> = string({ type: 'method', form: 'in capitals', pattern: /^[A-Z][A-Z_-]*$/, maxLength: 32 });

/** As it stands in Host, but for the port: in lower case, IPv6 in brackets (RFC 3986 §3.2.2), without the dot of the root. */
function asInHost(text: string): string {
  const host = text.toLowerCase().replace(/\.$/, '');
  return host.includes(':') && !host.startsWith('[') ? `[${host}]` : host;
}

/** As it travels: RFC 3986 has no letters but those of ASCII. */
const matchPath = mapped(pathPrefix(), (text) => text.replace(/[^\0-\x7f]+/g, (letters) => encodeURIComponent(letters.toWellFormed())));

const match = object({
  path: defaulted(matchPath, '/', 'Beginning of the path, whole segments (`/v1` covers `/v1/x`, not `/v10`).'),
  host: optional(mapped(requestHost(), asInHost), 'Host that was asked for, in any case, without its port.'),
  methods: optional(
    list(method, { min: 1 }),
    'Methods. Absent: all. A request with another method goes to the next route that matches, else it is answered 404.',
  ),
  headers: defaulted(
    record(string(), { key: 'header name', pattern: /^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/ }),
    {},
    'Header fields that must be there with exactly this value; a field that stands twice has both values, joined by `, `.',
  ),
  mediaType: optional(
    mediaType(),
    'Media type of the body, or one that is accepted: `application/vnd.billing.v2+json`, `application/vnd.billing+json;version=2`. Wildcards of Accept do not ask for it.',
  ),
});

const url = mapped(origin(), (text) => (URL.canParse(text) ? new URL(text).origin : text));

const DEFAULTS = { connections: 256, idle: '4s' } as const;

const upstreamMapping = object({
  url: required(url, 'Scheme, host and port: `http://127.0.0.1:3000`.'),
  preserveHost: optional(
    boolean(),
    "Send the caller's Host on; `false`: the upstream's own. Absent: `true` on an ingress listener, `false` on an egress one.",
  ),
  stripPrefix: optional(matchPath, 'Taken off the beginning of the path, whole segments, before contract and upstream see it.'),
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
    'Which requests; all must hold. Of several routes the longest path wins, then host, then headers, then a media type, then methods, never the order in the file.',
  ),
  upstream: required(upstream, 'Where they go.'),
  contract: optional(name(), 'Contract that they are held against.'),
  webhooks: optional(
    webhooksSchema,
    'The requests are webhooks: held against those of the contract (OpenAPI 3.1 `webhooks`) instead of its paths. Says how each names itself.',
  ),
  policies: defaulted(
    policiesSchema,
    {},
    'Policies of this route. Each replaces the one of that name under the top-level `policies` whole.',
  ),
});

export const routesSchema = list(route, { min: 1 });
