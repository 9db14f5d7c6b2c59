/** Makes docs/metrics.md of the metrics that every file called metrics.ts exports: objects that hold specs as their values. */
import { globSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { PROCESS_METRICS } from '../src/adapters/prometheus/process-metrics.ts';
import { checkSpec, sameSpec } from '../src/adapters/prometheus/spec.ts';
import type { MetricSpec } from '../src/core/ports.ts';
import { root } from './lint/tree.ts';

/** Every generated file: its path from the root of the repository, and what must be in it. */
export async function generate(): Promise<Record<string, string>> {
  return { 'docs/metrics.md': metricsPage(await allSpecs()) };
}

/** Every metric that there is; one that two modules export is there twice. */
export async function allSpecs(): Promise<MetricSpec[]> {
  const files = globSync('src/**/metrics.ts', { cwd: root }).sort();
  const modules = await Promise.all(files.map((file) => import(pathToFileURL(join(root, file)).href) as Promise<object>));
  return modules.flatMap(specsOf);
}

/** The metrics that a module exports. */
export function specsOf(module: object): MetricSpec[] {
  return Object.values(module).flatMap((exported: unknown) =>
    typeof exported === 'object' && exported !== null ? Object.values(exported).filter(isSpec) : [],
  );
}

function isSpec(value: unknown): value is MetricSpec {
  return typeof value === 'object' && value !== null && 'type' in value && 'name' in value && 'help' in value && 'labels' in value;
}

/** @throws TypeError where a spec is wrong, or two of one name differ. */
export function metricsPage(specs: readonly MetricSpec[]): string {
  const byName = new Map<string, MetricSpec>();
  for (const spec of specs) {
    checkSpec(spec);
    const known = byName.get(spec.name);
    if (known !== undefined && !sameSpec(known, spec)) throw new TypeError(`metric ${spec.name} is defined twice, and differently`);
    byName.set(spec.name, spec);
  }
  const sorted = [...byName.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  const [ofInjector, ofGateway] = [sorted.filter(isOfInjector), sorted.filter((spec) => !isOfInjector(spec))];
  return `${HEAD}
${table(ofGateway)}

## Injector

What [\`plumbline injector\`](injector.md) has, on its own port for probes, and no gateway. Besides these: \`plumbline_build_info\`, \`plumbline_label_overflow_total\`,
\`plumbline_observation_dropped_total\`, and those of process and runtime.

${table(ofInjector)}

## Buckets

Upper bounds, without +Inf.

${sorted.flatMap((spec) => (spec.type === 'histogram' ? [`- \`plumbline_${spec.name}\`: ${spec.buckets.join(', ')}`] : [])).join('\n')}

## Process and runtime

Those of the client library's metrics that \`promtool check metrics\` accepts, under the library's names:

${PROCESS_METRICS.map((name) => `- \`${name}\``).join('\n')}
`;
}

/** Another process: `plumbline injector`. */
function isOfInjector({ name }: MetricSpec): boolean {
  return name.startsWith('injector_');
}

function table(specs: readonly MetricSpec[]): string {
  return ['| metric | type | labels | what it says |', '|---|---|---|---|', ...specs.map(row)].join('\n');
}

function row(spec: MetricSpec): string {
  const labels = spec.labels.map((label) => `\`${label}\``).join(', ');
  return `| \`plumbline_${spec.name}\` | ${spec.type} | ${labels} | ${spec.help.replaceAll('|', '\\|')} |`;
}

const HEAD = `# Metrics

<!-- Generated from src/**/metrics.ts by scripts/generate-metrics.ts: change it there, then run npm run generate. -->

\`GET /metrics\` of the admin and probes listeners prints them as OpenMetrics 1.0.0 where the Accept field asks for it, else as
Prometheus text 0.0.4; both have the same series.

- \`api\` is the contract's name, without one the route's. \`operation\` is \`_unmatched\` where the contract knows none, \`_none\` without a route.
- \`method\` is one of GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS, TRACE, CONNECT, QUERY, else \`_OTHER\`. \`status_class\` is \`1xx\` to \`5xx\`.
- \`operation\`, \`consumer\` and \`consumer_version\` keep the first values that come, up to \`telemetry.limits\`; later ones are \`_other\`. Each folds on its own.
- A scrape has at most \`telemetry.limits.lines\` lines. From nine tenths of that on, new label sets fold their operation and consumer to \`_other\`, at
  the limit all their labels; series that exist are never dropped. \`plumbline_label_overflow_total\` counts both.
- Label sets without operation and consumer are born at 0. Those of an operation are, with all their fixed values (phases, reasons, outcomes), when the contract is loaded if it has at most 50 operations, else with the operation's first use.
- A label value has at most 128 characters; unprintable ones are replaced by U+FFFD.
`;
