/**
 * Calm, then eight times as much, then calm again. In the spike the gateway may refuse; then in the way it is meant to be done: 429 or 503 as
 * problem+json with a code and Retry-After. Before and after it nothing is refused, and all is as fast as ever.
 */
import { check } from 'k6';
import exec from 'k6/execution';
import http, { type RefinedResponse, type ResponseType } from 'k6/http';
import { Rate } from 'k6/metrics';
import type { Options } from 'k6/options';
import { ALWAYS, GRACE, TREND_STATS, atRate, nearly, thresholdsOf, usersFor } from './lib/pace.ts';
import { readRequests } from './lib/requests.ts';
import { reporter } from './lib/report.ts';
import { make, turnOf, uniqueText } from './lib/send.ts';
import { settingsFrom } from './lib/settings.ts';
import { wheelOf } from './lib/traffic.ts';

/** RATE is that of the calm, DURATION how long each of the three lasts. */
const settings = settingsFrom(__ENV, { short: { rate: 25, seconds: 4 }, full: { rate: 50, seconds: 60 } });
const { rate, seconds, p95Ms, p99Ms } = settings;
const TIMES = 8;
/** Of the spike: up, and down again. The rest of it stays at the top. */
const RAMP_SECONDS = Math.max(1, Math.floor(seconds / 4));
/** Limits fill up again, queues run empty. */
const REST_SECONDS = 3;
const REFUSED = [429, 503];
const wheel = wheelOf(readRequests('billing.json'));
const refused = new Rate('refused');

export const options: Options = {
  summaryTrendStats: TREND_STATS,
  scenarios: {
    before: atRate({ rate, seconds }, { stage: 'before' }),
    spike: {
      executor: 'ramping-arrival-rate',
      startTime: `${seconds}s`,
      startRate: rate,
      timeUnit: '1s',
      stages: [
        { target: rate * TIMES, duration: `${RAMP_SECONDS}s` },
        { target: rate * TIMES, duration: `${seconds}s` },
        { target: rate, duration: `${RAMP_SECONDS}s` },
      ],
      gracefulStop: GRACE,
      preAllocatedVUs: usersFor(rate * TIMES),
      tags: { stage: 'spike' },
    },
    after: atRate({ rate, seconds, from: seconds * 2 + RAMP_SECONDS * 2 + REST_SECONDS }, { stage: 'after' }),
  },
  thresholds: {
    ...ALWAYS,
    ...thresholdsOf('stage:before', { p95Ms, p99Ms, atLeast: nearly(rate * seconds) }),
    // It is for the callers to say what a spike may cost them; here, that everything is answered in the time that the request has.
    ...thresholdsOf('stage:spike', { p95Ms: 4 * p95Ms, p99Ms: 4 * p99Ms, atLeast: nearly(rate * TIMES * seconds) }),
    ...thresholdsOf('stage:after', { p95Ms, p99Ms, atLeast: nearly(rate * seconds) }),
    'refused{stage:before}': ['rate==0'],
    'refused{stage:spike}': ['rate<1'],
    'refused{stage:after}': ['rate==0'],
  },
};

export default function ask(): void {
  const turn = turnOf(wheel);
  const { method, url, body, params } = make(settings.target, turn, uniqueText(), [...turn.status, ...REFUSED]);
  const answer = http.request(method, url, body, params);
  const isRefused = REFUSED.includes(answer.status);
  refused.add(isRefused);
  if (isRefused) check(answer, { 'a refusal says why and when to come back': isProper });
  else check(answer, { 'the status is as expected': ({ status }) => turn.status.includes(status) });
  if (isRefused && exec.scenario.name !== 'spike') check(answer, { 'nothing is refused in the calm': () => false });
}

function isProper(answer: RefinedResponse<ResponseType>): boolean {
  const { headers } = answer;
  const isProblem = (headers['Content-Type'] ?? '').startsWith('application/problem+json');
  return isProblem && /^\d+$/.test(headers['Retry-After'] ?? '') && typeof answer.json('code') === 'string';
}

export const handleSummary = reporter('spike', settings.out, [
  { title: 'before', tag: 'stage:before', seconds },
  { title: 'spike', tag: 'stage:spike', seconds: seconds + 2 * RAMP_SECONDS },
  { title: 'after', tag: 'stage:after', seconds },
]);
