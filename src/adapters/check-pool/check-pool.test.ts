import { beforeEach, describe, expect, it } from 'vitest';
import {
  OVERLOAD,
  operation,
  clock,
  threads,
  pool,
  startPool,
  documented,
  job,
  check,
  watched,
  turn,
  says,
  loaded,
  judged,
  did,
  queued,
  jobs,
} from '../../../test/kit/check-pool.ts';
import { fakeContract } from '../../../test/kit/contract.ts';
import type { CheckJob } from '../../core/body-checking.ts';
import { VALID } from '../../core/contract.ts';
import { HELD_BACK_MS, NOTHING_WAITS_MS, QUEUE_BYTES } from './check-pool.ts';
import type { ToWorker } from './messages.ts';

beforeEach(() => startPool());

describe('a large body', () => {
  it('starts the worker, which gets the contract once and each body as one piece', async () => {
    const contract = documented();
    expect(threads).toEqual([]);
    const first = check(job(contract));
    expect(did()).toEqual(['load 1']);
    loaded();
    const message = threads[0]?.posted[1] as Extract<ToWorker, { do: 'judge' }>;
    expect(Buffer.from(message.body.bytes).toString()).toBe('{"a":1}');
    expect(message.body.request.headers).toEqual(['Content-Type', 'application/json']);
    judged({ is: 'skipped', reason: 'no_schema' });
    expect(await first).toEqual({ is: 'skipped', reason: 'no_schema' });
    const second = check(job(contract));
    judged();
    expect(await second).toBe(VALID);
    expect([threads.length, did(), queued(), jobs('judged')]).toEqual([1, ['load 1', 'judge 1', 'judge 1'], 0, 2]);
  });

  it('of an answer takes what the verdict needs of it along, and nothing else', () => {
    const answer = { status: 201, headers: ['A', 'b'], body: 'stream', rejection: { why: () => 'not to be cloned' } };
    void check(job(documented(), { side: 'response', response: answer }));
    loaded();
    const message = threads[0]?.posted[1] as Extract<ToWorker, { do: 'judge' }>;
    const { body } = message;
    expect(body.response).toEqual({ status: 201, headers: ['A', 'b'] });
    expect(() => structuredClone(body)).not.toThrow();
  });

  it('that an exchange is held back for comes before those that nothing waits for', async () => {
    const contract = documented();
    const order: string[] = [];
    const ask = (name: string, heldBack: CheckJob['heldBack']): void =>
      void check(job(contract, { heldBack })).then(() => order.push(name));
    ask('first', 'nothing');
    ask('second', 'nothing');
    ask('held back', 'exchange');
    loaded();
    for (let i = 0; i < 3; i++) {
      judged();
      await turn();
    }
    expect(order).toEqual(['first', 'held back', 'second']);
  });

  it('larger than the queue is too large, and one that has no room is skipped', async () => {
    const contract = documented();
    const large = (bytes: number): CheckJob => job(contract, { body: [new Uint8Array(bytes)] });
    expect(await check(large(QUEUE_BYTES + 1))).toEqual({ is: 'skipped', reason: 'too_large' });
    expect(threads).toEqual([]);
    const fits = watched(check(large(QUEUE_BYTES)));
    expect(await check(large(1))).toEqual(OVERLOAD);
    loaded();
    judged();
    await turn();
    expect([fits.outcome, queued(), jobs('too_large'), jobs('queue_full')]).toEqual([VALID, 0, 1, 1]);
  });

  it('of a contract that nobody knows the documents of is skipped', async () => {
    expect(await check(job(fakeContract([operation])))).toEqual(OVERLOAD);
    expect([threads.length, jobs('failed')]).toEqual([0, 1]);
  });
});

describe('who waits', () => {
  it.each([
    ['exchange', HELD_BACK_MS],
    ['nothing', NOTHING_WAITS_MS],
  ] as const)('an answer that holds back %s is waited for %d ms', async (heldBack, ms) => {
    const contract = documented();
    const late = watched(check(job(contract, { heldBack })));
    const waits = watched(check(job(contract, { heldBack })));
    await clock.advanceAsync(ms - 1);
    expect([late.outcome, waits.outcome]).toEqual([undefined, undefined]);
    await clock.advanceAsync(1);
    expect([late.outcome, waits.outcome, jobs('late')]).toEqual([OVERLOAD, OVERLOAD, 2]);
    // What the worker is at still counts; what it never got does not.
    expect(queued()).toBe(7);
    loaded();
    expect([queued(), did()]).toEqual([0, ['load 1']]);
  });

  it('too long gets nothing of what comes then, and the next is judged', async () => {
    const contract = documented();
    const late = watched(check(job(contract, { heldBack: 'exchange' })));
    loaded();
    await clock.advanceAsync(HELD_BACK_MS);
    judged();
    await turn();
    expect([late.outcome, jobs('late'), jobs('judged'), queued()]).toEqual([OVERLOAD, 1, 0, 0]);
    const next = check(job(contract));
    judged();
    expect(await next).toBe(VALID);
  });
});

it('deprecated members that the worker has found come along', async () => {
  const deprecated = [{ element: 'request_field', specPointer: '/x' }] as const;
  const asked = pool.check(job(documented()));
  loaded();
  says({ is: 'judged', checked: { outcome: VALID, deprecated, drift: [] } });
  expect(await asked).toEqual({ outcome: VALID, deprecated, drift: [] });
});
