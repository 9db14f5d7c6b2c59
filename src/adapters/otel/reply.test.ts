import { describe, expect, it } from 'vitest';
import { type Reply, judge } from './reply.ts';

const NOW = Date.UTC(2026, 0, 1);
const answer = (status: number, more: { retryAfter?: string; body?: string } = {}): Reply => ({
  status,
  retryAfter: more.retryAfter,
  body: more.body ?? '',
});

describe('a collector’s answer', () => {
  it.each([200, 202, 204])('%d means that all was taken', (status) => {
    expect(judge(answer(status), 10, NOW)).toMatchObject({ is: 'taken', rejected: 0 });
  });

  it.each([429, 502, 503, 504])('%d means later', (status) => {
    expect(judge(answer(status), 10, NOW)).toEqual({ is: 'busy', afterMs: undefined, reason: `the collector answered ${status}` });
  });

  it.each([301, 400, 401, 404, 413, 500, 501])('%d means never', (status) => {
    expect(judge(answer(status), 10, NOW)).toEqual({ is: 'refused', reason: `the collector answered ${status}` });
  });

  it('that did not come means later', () => {
    expect(judge({ failed: 'ECONNREFUSED' }, 10, NOW)).toEqual({ is: 'busy', afterMs: undefined, reason: 'ECONNREFUSED' });
  });

  it.each([
    ['7', 7000],
    ['0', 0],
    ['86400', 60_000],
    ['Thu, 01 Jan 2026 00:00:05 GMT', 5000],
    ['Wed, 31 Dec 2025 00:00:00 GMT', 0],
    ['soon', undefined],
    ['', undefined],
    ['-1', undefined],
  ])('Retry-After: %s', (retryAfter, afterMs) => {
    expect(judge(answer(503, { retryAfter }), 10, NOW)).toMatchObject({ is: 'busy', afterMs });
  });

  it.each([
    ['{}', 0],
    ['{"partialSuccess":{}}', 0],
    ['{"partialSuccess":{"rejectedSpans":"3","errorMessage":"too old"}}', 3],
    ['{"partialSuccess":{"rejectedSpans":3}}', 3],
    ['{"partialSuccess":{"rejectedSpans":"99999999999"}}', 10],
    ['{"partialSuccess":{"rejectedSpans":-1}}', 0],
    ['{"partialSuccess":{"rejectedSpans":"NaN"}}', 0],
    ['{"partialSuccess":null}', 0],
    ['[1,2', 0],
    ['null', 0],
    ['\u0000\u0001protobuf', 0],
  ])('200 with %s rejects %d of 10', (body, rejected) => {
    expect(judge(answer(200, { body }), 10, NOW)).toMatchObject({ is: 'taken', rejected });
  });

  it('is quoted with few words only', () => {
    const body = JSON.stringify({ partialSuccess: { rejectedSpans: 1, errorMessage: 'x'.repeat(10_000) } });
    const verdict = judge(answer(200, { body }), 10, NOW);
    expect(verdict).toMatchObject({ reason: `the collector says: ${'x'.repeat(200)}` });
  });
});
