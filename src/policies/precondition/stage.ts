import { Children, bornAtLoad } from '../../core/children.ts';
import type { Exchange } from '../../core/exchange.ts';
import { headerValue } from '../../core/headers.ts';
import type { Deps, RouteSpec } from '../../core/policy.ts';
import type { Clock, Counter, Observer } from '../../core/ports.ts';
import { rejection } from '../../core/rejection.ts';
import { type Answer, type Policy, type Stage, refuse } from '../../core/stage.ts';
import type { PreconditionConfig } from './config.ts';
import { namedVersion, presentVersion } from './entity-tag.ts';
import { preconditionMetrics } from './metrics.ts';
import { Writes } from './writes.ts';

interface Series {
  readonly required: Counter;
  readonly failed: Counter;
}

/** Writes that say which version they change (PC-1), and those that overwrote another all the same (PC-2). */
class Precondition implements Stage<void> {
  readonly name = 'precondition';
  readonly #required: ReadonlySet<string>;
  readonly #clock: Clock;
  readonly #observer: Observer;
  readonly #writes: Writes;
  /** By operation; the contract bounds it. */
  readonly #series: Children<Series>;

  constructor(config: PreconditionConfig, route: RouteSpec, deps: Deps) {
    const { api } = route;
    this.#required = new Set(config.required);
    this.#clock = deps.clock;
    this.#observer = deps.observer;
    this.#writes = deps.live(`precondition:${route.name}`, () => new Writes());
    const family = deps.meter.counter(preconditionMetrics.preconditions);
    const of = (operation: string, outcome: keyof Series): Counter => family.with(api, operation, outcome);
    this.#series = new Children((operation) => ({ required: of(operation, 'required'), failed: of(operation, 'failed') }));
    for (const { id } of bornAtLoad(route)) this.#series.get(id);
  }

  onRequest(x: Exchange): Answer | undefined {
    const { operation } = x;
    if (operation === undefined || !this.#required.has(operation.id)) return undefined;
    const given = headerValue(x.request.headers, 'if-match');
    if (given !== undefined && given !== '') return undefined;
    this.#series.get(operation.id).required.inc();
    return refuse(
      rejection('PRECONDITION_REQUIRED', `${operation.id} must say which version it changes: send If-Match with the ETag of what was read`),
    );
  }

  onResponse(x: Exchange, answer: Answer): Answer {
    if (answer.origin !== 'upstream') return answer;
    const series = this.#series.get(x.operationId);
    if (answer.status === 412) series.failed.inc();
    else if (WRITES.has(x.request.method)) this.#written(x, answer);
    else if (READS.has(x.request.method)) this.#read(x, answer);
    return answer;
  }

  #written(x: Exchange, { status, headers }: Answer): void {
    // 202 is a promise: nobody knows yet what it writes to.
    if (status < 200 || status >= 300 || status === 202) return;
    const [version, made] = [namedVersion(x.request.headers), presentVersion(headers)];
    const nowMs = this.#clock.monotonicMs();
    if (version === undefined) {
      if (made !== undefined) this.#writes.present(x, made, nowMs);
      return;
    }
    const lost = this.#writes.succeeded(x, version, made, nowMs);
    if (lost !== undefined) this.#observer.lostUpdate(x, lost);
  }

  #read(x: Exchange, { status, headers }: Answer): void {
    if (status !== 200 && status !== 304) return;
    const version = presentVersion(headers);
    if (version !== undefined) this.#writes.present(x, version, x.startedAt);
  }
}

const WRITES: ReadonlySet<string> = new Set(['PUT', 'PATCH', 'DELETE']);
const READS: ReadonlySet<string> = new Set(['GET', 'HEAD']);

export const precondition = {
  name: 'precondition',
  compile: (config, route, deps) => new Precondition(config, route, deps),
} satisfies Policy<'precondition', PreconditionConfig>;
