/** The metrics as a whole: those that the design lists are there under its names, and all keep its rules. */
import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { allSpecs } from '../../scripts/generate-metrics.ts';
import { createPrometheus } from '../../src/adapters/prometheus/prometheus.ts';
import type { MetricSpec } from '../../src/core/ports.ts';
import { BOUNDS, CATALOGUE } from './catalogue.ts';

const specs = new Map((await allSpecs()).map((spec) => [spec.name, spec]));
const all = [...specs.values()];
const named = (list: readonly MetricSpec[]): string[] => list.map(({ name }) => name);

/** What promlint takes for a unit that is not a base unit, and prefixes that make one of those (client_golang, `testutil/promlint`). */
const OTHER_UNITS =
  /(^|_)(milli|micro|nano|kilo|mega|giga|kibi|mebi|gibi)?(milliseconds?|ms|minutes?|hours?|days?|weeks?|bits?|kb|kib|mb|mib|gb|gib|percent|celsius)(_|$)/;
/** Names that tell of the type, which promtool refuses. */
const TYPES = /(^|_)(gauge|counter|histogram|summary|info_total)(_|$)/;

function has(spec: MetricSpec, labels: readonly string[]): boolean {
  return labels.every((label) => spec.labels.includes(label));
}

describe('the catalogue', () => {
  it.each(CATALOGUE)('has $name', ({ name, type, labels, buckets }) => {
    const spec = specs.get(name);
    expect(spec === undefined ? 'missing' : { type: spec.type, labels: spec.labels }).toEqual({ type, labels });
    expect(spec?.type === 'histogram' ? spec.buckets : []).toEqual(buckets);
  });

  it('is not empty, and names nothing twice', () => {
    const names = CATALOGUE.map(({ name }) => name);
    expect([new Set(names).size, names.length > 40]).toEqual([names.length, true]);
  });
});

describe('every metric', () => {
  it('has a name in base units that tells its type by its end alone', () => {
    expect(all.length).toBeGreaterThan(CATALOGUE.length);
    expect(named(all.filter(({ name }) => OTHER_UNITS.test(name) || TYPES.test(name)))).toEqual([]);
    expect(named(all.filter(({ type, name }) => (type === 'counter') !== name.endsWith('_total')))).toEqual([]);
    expect(named(all.filter(({ type, name }) => type === 'histogram' && !/_(seconds|bytes)$/.test(name)))).toEqual([]);
    // A unit stands at the end: what is measured comes before it.
    expect(named(all.filter(({ name }) => /_(seconds|bytes|ratio)_(?!total$)/.test(name)))).toEqual([]);
  });

  it('says in a sentence what it is', () => {
    expect(named(all.filter(({ help }) => !/^[A-Z1].{10,}\.$/.test(help)))).toEqual([]);
  });

  it('has labels of which somebody has said what bounds them', () => {
    const labels = new Set(all.flatMap((spec) => spec.labels));
    expect([...labels].filter((label) => !Object.hasOwn(BOUNDS, label))).toEqual([]);
  });

  it('with the label consumer is no histogram, and has none that would multiply it', () => {
    const byConsumer = all.filter((spec) => has(spec, ['consumer']));
    expect(named(byConsumer.filter(({ type }) => type === 'histogram'))).toEqual([]);
    expect(byConsumer.length).toBeGreaterThan(2);
    expect(named(all.filter((spec) => has(spec, ['operation', 'consumer'])))).toEqual(['deprecated_usage_total']);
  });

  it('with the label operation has the api beside it: ids repeat from contract to contract', () => {
    expect(named(all.filter((spec) => has(spec, ['operation']) && !has(spec, ['api'])))).toEqual([]);
  });
});

/** Debian's; CI installs it. */
function promtool(): boolean {
  try {
    execFileSync('promtool', ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

describe.skipIf(!promtool())('promtool check metrics', () => {
  /** A scrape that has a series of each. */
  async function scrape(): Promise<string> {
    const prometheus = createPrometheus({ limits: { operations: 9, consumers: 9, versionsPerConsumer: 9, lines: 100_000 } });
    for (const spec of all) {
      const labels = spec.labels.map((label) => `a ${label}`);
      if (spec.type === 'counter')
        prometheus.meter
          .counter(spec)
          .with(...labels)
          .inc();
      else if (spec.type === 'gauge')
        prometheus.meter
          .gauge(spec)
          .with(...labels)
          .set(1);
      else
        prometheus.meter
          .histogram(spec)
          .with(...labels)
          .observe(1);
    }
    return (await prometheus.scrape(undefined)).body;
  }

  it('has nothing to say of any of them', async () => {
    const text = await scrape();
    expect(all.filter(({ name }) => !text.includes(`\n# TYPE plumbline_${name} `))).toEqual([]);
    expect(execFileSync('promtool', ['check', 'metrics'], { input: text, encoding: 'utf8' })).toBe('');
  });

  it('would say it', async () => {
    const text = `${await scrape()}# HELP plumbline_x X.\n# TYPE plumbline_x gauge\nplumbline_x{quantile="0.9"} 1\n`;
    expect(() => execFileSync('promtool', ['check', 'metrics'], { input: text, stdio: 'pipe' })).toThrow(/plumbline_x non-summary/);
  });
});
