/** The stage with a store that is not in this process: it answers later, or not at all. */
import { describe, expect, it } from 'vitest';
import { FakeBody } from '../../../test/kit/exchange.ts';
import { idempotencyStage, madeAnswer } from '../../../test/kit/idempotency-stage.ts';
import { rejection } from '../../core/rejection.ts';
import { refuse } from '../../core/stage.ts';

const CLIENT_CLOSED = rejection('CLIENT_CLOSED', '');

function shared(config: Parameters<typeof idempotencyStage>[0] = {}) {
  const stage = idempotencyStage(config);
  stage.store.mode = 'async';
  const met = async (sending: Parameters<typeof stage.start>[0] = {}) => {
    const begun = stage.start(sending);
    return { ...begun, answer: await begun.entered };
  };
  return { ...stage, met };
}

describe('a store that answers later', () => {
  it('ID-5: is waited for: the claim before the request goes on, the outcome before the answer does', async () => {
    const { start, store, code } = shared();
    const first = start({ text: 'a' });
    expect(first.waits).toBe(true);
    expect(await first.entered).toBeUndefined();
    const answer = madeAnswer();
    const back = first.back(answer);
    expect([back instanceof Promise, store.ran]).toEqual([true, ['idempotency.claim']]);
    expect(await back).toBe(answer);
    expect(store.ran).toEqual(['idempotency.claim', 'idempotency.settle']);
    expect(code({ answer: await start({ text: 'a' }).entered })).toBe('replay');
    expect(code({ answer: await start({ text: 'b' }).entered })).toBe('IDEMPOTENCY_KEY_PAYLOAD_MISMATCH');
  });

  it('ID-4: a claim is given back before the refusal goes out', async () => {
    const { met, code } = shared();
    const first = await met();
    await first.back(refuse(rejection('UPSTREAM_REFUSED', '')), 'nothing');
    expect(code(await met())).toBe('goes on');
  });

  it('ID-3: a caller that leaves while its claim is made gives it back', async () => {
    const { start, met, code } = shared();
    const first = start();
    first.x.cancel(CLIENT_CLOSED);
    expect(await first.entered).toBeUndefined(); // the pipeline turns round with the cancel
    await first.back(refuse(CLIENT_CLOSED), 'nothing');
    expect(code(await met())).toBe('goes on');
  });

  it('a caller that leaves while its repeated body comes gets no answer', async () => {
    const { met } = shared();
    await (await met({ text: 'a' })).back(madeAnswer());
    const body = Object.assign(new FakeBody('arriving'), { result: Promise.resolve('cancelled' as const) });
    expect((await met({ body })).answer).toBeUndefined();
  });

  it('ID-6: a repeated body that is still arriving is waited for', async () => {
    const { met, code } = shared();
    await (await met({ text: 'a' })).back(madeAnswer());
    const body = new FakeBody('arriving');
    body.digestValue = 'digest of a';
    body.result = Promise.resolve([]).then((chunks) => {
      body.state = 'ended';
      return chunks;
    });
    expect(code(await met({ body }))).toBe('replay');
  });

  it('ID-5: onUnknown: run waits for the body that it compares', async () => {
    const { met, code } = shared({ onUnknown: 'run' });
    await (await met({ text: 'a' })).back(refuse(rejection('UPSTREAM_RESET', '')), 'all');
    const arriving = (digest: string): FakeBody => {
      const body = new FakeBody('arriving');
      body.digestValue = `digest of ${digest}`;
      body.result = Promise.resolve([]).then((chunks) => {
        body.state = 'ended';
        return chunks;
      });
      return body;
    };
    expect(code(await met({ body: arriving('b') }))).toBe('IDEMPOTENCY_KEY_PAYLOAD_MISMATCH');
    expect(code(await met({ body: arriving('a') }))).toBe('goes on');
  });
});

describe('a store that is away', () => {
  it('ID-8: where a key is required the request is refused, elsewhere it goes on and counts', async () => {
    const { met, code, outcomes, store } = shared({ required: ['POST /payments'] });
    store.mode = 'away';
    const refused = await met();
    expect([code(refused), refused.answer?.rejection?.headers]).toEqual(['IDEMPOTENCY_UNAVAILABLE', ['Retry-After', '1']]);
    const other = await met({ target: '/other' });
    expect([code(other), other.x.keyed, other.x.detached]).toEqual(['goes on', true, false]);
    const answer = madeAnswer();
    expect([other.need(answer), other.back(answer)]).toEqual([undefined, answer]);
    other.finish();
    expect(outcomes()).toEqual({ unavailable: 1, bypassed: 1 });
  });

  it('ID-8: a claim of which no answer came is given back when the store is there again', async () => {
    const { met, code, store } = shared();
    const { x } = await met({ key: 'probe' });
    store.records.clear();
    // It was made all the same: the reply was lost.
    const { run } = store;
    store.run = (script, keys, values) => {
      void run.call(store, script, keys, values);
      return Promise.resolve('unavailable');
    };
    expect(code(await met({ key: 'probe' }))).toBe('goes on');
    expect(store.records.has(x.keyHash)).toBe(false);
  });

  it('ID-8: one that was not even asked has nothing to be given back: what waits for its return is not crowded out by it', async () => {
    const { met, code, store, outcomes } = shared();
    const first = await met({ key: 'first' });
    store.mode = 'down';
    await first.back(madeAnswer());
    for (let i = 0; i < 3; i++) (await met({ key: `k${i}` })).finish();
    expect([outcomes(), store.waiting.length]).toEqual([{ new: 1, bypassed: 3 }, 1]);
    store.back('async');
    expect(code(await met({ key: 'first' }))).toBe('replay');
  });

  it('ID-7: of an answer above 1 MiB only that it was given waits for the store', async () => {
    const { met, code, store } = shared({ maxBytes: 4 * 1024 ** 2 });
    const first = await met({ text: 'a' });
    store.mode = 'away';
    await first.back({ ...madeAnswer(), body: new Uint8Array(1024 ** 2 + 1) });
    store.back('async');
    expect(code(await met({ text: 'a' }))).toBe('IDEMPOTENCY_KEY_RESULT_NOT_KEPT');
  });

  it('ID-8: an outcome waits for the store to come back, and the answer does not wait for it', async () => {
    for (const [answer, sent, then] of [
      [madeAnswer(), 'all', 'replay'],
      [refuse(rejection('UPSTREAM_RESET', '')), 'all', 'IDEMPOTENCY_KEY_OUTCOME_UNKNOWN'],
      [refuse(rejection('UPSTREAM_REFUSED', '')), 'nothing', 'goes on'],
    ] as const) {
      const { met, code, store } = shared();
      const first = await met({ text: 'a' });
      store.mode = 'away';
      expect(await first.back(answer, sent)).toBe(answer);
      first.finish();
      store.back('async');
      expect(code(await met({ text: 'a' }))).toBe(then);
    }
  });

  it('ID-8: a store in memory that has no room counts as one that is away', () => {
    const { meet, code, store, outcomes } = idempotencyStage({ required: ['POST /payments'] });
    store.run = (script, keys, values) =>
      script.local({ get: () => undefined, set: () => false, delete: () => undefined }, keys, values, 1000);
    expect([code(meet()), code(meet({ target: '/other' }))]).toEqual(['IDEMPOTENCY_UNAVAILABLE', 'goes on']);
    expect(outcomes()).toEqual({ unavailable: 1, bypassed: 1 });
  });
});
