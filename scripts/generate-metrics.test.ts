import { describe, expect, it } from 'vitest';
import type { MetricSpec } from '../src/core/ports.ts';
import { generate, metricsPage, specsOf } from './generate-metrics.ts';

const counter: MetricSpec = { type: 'counter', name: 'a_total', help: 'Counts a | b.', labels: ['api', 'side'] };
const histogram: MetricSpec = { type: 'histogram', name: 'b_seconds', help: 'Time.', labels: [], buckets: [0.1, 1] };

describe('the page of metrics', () => {
  it('has a row for each metric, by name, and the buckets of histograms', () => {
    const page = metricsPage([histogram, counter, { ...counter }]);
    const rows = page.split('\n').filter((line) => line.startsWith('| `'));
    expect(rows).toEqual([
      '| `plumbline_a_total` | counter | `api`, `side` | Counts a \\| b. |',
      '| `plumbline_b_seconds` | histogram |  | Time. |',
    ]);
    expect(page).toContain('- `plumbline_b_seconds`: 0.1, 1\n');
  });

  it('refuses two metrics of one name that differ, and one that could not be registered', () => {
    expect(() => metricsPage([counter, { ...counter, labels: [] }])).toThrow(/a_total is defined twice/);
    expect(() => metricsPage([{ ...counter, name: 'a' }])).toThrow(/ends in _total/);
  });

  it('finds metrics in what modules export, and nothing else', () => {
    expect(specsOf({ metrics: { counter, other: 1 }, text: 'x', nothing: null, f: () => undefined })).toEqual([counter]);
  });

  it('has the metrics of the registry and of the policies', async () => {
    const page = (await generate())['docs/metrics.md'] ?? '';
    for (const name of ['build_info', 'label_overflow_total', 'requests_total', 'contract_checks_total']) {
      expect(page).toContain(`\`plumbline_${name}\``);
    }
  });
});
