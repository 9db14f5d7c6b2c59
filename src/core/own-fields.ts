/**
 * Names, in lower case, of request fields that the gateway writes, or whose word it takes (semantics, table HD). A caller must not be able to make
 * them vanish on the way on (HY-3), nor to send them in a spelling that the service behind takes for the same name (HY-1).
 */
const OWN: ReadonlySet<string> = new Set([
  'x-request-id',
  'x-correlation-id',
  'x-causation-id',
  'traceparent',
  'tracestate',
  'baggage',
  'x-consumer-name',
  'x-consumer-version',
  'x-request-timeout-ms',
  'x-retry-attempt',
  'forwarded',
  'x-forwarded-for',
  'x-forwarded-proto',
  'x-forwarded-host',
  'via',
]);

const OWN_PREFIX = 'x-plumbline-';

/** Fields of the standard by which a message is framed, routed, authorised or judged. */
const RELIED_ON: ReadonlySet<string> = new Set([
  'host',
  'content-length',
  'transfer-encoding',
  'content-type',
  'content-encoding',
  'authorization',
  'cookie',
]);

/** `lower`: a field name in lower case. */
export function isOwnField(lower: string): boolean {
  return OWN.has(lower) || RELIED_ON.has(lower) || lower.startsWith(OWN_PREFIX);
}
