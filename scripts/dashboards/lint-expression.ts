/** Rules for one expression of a board. */
import type { Catalogue, Known } from './catalogue.ts';
import { namesIn, type Selector } from './promql-names.ts';

export interface Fault {
  readonly rule: string;
  readonly message: string;
}

const TARGET_LABELS = ['namespace', 'job', 'pod', 'instance'];
const GROUPING = ['sum', 'max', 'min', 'count'];
const COUNTING = ['rate', 'increase'];
/** Made by Prometheus, of its targets and rules: not scraped from a pod. */
const WITHOUT_POD = 'ALERTS';

export function lintExpression(expr: string, catalogue: Catalogue): Fault[] {
  const { selectors, calls, groupings, made } = namesIn(expr);
  const faults: Fault[] = [];
  const add = (rule: string, message: string): void => void faults.push({ rule, message });
  if (selectors.length === 0) add('metric', 'no metric is asked for');

  const labels = new Set([...TARGET_LABELS, ...made]);
  for (const selector of selectors) {
    const known = lookUp(selector.metric, catalogue);
    if (known === undefined) {
      add('metric', `no metric is called ${selector.metric}`);
      continue;
    }
    for (const label of known.labels) labels.add(label);
    for (const { label } of selector.matchers) {
      if (![...TARGET_LABELS, ...known.labels].includes(label)) add('label', `${selector.metric} has no label ${label}`);
    }
    if (!selector.inside.some((name) => GROUPING.includes(name)))
      add('replicas', `${selector.metric} is a line for each replica; group it`);
    faults.push(...lintUse(selector, known), ...lintScope(selector));
  }
  for (const label of groupings) if (!labels.has(label)) add('label', `no metric of the expression has the label ${label}`);
  for (const { name, keeps } of calls) {
    if (name === 'histogram_quantile' && !keeps.includes('le')) add('quantile', 'histogram_quantile of what is not grouped by le');
  }
  return faults;
}

interface Part extends Known {
  /** Of a histogram: what may be counted like a counter. */
  readonly countable: boolean;
}

function lookUp(metric: string, catalogue: Catalogue): Part | undefined {
  const own = catalogue.get(metric);
  if (own !== undefined) return own.type === 'histogram' ? undefined : { ...own, countable: own.type === 'counter' };
  const [, base = '', part] = /^(.*)_(bucket|sum|count)$/.exec(metric) ?? [];
  const histogram = catalogue.get(base);
  if (histogram?.type !== 'histogram') return undefined;
  return { ...histogram, labels: part === 'bucket' ? [...histogram.labels, 'le'] : histogram.labels, countable: true };
}

/** What only ever grows is shown as a rate, over the range that Grafana knows to hold enough scrapes; what goes up and down is not. */
function lintUse({ metric, range, inside }: Selector, { countable }: Part): Fault[] {
  const faults: Fault[] = [];
  const counting = inside.find((name) => COUNTING.includes(name));
  if (countable && counting === undefined) faults.push({ rule: 'type', message: `${metric} only grows; take its rate` });
  if (!countable && counting !== undefined) faults.push({ rule: 'type', message: `${metric} is a gauge; it has no ${counting}` });
  if (range !== undefined && range !== '$__rate_interval') faults.push({ rule: 'range', message: `[${range}] is not [$__rate_interval]` });
  return faults;
}

/** Every series is narrowed by what is chosen above the board, and by nothing that is true of one place only. */
function lintScope({ metric, matchers }: Selector): Fault[] {
  const wanted = metric === WITHOUT_POD ? ['namespace', 'job'] : ['namespace', 'job', 'pod'];
  const missing = wanted.filter((name) => !matchers.some(({ label }) => label === name));
  const fixed = matchers.filter(({ label, value }) => TARGET_LABELS.includes(label) && value !== `$${label}`);
  const wrong = matchers.filter(({ operator, value }) => value.startsWith('$') && operator !== '=~');
  return [
    ...missing.map((name) => ({ rule: 'scope', message: `${metric} is not narrowed by $${name}` })),
    ...fixed.map(({ label, value }) => ({ rule: 'scope', message: `${metric}: ${label} is fixed to ${value}` })),
    ...wrong.map(({ label }) => ({ rule: 'scope', message: `${metric}: ${label} may have several values chosen; =~` })),
  ];
}
