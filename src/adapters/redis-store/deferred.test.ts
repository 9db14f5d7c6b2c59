import { describe, expect, it } from 'vitest';
import { RecordingMeter } from '../../../test/kit/meter.ts';
import { Deferred, type Task } from './deferred.ts';
import { type Outcome, redisStoreMetrics } from './metrics.ts';

function setUp(): {
  deferred: Deferred;
  meter: RecordingMeter;
  state: { isUp: boolean };
  ran: string[];
  task: (name: string, bytes?: number) => Task;
  answer: (outcome: Outcome) => void;
} {
  const meter = new RecordingMeter();
  const state = { isUp: false };
  const gauge = meter.gauge(redisStoreMetrics.deferred).with();
  const deferred = new Deferred(() => state.isUp, gauge, meter.counter(redisStoreMetrics.deferredDropped).with());
  const ran: string[] = [];
  const open: Array<(outcome: Outcome) => void> = [];
  return {
    deferred,
    meter,
    state,
    ran,
    task: (name, bytes = 1) => ({
      bytes,
      run: (done) => {
        ran.push(name);
        open.push(done);
      },
    }),
    answer: (outcome) => {
      const [done] = open.splice(0, 1);
      done?.(outcome);
    },
  };
}

describe('what is to be done later', () => {
  it('waits until it can be, and runs one after the other, in order', () => {
    const { deferred, state, ran, task, answer } = setUp();
    for (const name of ['a', 'b', 'c']) deferred.add(task(name));
    expect(ran).toEqual([]);
    state.isUp = true;
    deferred.pump();
    deferred.pump();
    expect(ran).toEqual(['a']);
    answer('ok');
    answer('ok');
    answer('ok');
    expect(ran).toEqual(['a', 'b', 'c']);
  });

  it('is tried again where it was not answered, first; where it was refused it is given up', () => {
    const { deferred, meter, state, ran, task, answer } = setUp();
    state.isUp = true;
    deferred.add(task('a'));
    deferred.add(task('b'));
    state.isUp = false;
    answer('timeout');
    expect(ran).toEqual(['a']);
    state.isUp = true;
    deferred.pump();
    answer('error');
    expect(ran).toEqual(['a', 'a', 'b']);
    expect(meter.value('store_deferred_dropped_total')).toBe(1);
  });

  it('is given up when it went unanswered three times: it is what makes Redis slow', () => {
    const { deferred, meter, state, ran, task, answer } = setUp();
    state.isUp = true;
    deferred.add(task('a'));
    for (let i = 0; i < 3; i++) answer('timeout');
    expect([ran.length, meter.value('store_deferred'), meter.value('store_deferred_dropped_total')]).toEqual([3, 0, 1]);
  });

  it('is a thousand at most: the oldest go first', () => {
    const { deferred, meter, state, ran, task } = setUp();
    for (let i = 0; i < 1002; i++) deferred.add(task(String(i)));
    expect([meter.value('store_deferred'), meter.value('store_deferred_dropped_total')]).toEqual([1000, 2]);
    state.isUp = true;
    deferred.pump();
    expect(ran).toEqual(['2']);
  });

  it('is 8 MiB at most: what is larger by itself goes alone', () => {
    const { deferred, meter, task } = setUp();
    for (let i = 0; i < 9; i++) deferred.add(task('a', 1024 ** 2));
    expect([meter.value('store_deferred'), meter.value('store_deferred_dropped_total')]).toEqual([8, 1]);
    deferred.add(task('a', 9 * 1024 ** 2));
    expect([meter.value('store_deferred'), meter.value('store_deferred_dropped_total')]).toEqual([8, 2]);
  });

  it('one that is given up while it runs is not taken for the next', () => {
    const { deferred, meter, state, ran, task, answer } = setUp();
    state.isUp = true;
    for (let i = 0; i < 1001; i++) deferred.add(task(String(i)));
    answer('ok');
    expect(meter.value('store_deferred')).toBe(1000);
    expect(ran).toEqual(['0', '1']);
  });

  it('is over at the end: what waits is counted, and nothing is taken any more', async () => {
    const { deferred, meter, task } = setUp();
    await deferred.empty();
    deferred.add(task('a'));
    const empty = deferred.empty();
    expect(deferred.giveUp()).toBe(1);
    await empty;
    deferred.add(task('b'));
    expect([meter.value('store_deferred'), meter.value('store_deferred_dropped_total')]).toEqual([0, 2]);
  });
});
