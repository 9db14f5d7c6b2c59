/** Composition root: builds everything, starts it and drains it. The only folder that knows all the parts. */
import { EventLoopWatch } from '../adapters/system-clock/event-loop.ts';
import { Http1Server } from '../adapters/http1-server/server.ts';
import { systemClock, systemRandom, systemTimers } from '../adapters/system-clock/system.ts';
import { createAdmin } from '../admin/admin.ts';
import type { RunningServer } from '../admin/http.ts';
import { createProbes } from '../admin/probes.ts';
import type { ListenerSettings, Settings } from '../config/settings.ts';
import type { Exchange } from '../core/exchange.ts';
import { ListenError } from '../core/listen-error.ts';
import type { Deps } from '../core/policy.ts';
import { rejection } from '../core/rejection.ts';
import { violationObserver } from '../observation/violation-observer.ts';
import { ByteBudget } from '../pipeline/byte-budget.ts';
import { pipelineMetrics } from '../pipeline/metrics.ts';
import { type Generation, serve } from '../pipeline/pipeline.ts';
import { splitTarget } from '../pipeline/target.ts';
import { loadContracts, warmUp } from './contracts.ts';
import { buildGeneration } from './generation.ts';
import { type Observability, openObservability } from './observability.ts';
import { StartError } from './start-error.ts';
import { Upstreams } from './upstreams.ts';
import { GatewayViews } from './views.ts';

export interface Gateway {
  readonly listeners: ReadonlyArray<{ readonly name: string; readonly url: string }>;
  readonly admin: { readonly url: string };
  /** Undefined where the configuration names none. */
  readonly probes: { readonly url: string } | undefined;
  /** Takes nothing new, finishes what is in flight within the grace, then ends. */
  drain(): Promise<void>;
  readonly closed: Promise<void>;
}

/** Starts a gateway. Throws StartError where the configuration cannot be put to work: a contract, a port, a log that cannot be opened. */
export async function startGateway(settings: Settings): Promise<Gateway> {
  const starting = new RunningGateway(settings);
  try {
    await starting.start();
  } catch (error) {
    await starting.close();
    if (error instanceof ListenError) throw new StartError(error.message);
    throw error;
  }
  return starting;
}

class RunningGateway implements Gateway {
  readonly #settings: Settings;
  readonly #clock = systemClock;
  readonly #timers = systemTimers((error) => this.#timerFailed(error));
  readonly #random = systemRandom();
  readonly #observability: Observability;
  readonly #eventLoop = new EventLoopWatch();
  readonly #budget: ByteBudget;
  readonly #upstreams = new Upstreams(systemClock);
  readonly #views: GatewayViews;
  readonly #live = new Map<string, unknown>();
  readonly #inFlight = new Set<Exchange>();
  readonly #servers: Http1Server[] = [];
  readonly #admins: RunningServer[] = [];
  #whenIdle: (() => void) | undefined = undefined;
  #generation: Generation | undefined = undefined;
  #draining: Promise<void> | undefined = undefined;
  #ended: () => void = () => undefined;
  readonly closed = new Promise<void>((resolve) => {
    this.#ended = resolve;
  });
  listeners: { name: string; url: string }[] = [];
  admin = { url: '' };
  probes: { url: string } | undefined = undefined;

  constructor(settings: Settings) {
    this.#settings = settings;
    this.#observability = openObservability(settings, this.#random);
    this.#budget = new ByteBudget(settings.telemetry.limits.bufferedBytes);
    const buffered = this.#observability.prometheus.meter.gauge(pipelineMetrics.buffered).with();
    this.#views = new GatewayViews(settings, this.#observability, () => buffered.set(this.#budget.usedBytes));
  }

