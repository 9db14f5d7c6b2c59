import { describe, expect, it } from 'vitest';
import { settle } from '../../../test/kit/clock.ts';
import { bodyOf, idempotencyStage, madeAnswer } from '../../../test/kit/idempotency-stage.ts';
import { rejection } from '../../core/rejection.ts';
import { type Answer, refuse } from '../../core/stage.ts';
import { MAX_WAITING } from './waiting.ts';

/** A first request that runs, and what came of one that waits for it. */
function waiting(config: object = {}, sending: object = {}) {
  const stage = idempotencyStage({ onInFlight: 'wait', ...config });
  const first = stage.meet({ text: 'a', deadlineMs: 10_000 });
  const second = stage.start({ text: 'a', ...sending });
  let came: Answer | undefined | 'nothing yet' = 'nothing yet';
  void second.entered.then((answer) => {
    came = answer;
  });
  const what = (): string => (came === 'nothing yet' ? came : stage.code({ answer: came }));
  const polls = (): number => stage.store.ran.filter((name) => name === 'idempotency.claim').length - 1;
  return { ...stage, first, second, what, polls };
}

describe('onInFlight: wait', () => {
  it('ID-5: gives the answer of the first to the same request', async () => {
    const { first, what, clock, outcomes, meter } = waiting();
    await clock.advanceAsync(35);
    expect([what(), meter.value('idempotency_waiting')]).toEqual(['nothing yet', 1]);
    first.back(madeAnswer());
    await clock.advanceAsync(100);
    expect(what()).toBe('replay');
    expect([outcomes(), meter.value('idempotency_waiting'), clock.pending]).toEqual([{ new: 1, replayed: 1 }, 0, 0]);
  });

  it('ID-5: tells another request that it is one', async () => {
    const { first, what, clock } = waiting({}, { text: 'b' });
    await clock.advanceAsync(1);
    first.back(madeAnswer());
    await clock.advanceAsync(100);
    expect(what()).toBe('IDEMPOTENCY_KEY_PAYLOAD_MISMATCH');
  });

  it('asks after 10 ms, and less and less often, every 100 ms at last', async () => {
    const { polls, clock } = waiting();
    const asked: number[] = [];
    for (let ms = 0; ms < 600; ms += 10) {
      await clock.advanceAsync(10);
      asked.push(polls());
    }
    expect([10, 20, 30, 60, 70, 140, 150, 250, 350, 450].map((ms) => asked[ms / 10 - 1])).toEqual([2, 2, 3, 3, 4, 4, 5, 6, 7, 8]);
  });

  it('ID-5: ends max(5 ms, 2 %) before its own deadline with 409 IN_FLIGHT, a tick of the timers included', async () => {
    for (const [deadlineMs, endsMs] of [
      [100, 95 - 8],
      [1000, 980 - 8],
    ] as const) {
      const { what, clock, outcomes } = waiting({}, { deadlineMs });
      await clock.advanceAsync(endsMs - 1);
      expect(what()).toBe('nothing yet');
      await clock.advanceAsync(1);
      expect([what(), outcomes(), clock.pending]).toEqual(['IDEMPOTENCY_KEY_IN_FLIGHT', { new: 1, in_flight: 1 }, 0]);
    }
  });

  it('ID-5: without a deadline ends at the lock of the first', async () => {
    const { what, clock, deps } = waiting();
    await clock.advanceAsync(15_000 - 9);
    expect(what()).toBe('nothing yet');
    await clock.advanceAsync(1);
    expect([what(), deps.outcomes]).toEqual(['IDEMPOTENCY_KEY_IN_FLIGHT', []]);
  });

  it('ID-4, ID-5: runs itself where the first was given up', async () => {
    const { first, second, what, clock, store } = waiting();
    first.back(refuse(rejection('UPSTREAM_REFUSED', '')), 'nothing');
    await clock.advanceAsync(10);
    expect([what(), second.x.detached]).toEqual(['goes on', true]);
    await second.back(madeAnswer());
    expect([...store.records.values()][0]?.fields['state']).toBe('done');
  });

  it('ID-5: hears of an outcome that nobody knows', async () => {
    const { first, what, clock } = waiting();
    first.back(refuse(rejection('UPSTREAM_RESET', '')), 'all');
    await clock.advanceAsync(10);
    expect(what()).toBe('IDEMPOTENCY_KEY_OUTCOME_UNKNOWN');
  });

  it('ID-3: withdraws when its caller leaves, and leaves nothing behind', async () => {
    const { second, what, clock, meter, polls } = waiting();
    await clock.advanceAsync(15);
    const before = polls();
    second.x.cancel(rejection('CLIENT_CLOSED', ''));
    await settle();
    expect([what(), clock.pending, meter.value('idempotency_waiting')]).toEqual(['goes on', 0, 0]);
    await clock.advanceAsync(500);
    expect(polls()).toBe(before);
  });

  it('ID-8: goes on asking a store that is away, and gives back what it may have claimed', async () => {
    const { first, second, what, clock, store } = waiting({}, { deadlineMs: 500 });
    await clock.advanceAsync(1);
    first.back(refuse(rejection('UPSTREAM_REFUSED', '')), 'nothing');
    const { run } = store;
    store.run = (script, keys, values) => {
      void run.call(store, script, keys, values);
      return Promise.resolve('unavailable');
    };
    await clock.advanceAsync(500);
    expect([what(), store.records.has(second.x.keyHash)]).toEqual(['IDEMPOTENCY_KEY_IN_FLIGHT', false]);
  });

  it('ID-8: what it was told at once leaves nothing to be given back', async () => {
    const { what, clock, store } = waiting({}, { deadlineMs: 500 });
    await clock.advanceAsync(1);
    store.mode = 'down';
    await clock.advanceAsync(500);
    expect([what(), store.waiting.length]).toEqual(['IDEMPOTENCY_KEY_IN_FLIGHT', 0]);
  });

  it('ID-5: a claim whose reply was lost is its own when it asks again', async () => {
    const { first, what, clock, store } = waiting();
    await clock.advanceAsync(1);
    first.back(refuse(rejection('UPSTREAM_REFUSED', '')), 'nothing');
    const { run } = store;
    let lost = 0;
    store.run = (script, keys, values) => {
      const reply = run.call(store, script, keys, values);
      return lost++ === 0 ? Promise.resolve('unavailable') : (reply as never);
    };
    await clock.advanceAsync(40);
    expect([what(), lost]).toEqual(['goes on', 2]);
  });

  it('lets a bounded number wait; one more is refused at once', async () => {
    const { start, clock, meter, first } = waiting();
    const all = Array.from({ length: MAX_WAITING }, () => start({ text: 'a' }));
    expect([all.at(-2)?.waits, all.at(-1)?.waits, meter.value('idempotency_waiting')]).toEqual([true, false, MAX_WAITING]);
    expect((await all.at(-1)?.entered)?.rejection?.code).toBe('IDEMPOTENCY_KEY_IN_FLIGHT');
    await clock.advanceAsync(1);
    first.back(madeAnswer());
    await clock.advanceAsync(100);
    expect((await all[0]?.entered)?.origin).toBe('replay');
    expect(meter.value('idempotency_waiting')).toBe(0);
    expect(start({ text: 'a', key: 'k1', body: bodyOf('a') }).waits).toBe(false); // done by now
  });
});
