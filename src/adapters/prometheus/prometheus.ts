import { type Metric, Registry } from '@prometheus-io/client';
import type { Counter, CounterSpec, Family, Gauge, GaugeSpec, Histogram, HistogramSpec, Meter, MetricSpec } from '../../core/ports.ts';
import { coreMetrics } from '../../core/metrics.ts';
import type { Scrape } from '../../core/views.ts';
import { wantsOpenMetrics } from './accept.ts';
import { CounterCell, GaugeCell, HistogramCell } from './cells.ts';
import { CellFamily, type FamilyLimits } from './family.ts';
import { type LabelLimitOptions, LabelLimits } from './label-limits.ts';
import { LineBudget } from './line-budget.ts';
import { prometheusMetrics } from './metrics.ts';
import { PROCESS_LINES, PROCESS_METRICS, addProcessMetrics } from './process-metrics.ts';
import { type PublishedMetric, publishHistogram, publishNumbers } from './published.ts';
import { checkSpec, sameSpec } from './spec.ts';
import { writeText } from './text-writer.ts';

const PREFIX = 'plumbline_';

export interface PrometheusOptions {
  readonly limits: LabelLimitOptions & {
    /** Lines of one scrape. */
    readonly lines: number;
  };
  /** Names of the library's default metrics to export; all that promtool accepts where left out. */
  readonly processMetrics?: readonly string[];
}

export interface Prometheus {
  readonly meter: Meter;
  /** Prints all series, as OpenMetrics 1.0.0 where the Accept field asks for it, else as text 0.0.4. */
  scrape(accept: string | undefined): Promise<Scrape>;
  setBuildInfo(info: { readonly version: string; readonly revision: string; readonly node: string }): void;
}

/** The registry of this process: one, OpenMetrics from birth; both formats are printed from it. */
export function createPrometheus(options: PrometheusOptions): Prometheus {
  const registry = new Registry(Registry.OPENMETRICS_CONTENT_TYPE);
  const lines = new LineBudget(options.limits.lines);
  const processMetrics = options.processMetrics ?? PROCESS_METRICS;
  addProcessMetrics(registry, processMetrics);
  if (processMetrics.length > 0) lines.reserve(PROCESS_LINES);

  const labels = new LabelLimits(options.limits, (label) => overflow.with(label).inc());
  const meter = new RegistryMeter(registry, { labels, lines, linesOverflow: () => overflow.with('lines').inc() });
  const overflow = meter.counter(coreMetrics.labelOverflow);
  for (const label of ['operation', 'consumer', 'consumer_version', 'code', 'lines']) overflow.with(label);
  const buildInfo = meter.gauge(prometheusMetrics.buildInfo);

  return {
    meter,
    scrape: (accept) => (wantsOpenMetrics(accept) ? scrapeOpenMetrics(registry) : scrapeText(registry)),
    setBuildInfo: ({ version, revision, node }) => buildInfo.with(version, revision, node).set(1),
  };
}

async function scrapeOpenMetrics(registry: Registry): Promise<Scrape> {
  return { contentType: Registry.OPENMETRICS_CONTENT_TYPE, body: await registry.metrics() };
}

async function scrapeText(registry: Registry): Promise<Scrape> {
  // The library's type of a metric leaves out what its own printer reads.
  const metrics = registry.getMetricsAsArray() as unknown as PublishedMetric[];
  return { contentType: Registry.PROMETHEUS_CONTENT_TYPE, body: await writeText(metrics) };
}

class RegistryMeter implements Meter {
  readonly #registry: Registry;
  readonly #limits: FamilyLimits;
  readonly #families = new Map<string, { readonly spec: MetricSpec; readonly family: Family<unknown> }>();

  constructor(registry: Registry, limits: FamilyLimits) {
    this.#registry = registry;
    this.#limits = limits;
  }

  counter<const L extends readonly string[]>(spec: CounterSpec<L>): Family<Counter, L> {
    return this.#family<Counter, L>(spec, () => {
      const family = new CellFamily(spec.labels, 1, this.#limits, (labels) => new CounterCell(labels));
      return [family, publishNumbers(PREFIX + spec.name.slice(0, -'_total'.length), spec, family.cells)];
    });
  }

  gauge<const L extends readonly string[]>(spec: GaugeSpec<L>): Family<Gauge, L> {
    return this.#family<Gauge, L>(spec, () => {
      const family = new CellFamily(spec.labels, 1, this.#limits, (labels) => new GaugeCell(labels));
      return [family, publishNumbers(PREFIX + spec.name, spec, family.cells)];
    });
  }

  histogram<const L extends readonly string[]>(spec: HistogramSpec<L>): Family<Histogram, L> {
    return this.#family<Histogram, L>(spec, () => {
      const { buckets } = spec;
      const family = new CellFamily(spec.labels, buckets.length + 3, this.#limits, (labels) => new HistogramCell(labels, buckets));
      return [family, publishHistogram(PREFIX + spec.name, spec, buckets, family.cells)];
    });
  }

  /** Throws TypeError where the spec is wrong or contradicts one of the same name: a mistake in the program, seen when it starts. */
  #family<Child, L extends readonly string[]>(spec: MetricSpec, make: () => [Family<Child>, PublishedMetric]): Family<Child, L> {
    const known = this.#families.get(spec.name);
    if (known !== undefined) {
      if (!sameSpec(known.spec, spec)) throw new TypeError(`metric ${spec.name} is defined twice, and differently`);
      return known.family as Family<Child, L>;
    }
    checkSpec(spec);
    const [family, metric] = make();
    this.#registry.registerMetric(metric as unknown as Metric<string>);
    this.#families.set(spec.name, { spec, family });
    return family as Family<Child, L>;
  }
}
