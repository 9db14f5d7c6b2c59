/**
 * PromQL whose metric and label names come from the specs of the metrics: one that is renamed there does not compile here. What a
 * selector filters by, the variables of its board, is added to each.
 */
import { prometheusMetrics } from '../../src/adapters/prometheus/metrics.ts';
import { PROCESS_METRICS } from '../../src/adapters/prometheus/process-metrics.ts';
import type { CounterSpec, GaugeSpec, HistogramSpec, MetricSpec } from '../../src/core/ports.ts';

/** What Prometheus adds to a series at the scrape. `namespace` and `pod` are there in Kubernetes only. */
export type TargetLabel = 'namespace' | 'job' | 'pod' | 'instance';

/** Variables of boards that are labels of metrics; each board says which of them it has. */
export type FilterVariable = 'direction' | 'api' | 'operation' | 'consumer';

type LabelOf<S extends MetricSpec> = S['labels'][number];

/** An instant vector with labels `L` besides those of the target. */
export interface Vector<L extends string> {
  readonly text: string;
  /** Never there: it makes the compiler refuse a grouping by a label that the series have not. */
  readonly takes?: (label: L) => void;
}

/** Operator and value, without quotes: `=open`, `!=skipped`, `=~5..`. */
export type Matcher = `=${string}` | `!=${string}`;

type Where<S extends MetricSpec> = Readonly<Partial<Record<LabelOf<S>, Matcher>>>;

/** Labels of alerts: what our rules give, and what the expression of each leaves. */
const ALERT_FILTERS: readonly FilterVariable[] = ['direction', 'api'];

/** Expressions that are filtered by the given variables, where the metric has such a label, besides namespace, job and pod. */
export class Queries {
  private readonly variables: readonly FilterVariable[];

  constructor(...variables: readonly FilterVariable[]) {
    this.variables = variables;
  }

  gauge<const S extends GaugeSpec>(spec: S, where?: Where<S>): Vector<LabelOf<S>> {
    return { text: this.select(`plumbline_${spec.name}`, spec.labels, where) };
  }

  /** Per second, over what Grafana holds to be enough scrapes. */
  rate<const S extends CounterSpec>(spec: S, where?: Where<S>): Vector<LabelOf<S>> {
    return { text: `rate(${this.select(`plumbline_${spec.name}`, spec.labels, where)}[$__rate_interval])` };
  }

  increase<const S extends CounterSpec>(spec: S, where?: Where<S>): Vector<LabelOf<S>> {
    return { text: `increase(${this.select(`plumbline_${spec.name}`, spec.labels, where)}[$__rate_interval])` };
  }

  /** How many values a second a histogram was given, or, with `sum`, their sum. */
  observed<const S extends HistogramSpec>(spec: S, part: 'count' | 'sum', where?: Where<S>): Vector<LabelOf<S>> {
    return { text: `rate(${this.select(`plumbline_${spec.name}_${part}`, spec.labels, where)}[$__rate_interval])` };
  }

  /** Where nothing was observed a quantile is NaN: `>= 0` leaves it out. */
  quantile<const S extends HistogramSpec, B extends LabelOf<S> | TargetLabel = never>(
    q: number,
    spec: S,
    by: readonly B[] = [],
    where?: Where<S>,
  ): Vector<Exclude<B, TargetLabel>> {
    const buckets = `rate(${this.select(`plumbline_${spec.name}_bucket`, spec.labels, where)}[$__rate_interval])`;
    return { text: `histogram_quantile(${q}, sum by (${['le', ...by].join(', ')}) (${buckets})) >= 0` };
  }

  /** A metric of process or runtime. @throws where it is not exported. */
  process(name: string): Vector<never> {
    return this.gateways(this.processMetric(name));
  }

  processRate(name: string): Vector<never> {
    return this.gateways(`rate(${this.processMetric(name)}[$__rate_interval])`);
  }

  /** Time in garbage collection, seconds a second, by kind of collection. */
  collecting(): Vector<'kind'> {
    if (!PROCESS_METRICS.includes('nodejs_gc_duration_seconds')) throw new Error('nodejs_gc_duration_seconds is not exported');
    return this.gateways(`rate(${this.select('nodejs_gc_duration_seconds_sum', [])}[$__rate_interval])`);
  }

