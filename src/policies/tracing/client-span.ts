import type { Attempt, Exchange } from '../../core/exchange.ts';
import type { SampledTrace, Span } from '../../core/span.ts';
import type { Answer, AttemptEnd } from '../../core/stage.ts';
import { Attributes, authority, methodOf, spanName } from './attributes.ts';

/** Where a route's tries go: its upstream's origin and the parts of it. */
export interface Destination {
  /** `http://host:port` */
  readonly origin: string;
  readonly scheme: string;
  /** `host:port` */
  readonly authority: string;
}

/** What a try came to. */
export interface TryOutcome {
  /** As the stages outside saw it; undefined where there was none. */
  readonly answer: Answer | undefined;
  readonly end: AttemptEnd;
  /** Monotonic clock, milliseconds. */
  readonly endedAt: number;
}

/** The span of one try (OpenTelemetry semantic conventions, "HTTP client"). */
export function clientSpan(x: Exchange, t: Attempt, { flags, state }: SampledTrace, to: Destination, outcome: TryOutcome): Span {
  const status = t.answer?.status;
  const code = codeOf(x, outcome);
  const left = code === 'CLIENT_CLOSED';
  const error = left ? '' : code !== '' ? code : status !== undefined && status >= 400 ? String(status) : '';
  const attributes = new Attributes();
  methodOf(attributes, x.request.method);
  attributes.add('url.full', fullUrl(t, to));
  attributes.add('url.scheme', to.scheme);
  authority(attributes, to.authority);
  attributes.add('http.response.status_code', status);
  attributes.add('error.type', error);
  if (t.number > 1) attributes.add('http.request.resend_count', t.number - 1);
  attributes.add('network.protocol.version', '1.1');
  attributes.add('plumbline.api', x.route.api);
  attributes.add('plumbline.operation', x.operationId);
  attributes.add('plumbline.code', code);
  return {
    kind: 'client',
    name: spanName(x),
    traceId: x.traceId,
    spanId: t.spanId,
    parentId: x.spanId,
    flags,
    state,
    startedAt: t.askedAt ?? t.startedAt, // a queue of ours is none of the upstream's
    endedAt: outcome.endedAt,
    status: error === '' ? 'unset' : 'error',
    attributes: attributes.list,
    findings: [],
  };
}

/** What went wrong with the try, in the words of the metrics. A caller that left is no fault of the upstream's. */
function codeOf(x: Exchange, { answer, end }: TryOutcome): string {
  if (end === 'client-closed') return 'CLIENT_CLOSED';
  if (answer?.rejection !== undefined) return answer.rejection.code;
  if (end === 'upstream-broken') return 'UPSTREAM_RESET';
  return end === 'cut' ? (x.brokenBy ?? '') : '';
}

/** Never the query: it may hold secrets. Nothing where the try never came to ask. */
function fullUrl(t: Attempt, to: Destination): string {
  if (t.target === '' || t.target === '*') return '';
  const query = t.target.indexOf('?');
  return to.origin + (query < 0 ? t.target : t.target.slice(0, query));
}
