import { expect, test } from 'vitest';
import { FakeClock } from './clock.ts';
import { FixedRandom } from './random.ts';

test('timers run in order of time, each at its own instant, those set on the way too', () => {
  const clock = new FakeClock(0, 5000);
  const seen: Array<[string, number]> = [];
  const note = (name: string) => () => void seen.push([name, clock.monotonicMs()]);
  clock.after(20, note('late'));
  clock.after(10, () => {
    note('early')();
    clock.after(5, note('nested'));
  });
  clock.after(10, note('early too'));
  clock.after(31, note('never'));
  clock.advance(30);
  expect(seen).toEqual([
    ['early', 10],
    ['early too', 10],
    ['nested', 15],
    ['late', 20],
  ]);
  expect([clock.monotonicMs(), clock.wallMs(), clock.pending, clock.nextInMs]).toEqual([30, 5030, 1, 1]);
});

test('a cancelled timer does not run, not even one that is due in the same tick', () => {
  const clock = new FakeClock();
  let ran = false;
  clock.after(1, () => second.cancel());
  const second = clock.after(1, () => {
    ran = true;
  });
  clock.advance(5);
  expect([ran, clock.pending]).toEqual([false, 0]);
});

test('advanceAsync lets promises run between two timers', async () => {
  const clock = new FakeClock(0);
  const seen: number[] = [];
  const wait = (ms: number) => new Promise<void>((resolve) => clock.after(ms, resolve));
  void (async () => {
    await wait(10);
    seen.push(clock.monotonicMs());
    await wait(10);
    seen.push(clock.monotonicMs());
  })();
  await clock.advanceAsync(25);
  expect(seen).toEqual([10, 20]);
});

test('fixed randomness has the right shape and never repeats', () => {
  const random = new FixedRandom();
  expect([random.hex(8), random.hex(16), random.uuid()]).toEqual([
    '0000000000000001',
    '00000000000000000000000000000002',
    '00000000-0000-7000-8000-000000000003',
  ]);
});
