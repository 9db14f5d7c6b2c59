import { describe, expect, it } from 'vitest';
import type { Given } from '../../../test/kit/exchange.ts';
import { Memory, withHeaders } from '../../../test/kit/fallback-memory.ts';
import { headerValue } from '../../core/headers.ts';

describe('FB-1: the last good answer', () => {
  it('FB-1: is sent to the same request, marked stale, with its age', () => {
    const memory = new Memory();
    memory.comes({ said: ['Content-Type', 'text/plain', 'ETag', '"1"', 'Age', '7'] });
    memory.deps.clock.advance(3500);
    const answer = memory.stale();
    expect([answer?.origin, answer?.status]).toEqual(['fallback', 200]);
    expect(answer?.headers).toEqual([
      'Content-Type',
      'text/plain',
      'ETag',
      '"1"',
      'Content-Length',
      '4',
      'Age',
      '10',
      'X-Plumbline-Fallback',
      'stale',
    ]);
    expect(memory.deps.meter.series('fallbacks_total')).toEqual({ 'api=billing,operation=_unmatched,kind=stale': 1 });
  });

  it('FB-1: is the newest', () => {
    const memory = new Memory();
    memory.comes({ text: 'old' });
    memory.comes({ text: 'new' });
    expect(memory.text()).toBe('new');
  });

  it('FB-1: is the one that was asked for last, whichever came last', () => {
    const memory = new Memory();
    const before = memory.deps.clock.monotonicMs();
    memory.deps.clock.advance(100);
    memory.comes({ text: 'new' });
    memory.comes({ text: 'old', startedAt: before });
    expect(memory.text()).toBe('new');
  });

  it('FB-1: has nothing of its own exchange', () => {
    const memory = new Memory();
    const own = ['X-Request-ID', '1', 'x-correlation-id', '2', 'Via', '1.1 a', 'RateLimit', '"a";r=1;t=1', 'Retry-After', '3', 'Age', 'x'];
    const hop = ['Connection', 'X-Hop', 'X-Hop', '1', 'Keep-Alive', 'timeout=5', 'Transfer-Encoding', 'chunked', 'Content-Length', '99'];
    memory.comes({ said: [...own, ...hop, 'Date', 'Thu, 01 Jan 2026 00:00:00 GMT'] });
    const sent = memory.stale()?.headers.filter((_, i) => i % 2 === 0);
    expect(sent).toEqual(['Date', 'Content-Length', 'Age', 'X-Plumbline-Fallback']);
  });

  it('FB-1: is sent for its time, on the monotonic clock', () => {
    const memory = new Memory({ maxAgeMs: 1000 });
    memory.comes();
    memory.deps.clock.advance(1000);
    expect(memory.text()).toBe('good');
    memory.deps.clock.advance(1);
    expect(memory.text()).toBeUndefined();
  });

  it.each<[string, Given]>([
    ['another path', { target: '/b' }],
    ['another query', { target: '/a?page=2' }],
    ['another host', { headers: ['Host', 'other.example'] }],
    ['another method', { method: 'HEAD' }],
    ['a part', { headers: ['Range', 'bytes=0-1'] }],
    ['somebody with credentials', { headers: ['Authorization', 'Bearer x'] }],
    ['somebody with a cookie', { headers: ['Cookie', 'a=b'] }],
  ])('FB-1: is not for %s', (_, given) => {
    const memory = new Memory();
    memory.comes();
    expect([memory.text(given), memory.text()]).toEqual([undefined, 'good']);
  });

  it('FB-1: is sent whole to who asks for it on a condition', () => {
    const memory = new Memory();
    memory.comes({ said: ['ETag', '"1"'] });
    expect(memory.text(withHeaders('If-None-Match', '"1"'))).toBe('good');
  });
});

