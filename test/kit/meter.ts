import type { SpanRef } from '../../src/core/span.ts';
import type { Counter, CounterSpec, Family, Gauge, GaugeSpec, Histogram, HistogramSpec, Meter, MetricSpec } from '../../src/core/ports.ts';

class Series implements Counter, Gauge, Histogram {
  value = 0;
  readonly observed: number[] = [];
  readonly exemplars: SpanRef[] = [];

  inc(by = 1): void {
    this.value += by;
  }
  dec(by = 1): void {
    this.value -= by;
  }
  set(value: number): void {
    this.value = value;
  }
  observe(value: number, exemplar?: SpanRef): void {
    this.observed.push(value);
    this.value += 1;
    if (exemplar !== undefined) this.exemplars.push({ traceId: exemplar.traceId, spanId: exemplar.spanId });
  }
}

interface Recorded {
  readonly spec: MetricSpec;
  readonly children: Map<string, Series>;
}

type Labels = Readonly<Record<string, string>>;

/** A registry that keeps what it is told. It refuses what the real one could not keep apart: one name with two meanings. */
export class RecordingMeter implements Meter {
  readonly #families = new Map<string, Recorded>();

  counter<const L extends readonly string[]>(spec: CounterSpec<L>): Family<Counter, L> {
    return this.#family<Counter, L>(spec);
  }
  gauge<const L extends readonly string[]>(spec: GaugeSpec<L>): Family<Gauge, L> {
    return this.#family<Gauge, L>(spec);
  }
  histogram<const L extends readonly string[]>(spec: HistogramSpec<L>): Family<Histogram, L> {
    return this.#family<Histogram, L>(spec);
  }

  /** Sum over every series that has at least these labels; of a histogram the number of observations. 0 where there is none. */
  value(name: string, labels: Labels = {}): number {
    return this.#matching(name, labels).reduce((sum, s) => sum + s.value, 0);
  }

  /** What a histogram was told, over every series that has at least these labels. */
  observations(name: string, labels: Labels = {}): number[] {
    return this.#matching(name, labels).flatMap((s) => s.observed);
  }

  /** The exemplars that a histogram was told, over every series that has at least these labels. */
  exemplars(name: string, labels: Labels = {}): SpanRef[] {
    return this.#matching(name, labels).flatMap((s) => s.exemplars);
  }

  /** The series of a family that are not 0, as `label=value,label=value` to value: for an assertion on all of them at once. */
  series(name: string): Record<string, number> {
    const { spec, children } = this.#known(name);
    const rows: Array<[string, number]> = [];
    for (const [key, s] of children) {
      if (s.value === 0) continue;
      const values = JSON.parse(key) as string[];
      rows.push([spec.labels.map((label, i) => `${label}=${values[i]}`).join(','), s.value]);
    }
    return Object.fromEntries(rows);
  }

  /** How many series a family has, those at 0 included. */
  born(name: string): number {
    return this.#known(name).children.size;
  }

  /** How many series a family has that have at least these labels, those at 0 included. */
  bornWith(name: string, labels: Labels): number {
    return this.#matching(name, labels).length;
  }

  #family<Child, L extends readonly string[]>(spec: CounterSpec<L> | GaugeSpec<L> | HistogramSpec<L>): Family<Child, L> {
    const known = this.#families.get(spec.name);
    if (known !== undefined && (known.spec.type !== spec.type || known.spec.labels.join() !== spec.labels.join())) {
      throw new Error(`metric ${spec.name} is asked for with two meanings`);
    }
    const family = known ?? { spec, children: new Map<string, Series>() };
    this.#families.set(spec.name, family);
    return {
      with: (...values) => {
        if (values.length !== spec.labels.length) throw new Error(`metric ${spec.name} takes the labels ${spec.labels.join(', ')}`);
        const key = JSON.stringify(values);
        const child = family.children.get(key) ?? new Series();
        family.children.set(key, child);
        return child as Child;
      },
      remove: (...values) => void family.children.delete(JSON.stringify(values)),
    };
  }

  #known(name: string): Recorded {
    const family = this.#families.get(name);
    if (family === undefined) throw new Error(`no metric ${name} was ever asked for`);
    return family;
  }

  #matching(name: string, labels: Labels): Series[] {
    const family = this.#known(name);
    for (const label of Object.keys(labels)) {
      if (!family.spec.labels.includes(label)) throw new Error(`metric ${name} has no label ${label}`);
    }
    return [...family.children]
      .filter(([key]) => {
        const values = JSON.parse(key) as string[];
        return family.spec.labels.every((label, i) => labels[label] === undefined || labels[label] === values[i]);
      })
      .map(([, s]) => s);
  }
}
