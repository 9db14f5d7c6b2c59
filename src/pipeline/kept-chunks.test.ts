import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ByteBudget } from './byte-budget.ts';
import { KeptChunks } from './kept-chunks.ts';

const chunk = (n: number): Uint8Array => new Uint8Array(n);

describe('the budget of the process', () => {
  it('takes up to its limit and not a byte more', () => {
    const budget = new ByteBudget(10);
    expect([budget.take(6), budget.take(5), budget.usedBytes]).toEqual([true, false, 6]);
    expect([budget.take(4), budget.take(1), budget.usedBytes]).toEqual([true, false, 10]);
    budget.release(10);
    expect([budget.usedBytes, budget.take(10)]).toEqual([0, true]);
  });
});

describe('kept chunks', () => {
  it('are the chunks themselves, not copies of them', () => {
    const kept = new KeptChunks(new ByteBudget(100));
    const one = chunk(3);
    kept.want(10);
    kept.add(one);
    expect(kept.chunks[0]).toBe(one);
    expect(kept.copy(10).chunks?.[0]).toBe(one);
  });

  it('cost no object for each byte that comes by itself, and lose none', () => {
    const kept = new KeptChunks(new ByteBudget(1_000_000));
    const sent = Buffer.from(Array.from({ length: 100_000 }, (_, i) => i % 251));
    kept.want(sent.length);
    for (let i = 0; i < sent.length; i++) kept.add(sent.subarray(i, i + 1));
    expect(kept.chunks.length).toBeLessThan(sent.length / 1000);
    expect(Buffer.concat(kept.chunks).equals(sent)).toBe(true);
  });

  it('stay in order, whatever their sizes and whenever somebody looks', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.oneof(fc.nat(40), fc.nat(6000)), fc.boolean()), { maxLength: 40 }), (steps) => {
        const kept = new KeptChunks(new ByteBudget(1_000_000));
        kept.want(1_000_000);
        const sent = steps.map(([bytes, looks], i) => {
          const one = Buffer.alloc(bytes, i + 1);
          kept.add(one);
          if (looks) expect(kept.chunks.reduce((sum, c) => sum + c.byteLength, 0)).toBe(kept.seenBytes);
          return one;
        });
        expect(Buffer.concat(kept.chunks).equals(Buffer.concat(sent))).toBe(true);
      }),
    );
  });

  it('keep up to the largest limit that anybody named', () => {
    const kept = new KeptChunks(new ByteBudget(100));
    kept.want(5);
    kept.want(3);
    expect([kept.limitBytes, kept.add(chunk(5)), kept.whole, kept.lost]).toEqual([5, true, true, undefined]);
    expect([kept.add(chunk(1)), kept.whole, kept.lost]).toEqual([false, false, 'too_large']);
    expect(kept.copy(5)).toEqual({ chunks: undefined, unread: 'too_large', bytes: 6 });
  });

  it('give a copy to nobody who wanted less', () => {
    const kept = new KeptChunks(new ByteBudget(100));
    kept.want(10);
    kept.add(chunk(6));
    expect(kept.copy(5)).toEqual({ chunks: undefined, unread: 'too_large', bytes: 6 });
    expect(kept.copy(6).chunks).toHaveLength(1);
  });

  it('stop for good where the process has no room, and remember that it was that', () => {
    const budget = new ByteBudget(4);
    const kept = new KeptChunks(budget);
    kept.want(10);
    expect([kept.add(chunk(3)), kept.add(chunk(3))]).toEqual([true, false]);
    budget.release(0);
    expect([kept.add(chunk(1)), kept.lost, kept.seenBytes]).toEqual([false, 'overload', 7]);
    kept.letGo();
    expect([budget.usedBytes, kept.lost]).toEqual([0, 'overload']);
  });

  it('give back exactly what they took, however often they are let go', () => {
    const step = fc.oneof(fc.nat(20), fc.constant('let go' as const));
    fc.assert(
      fc.property(fc.array(step), fc.nat(60), fc.nat(60), (steps, limit, room) => {
        const budget = new ByteBudget(room);
        budget.take(Math.min(room, 7));
        const before = budget.usedBytes;
        const kept = new KeptChunks(budget);
        kept.want(limit);
        for (const s of steps) {
          if (s === 'let go') kept.letGo();
          else kept.add(chunk(s));
          const held = kept.chunks.reduce((sum, c) => sum + c.byteLength, 0);
          expect(budget.usedBytes).toBe(before + held);
          expect(held).toBeLessThanOrEqual(limit);
        }
        kept.letGo();
        kept.letGo();
        expect(budget.usedBytes).toBe(before);
      }),
    );
  });
});
