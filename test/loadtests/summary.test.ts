import { expect, test } from 'vitest';
import { type K6Data, summarise } from '../../loadtests/lib/summary.ts';
import { summaryText } from '../../loadtests/lib/summary-text.ts';

const data: K6Data = {
  state: { testRunDurationMs: 12_500 },
  root_group: {
    checks: [{ name: 'status', passes: 8, fails: 2 }],
    groups: [{ checks: [{ name: 'counted', passes: 1, fails: 0 }], groups: [] }],
  },
  metrics: {
    http_reqs: { values: { count: 15, rate: 1.2 } },
    'http_reqs{way:direct}': { values: { count: 10, rate: 0.8 }, thresholds: { 'count>=9': { ok: true } } },
    'http_req_failed{way:direct}': { values: { rate: 0.2, passes: 2, fails: 8 }, thresholds: { 'rate<0.001': { ok: false } } },
    'http_req_duration{way:direct}': { values: { min: 1, med: 2, 'p(95)': 3, 'p(99)': 4, max: 5 } },
    dropped_iterations: { values: { count: 3, rate: 0.1 } },
    expected: { values: { count: 9, rate: 1 } },
    'expected{kind:a/b}': { values: { count: 9, rate: 1 } },
    'unaccounted{kind:a/b}': { values: { count: 2, rate: 1 } },
    'refused{stage:spike}': { values: { rate: 0.25, passes: 1, fails: 3 } },
    memory: { values: { value: 170.126, min: 1, max: 2 } },
  },
};
const summary = summarise('steady', data, [
  { title: 'direct', tag: 'way:direct', seconds: 5 },
  { title: 'proxied', tag: 'way:proxied', seconds: 5 },
]);

test('a run as figures: the rate is that of the time in which it was sent, and what was not sent is 0', () => {
  expect(summary).toEqual({
    script: 'steady',
    seconds: 12.5,
    requests: 15,
    rows: [
      { title: 'direct', requests: 10, perSecond: 2, failed: 0.2, p50Ms: 2, p95Ms: 3, p99Ms: 4, maxMs: 5 },
      { title: 'proxied', requests: 0, perSecond: 0, failed: 0, p50Ms: 0, p95Ms: 0, p99Ms: 0, maxMs: 0 },
    ],
    dropped: 3,
    checks: { passed: 9, failed: 2, failing: ['status'] },
    thresholds: [
      { metric: 'http_reqs{way:direct}', says: 'count>=9', ok: true },
      { metric: 'http_req_failed{way:direct}', says: 'rate<0.001', ok: false },
    ],
    counts: { expected: 9, 'expected{kind:a/b}': 9, memory: 170.126, 'refused{stage:spike}': 0.25, 'unaccounted{kind:a/b}': 2 },
  });
});

test('a run as text', () => {
  expect(summaryText(summary)).toBe(`
steady: 15 requests in 12.5 s, 3 iterations dropped, 9 checks passed, 2 failed
           requests  per s   failed  p50 ms  p95 ms  p99 ms  max ms
  direct         10    2.0  20.00 %    2.00    3.00    4.00    5.00
  proxied         0    0.0   0.00 %    0.00    0.00    0.00    0.00
  memory: 170.13
  refused{stage:spike}: 0.25
  counted a/b: 7 of 9
  FAILED check: status
  FAILED threshold: http_req_failed{way:direct}: rate<0.001
steady: 1 of 2 thresholds hold
`);
});
