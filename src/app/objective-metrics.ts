import { type Sla, countedLatency, latencyObjectives } from '../core/ownership.ts';
import type { Family, Gauge, Meter } from '../core/ports.ts';
import { slaMetrics } from '../policies/sla/metrics.ts';

/** What was promised, as gauges: they stand where a promise is in force, and go with it. */
export class ObjectiveMetrics {
  readonly #availability: Family<Gauge, typeof slaMetrics.objective.labels>;
  readonly #latency: Family<Gauge, typeof slaMetrics.latencyObjective.labels>;
  readonly #latencyShare: Family<Gauge, typeof slaMetrics.latencyShare.labels>;
  /** By contract: how what it shows is taken away. */
  readonly #shown = new Map<string, readonly (() => void)[]>();

  constructor(meter: Meter) {
    this.#availability = meter.gauge(slaMetrics.objective);
    this.#latency = meter.gauge(slaMetrics.latencyObjective);
    this.#latencyShare = meter.gauge(slaMetrics.latencyShare);
  }

  /** In force from now on. `owner`: empty where nobody says. */
  promised(api: string, owner: string, sla: Sla | undefined): void {
    this.gone(api);
    const shown: Array<() => void> = [];
    const show = <L extends readonly string[]>(
      family: Family<Gauge, L>,
      value: number,
      ...labels: { readonly [K in keyof L]: string }
    ): void => {
      family.with(...labels).set(value);
      shown.push(() => family.remove(...labels));
    };
    if (sla?.availability !== undefined) show(this.#availability, sla.availability, api, owner);
    for (const { percentile, thresholdMs } of latencyObjectives(sla)) show(this.#latency, thresholdMs / 1000, api, owner, percentile);
    const counted = countedLatency(sla);
    if (counted !== undefined) show(this.#latencyShare, counted.share, api, owner);
    this.#shown.set(api, shown);
  }

  gone(api: string): void {
    for (const takeAway of this.#shown.get(api) ?? []) takeAway();
    this.#shown.delete(api);
  }
}
