/** Rules name only what is there: metrics and labels of the files called metrics.ts, and what the recording rules themselves record. */
import { describe, expect, it } from 'vitest';
import { CODES } from '../../src/core/rejection.ts';
import { type Catalogue, type Known, readCatalogue } from '../dashboards/catalogue.ts';
import { namesIn } from '../dashboards/promql-names.ts';
import { ruleGroups } from './groups.ts';

const rules = ruleGroups({ windowScale: 1 }).flatMap((group) => group.rules);
const TARGET = ['namespace', 'job', 'pod', 'instance'];
/** What is read over a window of what only grows. */
const COUNTING = ['rate', 'increase'];

/** A duration that no bracket holds reads like a name. */
const withoutOffsets = (expr: string): string => expr.replaceAll(/ offset \w+/g, '');

interface Part extends Known {
  readonly grows: boolean;
}

function lookUp(catalogue: Catalogue, recorded: ReadonlySet<string>, metric: string): Part | undefined {
  if (recorded.has(metric))
    return { type: 'gauge', labels: [...new Set([...catalogue.values()].flatMap(({ labels }) => labels))], grows: false };
  const own = catalogue.get(metric);
  if (own !== undefined) return own.type === 'histogram' ? undefined : { ...own, grows: own.type === 'counter' };
  const [, base = '', part] = /^(.*)_(bucket|sum|count)$/.exec(metric) ?? [];
  const histogram = catalogue.get(base);
  return histogram?.type === 'histogram'
    ? { ...histogram, labels: [...histogram.labels, ...(part === 'bucket' ? ['le'] : [])], grows: true }
    : undefined;
}

/** Also what annotations ask: `{{ with printf `…` … | query }}`. */
const asked = rules.flatMap((rule) => {
  const texts = 'annotations' in rule ? Object.values(rule.annotations) : [];
  const queries = texts.flatMap((text) =>
    [...text.matchAll(/printf `([^`]+)`/g)].map(([, query]) => (query as string).replaceAll('%q', '""')),
  );
  return [rule.expr, ...queries].map((expr) => ({ name: 'record' in rule ? rule.record : rule.alert, expr }));
});

describe('what rules name', async () => {
  const catalogue = await readCatalogue();
  const recorded = new Set(rules.flatMap((rule) => ('record' in rule ? [rule.record] : [])));

  it('is asked of every rule and of annotations', () => {
    expect(asked.length).toBeGreaterThan(rules.length);
  });

  it.each(asked)('$name: $expr', ({ expr }) => {
    const { selectors, groupings, made } = namesIn(withoutOffsets(expr));
    expect(selectors).not.toEqual([]);
    const labels = new Set([...TARGET, 'owner', ...made]);
    for (const { metric, matchers, inside } of selectors) {
      const known = lookUp(catalogue, recorded, metric);
      expect(known, `no metric is called ${metric}`).toBeDefined();
      const { grows, labels: own } = known as Part;
      for (const label of own) labels.add(label);
      for (const { label } of matchers) expect([...TARGET, ...own], metric).toContain(label);
      const counted = inside.some((name) => COUNTING.includes(name));
      // Of counters the alert on the sunset also asks which were not there a day ago.
      if (!grows) expect(counted, `${metric} goes up and down`).toBe(false);
      else expect(counted || metric === 'plumbline_deprecated_usage_total', `${metric} only grows`).toBe(true);
    }
    for (const label of groupings) expect([...labels], expr).toContain(label);
  });

  it('codes of the error model are there', () => {
    const codes = asked.flatMap(({ expr }) => [...expr.matchAll(/code!?="([A-Z_]+)"/g)].map(([, code]) => code as string));
    expect(codes).toContain('CIRCUIT_OPEN');
    for (const code of codes) expect(Object.keys(CODES)).toContain(code);
  });

  it('is recorded before it is read, and all that is recorded is read', () => {
    for (const name of recorded)
      expect(
        asked.some(({ name: by, expr }) => by !== name && namesIn(withoutOffsets(expr)).selectors.some(({ metric }) => metric === name)),
        name,
      ).toBe(true);
  });
});
