import type { FetchOutcome } from '../adapters/contract-source/remote-files.ts';
import type { Counter, Family, Gauge, Logger, Meter } from '../core/ports.ts';
import { appMetrics } from './metrics.ts';

const OUTCOMES: readonly FetchOutcome[] = ['fetched', 'not_modified', 'failed'];

/** How the last asking for a URL went. `never`: it could not be had yet, which is reported as a problem of the contract. */
type State = 'fine' | 'failing' | 'never';

/** What is told of fetching contracts: a server that does not answer says nothing of the contract, and what was fetched before stays. */
export class ContractFetches {
  readonly #logger: Logger;
  readonly #fetches: Family<Counter, typeof appMetrics.contractFetches.labels>;
  readonly #success: Family<Gauge, typeof appMetrics.fetchSuccess.labels>;
  /** By contract and URL. */
  readonly #states = new Map<string, Map<string, State>>();

  constructor(meter: Meter, logger: Logger) {
    this.#logger = logger;
    this.#fetches = meter.counter(appMetrics.contractFetches);
    this.#success = meter.gauge(appMetrics.fetchSuccess);
  }

  told(contract: string, outcome: FetchOutcome, url: string, reason: string): void {
    for (const one of OUTCOMES) this.#fetches.with(contract, one);
    this.#fetches.with(contract, outcome).inc();
    const states = this.#states.get(contract) ?? new Map<string, State>();
    this.#states.set(contract, states);
    const before = states.get(url) ?? 'never';
    const now = outcome === 'failed' ? (before === 'never' ? 'never' : 'failing') : 'fine';
    states.set(url, now);
    if (now === 'failing' && before === 'fine')
      this.#logger.warn({ contract, url, reason }, `cannot fetch ${url}: ${reason}; what was fetched before stays`);
    if (now === 'fine' && before === 'failing') this.#logger.info({ contract, url }, `${url} can be fetched again`);
    this.#publish(contract, states);
  }

  /** By contract, the URLs that are still asked for. What was counted of others stays. */
  retain(asked: ReadonlyMap<string, ReadonlySet<string>>): void {
    for (const [contract, states] of this.#states) {
      const urls = asked.get(contract);
      for (const url of states.keys()) if (urls?.has(url) !== true) states.delete(url);
      if (urls !== undefined) this.#publish(contract, states);
      else {
        this.#states.delete(contract);
        this.#success.remove(contract);
      }
    }
  }

  #publish(contract: string, states: ReadonlyMap<string, State>): void {
    this.#success.with(contract).set([...states.values()].every((state) => state === 'fine') ? 1 : 0);
  }
}
