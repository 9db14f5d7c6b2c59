/**
 * Header fields that come with HTTP itself, or with what stands between a client and a service: that a document does not name them says nothing.
 * Fields of requests are among them, as services echo them. By source; docs/drift.md has the list for people.
 */
const NAMES: readonly string[] = [
  // The IANA registry of field names, https://www.iana.org/assignments/http-fields (RFC 9110 §18.4), permanent and provisional ones.
  'a-im accept accept-additions accept-ch accept-charset accept-datetime accept-encoding accept-features accept-language accept-patch',
  'accept-post accept-query accept-ranges accept-signature access-control-allow-credentials access-control-allow-headers',
  'access-control-allow-methods access-control-allow-origin access-control-expose-headers access-control-max-age',
  'access-control-request-headers access-control-request-method activate-storage-access age allow alpn alt-svc alt-used alternates',
  'amp-cache-transform apply-to-redirect-ref authentication-control authentication-info authorization available-dictionary c-ext c-man c-opt',
  'c-pep cache-control cache-group-invalidation cache-groups cache-status cal-managed-id caldav-timezones capsule-protocol cdn-cache-control',
  'cdn-loop cert-not-after cert-not-before clear-site-data client-cert client-cert-chain close cmcd-object cmcd-request cmcd-session',
  'cmcd-status cmsd-dynamic cmsd-static concealed-auth-export configuration-context connection content-digest content-disposition',
  'content-encoding content-language content-length content-location content-range content-security-policy',
  'content-security-policy-report-only content-type cookie cross-origin-embedder-policy cross-origin-embedder-policy-report-only',
  'cross-origin-opener-policy cross-origin-opener-policy-report-only cross-origin-resource-policy cta-common-access-token dasl date dav',
  'default-style delta-base deprecation depth derived-from destination detached-jws differential-id dictionary-id dpop dpop-nonce early-data',
  'ediint-features etag expect expect-ct expires ext forwarded from getprofile hobareg host http2-settings if if-match if-modified-since',
  'if-none-match if-range if-schedule-tag-match if-unmodified-since im include-referred-token-binding-id isolation keep-alive label',
  'last-event-id last-modified link link-template location lock-token man max-forwards memento-datetime meter method-check',
  'method-check-expires mime-version negotiate nel odata-entityid odata-isolation odata-maxversion odata-version opt',
  'optional-www-authenticate ordering-type origin origin-agent-cluster oscore oslc-core-version overwrite p3p pep pep-info permissions-policy',
  'pics-label ping-from ping-to position pragma prefer preference-applied priority profileobject protocol protocol-request proxy-authenticate',
  'proxy-authentication-info proxy-authorization proxy-features proxy-instruction proxy-status public public-key-pins',
  'public-key-pins-report-only range redirect-ref referer referer-root referrer-policy refresh repeatability-client-id',
  'repeatability-first-sent repeatability-request-id repeatability-result replay-nonce reporting-endpoints repr-digest retry-after',
  'safe schedule-reply schedule-tag security-scheme server server-timing set-cookie set-cookie2 set-txn setprofile signature',
  'signature-input slug soapaction status-uri strict-transport-security sunset surrogate-capability surrogate-control tcn te timeout timing-allow-origin',
  'topic traceparent tracestate trailer transfer-encoding ttl unencoded-digest upgrade urgency uri use-as-dictionary user-agent variant-vary',
  'vary via want-content-digest want-digest want-repr-digest want-unencoded-digest warning www-authenticate x-content-type-options x-frame-options',
  'digest content-md5',
  // Connections as old senders still manage them (hop-by-hop, RFC 9110 §7.6.1).
  'proxy-connection upgrade-insecure-requests http2-settings',
  // What browsers add (Fetch, Client Hints, Global Privacy Control, Storage Access), beside `sec-…`.
  'dnt device-memory downlink dpr ect rtt save-data viewport-width width x-requested-with x-dns-prefetch-control x-xss-protection',
  'x-permitted-cross-domain-policies x-download-options x-ua-compatible x-robots-tag feature-policy report-to document-policy require-document-policy',
  'supports-loading-mode service-worker service-worker-allowed service-worker-navigation-preload sourcemap x-sourcemap',
  // Tracing and correlation: W3C Trace Context and Baggage, Zipkin B3, Jaeger, AWS X-Ray, Google Cloud, Datadog is below by its prefix.
  'baggage b3 uber-trace-id x-amzn-trace-id x-cloud-trace-context grpc-trace-bin request-id x-request-id x-correlation-id correlation-id x-trace-id',
  'traceresponse x-transaction-id x-client-request-id request-context x-request-start x-runtime x-response-time',
  // Proxies, load balancers and caches between a client and a service.
  'x-real-ip x-client-ip x-cluster-client-ip x-original-uri x-original-url x-original-host x-original-forwarded-for x-rewrite-url',
  'x-http-method-override x-method-override x-forwarded true-client-ip x-azure-ref x-azure-clientip x-azure-fdid x-served-by x-cache x-cache-hits x-cache-status',
  'x-timer x-varnish x-accel-buffering x-accel-expires x-accel-redirect x-sendfile x-powered-by x-aspnet-version x-aspnetmvc-version',
  'x-nginx-cache x-proxy-cache x-backend-server x-vercel-id x-vercel-cache x-nf-request-id fly-request-id x-served-from x-edge-location x-via fastly-io-info',
  // Calling itself repeated or signed (drafts of the IETF that gateways speak), and limits: told of by the policies that read them.
  'idempotency-key idempotency-replayed idempotent-replayed ratelimit ratelimit-policy ratelimit-limit ratelimit-remaining ratelimit-reset',
];

/** The same by how they begin: CDNs, meshes, tracers, limits, and this gateway. */
const PREFIXES: readonly string[] = [
  'access-control-',
  'sec-',
  'x-forwarded-',
  'x-plumbline-',
  'x-b3-',
  'x-datadog-',
  'x-ot-span-',
  'ot-',
  'ot-tracer-',
  'uberctx-',
  'x-envoy-',
  'x-istio-',
  'l5d-',
  'x-kong-',
  'x-amz-cf-',
  'x-amz-apigw-',
  'x-amzn-',
  'x-goog-',
  'x-google-',
  'x-appengine-',
  'x-msedge-',
  'x-akamai-',
  'akamai-',
  'cf-',
  'cdn-',
  'fastly-',
  'x-fastly-',
  'x-cdn',
  'x-iinfo',
  'surrogate-',
  'x-ratelimit-',
  'x-rate-limit-',
  'ratelimit-',
];

const KNOWN: ReadonlySet<string> = new Set(NAMES.flatMap((line) => line.split(' ')));

/** `lower`: in lower case. */
export function isWellKnownField(lower: string): boolean {
  return KNOWN.has(lower) || PREFIXES.some((prefix) => lower.startsWith(prefix));
}
