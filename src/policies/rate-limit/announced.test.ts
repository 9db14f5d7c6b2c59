import { describe, expect, it } from 'vitest';
import type { RawHeaders } from '../../core/headers.ts';
import { readAnnounced } from './announced.ts';

const NOW = Date.UTC(2026, 0, 1, 12);
const read = (headers: RawHeaders, status = 200) => readAnnounced(status, headers, NOW);

describe('what a partner announces', () => {
  it.each<[string, RawHeaders, object]>([
    [
      'a list',
      ['RateLimit', '"default";r=50;t=30', 'RateLimit-Policy', '"default";q=100;w=60'],
      { limit: 100, remaining: 50, closedMs: 0 },
    ],
    ['an empty one', ['ratelimit', '"default";r=0;t=30'], { limit: undefined, remaining: 0, closedMs: 30_000 }],
    [
      'several: the nearest to its end',
      ['RateLimit', '"day";r=500;t=9, "hour";r=3;t=99', 'RateLimit-Policy', '"hour";q=10, "day";q=1000'],
      { limit: 10, remaining: 3, closedMs: 0 },
    ],
    ['without t', ['RateLimit', '"default";r=0'], { limit: undefined, remaining: 0, closedMs: 0 }],
    ['the earlier draft', ['RateLimit', 'limit=100, remaining=0, reset=7'], { limit: 100, remaining: 0, closedMs: 7000 }],
    [
      'fields of the first drafts',
      ['RateLimit-Limit', '100, 100;w=60', 'RateLimit-Remaining', '12', 'RateLimit-Reset', '5'],
      { limit: 100, remaining: 12, closedMs: 0 },
    ],
    [
      'X-: seconds',
      ['X-RateLimit-Limit', '60', 'X-RateLimit-Remaining', '0', 'X-RateLimit-Reset', '20'],
      { limit: 60, remaining: 0, closedMs: 20_000 },
    ],
    [
      'X-: an instant in seconds',
      ['x-ratelimit-remaining', '0', 'x-ratelimit-reset', String(NOW / 1000 + 90)],
      { limit: undefined, remaining: 0, closedMs: 90_000 },
    ],
    [
      'X-: an instant in milliseconds',
      ['x-ratelimit-remaining', '0', 'x-ratelimit-reset', String(NOW + 1500)],
      { limit: undefined, remaining: 0, closedMs: 1500 },
    ],
    [
      'X-: an instant that has passed',
      ['x-ratelimit-remaining', '0', 'x-ratelimit-reset', String(NOW / 1000 - 5)],
      { limit: undefined, remaining: 0, closedMs: 0 },
    ],
    [
      'the standard before the old ways',
      ['X-RateLimit-Remaining', '0', 'RateLimit', '"a";r=7;t=1'],
      { limit: undefined, remaining: 7, closedMs: 0 },
    ],
  ])('RL-5: %s', (_, headers, expected) => {
    expect(read(headers)).toEqual(expected);
  });

  it.each<[string, RawHeaders]>([
    ['nothing', ['Content-Type', 'text/plain']],
    ['a list that is none', ['RateLimit', '"default";r=1;t=']],
    ['a remaining below 0', ['RateLimit', '"default";r=-1;t=5']],
    ['half a request', ['RateLimit', '"default";r=0.5;t=5']],
    ['no remaining', ['RateLimit', '"default";t=5']],
    ['words', ['X-RateLimit-Remaining', 'none', 'X-RateLimit-Reset', 'soon']],
    ['too many digits', ['X-RateLimit-Remaining', '0'.repeat(16)]],
    ['two of one field', ['RateLimit', 'limit=1', 'RateLimit', '"a";r=1']],
    ['a dictionary with something else', ['RateLimit', 'limit=1, remaining=2, left=3']],
  ])('RL-5: %s says nothing', (_, headers) => {
    expect(read(headers)).toBeUndefined();
  });

  it('RL-5: Retry-After counts with a 429 alone, in seconds or as a date', () => {
    expect(read(['Retry-After', '3'], 429)).toEqual({ limit: undefined, remaining: undefined, closedMs: 3000 });
    expect(read(['Retry-After', new Date(NOW + 5000).toUTCString()], 429)?.closedMs).toBe(5000);
    expect(read(['Retry-After', '3'], 503)).toBeUndefined();
    expect(read(['Retry-After', 'soon'], 429)).toBeUndefined();
    expect(read(['Retry-After', '3', 'RateLimit', '"a";r=0;t=9'], 429)?.closedMs).toBe(9000);
  });
});
