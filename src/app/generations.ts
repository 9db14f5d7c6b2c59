import type { Settings } from '../config/settings.ts';
import type { Contract } from '../core/contract.ts';
import type { Deps } from '../core/policy.ts';
import type { Timers } from '../core/ports.ts';
import type { RunDeps } from '../pipeline/run-deps.ts';
import { buildGeneration } from './generation.ts';
import { Listeners, type Prepared } from './listeners.ts';
import { LiveGeneration } from './live-generation.ts';
import { LiveStates } from './live-states.ts';
import type { Upstreams } from './upstreams.ts';
import { type WarmedUp, warmUp } from './warm-up.ts';

export interface GenerationsParts {
  readonly timers: Timers;
  readonly upstreams: Upstreams;
  readonly deps: Omit<Deps, 'live'>;
  /** What exchanges of a generation with these settings run with. */
  readonly runDeps: (settings: Settings) => RunDeps;
  /** All validators of a contract that came into force are compiled. */
  readonly onWarm: (warm: WarmedUp) => void;
}

/** What is in force: builds a generation beside the one that serves, and puts it in its place. */
export class Generations {
  readonly #parts: GenerationsParts;
  readonly listeners: Listeners;
  readonly #states = new LiveStates();
  #number = 0;
  #closing = false;
  #stopWarmUp: () => void = () => undefined;

  constructor(parts: GenerationsParts) {
    this.#parts = parts;
    this.listeners = new Listeners(parts.timers, parts.deps.meter);
  }

  /** Of the generation in force; 0 before the first. Counts up with each that came into force. */
  get number(): number {
    return this.#number;
  }

  /**
   * Builds a generation, opens its new ports, and puts it in force: all or nothing. Requests that have begun end with the one that they began
   * with. Rejects with ListenError where a port cannot be opened; false: the gateway is draining, and nothing changes any more.
   */
  async take(settings: Settings, contracts: ReadonlyMap<string, Contract>): Promise<boolean> {
    const { graceMs } = settings.drain;
    const live = this.#build(settings, contracts);
    let prepared: Prepared;
    try {
      prepared = await this.listeners.prepare(settings.listeners, live, graceMs);
    } catch (error) {
      live.release();
      throw error;
    }
    if (this.#closing) {
      this.listeners.abandon(prepared, graceMs);
      live.release();
      return false;
    }
    this.#number = live.generation.number;
    this.listeners.take(prepared, settings.listeners, live, graceMs);
    live.release();
    this.#stopWarmUp();
    const { timers, deps, onWarm } = this.#parts;
    this.#stopWarmUp = warmUp(contracts.values(), { clock: deps.clock, timers, onDone: onWarm });
    return true;
  }

  /** Nothing comes into force any more. */
  freeze(): void {
    this.#closing = true;
    this.#stopWarmUp();
  }

  #build(settings: Settings, contracts: ReadonlyMap<string, Contract>): LiveGeneration {
    const { upstreams, deps, runDeps } = this.#parts;
    const lease = upstreams.lease();
    const states = this.#states.lease();
    const release = (): void => {
      lease.release();
      states.release();
    };
    try {
      const generation = buildGeneration({
        number: this.#number + 1,
        settings,
        contracts,
        upstreamOf: (route) => lease.of(route),
        deps: Object.assign(Object.create(deps) as Omit<Deps, 'live'>, { live: states.live }),
        run: runDeps(settings),
      });
      return new LiveGeneration(generation, release);
    } catch (error) {
      release();
      throw error;
    }
  }
}
