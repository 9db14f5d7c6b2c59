/**
 * Requests of which it is known how they, or the answers to them, break the contract, among others that do not. Afterwards the gateway must have counted
 * exactly those: none missed, none made up. Nobody else may use it meanwhile, and the route must be in report mode.
 */
import type { Options } from 'k6/options';
import { accountThresholds, expectCounted, takeOff } from './lib/account.ts';
import { type Counts, grown, readMetrics, readSettled } from './lib/admin.ts';
import { type Sample, sumOf } from './lib/exposition.ts';
import { ALWAYS, TREND_STATS, atRate, nearly, thresholdsOf } from './lib/pace.ts';
import { readRequests } from './lib/requests.ts';
import { reporter } from './lib/report.ts';
import { send, turnOf } from './lib/send.ts';
import { settingsFrom } from './lib/settings.ts';
import { type Break, wheelOf } from './lib/traffic.ts';

const settings = settingsFrom(__ENV, { short: { rate: 50, seconds: 6 }, full: { rate: 60, seconds: 300 } });
const { rate, seconds, p95Ms, p99Ms } = settings;
const asks = readRequests('billing-violations.json');
const wheel = wheelOf(asks);

const REQUESTS = 'requests';
const VIOLATIONS = 'violations';
const INVALID: Readonly<Record<Break['side'], string>> = { request: 'invalid_requests', response: 'invalid_answers' };
const SIDES = ['request', 'response'] as const;

const kindOf = ({ operation, side, location, rule }: Break): string => [operation, side, location, rule].join('/');
const breaks = new Map(asks.flatMap((ask) => ask.breaks.map((one): [string, Break] => [kindOf(one), one])));
const sides = SIDES.filter((side) => [...breaks.values()].some((one) => one.side === side));

export const options: Options = {
  summaryTrendStats: TREND_STATS,
  scenarios: { mix: atRate({ rate, seconds }, { way: 'proxied' }) },
  thresholds: {
    ...ALWAYS,
    ...thresholdsOf('way:proxied', { p95Ms, p99Ms, atLeast: nearly(rate * seconds) }),
    ...accountThresholds(
      [REQUESTS, VIOLATIONS, ...sides.map((side) => INVALID[side]), ...breaks.keys()],
      SIDES.filter((side) => !sides.includes(side)).map((side) => INVALID[side]),
    ),
  },
};

function countsOf(samples: readonly Sample[]): Counts {
  const counts: Counts = {
    [REQUESTS]: sumOf(samples, 'plumbline_requests_total'),
    [VIOLATIONS]: sumOf(samples, 'plumbline_contract_violations_total'),
  };
  for (const side of SIDES) counts[INVALID[side]] = sumOf(samples, 'plumbline_contract_checks_total', { side, outcome: 'invalid' });
  for (const [kind, { operation, side, location, rule }] of breaks) {
    counts[kind] = sumOf(samples, 'plumbline_contract_violations_total', { operation, side, location, rule });
  }
  counts.judged = sumOf(samples, 'plumbline_contract_checks_total', { side: 'request' });
  return counts;
}

export function setup(): Counts {
  return countsOf(readMetrics(settings.admin));
}

export default function mix(): void {
  const ask = turnOf(wheel);
  send(settings.target, ask);
  expectCounted(REQUESTS);
  for (const side of SIDES) if (ask.breaks.some((one) => one.side === side)) expectCounted(INVALID[side]);
  for (const one of ask.breaks) {
    expectCounted(VIOLATIONS);
    expectCounted(kindOf(one));
  }
}

export function teardown(before: Counts): void {
  const settled = (now: Counts): boolean => grown(before, now).judged === grown(before, now)[REQUESTS];
  const counted = grown(before, readSettled(settings.admin, countsOf, settled));
  for (const kind of [REQUESTS, VIOLATIONS, ...Object.values(INVALID), ...breaks.keys()]) takeOff(kind, counted[kind] ?? 0);
}

export const handleSummary = reporter('violations', settings.out, [{ title: 'proxied', tag: 'way:proxied', seconds }]);
