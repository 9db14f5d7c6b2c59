import type { Exchange } from '../../core/exchange.ts';
import type { RouteSpec } from '../../core/policy.ts';
import type { AccessLog as AccessLogPort, Clock } from '../../core/ports.ts';
import { outcomeOf } from '../../core/outcome.ts';
import type { Policy, Stage } from '../../core/stage.ts';

const round = (ms: number): number => Math.round(ms * 1000) / 1000;

/** One JSON line an exchange (configuration.md, "Access log"): never a query, a payload, or a header that was not read for its meaning. */
class AccessLog implements Stage<void> {
  readonly name = 'accessLog';
  readonly #route: RouteSpec;
  readonly #clock: Clock;
  readonly #log: AccessLogPort;

  constructor(route: RouteSpec, clock: Clock, log: AccessLogPort) {
    this.#route = route;
    this.#clock = clock;
    this.#log = log;
  }

  onFinish(x: Exchange): void {
    const route = this.#route;
    const outcome = outcomeOf(x);
    this.#log.write({
      direction: route.direction,
      route: route.name,
      api: route.api,
      contract_version: route.contract?.version ?? '',
      operation: x.operationId,
      method: x.request.method,
      path: x.request.path,
      status: outcome.status,
      code: outcome.code,
      origin: outcome.origin,
      consumer: x.consumer.name,
      consumer_version: x.consumer.version,
      request_id: x.requestId,
      correlation_id: x.correlationId,
      causation_id: x.causationId,
      trace_id: x.traceId,
      span_id: x.spanId,
      duration_ms: round((x.endedAt ?? this.#clock.monotonicMs()) - x.startedAt),
      upstream_ms: round(x.upstreamMs),
      attempts: x.attempts,
      request_bytes: x.requestBody.receivedBytes + x.upgradedBytes,
      response_bytes: x.responseBytes,
      peer: x.peer.address,
      violations: x.findings.length,
      flags: outcome.flags,
      detail: x.answer?.rejection?.detail ?? '',
    });
  }
}

export const accessLog = {
  name: 'accessLog',
  compile: (config, route, deps) => (config === 'off' ? undefined : new AccessLog(route, deps.clock, deps.accessLog)),
} satisfies Policy<'accessLog', string>;
