/**
 * Every pair of policies in a situation in which both matter, through the whole gateway over real sockets: what the upstream is asked, what the
 * caller gets, what is kept (seen by asking again), permits, log and metrics.
 */
import { expect, test, vi } from 'vitest';
import { playRow } from './together/play-row.ts';
import { POLICIES } from './together/row.ts';
import { BREAKER } from './together/rows-breaker.ts';
import { IDEMPOTENCY } from './together/rows-idempotency.ts';
import { LIMITS } from './together/rows-limits.ts';
import { RETRY } from './together/rows-retry.ts';

vi.setConfig({ testTimeout: 20_000 });

const ROWS = [...RETRY, ...IDEMPOTENCY, ...BREAKER, ...LIMITS];

test.each(ROWS.map((row) => [row.rule, row.pair.join(' × '), row.what, row] as const))('%s: %s: %s', async (_rule, _pair, _what, row) => {
  expect(await playRow(row)).toEqual([]);
});

test('there is a row for each pair, and one only', () => {
  const pairs = POLICIES.flatMap((one, i) => POLICIES.slice(i + 1).map((other) => `${one} × ${other}`));
  expect(ROWS.map(({ pair }) => pair.join(' × ')).sort()).toEqual(pairs.sort());
});
