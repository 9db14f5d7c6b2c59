import { expect, test } from 'vitest';
import { type Account, faults, loadFaults, policyFaults } from './verdict.ts';
import { type Load, parseAutocannon, parseWrk } from './wrk-output.ts';

const load: Load = { requests: 1000, perSecond: 500, p50Ms: 1, p99Ms: 2, socketErrors: 0, badAnswers: 0 };
const all = { valid: 1064, invalid: 0, skipped: 0 };
const none = { valid: 0, invalid: 0, skipped: 0 };
const good: Account = { requests: 1064, left: 0, request: all, response: all, lines: 1064, limited: 1064, claims: 1064 };

test('every request judged, counted and logged: the row counts', () => {
  expect(faults(load, good, 2, 64)).toEqual([]);
});

test('what the load generator cut may be unjudged, as far as its callers left', () => {
  const cut = { ...good, left: 60, request: { ...all, valid: 1064 }, response: { ...all, valid: 1004 } };
  expect(faults(load, cut, 2, 64)).toEqual([]);
  expect(faults(load, { ...cut, response: { ...all, valid: 1003 } }, 2, 64)).toEqual(['1003 responses judged of 1064']);
  expect(faults(load, { ...cut, left: 65 }, 2, 64)).toEqual(['65 callers left, where the load generator cut 64']);
});

test.each<[string, Partial<Account>, string]>([
  ['a skipped check', { response: { valid: 1063, invalid: 0, skipped: 1 } }, '1 response checks skipped'],
  ['an invalid one', { request: { valid: 1063, invalid: 1, skipped: 0 } }, '1 request checks invalid, where all traffic fits the contract'],
  ['an unjudged one', { request: { ...all, valid: 1063 } }, '1063 requests judged of 1064'],
  ['one judged twice', { response: { ...all, valid: 1065 } }, '1065 responses judged of 1064'],
  ['a line too few', { lines: 1063 }, '1063 lines of access log for 1064 requests'],
  ['a line too many', { lines: 1065 }, '1065 lines of access log for 1064 requests'],
])('%s makes it void', (_, change, why) => {
  expect(faults(load, { ...good, ...change }, 2, 64)).toContain(why);
});

test('more requests than the connections explain, or fewer than were answered, make it void', () => {
  const account = (n: number): Account => ({
    ...good,
    requests: n,
    lines: n,
    request: { ...all, valid: n },
    response: { ...all, valid: n },
  });
  expect(faults(load, account(1065), 2, 64)).toEqual([
    'requests_total 1065 is 65 more than what the load generator got, with 64 connections',
  ]);
  expect(faults(load, account(999), 2, 64)).toEqual(['requests_total 999 is less than the 1000 answers that the load generator got']);
});

test('a policy that did not do its part makes a row of all policies void', () => {
  expect(policyFaults(good, 'keyed')).toEqual([]);
  expect(policyFaults({ ...good, claims: 0 }, 'keyless')).toEqual([]);
  expect(policyFaults({ ...good, limited: 0 }, 'keyed')).toEqual(['0 of 1064 requests passed the rate limit']);
  expect(policyFaults({ ...good, claims: 1 }, 'keyed')).toEqual(['1 claims made of 1064']);
});

test('with the contract off nothing may be judged', () => {
  expect(faults(load, { ...good, request: none, response: none }, 0, 64)).toEqual([]);
  expect(faults(load, { ...good, request: { ...none, valid: 1 }, response: none }, 0, 64)).toEqual(['1 requests judged of 0']);
});

test('errors of the load make any row void', () => {
  expect(loadFaults({ ...load, requests: 0, socketErrors: 2, badAnswers: 3 })).toEqual([
    'no answer at all',
    '2 socket errors',
    '3 answers that were not 2xx',
  ]);
});

const WRK = `Running 4s test @ http://127.0.0.1:41234/v1/orders/ord_1001
  1 threads and 64 connections
  Thread Stats   Avg      Stdev     Max   +/- Stdev
    Latency     2.28ms  301.77us  10.51ms   92.33%
    Req/Sec    28.19k     1.11k   29.53k    85.00%
  Latency Distribution
     50%    2.21ms
     75%    2.31ms
     90%  945.00us
     99%    1.02s 
  112215 requests in 4.00s, 121.23MB read
Requests/sec:  28053.12
Transfer/sec:     30.31MB
`;

test('what wrk prints is read', () => {
  expect(parseWrk(WRK)).toEqual({ requests: 112_215, perSecond: 28_053.12, p50Ms: 2.21, p99Ms: 1020, socketErrors: 0, badAnswers: 0 });
  const bad = `${WRK}  Socket errors: connect 1, read 2, write 3, timeout 4\n  Non-2xx or 3xx responses: 17\n`;
  expect(parseWrk(bad)).toMatchObject({ socketErrors: 10, badAnswers: 17 });
  expect(() => parseWrk('unable to connect')).toThrow('something unexpected');
  expect(() => parseWrk(WRK.replace('2.21ms', 'soon'))).toThrow('not a duration: soon');
});

test('what autocannon prints is read', () => {
  const said = { requests: { total: 9, average: 3 }, latency: { p50: 1, p99: 4 }, errors: 1, timeouts: 2, non2xx: 5 };
  expect(parseAutocannon(JSON.stringify(said))).toEqual({ requests: 9, perSecond: 3, p50Ms: 1, p99Ms: 4, socketErrors: 3, badAnswers: 5 });
});
