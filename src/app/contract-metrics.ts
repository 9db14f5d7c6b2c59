import type { ContractSettings } from '../config/settings.ts';
import type { Contract } from '../core/contract.ts';
import { ownershipOf } from '../core/ownership.ts';
import type { Counter, Family, Gauge, Meter } from '../core/ports.ts';
import { deprecationMetrics } from '../policies/deprecation/metrics.ts';
import { appMetrics } from './metrics.ts';
import { ObjectiveMetrics } from './objective-metrics.ts';

type InfoLabels = readonly [api: string, version: string, digest: string, owner: string];

/** What the metrics tell of contracts: which is in force, whether the newest is, and what was promised. */
export class ContractMetrics {
  readonly #info: Family<Gauge, typeof appMetrics.contractInfo.labels>;
  readonly #success: Family<Gauge, typeof appMetrics.reloadSuccess.labels>;
  readonly #reloads: Family<Counter, typeof appMetrics.contractReloads.labels>;
  readonly #sunset: Family<Gauge, typeof deprecationMetrics.sunset.labels>;
  readonly #objectives: ObjectiveMetrics;
  readonly #shown = new Map<string, InfoLabels>();
  /** By contract: its operations that have a sunset. */
  readonly #sunsets = new Map<string, readonly string[]>();

  constructor(meter: Meter) {
    this.#info = meter.gauge(appMetrics.contractInfo);
    this.#success = meter.gauge(appMetrics.reloadSuccess);
    this.#reloads = meter.counter(appMetrics.contractReloads);
    this.#sunset = meter.gauge(deprecationMetrics.sunset);
    this.#objectives = new ObjectiveMetrics(meter);
  }

  /** `refused`: the newest version cannot be used; `contract` is the older one that serves on, if there is one. */
  inForce(settings: ContractSettings, contract: Contract | undefined, newest: 'newest' | 'refused'): void {
    const { name } = settings;
    this.#success.with(name).set(newest === 'newest' ? 1 : 0);
    for (const outcome of ['taken', 'refused']) this.#reloads.with(name, outcome);
    const { owner, sla } = ownershipOf(settings, contract?.declared);
    // A promise of the configuration holds where the document cannot be had, too: exchanges count for it all the same.
    this.#objectives.promised(name, owner?.team ?? '', sla);
    const labels: InfoLabels | undefined = contract && [name, contract.version, contract.digest, owner?.team ?? ''];
    const before = this.#shown.get(name);
    if (before?.join('\n') === labels?.join('\n')) return;
    this.#forget(name);
    if (labels === undefined || contract === undefined) return;
    this.#announce(name, contract);
    this.#info.with(...labels).set(1);
    this.#shown.set(name, labels);
  }

  /** When its operations go away (PC-3). */
  #announce(name: string, { operations }: Contract): void {
    const going = operations.filter(({ deprecation }) => deprecation?.sunsetAt !== undefined);
    for (const { id, deprecation } of going) this.#sunset.with(name, id).set((deprecation?.sunsetAt as number) / 1000);
    if (going.length > 0)
      this.#sunsets.set(
        name,
        going.map(({ id }) => id),
      );
  }

  reloaded(name: string, outcome: 'taken' | 'refused'): void {
    this.#reloads.with(name, outcome).inc();
  }

  /** The configuration has it no more. What was counted of it stays. */
  gone(name: string): void {
    this.#success.remove(name);
    this.#objectives.gone(name);
    this.#forget(name);
  }

  /** A digest of each version that ever was would stay in every scrape. */
  #forget(name: string): void {
    const labels = this.#shown.get(name);
    if (labels !== undefined) this.#info.remove(...labels);
    this.#shown.delete(name);
    for (const operation of this.#sunsets.get(name) ?? []) this.#sunset.remove(name, operation);
    this.#sunsets.delete(name);
  }
}
