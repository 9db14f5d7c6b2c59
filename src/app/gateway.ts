/** Composition root: builds everything, starts it, reloads and drains it. The only folder that knows all the parts. */
import { bodyDecoder } from '../adapters/body-decoder.ts';
import { WorkerDocumentReader } from '../adapters/document-reader/reader.ts';
import { WorkerCheckPool } from '../adapters/check-pool/check-pool.ts';
import { checkThreads } from '../adapters/check-pool/thread.ts';
import { sparseTimers } from '../adapters/config-watch/timers.ts';
import { fetchedKeys } from '../adapters/jwks/jwks.ts';
import type { OpenTracer } from '../adapters/otel/tracer.ts';
import { LoopAfterwork } from '../adapters/system-clock/afterwork.ts';
import { EventLoopWatch } from '../adapters/system-clock/event-loop.ts';
import { systemClock, systemRandom, systemTimers } from '../adapters/system-clock/system.ts';
import { Http1Upstream } from '../adapters/http1/client/pool.ts';
import { createAdmin } from '../admin/admin.ts';
import type { RunningServer } from '../admin/http.ts';
import { createProbes } from '../admin/probes.ts';
import type { Settings } from '../config/settings.ts';
import type { SettingsSource } from '../config/source.ts';
import { ListenError } from '../core/listen-error.ts';
import { FindingKeeping } from '../observation/drift/keeping.ts';
import { ByteBudget } from '../pipeline/byte-budget.ts';
import { pipelineMetrics } from '../pipeline/metrics.ts';
import { UpgradeLimit } from '../pipeline/upgrade-limit.ts';
import { Bugs } from './bugs.ts';
import { Contracts, type LoadedContracts } from './contracts.ts';
import { Generations } from './generations.ts';
import { urlOf } from './listener.ts';
import { logProblems } from './log-problems.ts';
import { type Observability, type Telling, openObservability, openTracer } from './observability.ts';
import { policyDeps } from './policy-deps.ts';
import { PoolMetrics } from './pool-metrics.ts';
import { Reloads } from './reloads.ts';
import { StartError } from './start-error.ts';
import { type OpenedState, openState } from './state.ts';
import { Stores } from './stores.ts';
import { Upstreams } from './upstreams.ts';
import { GatewayViews } from './views.ts';
import manifest from '../../package.json' with { type: 'json' };

/** Compiling in the background that took more processor than this is told of. */
const TELL_WARM_MS = 300;

export interface Gateway {
  /** Of the configuration in force. */
  readonly listeners: ReadonlyArray<{ readonly name: string; readonly url: string }>;
  readonly admin: { readonly url: string };
  /** Undefined where the configuration names none. */
  readonly probes: { readonly url: string } | undefined;
  /** Reads the configuration again at once; resolves when that is over, whatever came of it. Nothing where it has no source. */
  reload(): Promise<void>;
  /** Goes on serving, but is not ready any more and lets go of its clients with their answers: `drain` is to follow. */
  retire(): void;
  /** Takes nothing new, finishes what is in flight within the grace, then ends. */
  drain(): Promise<void>;
  /** Does not wait: what is in flight is cut, and has its line in the log. */
  cut(): Promise<void>;
  readonly closed: Promise<void>;
}

/**
 * Starts a gateway. Throws StartError where the configuration cannot be put to work: a contract, a port, a log that cannot be opened.
 * `source`: where the settings were read, to be watched and read again; without it nothing is reloaded. `telling`: what the log has.
 */
export async function startGateway(settings: Settings, source?: SettingsSource, telling?: Telling): Promise<Gateway> {
  const starting = new RunningGateway(settings, telling);
  try {
    await starting.start(source);
  } catch (error) {
    await starting.close();
    if (error instanceof ListenError) throw new StartError(error.message);
    throw error;
  }
  return starting;
}

