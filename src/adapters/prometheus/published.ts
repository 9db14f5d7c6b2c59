import type { MetricSpec } from '../../core/ports.ts';
import type { CounterCell, GaugeCell, HistogramCell, Labels } from './cells.ts';
import type { Exemplar } from './exemplar.ts';

/** One line of a scrape, as the client library's registry reads it. */
export interface PublishedValue {
  readonly value: number;
  /** Labels of this line alone (`le`). */
  readonly labels: Labels;
  /** Labels of the series; the registry keeps their printed form for as long as the object lives. */
  readonly sharedLabels?: Labels;
  /** Where it is not the family's name: `…_bucket`, `…_sum`, `…_count`. */
  readonly metricName?: string;
  /** Printed after the value in OpenMetrics; text 0.0.4 has no place for it. */
  readonly exemplar?: Exemplar;
}

/** What the registry needs of a metric: the same few members that the library gives to the metrics that it aggregates itself. */
export interface PublishedMetric {
  /** Written by the registry: it takes `_total` away from counters when it prints OpenMetrics. */
  name: string;
  readonly help: string;
  readonly type: string;
  get(): Promise<PublishedFamily>;
  /** Histograms of the library have a cheaper form for printing. */
  getForPromString?(): Promise<PublishedFamily>;
}

export interface PublishedFamily {
  readonly name: string;
  readonly help: string;
  readonly type: string;
  readonly values: readonly PublishedValue[];
}

const NO_LABELS: Labels = Object.freeze({});

function publish(name: string, spec: MetricSpec, values: () => PublishedValue[]): PublishedMetric {
  const get = async (): Promise<PublishedFamily> => ({ name, help: spec.help, type: spec.type, values: values() });
  return { name, help: spec.help, type: spec.type, get };
}

/** A family of counters or gauges. `name` is without `_total`: that is how OpenMetrics names a family, and no printing changes it. */
export function publishNumbers(name: string, spec: MetricSpec, cells: readonly (CounterCell | GaugeCell)[]): PublishedMetric {
  return publish(name, spec, () => cells.map((cell) => ({ value: cell.value, labels: NO_LABELS, sharedLabels: cell.labels })));
}

/** A family of histograms: cumulative buckets, +Inf, sum, count. */
export function publishHistogram(
  name: string,
  spec: MetricSpec,
  bounds: readonly number[],
  cells: readonly HistogramCell[],
): PublishedMetric {
  const les: Labels[] = [...bounds.map((bound) => ({ le: String(bound) })), { le: '+Inf' }];
  const bucket = `${name}_bucket`;
  return publish(name, spec, () => {
    const values: PublishedValue[] = [];
    for (const cell of cells) {
      const sharedLabels = cell.labels;
      let count = 0;
      for (const [i, labels] of les.entries()) {
        count += cell.counts[i] as number;
        const exemplar = cell.exemplars?.[i];
        const value = { value: count, labels, sharedLabels, metricName: bucket };
        values.push(exemplar === undefined ? value : { ...value, exemplar });
      }
      values.push({ value: cell.sum, labels: NO_LABELS, sharedLabels, metricName: `${name}_sum` });
      values.push({ value: count, labels: NO_LABELS, sharedLabels, metricName: `${name}_count` });
    }
    return values;
  });
}
