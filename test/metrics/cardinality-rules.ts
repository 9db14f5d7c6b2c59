import { expect } from 'vitest';
import type { Contract } from '../../src/core/contract.ts';
import { LIMITS, type Printed, crowd, lost, print, sum, valuesOf } from './cardinality.ts';

const CONSUMERS = 10_000;
const STATUSES = [200, 200, 200, 404, 500];

/**
 * Every operation of a large contract, asked by ten thousand consumers: the scrape stays within its lines, nothing that was shown is dropped, and the
 * sums are what was sent.
 */
export async function holdsRules(
  contract: Contract,
  targets: readonly { readonly method: string; readonly path: string }[],
): Promise<Printed> {
  const { prometheus, ask, bugs, done } = crowd(contract);
  let before = await print(prometheus, undefined);
  for (let i = 0; i < CONSUMERS; i++) {
    const { method, path } = targets[i % targets.length] as { method: string; path: string };
    await ask(method, path, `consumer-${i}`, STATUSES[i % STATUSES.length] as number);
    if (i % 1000 !== 999) continue;
    const now = await print(prometheus, undefined);
    expect(now.lines).toBeLessThanOrEqual(LIMITS.lines);
    expect(lost(before, now)).toEqual([]);
    before = now;
  }
  const after = await print(prometheus, undefined);
  const openMetrics = await print(prometheus, 'application/openmetrics-text; version=1.0.0');
  expect([bugs, done()]).toEqual([[], CONSUMERS]);
  // It is near the limit: else nothing was tried.
  expect([after.lines, openMetrics.lines].every((lines) => lines > LIMITS.lines * 0.8 && lines <= LIMITS.lines)).toBe(true);

  const all = (name: string, ...labels: string[]): number => sum(after, `plumbline_${name}`, ...labels);
  for (const name of ['requests_total', 'consumer_requests_total', 'request_duration_seconds_count', 'upstream_attempts_total'])
    expect([name, all(name)]).toEqual([name, CONSUMERS]);
  for (const status of ['200', '404', '500'])
    expect(all('requests_total', `status_code="${status}"`)).toBe(
      STATUSES.filter((one) => String(one) === status).length * (CONSUMERS / 5),
    );
  expect(all('contract_checks_total', 'side="request"')).toBe(CONSUMERS);
  expect(all('rate_limit_decisions_total', 'decision="allowed"')).toBe(CONSUMERS);
  expect(all('sla_requests_total', 'objective="availability"')).toBe(CONSUMERS);
  expect(all('error_codes_total')).toBe((CONSUMERS / 5) * 2);

  // Each label folds on its own, and what folds is counted.
  expect(valuesOf(after, '', 'consumer').size).toBeLessThanOrEqual(LIMITS.consumers + 2);
  expect(valuesOf(after, '', 'operation').size).toBeLessThanOrEqual(LIMITS.operations + 2);
  expect(all('consumer_requests_total', 'consumer="_other"')).toBeGreaterThanOrEqual(CONSUMERS - LIMITS.consumers);
  expect(all('requests_total', 'operation="_other"')).toBeGreaterThan(0);
  for (const label of ['consumer', 'operation', 'lines'])
    expect([label, all('label_overflow_total', `label="${label}"`)]).toEqual([label, expect.any(Number)]);
  for (const label of ['consumer', 'operation', 'lines']) expect(all('label_overflow_total', `label="${label}"`)).toBeGreaterThan(0);
  expect([...after.series.keys()].filter((key) => key.includes('_bucket{') && /[{,]consumer=/.test(key))).toEqual([]);
  return after;
}
