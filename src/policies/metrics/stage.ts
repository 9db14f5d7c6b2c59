import type { Exchange } from '../../core/exchange.ts';
import { methodLabel, statusClass } from '../../core/labels.ts';
import { type ExchangeOutcome, outcomeOf } from '../../core/outcome.ts';
import type { RouteSpec } from '../../core/policy.ts';
import type { Clock, Counter, Gauge, Histogram, Meter } from '../../core/ports.ts';
import type { Policy, Stage } from '../../core/stage.ts';
import { Children, bornAtLoad } from '../../core/children.ts';
import { exchangeMetrics } from './metrics.ts';
import { RetryCounts } from './retry-counts.ts';

/** The operation of requests that no route takes: nothing of theirs is ever tried. */
const NO_ROUTE = '_none';

/** Children of one operation, all that is fixed already bound. */
class OperationSeries {
  readonly duration: Children<Histogram>;
  readonly requests: Children<Counter>;

  constructor(meter: Meter, { direction, api }: RouteSpec, operation: string) {
    const duration = meter.histogram(exchangeMetrics.duration);
    const requests = meter.counter(exchangeMetrics.requests);
    this.duration = new Children((status) => duration.with(direction, api, operation, status));
    this.requests = new Children((key) => {
      const [method, status, code, origin] = key.split(' ') as [string, string, string, string];
      return requests.with(direction, api, operation, method, status, code, origin);
    });
  }
}

/** The exchange's counters and histograms (observability.md); `consumer` never on a histogram. */
class Metrics implements Stage<void> {
  readonly name = 'metrics';
  readonly #clock: Clock;
  readonly #operations: Children<OperationSeries>;
  readonly #consumers: Children<Counter>;
  readonly #retries: RetryCounts;
  readonly #inFlight: Gauge;
  readonly #requestBytes: Histogram;
  readonly #responseBytes: Histogram;
  readonly #overhead: Histogram;

  constructor(route: RouteSpec, clock: Clock, meter: Meter) {
    const { direction, api } = route;
    this.#clock = clock;
    this.#retries = new RetryCounts(route, meter);
    this.#operations = new Children((operation) => {
      if (operation !== NO_ROUTE) this.#retries.born(operation);
      return new OperationSeries(meter, route, operation);
    });
    const consumers = meter.counter(exchangeMetrics.consumerRequests);
    this.#consumers = new Children((key) => {
      const [status, consumer, version] = key.split('\n') as [string, string, string];
      return consumers.with(direction, api, consumer, version, status);
    });
    this.#inFlight = meter.gauge(exchangeMetrics.inFlight).with(direction, api);
    this.#requestBytes = meter.histogram(exchangeMetrics.requestBytes).with(direction, api);
    this.#responseBytes = meter.histogram(exchangeMetrics.responseBytes).with(direction, api);
    this.#overhead = meter.histogram(exchangeMetrics.overhead).with(direction);
    for (const { id } of bornAtLoad(route)) this.#operations.get(id).duration.get('2xx');
  }

  onRequest(): undefined {
    this.#inFlight.inc();
  }

  onFinish(x: Exchange): void {
    this.#inFlight.dec();
    const outcome = outcomeOf(x);
    const klass = statusClass(outcome.status);
    const series = this.#operations.get(x.operationId);
    series.requests.get(requestKey(x, outcome)).inc();
    this.#consumers.get(`${klass}\n${x.consumer.name}\n${x.consumer.version}`).inc();
    this.#retries.count(x, outcome);
    if (x.requestBody.receivedBytes > 0) this.#requestBytes.observe(x.requestBody.receivedBytes);
    if (x.responseBytes > 0) this.#responseBytes.observe(x.responseBytes);
    if (outcome.status === 499) return;
    series.duration
      .get(klass)
      .observe(((x.endedAt ?? this.#clock.monotonicMs()) - x.startedAt) / 1000, x.trace === undefined ? undefined : x);
    if (x.headAt !== undefined) this.#overhead.observe(Math.max(0, x.headAt - x.startedAt - x.upstreamMs - x.waitedMs) / 1000);
  }
}

function requestKey(x: Exchange, { status, code, origin }: ExchangeOutcome): string {
  // A replay and a fallback are answers that the gateway gave by itself; which of the two, the log says.
  return `${methodLabel(x.request.method)} ${status} ${code} ${origin === 'upstream' ? 'upstream' : 'gateway'}`;
}

export const metrics = {
  name: 'metrics',
  compile: (_config, route, deps) => new Metrics(route, deps.clock, deps.meter),
} satisfies Policy<'metrics', undefined>;
