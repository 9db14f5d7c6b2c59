import { expect, test } from 'vitest';
import type { Row, Summary } from '../../../loadtests/lib/summary.ts';
import { executionFaults, faultsOf, overheadFaults } from './judge.ts';
import { BEGIN, END, overheadTable, overview, putBetweenMarks } from './tables.ts';

const row = (title: string, more: Partial<Row> = {}): Row => ({
  title,
  requests: 100,
  perSecond: 50,
  failed: 0,
  p50Ms: 1,
  p95Ms: 2,
  p99Ms: 3,
  maxMs: 4,
  ...more,
});

const good: Summary = {
  script: 'steady',
  seconds: 4,
  requests: 200,
  rows: [row('direct'), row('proxied', { p50Ms: 1.5, p95Ms: 2.75, p99Ms: 2.9 })],
  dropped: 0,
  checks: { passed: 200, failed: 0, failing: [] },
  thresholds: [{ metric: 'checks', says: 'rate==1', ok: true }],
  counts: { 'expected{kind:new}': 2, 'refused{stage:spike}': 0.3 },
};

test('a run in which all holds has no fault', () => {
  expect(faultsOf({ must: ['refused{stage:spike}'] }, 0, good)).toEqual([]);
  expect(overheadFaults(good)).toEqual([]);
});

test.each<[Partial<Summary>, string]>([
  [{ requests: 0 }, 'nothing was sent: void'],
  [{ rows: [] }, 'no row: void'],
  [{ rows: [row('direct'), row('proxied', { requests: 0 })] }, 'proxied: nothing was sent: void'],
  [{ dropped: 1 }, '1 iterations were dropped: less was sent than was asked for'],
  [{ checks: { passed: 0, failed: 0, failing: [] } }, 'nothing was checked: void'],
  [{ checks: { passed: 9, failed: 1, failing: ['the status'] } }, 'check: the status'],
  [{ thresholds: [] }, 'no threshold: void'],
  [{ thresholds: [{ metric: 'a{b:c}', says: 'p(95)<5', ok: false }] }, 'a{b:c}: not p(95)<5'],
  [{ counts: {} }, 'refused{stage:spike} is 0: void'],
  [{ counts: { 'refused{stage:spike}': 0 } }, 'refused{stage:spike} is 0: void'],
])('what is wrong with a run is told: %j', (change, fault) => {
  expect(faultsOf({ must: ['refused{stage:spike}'] }, 0, { ...good, ...change })).toEqual([fault]);
});

test('an exit code is a fault whatever the summary says, and so is a missing summary', () => {
  expect(faultsOf({ must: [] }, 99, good)).toEqual(['k6 ended with 99: a threshold was crossed']);
  expect(faultsOf({ must: [] }, 128, undefined)).toEqual(['k6 ended with 128', 'there is no summary']);
});

test('what the service saw is held against what the callers were told', () => {
  const keys = (...counts: number[]) => new Map(counts.map((count, i): [string, number] => [`k${i}`, count]));
  expect(executionFaults(keys(1, 1), good)).toEqual([]);
  expect(executionFaults(keys(1, 2), good)).toEqual(['1 keys were carried out more than once: k1']);
  expect(executionFaults(keys(1), good)).toEqual(['the service saw 1 keys, the callers were told of 2']);
  expect(
    executionFaults(
      new Map([
        ['', 1],
        ['k', 1],
      ]),
      good,
    ),
  ).toEqual(['the service was asked without a key']);
  expect(executionFaults(new Map(), { ...good, counts: {} })).toEqual(['no payment was made: void']);
});

test('a gateway that waits for something is told, and one that was not measured', () => {
  const slow = { ...good, rows: [row('direct'), row('proxied', { p50Ms: 11.5 })] };
  expect(overheadFaults(slow)).toEqual(['the gateway added 10.50 ms at p50, more than 10 ms']);
  expect(overheadFaults({ ...good, rows: [row('direct'), row('proxied', { requests: 0 })] })).toEqual([
    'not both ways were measured: void',
  ]);
  expect(overheadFaults(undefined)).toEqual(['not both ways were measured: void']);
});

test('the table says what the gateway adds', () => {
  expect(overheadTable(good)).toBe(
    [
      '|         | requests | requests/s | p50 ms | p95 ms | p99 ms |',
      '| ------- | -------: | ---------: | -----: | -----: | -----: |',
      '| direct  |      100 |         50 |   1.00 |   2.00 |   3.00 |',
      '| proxied |      100 |         50 |   1.50 |   2.75 |   2.90 |',
      '| added   |          |            |  +0.50 |  +0.75 |  -0.10 |',
    ].join('\n'),
  );
  expect(overheadTable({ ...good, rows: [row('proxied')] })).toBe(undefined);
});

test('the overview has a line a row, and says which run failed', () => {
  const results = [
    { title: 'steady', seconds: 4.2, summary: good, faults: [] },
    { title: 'soak', seconds: 1, summary: { ...good, rows: [row('proxied')] }, faults: ['x'] },
    { title: 'smoke', seconds: 0, summary: undefined, faults: ['y'] },
  ];
  expect(overview(results).split('\n')).toEqual([
    '        load test        requests  dropped   checks  p50 ms  p95 ms  p99 ms  seconds',
    'ok      steady: direct        100        0  200/200    1.00    2.00    3.00      4.2',
    '        steady: proxied       100                      1.50    2.75    2.90         ',
    'FAILED  soak                  100        0  200/200    1.00    2.00    3.00      1.0',
    'FAILED  smoke                   -        -        -       -       -       -      0.0',
  ]);
});

test('the page keeps what stands around the marks', () => {
  expect(putBetweenMarks(`a\n${BEGIN}\nold\n${END}\nb`, 'new')).toBe(`a\n${BEGIN}\n\nnew\n\n${END}\nb`);
  expect(() => putBetweenMarks('a', 'new')).toThrow('the page has no');
});
