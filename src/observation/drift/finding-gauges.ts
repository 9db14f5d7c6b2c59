import type { Counter, Family, Gauge, Meter } from '../../core/ports.ts';
import type { FindingState, KeptFinding } from './kept-finding.ts';
import { driftMetrics } from './metrics.ts';

type GaugeLabels = readonly [direction: string, api: string, operation: string, kind: string];

/** The two series of one operation and kind; born together, so that a state that nothing has is a 0. */
interface Pair {
  readonly labels: GaugeLabels;
  readonly new: Gauge;
  readonly acknowledged: Gauge;
  findings: number;
}

/**
 * `drift_findings`, kept up as findings move. A series that has become 0 stays until the contracts are taken the next time: an alert sees the 0 first. What
 * folds to `_other` shares a series with others, so nothing here is set, only added and taken away.
 */
export class FindingGauges {
  readonly #gauges: Family<Gauge, typeof driftMetrics.findings.labels>;
  readonly #pairs = new Map<string, Pair>();
  /** Where each new or acknowledged finding is counted: its operation may become another one, when a replica has seen it earlier. */
  readonly #counted = new Map<KeptFinding, Pair>();

  constructor(meter: Meter) {
    this.#gauges = meter.gauge(driftMetrics.findings);
  }

  moved(finding: KeptFinding, from: FindingState | undefined, to: FindingState | undefined): void {
    const before = this.#counted.get(finding);
    const after = isCounted(to) ? (before ?? this.#pairOf(finding)) : undefined;
    if (before !== undefined && isCounted(from)) before[from].dec();
    if (after !== undefined && isCounted(to)) after[to].inc();
    if (before === after) return;
    if (before !== undefined) before.findings -= 1;
    if (after !== undefined) after.findings += 1;
    if (after === undefined) this.#counted.delete(finding);
    else this.#counted.set(finding, after);
  }

  /** Series in which nothing is counted go. */
  sweep(): void {
    for (const [key, { labels, findings }] of this.#pairs) {
      if (findings > 0) continue;
      this.#gauges.remove(...labels, 'new');
      this.#gauges.remove(...labels, 'acknowledged');
      this.#pairs.delete(key);
    }
  }

  #pairOf({ direction, api, operation, kind }: KeptFinding): Pair {
    const labels: GaugeLabels = [direction, api, operation, kind];
    const key = labels.join('\n');
    const known = this.#pairs.get(key);
    if (known !== undefined) return known;
    const pair: Pair = {
      labels,
      new: this.#gauges.with(...labels, 'new'),
      acknowledged: this.#gauges.with(...labels, 'acknowledged'),
      findings: 0,
    };
    this.#pairs.set(key, pair);
    return pair;
  }
}

function isCounted(state: FindingState | undefined): state is 'new' | 'acknowledged' {
  return state === 'new' || state === 'acknowledged';
}

/** `drift_observations_total`: its children, found without joining strings. */
export class ObservationCounters {
  readonly #counters: Family<Counter, typeof driftMetrics.observations.labels>;
  readonly #known = { ingress: new Map<string, ByOperation>(), egress: new Map<string, ByOperation>() };

  constructor(meter: Meter) {
    this.#counters = meter.counter(driftMetrics.observations);
  }

  count(direction: 'ingress' | 'egress', api: string, operation: string, kind: string): void {
    const known = this.#known[direction].get(api)?.get(operation)?.get(kind);
    if (known === undefined) this.#first(direction, api, operation, kind).inc();
    else known.inc();
  }

  /** Operations of older contracts are asked for no more. */
  forget(): void {
    this.#known.ingress.clear();
    this.#known.egress.clear();
  }

  #first(direction: 'ingress' | 'egress', api: string, operation: string, kind: string): Counter {
    const counter = this.#counters.with(direction, api, operation, kind);
    const ofDirection = this.#known[direction];
    const ofApi: ByOperation = ofDirection.get(api) ?? new Map();
    ofDirection.set(api, ofApi);
    const ofOperation = ofApi.get(operation) ?? new Map<string, Counter>();
    ofApi.set(operation, ofOperation);
    ofOperation.set(kind, counter);
    return counter;
  }
}

type ByOperation = Map<string, Map<string, Counter>>;
