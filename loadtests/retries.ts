/**
 * Callers that repeat: four times the same keyed request at once, twice more when it is answered, and once with another payload. However they meet, the
 * service is asked once for each key, and all who get its answer get the same. Nobody else may use the route meanwhile.
 */
import { check } from 'k6';
import http, { type RefinedResponse } from 'k6/http';
import type { Options } from 'k6/options';
import { accountThresholds, expectCounted, takeOff } from './lib/account.ts';
import { type Counts, grown, readMetrics, readSettled } from './lib/admin.ts';
import { type Sample, sumOf } from './lib/exposition.ts';
import { ALWAYS, TREND_STATS, atRate, nearly, thresholdsOf } from './lib/pace.ts';
import { readRequests } from './lib/requests.ts';
import { reporter } from './lib/report.ts';
import { type Made, make, turnOf, uniqueText } from './lib/send.ts';
import { settingsFrom } from './lib/settings.ts';
import { wheelOf } from './lib/traffic.ts';

/** RATE counts keys; each is seven requests. */
const settings = settingsFrom(__ENV, {
  target: 'http://127.0.0.1:7082',
  short: { rate: 6, seconds: 8 },
  full: { rate: 20, seconds: 300 },
});
const { rate, seconds, p95Ms, p99Ms } = settings;
const AT_ONCE = 4;
const LATER = 2;
const REQUESTS_A_KEY = AT_ONCE + LATER + 1;
const asks = readRequests('billing-keyed.json');
const wheel = wheelOf(asks);

/** What the gateway says of a keyed request: outcomes of `plumbline_idempotency_requests_total`. */
const OUTCOMES = ['new', 'replayed', 'in_flight', 'mismatch'] as const;
type Outcome = (typeof OUTCOMES)[number];
const REFUSED: Readonly<Record<string, Outcome>> = { IDEMPOTENCY_KEY_IN_FLIGHT: 'in_flight', IDEMPOTENCY_KEY_PAYLOAD_MISMATCH: 'mismatch' };
const ASKED_SERVICE = 'upstream_attempts';

export const options: Options = {
  summaryTrendStats: TREND_STATS,
  batchPerHost: AT_ONCE,
  scenarios: { keys: atRate({ rate, seconds }, { way: 'proxied' }) },
  thresholds: {
    ...ALWAYS,
    checks: ['rate==1'],
    ...thresholdsOf('way:proxied', { p95Ms, p99Ms, atLeast: nearly(rate * seconds) * REQUESTS_A_KEY }),
    // How many come while the first still runs depends on how long it takes: there may be none.
    ...accountThresholds([ASKED_SERVICE, 'new', 'replayed', 'mismatch'], ['in_flight']),
    'expected{kind:in_flight}': ['count>=0'],
  },
};

function countsOf(samples: readonly Sample[]): Counts {
  const total = (metric: string, labels: Record<string, string> = {}): number =>
    operations.reduce((sum, operation) => sum + sumOf(samples, metric, operation === '' ? labels : { ...labels, operation }), 0);
  const counts: Counts = { [ASKED_SERVICE]: total('plumbline_upstream_attempts_total') };
  for (const outcome of OUTCOMES) counts[outcome] = total('plumbline_idempotency_requests_total', { outcome });
  return counts;
}

const operations = [...new Set(asks.map((ask) => ask.operation))];

export function setup(): Counts {
  return countsOf(readMetrics(settings.admin));
}

export default function keys(): void {
  const ask = turnOf(wheel);
  const first = make(settings.target, ask, uniqueText(), [...ask.status, 409]);
  const together = http.batch(Array.from({ length: AT_ONCE }, () => first));
  const later = Array.from({ length: LATER }, () => sendAgain(first));
  // One blank more: the same JSON, and another payload; bodies are compared byte by byte.
  const other = sendAgain({ ...first, body: `${first.body ?? ''} ` });

  const outcomes = [...together, ...later, other].map(outcomeOf);
  for (const outcome of outcomes) if (outcome !== undefined) expectCounted(outcome);
  expectCounted(ASKED_SERVICE);
  const answers = [...together, ...later].filter((_, i) => outcomes[i] === 'new' || outcomes[i] === 'replayed');
  check(outcomes, {
    'one of those at once was carried out': (all) => all.slice(0, AT_ONCE).filter((one) => one === 'new').length === 1,
    'the others waited, were told to, or got its answer': (all) =>
      all.slice(0, AT_ONCE).every((one) => one !== undefined && one !== 'mismatch'),
    'later ones got its answer': (all) => all.slice(AT_ONCE, -1).every((one) => one === 'replayed'),
    'another payload was refused': (all) => all.at(-1) === 'mismatch',
  });
  check(answers, { 'all answers are the same': (all) => new Set(all.map(({ body }) => body)).size === 1 });
}

function sendAgain({ method, url, body, params }: Made): RefinedResponse<'text'> {
  return http.request(method, url, body, params);
}

/** Undefined: none that a keyed request may come to. */
function outcomeOf(answer: RefinedResponse<'text'>): Outcome | undefined {
  if (answer.status === 409) {
    const code = answer.json('code');
    return typeof code === 'string' ? REFUSED[code] : undefined;
  }
  if (answer.status < 200 || answer.status > 299) return undefined;
  return answer.headers['Idempotent-Replayed'] === 'true' ? 'replayed' : 'new';
}

export function teardown(before: Counts): void {
  const counted = grown(
    before,
    readSettled(settings.admin, countsOf, () => true),
  );
  for (const kind of [ASKED_SERVICE, ...OUTCOMES]) takeOff(kind, counted[kind] ?? 0);
}

export const handleSummary = reporter('retries', settings.out, [{ title: 'proxied', tag: 'way:proxied', seconds }]);
