/** Each request of the file once, one after the other: is everything there, and does the gateway see it? Run it before any other. */
import { check } from 'k6';
import http from 'k6/http';
import type { Options } from 'k6/options';
import { readMetrics } from './lib/admin.ts';
import { sumOf } from './lib/exposition.ts';
import { ALWAYS, TREND_STATS, thresholdsOf } from './lib/pace.ts';
import { readRequests } from './lib/requests.ts';
import { reporter } from './lib/report.ts';
import { send, turnOf } from './lib/send.ts';
import { settingsFrom } from './lib/settings.ts';

const settings = settingsFrom(__ENV, { short: { rate: 1, seconds: 1 }, full: { rate: 1, seconds: 1 } });
const asks = readRequests('billing.json');

export const options: Options = {
  summaryTrendStats: TREND_STATS,
  scenarios: {
    smoke: { executor: 'shared-iterations', vus: 1, iterations: asks.length, maxDuration: '60s', tags: { way: 'proxied' } },
  },
  thresholds: { ...ALWAYS, checks: ['rate==1'], ...thresholdsOf('way:proxied', { p95Ms: 5000, p99Ms: 5000, atLeast: asks.length }) },
};

interface Before {
  readonly counted: number;
}

export function setup(): Before {
  const ready = http.get(`${settings.admin}/readyz`, { tags: { name: 'readyz', way: 'admin' } });
  check(ready, { 'the gateway is ready': ({ status }) => status === 200 });
  return { counted: sumOf(readMetrics(settings.admin), 'plumbline_requests_total') };
}

export default function smoke(): void {
  const answer = send(settings.target, turnOf(asks));
  check(answer, { 'it has a request ID': ({ headers }) => (headers['X-Request-Id'] ?? '') !== '' });
}

export function teardown(before: Before): void {
  const counted = sumOf(readMetrics(settings.admin), 'plumbline_requests_total') - before.counted;
  check(counted, { 'the gateway counted the requests': (count) => count >= asks.length });
}

export const handleSummary = reporter('smoke', settings.out, [{ title: 'proxied', tag: 'way:proxied', seconds: 1 }]);
