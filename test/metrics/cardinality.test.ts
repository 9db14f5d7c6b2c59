import { expect, test } from 'vitest';
import type { Contract, Operation } from '../../src/core/contract.ts';
import { createPrometheus } from '../../src/adapters/prometheus/prometheus.ts';
import { fakeContract, fakeOperation } from '../kit/contract.ts';
import { LIMITS, crowd, print, valuesOf } from './cardinality.ts';
import { holdsRules } from './cardinality-rules.ts';

/** As many operations as GitHub's API has; that contract itself is taken by `cardinality.long.test.ts`. */
const OPERATIONS = 1223;

function largeContract(operations: number): Contract {
  const all = Array.from({ length: operations }, (_, i) => fakeOperation({ id: `resource/operation-${i}` }));
  const byPath = new Map(all.map((operation, i): [string, Operation] => [`/operation-${i}`, operation]));
  return {
    ...fakeContract(all),
    match: (_method, path) => {
      const operation = byPath.get(path);
      return operation === undefined ? { miss: 'path' } : { operation, params: new Map() };
    },
  };
}

const targets = (operations: number) => Array.from({ length: operations }, (_, i) => ({ method: 'GET', path: `/operation-${i}` }));

test('1,223 operations and 10,000 consumers stay within the lines of a scrape, and nothing is lost', async () => {
  await holdsRules(largeContract(OPERATIONS), targets(OPERATIONS));
});

test('the series of an operation are born at load up to 50 of them, else with its first use, and then with all their siblings', async () => {
  const small = crowd(largeContract(50));
  const phases = async ({ prometheus }: typeof small): Promise<number> =>
    [...(await print(prometheus, undefined)).series.keys()].filter((key) => key.startsWith('plumbline_timeouts_total{')).length;
  expect(await phases(small)).toBe(250);
  const large = crowd(largeContract(51));
  expect(await phases(large)).toBe(0);
  await large.ask('GET', '/operation-7', 'a', 200);
  const printed = await print(large.prometheus, undefined);
  const of = (name: string): string[] =>
    [...printed.series]
      .filter(([key]) => key.startsWith(`plumbline_${name}{`))
      .map(([key, value]) => `${key.split('operation-')[1]} ${value}`);
  expect(of('timeouts_total')).toEqual(['connect', 'headers', 'body', 'total', 'exhausted'].map((phase) => `7",phase="${phase}"} 0`));
  expect(of('retry_outcomes_total')).toEqual(['7",outcome="succeeded"} 0', '7",outcome="failed"} 0']);
  expect(of('contract_checks_total').filter((line) => line.includes('side="request"') && line.endsWith(' 0'))).toHaveLength(1);
});

test('label sets without operation and consumer are born at 0', async () => {
  const { prometheus } = crowd(largeContract(51));
  const printed = await print(prometheus, undefined);
  expect([...valuesOf(printed, 'plumbline_sla_requests_total', 'good')]).toEqual(['true', 'false']);
  expect([...valuesOf(printed, 'plumbline_label_overflow_total', 'label')]).toContain('code');
  expect([...valuesOf(printed, 'plumbline_untrusted_headers_total', 'header')]).toEqual(
    expect.arrayContaining(['traceparent', 'x-request-id', 'x-consumer-name', 'x-retry-attempt', 'x-request-timeout-ms']),
  );
  expect([...valuesOf(printed, 'plumbline_internal_errors_total', 'stage')]).toEqual(
    expect.arrayContaining(['metrics', 'contract', 'propagation']),
  );
});

test('what is enabled when the lines are full finds the place that was kept for it', async () => {
  const prometheus = createPrometheus({ limits: LIMITS, processMetrics: [] });
  const closed = prometheus.meter.counter({ type: 'counter', name: 'closed_total', help: 'Of a closed set.', labels: ['upstream'] });
  for (let i = 0; i < 6000; i++) closed.with(`upstream-${i}`).inc();
  for (let i = 0; i < 30; i++) {
    const late = prometheus.meter.counter({ type: 'counter', name: `late_${i}_total`, help: 'Came with a reload.', labels: ['api'] });
    for (let k = 0; k < 100; k++) late.with(`api-${k}`).inc();
  }
  const printed = await print(prometheus, undefined);
  expect(printed.lines).toBeGreaterThan(4500);
  expect(printed.lines).toBeLessThanOrEqual(5000);
  const counted = (part: string): number =>
    [...printed.series].filter(([key]) => key.includes(part)).reduce((all, [, value]) => all + value, 0);
  expect([counted('plumbline_closed'), counted('plumbline_late_')]).toEqual([6000, 3000]);
});
