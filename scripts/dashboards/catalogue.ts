/** Every metric that a board may show: what every file `metrics.ts` of `src` exports, and the process metrics under the client library's names. */
import { PROCESS_METRICS } from '../../src/adapters/prometheus/process-metrics.ts';
import { allSpecs } from '../generate-metrics.ts';

export interface Known {
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly labels: readonly string[];
}

/** By the name that Prometheus knows, without `_bucket`, `_sum` and `_count`. */
export type Catalogue = ReadonlyMap<string, Known>;

/** What Prometheus itself knows: series that it makes of its targets and of the rules that it evaluates. */
const OF_PROMETHEUS: ReadonlyArray<readonly [string, Known]> = [
  ['up', { type: 'gauge', labels: [] }],
  ['ALERTS', { type: 'gauge', labels: ['alertname', 'alertstate', 'severity', 'owner', 'direction', 'api', 'operation', 'consumer'] }],
];

/** @throws where no metric is found: rules that hold for nothing hold always. */
export async function readCatalogue(): Promise<Catalogue> {
  const ours = (await allSpecs()).map(({ name, type, labels }): [string, Known] => [`plumbline_${name}`, { type, labels }]);
  if (ours.length === 0) throw new Error('no metrics.ts exports a metric');
  return new Map([...ours, ...PROCESS_METRICS.map((name): [string, Known] => [name, ofProcess(name)]), ...OF_PROMETHEUS]);
}

/** The client library tells no types before it runs; its names do. */
function ofProcess(name: string): Known {
  if (name === 'nodejs_gc_duration_seconds') return { type: 'histogram', labels: ['kind'] };
  if (name.endsWith('_total')) return { type: 'counter', labels: [] };
  const labels = /^nodejs_heap_space_/.test(name) ? ['space'] : /^nodejs_active_[a-z]+$/.test(name) ? ['type'] : [];
  return { type: 'gauge', labels: name === 'nodejs_version_info' ? ['version', 'major', 'minor', 'patch'] : labels };
}