class RunningGateway implements Gateway {
  /** In force. */
  #settings: Settings;
  readonly #timers = systemTimers((error) => this.#bugs.inTimer(error));
  readonly #random = systemRandom();
  readonly #afterwork = new LoopAfterwork((error) => this.#bugs.inTimer(error));
  readonly #observability: Observability;
  #tracer: OpenTracer | undefined = undefined;
  #state: OpenedState | undefined = undefined;
  readonly #bugs: Bugs;
  readonly #eventLoop = new EventLoopWatch();
  readonly #stores: Stores;
  readonly #keeping: FindingKeeping;
  readonly #upstreams: Upstreams;
  readonly #views: GatewayViews;
  readonly #documents = new WorkerDocumentReader(new URL('./document-worker.ts', import.meta.url), this.#timers);
  readonly #contracts: Contracts;
  readonly #checkPool: WorkerCheckPool;
  readonly #generations: Generations;
  readonly #admins: RunningServer[] = [];
  #reloads: Reloads | undefined = undefined;
  #draining: Promise<void> | undefined = undefined;
  readonly #closed = Promise.withResolvers<void>();
  admin = { url: '' };
  probes: { url: string } | undefined = undefined;

  constructor(settings: Settings, telling?: Telling) {
    this.#settings = settings;
    this.#observability = openObservability(settings, {
      ...telling,
      clock: systemClock,
      timers: this.#timers,
      random: this.#random,
      afterwork: this.#afterwork,
    });
    const { logger, prometheus } = this.#observability;
    this.#bugs = new Bugs(logger, prometheus.meter);
    const budget = new ByteBudget(settings.telemetry.limits.bufferedBytes);
    const buffered = prometheus.meter.gauge(pipelineMetrics.buffered).with();
    const pools = new PoolMetrics(prometheus.meter);
    this.#keeping = new FindingKeeping({
      findings: this.#observability.findings.findings,
      clock: systemClock,
      timers: this.#timers,
      random: this.#random,
      meter: prometheus.meter,
      logger,
      bug: (error) => this.#bugs.inTimer(error),
    });
    this.#observability.findings.keptBy(this.#keeping);
    this.#stores = new Stores(settings, { clock: systemClock, random: this.#random, meter: prometheus.meter, logger });
    this.#views = new GatewayViews(settings, this.#observability, {
      publish: () => {
        buffered.set(budget.usedBytes);
        this.#stores.publish();
        this.#keeping.publish();
        pools.publish(this.#upstreams);
      },
      retire: () => this.retire(),
    });
    this.#contracts = new Contracts(systemClock, prometheus.meter, logger, this.#documents, (inForce) =>
      this.#observability.findings.contracts(inForce),
    );
    this.#checkPool = new WorkerCheckPool({
      start: checkThreads(new URL('./check-worker.ts', import.meta.url)),
      documentsOf: (contract) => this.#contracts.documentsOf(contract),
      clock: systemClock,
      timers: this.#timers,
      meter: prometheus.meter,
      logger,
    });
    this.#upstreams = new Upstreams(
      (options) => new Http1Upstream(options, { monotonicMs: systemClock.monotonicMs, timers: this.#timers }),
    );
    const upgrades = new UpgradeLimit(settings.telemetry.limits.upgrades, prometheus.meter.gauge(pipelineMetrics.upgrades).with());
    const [clock, timers, random, afterwork] = [systemClock, this.#timers, this.#random, this.#afterwork];
    const { overloaded, lagMs } = this.#eventLoop;
    this.#generations = new Generations({
      timers,
      upstreams: this.#upstreams,
      deps: policyDeps({
        ...this.#observability,
        clock,
        timers,
        random,
        overloaded,
        decoder: bodyDecoder(budget),
        checkPool: this.#checkPool,
        keys: fetchedKeys({ clock, timers, meter: prometheus.meter, logger, version: manifest.version }),
        load: { lagMs, inFlight: () => this.#generations.listeners.inFlight },
        localStore: this.#stores.local,
        store: () => this.#stores.shared,
        tracer: () => this.#tracer,
      }),
      onWarm: ({ contract: { name, digest }, busyMs, tookMs }) => {
        // Of a small contract nobody would ask.
        if (busyMs < TELL_WARM_MS) return;
        logger.info({ contract: name, digest, busyMs: Math.round(busyMs), tookMs: Math.round(tookMs) }, 'all validators are compiled');
      },
      runDeps: ({ errors }) => ({ clock, timers, budget, upgrades, afterwork, errorDetail: errors.detail, bug: this.#bugs.inStage }),
    });
  }

  get listeners(): Gateway['listeners'] {
    return this.#generations.listeners.inForce;
  }

  get closed(): Promise<void> {
    return this.#closed.promise;
  }

  /** Probes and admin before the contracts: while a large one loads, `/readyz` says so. */
  async start(source: SettingsSource | undefined): Promise<void> {
    const { admin, probes } = this.#settings;
    const { logger } = this.#observability;
    this.#state = await openState(this.#settings, this.#observability, this.#keeping);
    this.#admins.push(await createAdmin(this.#views, admin));
    this.admin = { url: urlOf((this.#admins[0] as RunningServer).address) };
    if (probes !== undefined) {
      const server = await createProbes(this.#views, probes);
      this.#admins.push(server);
      this.probes = { url: urlOf(server.address) };
    }
    await this.#stores.open();
    const { findings } = this.#settings.telemetry.limits;
    const shared = findings > 0 ? this.#stores.findings(findings) : undefined;
    if (shared !== undefined) this.#keeping.shareThrough(shared);
    await this.#keeping.start();
    this.#tracer = await openTracer(this.#settings, this.#observability, {
      clock: systemClock,
      timers: this.#timers,
      random: this.#random,
    });
    const loaded = await this.#contracts.load(this.#settings, 'whole');
    logProblems(logger, [...loaded.warnings, ...loaded.refusals]);
    if (loaded.fatal.length > 0) throw new StartError('the contracts cannot be used', loaded.fatal);
    this.#contracts.take(loaded);
    this.#views.contractsLoaded(() => this.#contracts.items());
    await this.#generations.take(this.#settings, loaded.byName);
    this.#eventLoop.forget();
    this.#views.listening();
    if (source !== undefined) await this.#watch(source, loaded);
  }

  async #watch(source: SettingsSource, loaded: LoadedContracts): Promise<void> {
    const { logger, prometheus } = this.#observability;
    const parts = {
      source,
      contracts: this.#contracts,
      generations: this.#generations,
      timers: sparseTimers,
      random: this.#random,
      logger,
      meter: prometheus.meter,
      onTaken: (settings: Settings): void => {
        this.#settings = settings;
        this.#views.inForce(settings, this.#generations.number);
        this.#checkPool.retain(this.#contracts.documents);
      },
    };
    this.#reloads = new Reloads(parts, this.#settings, loaded);
    await this.#reloads.start();
  }

  async reload(): Promise<void> {
    await this.#reloads?.ask('signal');
  }

  retire(): void {
    this.#views.draining();
    this.#generations.listeners.retire();
  }

  drain(): Promise<void> {
    this.#draining ??= this.#drain();
    return this.#draining;
  }

  async cut(): Promise<void> {
    const drained = this.drain();
    await this.#generations.listeners.drain(0);
    await drained;
  }

  async #drain(): Promise<void> {
    this.#reloads?.stop();
    this.#generations.freeze();
    this.retire();
    const { delayMs, graceMs } = this.#settings.drain;
    if (delayMs > 0) await new Promise<void>((resolve) => this.#timers.after(delayMs, resolve));
    const cut = await this.#generations.listeners.drain(graceMs);
    if (cut !== undefined) this.#observability.logger.warn({ cut }, 'the grace is over: what still ran was cut');
    await this.close();
  }

  /** Ends all at once; also what a start that failed leaves behind. */
  async close(): Promise<void> {
    this.#reloads?.stop();
    this.#generations.freeze();
    this.#generations.listeners.cut();
    this.#eventLoop.close();
    await this.#upstreams.destroy();
    await this.#checkPool.close();
    await this.#documents.close();
    await this.#tracer?.close();
    await Promise.all(this.#admins.map((server) => server.close()));
    this.#observability.outcomes.close();
    await this.#keeping.close();
    this.#state?.close();
    await this.#stores.close();
    await this.#observability.accessLog.close();
    await this.#observability.logger.close();
    this.#closed.resolve();
  }
}