  /** Alerts that fire. They are made by Prometheus and of all pods together: no filter by pod. */
  firing(): Vector<'alertname' | 'severity' | 'owner' | 'api'> {
    const mine = this.variables.filter((name) => ALERT_FILTERS.includes(name));
    return { text: `ALERTS{alertstate="firing",${['namespace', 'job', ...mine].map(byVariable).join(',')}}` };
  }

  /** Targets of the scrape that do not answer. */
  down(): Vector<never> {
    return { text: `up{${['namespace', 'job', 'pod'].map(byVariable).join(',')}} == 0` };
  }

  private processMetric(name: string): string {
    if (!PROCESS_METRICS.includes(name)) throw new Error(`${name} is not among the process metrics that are exported`);
    return this.select(name, []);
  }

  /** The service beside a gateway may be of Node too, and scraped by the same job: its names are the same. */
  private gateways<L extends string>(text: string): Vector<L> {
    return { text: `(${text} and on (namespace, job, instance) ${this.gauge(prometheusMetrics.buildInfo).text})` };
  }

  private select(name: string, labels: readonly string[], where: Readonly<Partial<Record<string, Matcher>>> = {}): string {
    const own = Object.entries(where).map(([label, matcher]) => `${label}${quoted(matcher as Matcher)}`);
    const filters = ['namespace', 'job', 'pod', ...this.variables.filter((variable) => labels.includes(variable))];
    return `${name}{${[...own, ...filters.map(byVariable)].join(',')}}`;
  }
}

const byVariable = (name: string): string => `${name}=~"$${name}"`;

function quoted(matcher: Matcher): string {
  const [, operator = '', value = ''] = /^(=~|!~|!=|=)(.*)$/.exec(matcher) ?? [];
  return `${operator}"${value}"`;
}

function aggregate<L extends string, B extends NoInfer<L> | TargetLabel>(
  operator: string,
  vector: Vector<L>,
  by: readonly B[],
): Vector<Exclude<B, TargetLabel>> {
  return { text: `${operator}${by.length === 0 ? '' : ` by (${by.join(', ')}) `}(${vector.text})` };
}

export function sum<L extends string, const B extends NoInfer<L> | TargetLabel = never>(vector: Vector<L>, by: readonly B[] = []) {
  return aggregate('sum', vector, by);
}

/** What every replica tells of the same thing: the largest of them. */
export function max<L extends string, const B extends NoInfer<L> | TargetLabel = never>(vector: Vector<L>, by: readonly B[] = []) {
  return aggregate('max', vector, by);
}

export function min<L extends string, const B extends NoInfer<L> | TargetLabel = never>(vector: Vector<L>, by: readonly B[] = []) {
  return aggregate('min', vector, by);
}

export function count<L extends string, const B extends NoInfer<L> | TargetLabel = never>(vector: Vector<L>, by: readonly B[] = []) {
  return aggregate('count', vector, by);
}

/** The largest, so that a panel keeps readable. */
export function top<L extends string>(howMany: number, vector: Vector<L>): Vector<L> {
  return { text: `topk(${howMany}, ${vector.text})` };
}

/** 0 where there is no series, for what counts what goes wrong: nothing counted is nothing wrong. */
export function orZero<L extends string>(vector: Vector<L>): Vector<L> {
  return { text: `${vector.text} or vector(0)` };
}

/** One series `none` of 0 where there is none, for the same by `label`. `on ()` matches everything: with any series, `none` is left out. */
export function orNone<L extends string>(vector: Vector<L>, label: NoInfer<L>): Vector<L> {
  return { text: `${vector.text} or on () label_replace(vector(0), "${label}", "none", "", "")` };
}

/**
 * `part` of `whole`, both by the same labels: 0 where the part has no series, nothing where the whole is 0, as 0 of 0 is no share.
 */
export function share<L extends string>(part: Vector<L>, whole: Vector<NoInfer<L>>): Vector<L> {
  return { text: `(${part.text} or ${whole.text} * 0) / (${whole.text} > 0)` };
}

/** 1 where a gauge has that value, else 0. */
export function equals<L extends string>(vector: Vector<L>, value: number): Vector<L> {
  return { text: `${vector.text} == bool ${value}` };
}

/** Any arithmetic on vectors, with the labels that it leaves. */
export function expression<L extends string = never>(text: string): Vector<L> {
  return { text };
}
