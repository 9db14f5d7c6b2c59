import { Children, bornAtLoad } from '../../core/children.ts';
import type { Exchange } from '../../core/exchange.ts';
import { forwardedTimeoutMs } from '../../core/forwarded-timeout.ts';
import { headerValue } from '../../core/headers.ts';
import { lastFault } from '../../core/last-fault.ts';
import { coreMetrics } from '../../core/metrics.ts';
import type { RouteSpec } from '../../core/policy.ts';
import type { Clock, Counter, Family, Timer, Timers } from '../../core/ports.ts';
import { type Rejection, type RejectionCode, rejection } from '../../core/rejection.ts';
import { type Answer, type Policy, type Stage, refuse } from '../../core/stage.ts';
import { isGrpc } from '../../core/stream-types.ts';
import type { DeadlineConfig } from './config.ts';
import { deadlineMetrics } from './metrics.ts';
import { timeoutMs } from './timeout-header.ts';

const HEADER = 'x-request-timeout-ms';

class Watch {
  total: Timer | undefined = undefined;
  idle: Timer | undefined = undefined;
  /** Set when the deadline fell due; it counts where this is what cancelled the exchange. */
  fell: Rejection | undefined = undefined;
}

/** How long an exchange may take (DL-1, DL-2, DL-3, DL-6), and how long its stream may be silent. */
class Deadline implements Stage<Watch> {
  readonly name = 'deadline';
  readonly #config: DeadlineConfig;
  readonly #headers: readonly string[];
  readonly #clock: Clock;
  readonly #timers: Timers;
  readonly #untrusted: Family<Counter, readonly ['header']>;
  readonly #timeouts: Children<Readonly<Record<Phase, Counter>>>;

  constructor(
    config: DeadlineConfig,
    route: RouteSpec,
    clock: Clock,
    timers: Timers,
    untrusted: Family<Counter, readonly ['header']>,
    timeouts: Family<Counter, readonly ['direction', 'api', 'operation', 'phase']>,
  ) {
    this.#config = config;
    this.#headers = [HEADER, ...config.aliases.map((name) => name.toLowerCase())];
    this.#clock = clock;
    this.#timers = timers;
    this.#untrusted = untrusted;
    for (const header of this.#headers) untrusted.with(header);
    const { direction, api } = route;
    const of = (operation: string, phase: Phase): [Phase, Counter] => [phase, timeouts.with(direction, api, operation, phase)];
    this.#timeouts = new Children(
      (operation) => Object.fromEntries(ALL_PHASES.map((phase) => of(operation, phase))) as Readonly<Record<Phase, Counter>>,
    );
    for (const { id } of bornAtLoad(route)) this.#timeouts.get(id);
  }

  open(): Watch {
    return new Watch();
  }

  onRequest(x: Exchange, watch: Watch): Answer | undefined {
    const asked = this.#asked(x);
    const { totalMs } = this.#config;
    const budgetMs = asked === undefined ? totalMs : totalMs === undefined ? asked : Math.min(asked, totalMs);
    if (budgetMs === undefined) return undefined;
    x.deadlineAt = x.startedAt + budgetMs;
    const remainingMs = x.deadlineAt - this.#clock.monotonicMs();
    if (forwardedTimeoutMs(remainingMs) <= 0) {
      return refuse(rejection('DEADLINE_EXHAUSTED', `the ${budgetMs} ms that were left are too short to ask the upstream`));
    }
    watch.total = this.#timers.after(remainingMs, () => {
      watch.fell = due(x);
      x.cancel(watch.fell);
    });
    return undefined;
  }

  onResponse(x: Exchange, answer: Answer, watch: Watch): Answer {
    watch.total?.cancel();
    watch.total = undefined;
    if (answer.body === 'stream' && !mayBeSilent(x, answer)) this.#watchIdle(x, watch, this.#config.idleMs);
    return answer;
  }

  onFinish(x: Exchange, _end: unknown, watch: Watch): void {
    watch.total?.cancel();
    watch.idle?.cancel();
    const phase = watch.fell !== undefined && x.cancelled === watch.fell ? phaseOfTotal(watch.fell) : phaseOf(x.answer?.rejection);
    // Also where nothing ran out of time: an operation's phases are born with its first use, so that a first timeout is seen.
    const phases = this.#timeouts.get(x.operationId);
    if (phase !== undefined) phases[phase].inc();
  }

  /** The shortest time that a trusted caller gave; every such header is taken away, ours is written anew for each try. */
  #asked(x: Exchange): number | undefined {
    let shortest: number | undefined;
    for (const header of this.#headers) {
      const value = headerValue(x.request.headers, header);
      if (value === undefined) continue;
      x.requestEdits.remove(header);
      const ms = x.peer.trusted ? timeoutMs(header, value) : undefined;
      if (ms === undefined) {
        this.#untrusted.with(header).inc();
        continue;
      }
      shortest = shortest === undefined ? ms : Math.min(shortest, ms);
      if (header !== HEADER) x.timeoutAliases = [...x.timeoutAliases, header];
    }
    return shortest;
  }

  /** Looks once per limit whether a byte has moved since, rather than setting a timer at each. */
  #watchIdle(x: Exchange, watch: Watch, afterMs: number): void {
    watch.idle = this.#timers.after(afterMs, () => {
      const leftMs = x.activeAt + this.#config.idleMs - this.#clock.monotonicMs();
      if (leftMs > 0) return this.#watchIdle(x, watch, leftMs);
      x.flags.push('idle');
      x.cut(rejection('UPSTREAM_TIMEOUT', `nothing of the answer came for ${this.#config.idleMs} ms`));
    });
  }
}

