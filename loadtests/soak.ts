/** The same for a long time, and every second a look at the gateway's memory: does anything grow, is anything lost, does it get slower? */
import { check, sleep } from 'k6';
import { Gauge } from 'k6/metrics';
import type { Options } from 'k6/options';
import { readMetrics } from './lib/admin.ts';
import { type Sample, sumOf } from './lib/exposition.ts';
import { ALWAYS, TREND_STATS, atRate, nearly, thresholdsOf } from './lib/pace.ts';
import { readRequests } from './lib/requests.ts';
import { reporter } from './lib/report.ts';
import { send, turnOf } from './lib/send.ts';
import { settingsFrom } from './lib/settings.ts';
import { wheelOf } from './lib/traffic.ts';

const settings = settingsFrom(__ENV, { short: { rate: 60, seconds: 15 }, full: { rate: 60, seconds: 1800 } });
const { rate, seconds, p95Ms, p99Ms } = settings;
const wheel = wheelOf(readRequests('billing.json'));
const LOOK_SECONDS = 1;
const MIB = 1_048_576;
/** The two thirds at the end are held against the state at their beginning: before that code and caches get warm. */
const WARM_MS = (seconds * 1000) / 3;
/** A young generation that V8 gives back and takes again is most of it; what leaks for half an hour is more. */
const MAX_GROWTH_MIB = 96;
/** What the gateway gave up to stay alive, and its own faults. */
const LOST = ['plumbline_internal_errors_total', 'plumbline_observation_dropped_total', 'plumbline_shed_total'];

const memory = new Gauge('gateway_memory_mib');
const growth = new Gauge('gateway_memory_growth_mib');
const openRequests = new Gauge('gateway_requests_in_flight');

export const options: Options = {
  summaryTrendStats: TREND_STATS,
  scenarios: {
    load: atRate({ rate, seconds }, { way: 'proxied' }),
    watch: { executor: 'constant-vus', exec: 'watch', vus: 1, duration: `${seconds}s`, gracefulStop: '5s', tags: { way: 'admin' } },
  },
  thresholds: {
    ...ALWAYS,
    ...thresholdsOf('way:proxied', { p95Ms, p99Ms, atLeast: nearly(rate * seconds) }),
    gateway_memory_mib: ['value>0'],
    gateway_memory_growth_mib: [`value<${MAX_GROWTH_MIB}`],
  },
};

const lostOf = (samples: readonly Sample[]): number => LOST.reduce((sum, name) => sum + sumOf(samples, name), 0);

interface Before {
  readonly counted: number;
  readonly lost: number;
}

export function setup(): Before {
  const samples = readMetrics(settings.admin);
  return { counted: sumOf(samples, 'plumbline_requests_total'), lost: lostOf(samples) };
}

export default function load(): void {
  send(settings.target, turnOf(wheel));
}

/** Of this one virtual user: since when it looks, and what memory was when all was warm. */
let since: number | undefined;
let warmMib: number | undefined;

export function watch(): void {
  const samples = readMetrics(settings.admin);
  const mib = sumOf(samples, 'process_resident_memory_bytes') / MIB;
  memory.add(mib);
  openRequests.add(sumOf(samples, 'plumbline_requests_in_flight'));
  since ??= Date.now();
  if (Date.now() - since >= WARM_MS) {
    warmMib ??= mib;
    growth.add(mib - warmMib);
  }
  sleep(LOOK_SECONDS);
}

export function teardown(before: Before): void {
  const samples = readMetrics(settings.admin);
  const counted = sumOf(samples, 'plumbline_requests_total') - before.counted;
  check(counted, { 'the gateway counted the requests': (count) => count >= nearly(rate * seconds) });
  check(lostOf(samples) - before.lost, { 'the gateway gave nothing up and made no fault': (count) => count === 0 });
  check(samples, { 'no request is left behind': (all) => sumOf(all, 'plumbline_requests_in_flight') === 0 });
}

export const handleSummary = reporter('soak', settings.out, [{ title: 'proxied', tag: 'way:proxied', seconds }]);
