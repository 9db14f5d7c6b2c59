/** How the limit behaves in front of an upstream with a queue, on a clock of its own: no rule says a number, so bounds are wide. */
import { describe, expect, it } from 'vitest';
import { FakeClock } from '../../../test/kit/clock.ts';
import { Queueing } from '../../../test/kit/queueing.ts';
import { AdaptiveLimit } from './adaptive-limit.ts';

type Random = () => number;
const steady = (): number => 20;
/** As services take: mostly short, now and then several times the mean of 20 ms. */
const uneven = (random: Random): number => -Math.log(1 - random()) * 20;
/** Ten workers at 20 ms each serve this many a second. */
const CAPACITY = 500;
const SEEDS = [1, 2];

describe('an upstream that can work on ten requests at a time', () => {
  it.each(SEEDS)('CC-1: has a limit near ten under twice the load that it can bear, and serves all that it can (%d)', (seed) => {
    for (const serviceMs of [steady, uneven]) {
      const upstream = new Queueing(100, { serviceMs, perSecond: CAPACITY / 2 }, seed).run(5);
      expect(upstream.lowest).toBe(100);
      upstream.world.perSecond = CAPACITY * 2;
      upstream.run(20);
      upstream.run(20);
      expect(upstream.limit.limit).toBeGreaterThanOrEqual(6);
      expect(upstream.limit.limit).toBeLessThanOrEqual(25);
      expect(upstream.served).toBeGreaterThan(0.85 * 20 * CAPACITY);
      // With all hundred it would be 200 ms.
      expect(upstream.meanMs).toBeLessThan(50);
    }
  });

  it.each(SEEDS)('CC-1: also where the gateway starts in the middle of that, or the limit is far too high (%d)', (seed) => {
    const upstream = new Queueing(500, { serviceMs: uneven, perSecond: CAPACITY * 2 }, seed).run(60);
    upstream.run(10);
    expect(upstream.limit.limit).toBeLessThanOrEqual(30);
    expect(upstream.served).toBeGreaterThan(0.85 * 10 * CAPACITY);
  });

  it.each(SEEDS)('CC-1: gets more again when it can do more (%d)', (seed) => {
    const upstream = new Queueing(100, { perSecond: CAPACITY * 2 }, seed).run(30);
    expect(upstream.limit.limit).toBeLessThan(30);
    upstream.world.workers = 30;
    upstream.world.perSecond = CAPACITY * 4;
    upstream.run(15);
    expect(upstream.limit.limit).toBeGreaterThan(27);
    upstream.run(5);
    expect(upstream.served).toBeGreaterThan(0.9 * 5 * 3 * CAPACITY);
  });

  it.each(SEEDS)('CC-1: gets little while it hangs, and soon enough again when it does not (%d)', (seed) => {
    const upstream = new Queueing(100, { perSecond: 400, timeoutMs: 1000 }, seed).run(10);
    upstream.world.workers = 0;
    upstream.run(10);
    expect(upstream.limit.limit).toBeLessThan(20);
    expect(upstream.limit.limit).toBeGreaterThanOrEqual(4);
    upstream.world.workers = 10;
    upstream.run(5);
    upstream.run(10);
    expect(upstream.served).toBeGreaterThan(0.97 * 10 * 400);
  });
});

describe('an upstream that has no trouble with what it gets', () => {
  it.each(SEEDS)('CC-1: keeps the limit at low traffic, whatever it takes (%d)', (seed) => {
    const upstream = new Queueing(100, { workers: 1, serviceMs: () => 150, perSecond: 5 }, seed).run(60);
    expect([upstream.lowest, upstream.shed]).toEqual([100, 0]);
  });

  it.each(SEEDS)('CC-1: keeps it where a few operations take very long, and most places with them (%d)', (seed) => {
    const serviceMs = (random: Random): number => (random() < 0.05 ? 5000 : 10);
    const upstream = new Queueing(100, { workers: 1000, serviceMs, perSecond: 300 }, seed).run(60);
    expect(upstream.lowest).toBe(100);
    // Hardly more than what comes in when all hundred are taken by chance.
    expect(upstream.shed).toBeLessThan(0.01 * upstream.served);
  });

  it.each(SEEDS)('CC-1: keeps it when all operations become slow by themselves, and serves as many as it has places for (%d)', (seed) => {
    const upstream = new Queueing(100, { workers: 1000, serviceMs: steady, perSecond: 400 }, seed).run(10);
    upstream.world.serviceMs = () => 500;
    upstream.run(60);
    expect(upstream.lowest).toBe(100);
    expect(upstream.served).toBeGreaterThan(0.9 * 60 * 200);
  });

  it.each(SEEDS)('CC-1: keeps it where answers from a cache and others go together (%d)', (seed) => {
    const serviceMs = (random: Random): number => (random() < 0.5 ? 1 : 50);
    const upstream = new Queueing(50, { workers: 1000, serviceMs, perSecond: 1000 }, seed).run(30);
    expect(upstream.lowest).toBeGreaterThan(40);
    expect(upstream.shed).toBeLessThan(0.01 * upstream.served);
  });
});

