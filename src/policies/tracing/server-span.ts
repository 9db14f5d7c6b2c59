import type { Exchange } from '../../core/exchange.ts';
import { headerValue } from '../../core/headers.ts';
import { outcomeOf } from '../../core/outcome.ts';
import type { SampledTrace, Span } from '../../core/span.ts';
import { Attributes, authority, methodOf, spanName } from './attributes.ts';

/** Of what is deprecated, in one attribute. */
const MAX_PLACES = 20;

/**
 * The span of an exchange (OpenTelemetry semantic conventions, "HTTP server"). Never the query, a payload, or a field that was not read
 * for its meaning.
 */
export function serverSpan(x: Exchange, { parentId, flags, state }: SampledTrace, endedAt: number): Span {
  const { request } = x;
  const { status, code } = outcomeOf(x);
  const sent = x.headAt === undefined ? undefined : x.answer?.status;
  const error = errorOf(x, status, code);
  const attributes = new Attributes();
  methodOf(attributes, request.method);
  attributes.add('url.path', request.path);
  attributes.add('url.scheme', request.scheme);
  attributes.add('http.route', x.operation?.template);
  attributes.add('http.response.status_code', sent);
  attributes.add('error.type', error);
  authority(attributes, headerValue(request.headers, 'host'));
  attributes.add('client.address', x.peer.address);
  attributes.add('network.protocol.version', request.httpVersion);
  attributes.add('user_agent.original', headerValue(request.headers, 'user-agent'));
  attributes.add('plumbline.api', x.route.api);
  attributes.add('plumbline.operation', x.operationId);
  attributes.add('plumbline.contract.version', x.contract?.version);
  attributes.add('plumbline.contract.digest', x.contract?.digest);
  attributes.add('plumbline.consumer.name', x.consumer.name);
  attributes.add('plumbline.consumer.version', x.consumer.version);
  attributes.add('plumbline.code', code);
  attributes.add('plumbline.violations', x.findings.length);
  attributes.add('plumbline.deprecated', deprecatedIn(x));
  // A verdict may come later, and before the span is exported.
  x.foundDrift ??= [];
  return {
    kind: 'server',
    name: spanName(x),
    traceId: x.traceId,
    spanId: x.spanId,
    parentId,
    flags,
    state,
    startedAt: x.startedAt,
    endedAt,
    status: error === '' ? 'unset' : 'error',
    attributes: attributes.list,
    findings: x.findings,
    drift: x.foundDrift,
  };
}

/** Places of the contract that say so, of what the bodies had; the operation itself and its parameters can be seen without that. */
function deprecatedIn({ deprecatedFields }: Exchange): string | undefined {
  return deprecatedFields
    ?.slice(0, MAX_PLACES)
    .map(({ specPointer }) => specPointer)
    .join(' ');
}

/**
 * For a server only its own failures are errors: 5xx, and an answer that broke off. Not 4xx, and not a caller that left (EV-3);
 * `plumbline.code` tells of both.
 */
function errorOf(x: Exchange, status: number, code: string): string {
  if (status === 499) return '';
  if (status < 500 && x.end === 'complete') return '';
  return code === '' ? String(status) : code;
}
