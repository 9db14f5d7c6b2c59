/**
 * The same rate of the same requests, to the service itself and through the gateway, by turns in one run: what does the gateway add? By turns, because a
 * machine that slows down then slows both, and because each is measured while the other does nothing.
 */
import type { Options, Scenario } from 'k6/options';
import { ALWAYS, TREND_STATS, atRate, nearly, thresholdsOf } from './lib/pace.ts';
import { readRequests } from './lib/requests.ts';
import { reporter } from './lib/report.ts';
import { send, turnOf } from './lib/send.ts';
import { settingsFrom } from './lib/settings.ts';
import { wheelOf } from './lib/traffic.ts';

/** DURATION and `seconds` are those of one turn. */
const settings = settingsFrom(__ENV, { short: { rate: 60, seconds: 3 }, full: { rate: 100, seconds: 20 } });
const { rate, seconds, p95Ms, p99Ms } = settings;
const TURNS = settings.profile === 'short' ? 3 : 6;
/** Code that has not run yet is slow; nobody's figures. */
const WARM_SECONDS = settings.profile === 'short' ? 3 : 15;
const wheel = wheelOf(readRequests('billing.json'));

const ways = ['direct', 'proxied'] as const;

function scenarios(): Record<string, Scenario> {
  const found: Record<string, Scenario> = {};
  for (const way of ways) found[`warm_${way}`] = atRate({ rate: Math.ceil(rate / 2), seconds: WARM_SECONDS, exec: way }, { way: 'warm' });
  let from = WARM_SECONDS + 1;
  for (let turn = 1; turn <= TURNS; turn += 1) {
    for (const way of ways) {
      found[`${way}_${turn}`] = atRate({ rate, seconds, from, exec: way }, { way });
      from += seconds;
    }
  }
  return found;
}

const atLeast = nearly(rate * seconds * TURNS);

export const options: Options = {
  summaryTrendStats: TREND_STATS,
  scenarios: scenarios(),
  thresholds: {
    ...ALWAYS,
    ...thresholdsOf('way:direct', { p95Ms, p99Ms, atLeast }),
    ...thresholdsOf('way:proxied', { p95Ms, p99Ms, atLeast }),
  },
};

export function direct(): void {
  send(settings.direct, turnOf(wheel));
}

export function proxied(): void {
  send(settings.target, turnOf(wheel));
}

export const handleSummary = reporter(
  'steady',
  settings.out,
  ways.map((way) => ({ title: way, tag: `way:${way}`, seconds: seconds * TURNS })),
);
