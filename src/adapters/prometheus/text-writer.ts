import type { Labels } from './cells.ts';
import type { PublishedFamily, PublishedMetric } from './published.ts';

/**
 * Prometheus text format 0.0.4, printed from what the OpenMetrics registry holds. The registry could print it itself only if its
 * content type were switched, and after one OpenMetrics scrape it then prints counters without `_total` for ever.
 */
export async function writeText(metrics: readonly PublishedMetric[]): Promise<string> {
  const families = await Promise.all(metrics.map((metric) => metric.getForPromString?.() ?? metric.get()));
  let out = '';
  for (const family of families) out += writeFamily(family);
  return out;
}

function writeFamily(family: PublishedFamily): string {
  // Our counters are named without `_total`, the library's own lose it at the first OpenMetrics scrape.
  const name = family.type === 'counter' && !family.name.endsWith('_total') ? `${family.name}_total` : family.name;
  let out = `# HELP ${name} ${escapeHelp(family.help)}\n# TYPE ${name} ${family.type}\n`;
  for (const { value, labels, sharedLabels, metricName } of family.values) {
    out += family.type === 'counter' ? name : (metricName ?? name);
    const own = writeLabels(labels);
    const shared = sharedLabels === undefined ? '' : printed(sharedLabels);
    if (own !== '' || shared !== '') out += `{${own}${own !== '' && shared !== '' ? ',' : ''}${shared}}`;
    out += ` ${writeNumber(value)}\n`;
  }
  return out;
}

/** Series keep their label object for life, so its printed form is made once. */
const printedLabels = new WeakMap<Labels, string>();

function printed(labels: Labels): string {
  let text = printedLabels.get(labels);
  if (text === undefined) {
    text = writeLabels(labels);
    printedLabels.set(labels, text);
  }
  return text;
}

function writeLabels(labels: Labels): string {
  let out = '';
  for (const name in labels) out += `${out === '' ? '' : ','}${name}="${escapeLabel(String(labels[name]))}"`;
  return out;
}

const NEEDS_ESCAPE = /[\\"\n]/;

function escapeLabel(value: string): string {
  return NEEDS_ESCAPE.test(value) ? value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n') : value;
}

function escapeHelp(help: string): string {
  return help.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
}

function writeNumber(value: number): string {
  if (Number.isFinite(value)) return String(value);
  return Number.isNaN(value) ? 'NaN' : value > 0 ? '+Inf' : '-Inf';
}
