import { beforeEach, expect, it } from 'vitest';
import { FakeClock } from '../../test/kit/clock.ts';
import { FixedRandom } from '../../test/kit/random.ts';
import type { Fetched } from '../adapters/contract-source/fetch-document.ts';
import { RemoteFiles } from '../adapters/contract-source/remote-files.ts';
import { ContractPolls, type RemotePart } from './contract-polls.ts';

const A = 'https://a.example/api.json';
const POLL_MS = 60_000;

let clock: FakeClock;
let random: FixedRandom;
let asked: number[];
let asking: Promise<unknown>[];
let changes: number;
let next: Fetched;
let polls: ContractPolls;
let remote: RemoteFiles;

beforeEach(() => {
  clock = new FakeClock(0);
  random = new FixedRandom();
  random.nextUnit = 0.5;
  asked = [];
  asking = [];
  changes = 0;
  next = document('1');
  remote = remoteFiles();
  polls = new ContractPolls({
    timers: clock,
    random,
    onChange: () => {
      changes += 1;
    },
  });
});

class Told extends RemoteFiles {
  override refresh(url: string): ReturnType<RemoteFiles['refresh']> {
    const refreshed = super.refresh(url);
    asking.push(refreshed);
    return refreshed;
  }
}
const remoteFiles = (): RemoteFiles =>
  new Told({
    root: A,
    fetch: async () => {
      asked.push(clock.monotonicMs());
      return next;
    },
  });
const document = (text: string): Fetched => ({
  is: 'new',
  bytes: Buffer.from(text),
  validators: { etag: text, lastModified: undefined },
  foundAt: A,
});
const part = (more: Partial<RemotePart> = {}): RemotePart => ({ name: 'a', pollMs: POLL_MS, urls: [A], remote, ...more });
/** What is asked for is here when it is over: hashing takes turns of the event loop, not time. */
const pass = async (ms: number): Promise<void> => {
  await clock.advanceAsync(ms);
  await Promise.all(asking);
  await new Promise((resolve) => setImmediate(resolve));
};

it('asks as often as it is told, and tells of changes alone', async () => {
  await remote.get(A);
  polls.watch([part()]);
  await pass(POLL_MS);
  expect([asked, changes]).toEqual([[0, POLL_MS], 0]);
  next = document('2');
  await pass(POLL_MS);
  expect([asked.length, changes]).toEqual([3, 1]);
  next = { is: 'failed', reason: 'planted' };
  await pass(POLL_MS);
  expect([asked.length, changes]).toEqual([4, 1]);
});

it.each([
  [0, 0.9],
  [1, 1.1],
])('not at the same moment everywhere: a random %d makes %d times the pause', async (unit, times) => {
  random.nextUnit = unit;
  await remote.get(A);
  polls.watch([part()]);
  expect(clock.nextInMs).toBeCloseTo(POLL_MS * times);
});

it('asks soon for what could never be had, then twice as late each time, and tells when it is there', async () => {
  next = { is: 'failed', reason: 'planted' };
  polls.watch([part({ pollMs: 5000 })]);
  for (const ms of [1000, 2000, 4000, 5000, 5000]) await pass(ms);
  expect([asked, changes]).toEqual([[1000, 3000, 7000, 12_000, 17_000], 0]);
  next = document('1');
  await pass(5000);
  expect(changes).toBe(1);
  expect(clock.nextInMs).toBe(5000);
});

it('told the same again it keeps its turn; told another pause it takes that; told nothing it stops', async () => {
  await remote.get(A);
  polls.watch([part()]);
  await pass(POLL_MS - 1);
  polls.watch([part()]);
  await pass(1);
  expect(asked).toEqual([0, POLL_MS]);
  polls.watch([part({ pollMs: 1000 })]);
  expect(clock.nextInMs).toBe(1000);
  polls.watch([part({ pollMs: 1000, remote: remoteFiles() })]);
  expect(clock.pending).toBe(1);
  polls.watch([]);
  expect(clock.pending).toBe(0);
});

it('stopped while it asks it tells nothing, and asks no more', async () => {
  await remote.get(A);
  next = document('2');
  polls.watch([part()]);
  clock.advance(POLL_MS);
  polls.stop();
  await pass(10 * POLL_MS);
  polls.watch([part()]);
  expect([asked.length, changes, clock.pending]).toEqual([2, 0, 0]);
});

it('who asks for all at once is not kept waiting by a server that hangs, and is told when it answers after all', async () => {
  await remote.get(A);
  const hanging = Promise.withResolvers<Fetched>();
  let fetches = 0;
  const slow = new RemoteFiles({
    root: A,
    fetch: async () => {
      fetches += 1;
      return fetches === 1 ? hanging.promise : next;
    },
  });
  next = document('2');
  let over = false;
  const first = polls.ask([part(), part({ remote: slow })]).then(() => {
    over = true;
  });
  await pass(4999);
  expect([over, remote.fingerprint(A)?.endsWith(A), changes]).toEqual([false, true, 0]);
  await pass(1);
  expect(over).toBe(true);
  await first;
  // However often it is asked for meanwhile, it is asked for once more.
  const more = [polls.ask([part({ remote: slow })]), polls.ask([part({ remote: slow })])];
  await pass(5000);
  await Promise.all(more);
  expect([fetches, changes]).toEqual([1, 0]);
  hanging.resolve(document('1'));
  await expect.poll(() => [fetches, changes]).toEqual([2, 3]);
  expect(clock.pending).toBe(0);
  await polls.ask([part({ remote: slow })]);
  expect([fetches, clock.pending]).toEqual([3, 0]);
});
