import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FakeDownstream } from '../../test/kit/downstream.ts';
import type { Unread } from '../core/stage.ts';
import { ByteBudget } from './byte-budget.ts';
import { ResponseBody } from './response-body.ts';

const bytes = (text: string): Uint8Array => Buffer.from(text);

function responseBody(limitBytes = 10_000_000) {
  const calls: string[] = [];
  const call = { pause: () => void calls.push('pause'), resume: () => void calls.push('resume'), abort: () => void calls.push('abort') };
  const budget = new ByteBudget(limitBytes);
  const down = new FakeDownstream();
  return { body: new ResponseBody(call, budget), calls, budget, down };
}

describe('an answer’s body', () => {
  it('goes on as it comes, and its end with its trailers', () => {
    const { body, down } = responseBody();
    body.forward(down);
    body.onData(bytes('ab'));
    body.onData(bytes('c'));
    body.onEnd(['X-Sum', '1']);
    expect([down.body, down.ended, down.trailers, body.sentBytes, body.ended]).toEqual(['abc', true, ['X-Sum', '1'], 3, true]);
  });

  it('is stopped while the client can take no more', () => {
    const { body, calls, down } = responseBody();
    body.forward(down);
    down.takesMore = false;
    calls.length = 0;
    body.onData(bytes('ab'));
    expect(calls).toEqual(['pause']);
    body.onDrain();
    expect(calls).toEqual(['pause', 'resume']);
  });

  it('that waited for a slow client goes on only when it has drained', () => {
    const { body, calls, down } = responseBody();
    body.onData(bytes('held'));
    down.takesMore = false;
    body.forward(down);
    expect([calls, down.body]).toEqual([[], 'held']);
    body.onDrain();
    expect(calls).toEqual(['resume']);
  });

  it('is held while stages decide over the head, up to 64 KiB, and lost in no part', () => {
    const { body, calls, down } = responseBody();
    body.onData(bytes('a'.repeat(64 * 1024)));
    expect(calls).toEqual([]);
    body.onData(bytes('b'));
    expect(calls).toEqual(['pause']);
    body.onEnd([]);
    body.forward(down);
    expect([down.body.length, down.ended, calls]).toEqual([64 * 1024 + 1, true, ['pause']]);
  });

  it('is had whole where a stage asked for it', () => {
    const { body, budget } = responseBody();
    const results: Array<Uint8Array | Unread> = [];
    body.collect(10, (result) => results.push(result));
    body.onData(bytes('ab'));
    body.onData(bytes('cd'));
    expect([results, budget.usedBytes]).toEqual([[], 4]);
    body.onEnd([]);
    expect(results.map(String)).toEqual(['abcd']);
    body.release();
    expect(budget.usedBytes).toBe(0);
  });

  it.each([
    [5, 1000, 'too_large'],
    [1000, 5, 'overload'],
  ])('that cannot be had whole (at most %d bytes, room for %d) is %s and stays a stream', (maxBytes, room, reason) => {
    const { body, down, calls, budget } = responseBody(room);
    const results: Array<Uint8Array | Unread> = [];
    body.collect(maxBytes, (result) => results.push(result));
    body.onData(bytes('abc'));
    body.onData(bytes('def'));
    expect([results, calls]).toEqual([[reason], ['pause']]);
    body.forward(down);
    body.onData(bytes('g'));
    body.onEnd([]);
    expect([down.body, calls, budget.usedBytes]).toEqual(['abcdefg', ['pause', 'resume'], 0]);
  });

  it('is copied as it goes by', () => {
    const { body, down } = responseBody();
    body.copy(2);
    body.copy(10);
    body.forward(down);
    body.onData(bytes('abc'));
    body.onEnd([]);
    expect([body.copyWanted, Buffer.concat(body.takeCopy().chunks ?? []).toString(), body.takeCopy().bytes]).toEqual([true, 'abc', 3]);
  });

  it('that nobody wants is read where it is short, so that the connection serves again', () => {
    const { body, calls } = responseBody();
    body.discard();
    body.discard();
    body.onData(bytes('a'.repeat(64 * 1024)));
    body.onEnd([]);
    expect(calls).toEqual(['resume']);
  });

  it('that nobody wants is given up where it is long', () => {
    const { body, calls } = responseBody();
    body.onData(bytes('held'));
    body.discard();
    body.onData(bytes('a'.repeat(64 * 1024)));
    body.onData(bytes('b'));
    expect(calls).toEqual(['resume', 'abort']);
  });

  it('reaches the client byte for byte whatever was asked of it, and gives its room back', () => {
    const size = fc.integer({ min: 1, max: 30 });
    const given = fc.record({
      chunks: fc.array(size, { maxLength: 10 }),
      collectBytes: fc.option(fc.nat(100), { nil: undefined }),
      copyBytes: fc.option(fc.nat(100), { nil: undefined }),
      room: fc.nat(120),
      forwardAfter: fc.nat(10),
    });
    fc.assert(
      fc.property(given, ({ chunks, collectBytes, copyBytes, room, forwardAfter }) => {
        const { body, down, budget } = responseBody(room);
        const all = chunks.map((n, i) => String.fromCharCode(97 + i).repeat(n));
        const results: Array<Uint8Array | Unread> = [];
        let whole: string | undefined;
        if (copyBytes !== undefined) body.copy(copyBytes);
        if (collectBytes !== undefined) body.collect(collectBytes, (result) => results.push(result));
        for (const [i, part] of all.entries()) {
          if (i === forwardAfter && collectBytes === undefined) body.forward(down);
          if (results.length === 1 && typeof results[0] === 'string' && down.calls.length === 0) body.forward(down);
          body.onData(bytes(part));
        }
        body.onEnd([]);
        const [result] = results;
        if (result instanceof Uint8Array) whole = Buffer.from(result).toString();
        else if (!down.ended) body.forward(down);
        expect(whole ?? down.body).toBe(all.join(''));
        expect(results).toHaveLength(collectBytes === undefined ? 0 : 1);
        const copy = body.takeCopy();
        if (copyBytes !== undefined && copyBytes > 0 && copy.chunks !== undefined)
          expect(Buffer.concat(copy.chunks).toString()).toBe(all.join(''));
        body.release();
        expect(budget.usedBytes).toBe(0);
      }),
      { numRuns: 1000 },
    );
  });
});
