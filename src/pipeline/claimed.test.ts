/** What a stage that claims (`x.detached`) changes on the way of an exchange: ID-3. */
import { describe, expect, it } from 'vitest';
import { type Given, begun, bytes } from '../../test/kit/begun.ts';
import { answerOf } from '../../test/kit/exchange.ts';
import type { Answer, AttemptStage, Stage } from '../core/stage.ts';

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

const claiming: Stage = {
  name: 'claiming',
  onRequest: (x) => {
    x.detached = true;
    return undefined;
  },
  responseBody: () => ({ as: 'whole', maxBytes: 100 }),
};

/** Nothing is sent before `go`. */
function queued(given: Given = {}, stages: readonly Stage[] = [claiming]) {
  let go: () => void = () => undefined;
  const queue: AttemptStage = {
    name: 'queue',
    onRequest: () =>
      new Promise<Answer | undefined>((resolve) => {
        go = () => resolve(undefined);
      }),
  };
  return { ...begun({ stages, attempts: [queue], ...given }), go: () => go() };
}

describe('a claim reads the body at once', () => {
  it.each([
    ['chunked', { body: 'chunked' as const }],
    ['larger than what is collected', { body: 100_000 }],
    ['announced with an Expect', { body: 4, expectsContinue: true }],
  ])('ID-3: one that is %s, not only when a try has its turn', (_what, given) => {
    expect(queued(given).down.reading).toBe(true);
    expect(queued(given, []).down.reading).toBe(false);
  });

  it('ID-3: no more of it than is kept, and nothing of it is lost', async () => {
    const { down, call, go, budget } = queued({ body: 'chunked' });
    down.events.onBodyData(bytes('a'.repeat(600)));
    expect(down.reading).toBe(true);
    down.events.onBodyData(bytes('b'.repeat(600)));
    expect([down.reading, budget.usedBytes]).toEqual([false, 600]);
    go();
    await settled();
    expect(down.reading).toBe(true);
    down.events.onBodyData(bytes('c'));
    down.events.onBodyEnd();
    expect(call().body).toBe(`${'a'.repeat(600)}${'b'.repeat(600)}c`);
  });

  it('EV-4: the 100 is sent then, and a body that is short is sent in one piece', async () => {
    const { down, call, go } = queued({ body: 4, expectsContinue: true });
    expect(down.calls).toEqual(['100', 'read']);
    down.events.onBodyData(bytes('some'));
    down.events.onBodyEnd();
    await settled();
    go();
    await settled();
    expect(call().request.body).toBeInstanceOf(Uint8Array);
  });
});

describe('a caller that leaves', () => {
  it('ID-3: before its body has wholly arrived ends the exchange', async () => {
    const { down, call, done } = begun({ stages: [claiming], body: 'chunked' });
    down.events.onBodyData(bytes('half'));
    down.events.onGone();
    await settled();
    expect([call().aborted, done.length, done[0]?.sent]).toEqual([true, 1, 'all']);
  });

  it('ID-3: after its body has arrived does not, although an answer is still to come', async () => {
    const { down, call, done } = begun({ stages: [claiming], body: 'chunked' });
    down.events.onBodyData(bytes('whole'));
    down.events.onBodyEnd();
    down.events.onGone();
    await settled();
    expect([call().aborted, done.length]).toEqual([false, 0]);
    call().to.onHead(answerOf(201));
    call().to.onEnd([]);
    await settled();
    expect([done.length, done[0]?.end]).toEqual([1, 'client-closed']);
  });

  it('ID-3: an exchange without a deadline is given up after 60 s then; no timer is left of one that ends before', async () => {
    for (const answered of [false, true]) {
      const { down, call, done, clock } = begun({ stages: [claiming] });
      down.events.onGone();
      clock.advance(59_999);
      expect(call().aborted).toBe(false);
      if (answered) {
        call().to.onHead(answerOf(201));
        call().to.onEnd([]);
      } else clock.advance(1);
      await settled();
      expect([done.length, done[0]?.answer?.status, clock.pending]).toEqual([1, answered ? 201 : 504, 0]);
    }
  });

  it('ID-3: with a deadline the deadline decides', async () => {
    const bounded: Stage = {
      name: 'bounded',
      onRequest: (x) => {
        x.detached = true;
        x.deadlineAt = x.startedAt + 120_000;
        return undefined;
      },
    };
    const { down, call, clock } = begun({ stages: [bounded] });
    down.events.onGone();
    expect(clock.pending).toBe(0);
    expect(call().aborted).toBe(false);
  });
});