  /** Probes and admin first: while a large contract loads, `/readyz` says so. */
  async start(): Promise<void> {
    const { admin, probes } = this.#settings;
    this.#admins.push(await createAdmin(this.#views, admin));
    this.admin = { url: urlOf((this.#admins[0] as RunningServer).address) };
    if (probes !== undefined) {
      const server = await createProbes(this.#views, probes);
      this.#admins.push(server);
      this.probes = { url: urlOf(server.address) };
    }
    const { logger, prometheus } = this.#observability;
    const contracts = await loadContracts(this.#settings, { clock: this.#clock, timers: this.#timers, logger, meter: prometheus.meter });
    this.#views.contractsLoaded(contracts.items);
    const deps = this.#deps();
    this.#generation = buildGeneration({
      number: 1,
      settings: this.#settings,
      contracts: contracts.byName,
      upstreamOf: (route) => this.#upstreams.of(route),
      deps,
      run: {
        clock: this.#clock,
        timers: this.#timers,
        budget: this.#budget,
        errorDetail: this.#settings.errors.detail,
        bug: this.#bug(),
      },
    });
    for (const listener of this.#settings.listeners) await this.#listen(listener);
    this.#eventLoop.forget();
    this.#views.listening();
    warmUp(contracts.byName.values(), this.#timers);
  }

  #deps(): Deps {
    const { logger, accessLog, prometheus, violations } = this.#observability;
    return {
      clock: this.#clock,
      timers: this.#timers,
      random: this.#random,
      meter: prometheus.meter,
      logger,
      accessLog,
      observer: violationObserver(violations, this.#clock),
      overloaded: this.#eventLoop.overloaded,
      live: <T>(key: string, make: () => T): T => {
        if (!this.#live.has(key)) this.#live.set(key, make());
        return this.#live.get(key) as T;
      },
    };
  }

  #bug(): (x: Exchange, stage: string, hook: string, error: unknown) => void {
    const { logger, prometheus } = this.#observability;
    const bugs = prometheus.meter.counter(pipelineMetrics.bugs);
    return (x, stage, hook, error) => {
      bugs.with(stage, hook).inc();
      const stack = error instanceof Error ? error.stack : String(error);
      logger.error({ stage, hook, request_id: x.requestId, route: x.route.name, stack }, 'internal error');
    };
  }

  #timerFailed(error: unknown): void {
    const { logger, prometheus } = this.#observability;
    prometheus.meter.counter(pipelineMetrics.bugs).with('timers', 'after').inc();
    logger.error({ stack: error instanceof Error ? error.stack : String(error) }, 'internal error in a timer');
  }

  async #listen(settings: ListenerSettings): Promise<void> {
    const { name, host, port } = settings;
    const server = new Http1Server(settings, splitTarget, (head, down, address, refusal) => {
      this.#inFlight.add(serve(this.#generation as Generation, name, head, down, address, refusal, this.#done));
    });
    try {
      const address = await server.listen();
      this.#servers.push(server);
      this.listeners.push({ name, url: urlOf({ host: address.address, port: address.port }) });
    } catch (error) {
      throw new ListenError(`listener ${name}`, host, port, (error as NodeJS.ErrnoException).code ?? '');
    }
  }

  readonly #done = (x: Exchange): void => {
    this.#inFlight.delete(x);
    if (this.#inFlight.size === 0) this.#whenIdle?.();
  };

  drain(): Promise<void> {
    this.#draining ??= this.#drain();
    return this.#draining;
  }

  async #drain(): Promise<void> {
    const { delayMs, graceMs } = this.#settings.drain;
    this.#views.draining();
    if (delayMs > 0) await new Promise<void>((resolve) => this.#timers.after(delayMs, resolve));
    const drained = Promise.all(this.#servers.map((server) => server.drain())).then(() => this.#idle());
    const late = new Promise<'late'>((resolve) => this.#timers.after(graceMs, () => resolve('late')));
    if ((await Promise.race([drained, late])) === 'late') {
      const cut = this.#inFlight.size;
      for (const x of this.#inFlight) x.cut(SHUTTING_DOWN);
      for (const server of this.#servers) server.cut();
      this.#observability.logger.warn({ cut }, 'the grace is over: what still ran was cut');
      await this.#idle();
    }
    await this.close();
  }

  #idle(): Promise<void> {
    if (this.#inFlight.size === 0) return Promise.resolve();
    return new Promise((resolve) => {
      this.#whenIdle = resolve;
    });
  }

  /** Ends all at once; also what a start that failed leaves behind. */
  async close(): Promise<void> {
    for (const server of this.#servers) server.cut();
    this.#eventLoop.close();
    await this.#upstreams.close();
    await Promise.all(this.#admins.map((server) => server.close()));
    await this.#observability.accessLog.close();
    await this.#observability.logger.close();
    this.#ended();
  }
}

function urlOf({ host, port }: { readonly host: string; readonly port: number }): string {
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}

const SHUTTING_DOWN = rejection('OVERLOADED', 'the gateway is shutting down', { headers: ['Retry-After', '1'] });