describe('FB-1: what is not so any more', () => {
  it.each(['PUT', 'POST', 'PATCH', 'DELETE'])('FB-1: a %s that succeeded has changed it', (method) => {
    const memory = new Memory();
    memory.comes();
    memory.comes({ method, status: 409 });
    expect(memory.text()).toBe('good');
    memory.comes({ method, status: 204 });
    expect([memory.text(), memory.deps.meter.value('fallback_bytes')]).toEqual([undefined, 0]);
  });

  it.each([401, 403, 404, 410])('FB-1: the service has answered %d since', (status) => {
    const memory = new Memory();
    memory.comes();
    memory.comes({ status, ...withHeaders('Authorization', 'wrong') });
    expect(memory.text()).toBe('good');
    memory.comes({ status });
    expect(memory.text()).toBeUndefined();
  });

  it('FB-1: a 500 says nothing of it', () => {
    const memory = new Memory();
    memory.comes();
    memory.comes({ status: 500 });
    expect(memory.text()).toBe('good');
  });
});

describe('FB-1: bounds', () => {
  it('FB-1: the bytes are bounded, what was used last stays, and what had to go is counted', () => {
    const memory = new Memory({ maxBytes: 20_000 });
    for (let i = 0; i < 100; i++) {
      memory.comes({ target: `/${i}`, text: 'x'.repeat(3000) });
      memory.stale({ target: '/0' });
      expect(memory.deps.meter.value('fallback_bytes')).toBeLessThanOrEqual(20_000);
    }
    const kept = Array.from({ length: 100 }, (_, i) => i).filter((i) => memory.text({ target: `/${i}` }) !== undefined);
    expect(kept).toEqual([0, 96, 97, 98, 99]);
    expect(memory.deps.meter.value('fallback_dropped_total', { reason: 'evicted' })).toBe(95);
  });

  it('FB-1: a body of more than a quarter is not kept, nor copied where it says so', () => {
    const memory = new Memory({ maxBytes: 4000 });
    expect(memory.comes({ text: 'x'.repeat(1000) })).toEqual({ as: 'copy', maxBytes: 1000 });
    expect(memory.comes({ target: '/b', text: 'x'.repeat(1001) })).toEqual({ as: 'copy', maxBytes: 1000 });
    expect(memory.comes({ target: '/c', said: ['Content-Length', '1001'] })).toBeUndefined();
    expect(memory.deps.meter.value('fallback_dropped_total', { reason: 'too_large' })).toBe(2);
    expect(memory.text({ target: '/b' })).toBeUndefined();
  });

  it('FB-1: what it counts is about what it takes: body, fields and key', () => {
    const memory = new Memory();
    memory.comes({ target: `/${'k'.repeat(5000)}`, said: ['X-Long', 'v'.repeat(7000)], text: 'b'.repeat(9000) });
    const bytes = memory.deps.meter.value('fallback_bytes');
    expect(bytes).toBeGreaterThan(21_000);
    expect(bytes).toBeLessThan(23_000);
  });

  it('FB-1: a kept body is a copy of its own', () => {
    const memory = new Memory();
    memory.comes();
    const body = memory.stale()?.body as Uint8Array;
    expect(body.buffer.byteLength).toBe(4);
  });

  it('FB-1: a reload keeps what is kept, within the new numbers', () => {
    const memory = new Memory();
    for (let i = 0; i < 10; i++) memory.comes({ target: `/${i}`, text: 'x'.repeat(3000) });
    const reloaded = new Memory({ maxBytes: 12_500 }, memory.deps);
    expect(reloaded.text({ target: '/0' })).toBeDefined();
    reloaded.comes({ target: '/new', text: 'x'.repeat(3000) });
    expect(memory.deps.meter.value('fallback_bytes')).toBeLessThanOrEqual(12_500);
    expect(reloaded.text({ target: '/0' })).toBeDefined();
  });

  it('FB-1: a reload that leads elsewhere forgets what the other upstream said, and moves the gauge', () => {
    const memory = new Memory();
    memory.comes();
    const moved = new Memory({}, memory.deps, { upstream: 'http://127.0.0.1:4000', api: 'shop' });
    expect(moved.text()).toBeUndefined();
    moved.comes({ text: 'other' });
    expect(moved.text()).toBe('other');
    const { meter } = memory.deps;
    expect([meter.value('fallback_bytes', { api: 'billing' }), meter.value('fallback_bytes', { api: 'shop' }) > 0]).toEqual([0, true]);
  });

  it('age of what came late counts from when it was asked for', () => {
    const memory = new Memory();
    memory.comes({ startedAt: memory.deps.clock.monotonicMs() - 5000 });
    expect(headerValue(memory.stale()?.headers ?? [], 'age')).toBe('5');
  });
});