describe('the numbers', () => {
  const limited = (limit: number) => {
    const clock = new FakeClock();
    let wider = 0;
    const adaptive = new AdaptiveLimit(limit, clock, clock, () => {
      wider += 1;
    });
    /** As many as have room set out together, and come back after `ms`. */
    const wave = (ms: number, how: 'answered' | 'timed_out' = 'answered', most = limit): number => {
      const all: Array<{ readonly load: number; readonly period: number }> = [];
      while (adaptive.hasRoom(most)) {
        adaptive.take();
        all.push({ load: adaptive.waiting, period: adaptive.period });
      }
      clock.advance(ms);
      for (const from of all) {
        adaptive.sample(ms, from, how, most);
        adaptive.back(from);
      }
      return all.length;
    };
    const waves = (count: number, ms: number, how: 'answered' | 'timed_out' = 'answered'): void => {
      for (let i = 0; i < count; i++) wave(ms, how);
    };
    return { adaptive, clock, wave, waves, wider: () => wider };
  };

  it('CC-1: it never goes below four, nor above what is configured', () => {
    const { adaptive, waves } = limited(40);
    waves(200, 1000, 'timed_out');
    expect(adaptive.limit).toBe(4);
    waves(1000, 20);
    expect(adaptive.limit).toBe(40);
    const small = limited(2);
    small.waves(200, 1000, 'timed_out');
    expect(small.adaptive.limit).toBe(2);
  });

  it('CC-1: a configured limit that was lowered is taken over, and one that was raised is grown into', () => {
    const { adaptive, wave } = limited(40);
    for (let i = 0; i < 20; i++) wave(20, 'answered', 10);
    expect(adaptive.limit).toBe(10);
    for (let i = 0; i < 300; i++) wave(20, 'answered', 80);
    expect(adaptive.limit).toBe(80);
  });

  it('CC-1: callers in a hurry lower nothing', () => {
    const { adaptive, waves } = limited(40);
    waves(50, 20);
    for (let i = 0; i < 50; i++) waves(1, 5, 'timed_out');
    expect(adaptive.limit).toBe(40);
  });

  it('CC-1: a trial is over after a while, also where nobody comes back', () => {
    const { adaptive, clock, wave, wider } = limited(40);
    for (let i = 0; i < 20 && !adaptive.trying; i++) wave(100);
    expect(adaptive.trying).toBe(true);
    while (adaptive.hasRoom(40)) adaptive.take();
    expect(adaptive.waiting).toBeLessThanOrEqual(20);
    const before = wider();
    clock.advance(5000);
    expect([adaptive.trying, adaptive.hasRoom(40), wider() - before, clock.pending]).toEqual([false, true, 1, 0]);
  });

  it('CC-1: a trial waits no longer than an answer takes for half of them to come back', () => {
    const { adaptive, clock, wave } = limited(40);
    for (let i = 0; i < 20 && !adaptive.trying; i++) {
      // What sets out before the trial is of another kind: it stays.
      if (i === 2) for (let n = 0; n < 30; n++) adaptive.take();
      wave(100);
    }
    expect([adaptive.trying, adaptive.hasRoom(40)]).toEqual([true, false]);
    clock.advance(101);
    expect([adaptive.trying, adaptive.hasRoom(40), clock.pending]).toEqual([false, true, 0]);
  });
});
