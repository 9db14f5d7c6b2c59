import type { ContractSettings } from '../config/settings.ts';
import type { Contract } from '../core/contract.ts';
import type { Counter, Family, Gauge, Meter } from '../core/ports.ts';
import { appMetrics } from './metrics.ts';

type InfoLabels = readonly [api: string, version: string, digest: string, owner: string];

/** What the metrics tell of contracts: which is in force, and whether the newest is. */
export class ContractMetrics {
  readonly #info: Family<Gauge, typeof appMetrics.contractInfo.labels>;
  readonly #success: Family<Gauge, typeof appMetrics.reloadSuccess.labels>;
  readonly #reloads: Family<Counter, typeof appMetrics.contractReloads.labels>;
  readonly #shown = new Map<string, InfoLabels>();

  constructor(meter: Meter) {
    this.#info = meter.gauge(appMetrics.contractInfo);
    this.#success = meter.gauge(appMetrics.reloadSuccess);
    this.#reloads = meter.counter(appMetrics.contractReloads);
  }

  /** `refused`: the newest version cannot be used; `contract` is the older one that serves on, if there is one. */
  inForce({ name, owner }: ContractSettings, contract: Contract | undefined, newest: 'newest' | 'refused'): void {
    this.#success.with(name).set(newest === 'newest' ? 1 : 0);
    for (const outcome of ['taken', 'refused']) this.#reloads.with(name, outcome);
    const labels: InfoLabels | undefined = contract && [name, contract.version, contract.digest, owner?.team ?? ''];
    const before = this.#shown.get(name);
    if (before?.join('\n') === labels?.join('\n')) return;
    this.#forget(name);
    if (labels === undefined) return;
    this.#info.with(...labels).set(1);
    this.#shown.set(name, labels);
  }

  reloaded(name: string, outcome: 'taken' | 'refused'): void {
    this.#reloads.with(name, outcome).inc();
  }

  /** The configuration has it no more. What was counted of it stays. */
  gone(name: string): void {
    this.#success.remove(name);
    this.#forget(name);
  }

  /** A digest of each version that ever was would stay in every scrape. */
  #forget(name: string): void {
    const labels = this.#shown.get(name);
    if (labels !== undefined) this.#info.remove(...labels);
    this.#shown.delete(name);
  }
}