const ALL_PHASES = ['connect', 'headers', 'body', 'total', 'exhausted'] as const;

type Phase = (typeof ALL_PHASES)[number];

const PHASES: Partial<Record<RejectionCode, Phase>> = {
  CONNECT_TIMEOUT: 'connect',
  UPSTREAM_TIMEOUT: 'headers',
  REQUEST_TIMEOUT: 'body',
  DEADLINE_EXHAUSTED: 'exhausted',
};

function phaseOf(r: Rejection | undefined): Phase | undefined {
  return r === undefined ? undefined : PHASES[r.code];
}

/** Whatever the last try's own fault was, it is all of the time that is up; where nobody was asked that says more. */
function phaseOfTotal({ code }: Rejection): Phase | undefined {
  return code === 'REQUEST_TIMEOUT' || code === 'DEADLINE_EXHAUSTED' ? PHASES[code] : 'total';
}

/** DL-2: what has changed protocols, and a gRPC stream without a `grpc-timeout`, may be silent for as long as it likes. */
function mayBeSilent(x: Exchange, { status }: Answer): boolean {
  if (status === 101) return true;
  const { headers } = x.request;
  return isGrpc(headers) && headerValue(headers, 'grpc-timeout') === undefined;
}

/**
 * Whose fault it is that the time is up (ER-0, DL-6). An upload that the gateway has not asked for yet (its caller waits in a queue of ours, perhaps
 * for a 100), or that it holds back because the upstream does not read, is not the caller's to be late with.
 */
function due(x: Exchange): Rejection {
  if (x.requestBody.awaited) return rejection('REQUEST_TIMEOUT', 'the request body did not arrive in time');
  if (x.asked === 0) return rejection('DEADLINE_EXHAUSTED', 'the time was up before the upstream could be asked');
  // Between two tries, or before the next one has come to the upstream, it is the last one's fault; one under way is late itself.
  const isAsking = x.asked === x.attempts && x.retryReasons.length < x.attempts;
  const { state } = x.requestBody;
  if (isAsking && (state === 'unread' || state === 'arriving')) {
    return rejection('UPSTREAM_TIMEOUT', 'the upstream did not take the whole request before the deadline');
  }
  return isAsking
    ? rejection('UPSTREAM_TIMEOUT', 'the upstream did not answer before the deadline')
    : rejection(lastFault(x), 'the time was up before the upstream could be asked again');
}

export const deadline = {
  name: 'deadline',
  compile: (config, route, deps) =>
    new Deadline(
      config,
      route,
      deps.clock,
      deps.timers,
      deps.meter.counter(coreMetrics.untrusted),
      deps.meter.counter(deadlineMetrics.timeouts),
    ),
} satisfies Policy<'deadline', DeadlineConfig>;
