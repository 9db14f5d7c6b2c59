import { describe, expect, it } from 'vitest';
import { type Given, begun, bytes, TWICE } from '../../test/kit/begun.ts';
import { answerOf } from '../../test/kit/exchange.ts';
import { outcomeOf } from '../core/outcome.ts';
import { rejection } from '../core/rejection.ts';
import type { Answer, AttemptStage, Stage } from '../core/stage.ts';

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** A stage that lets the exchange outlive its caller and remembers what came of it. */
function detaching(given: Given = {}, attempts: readonly AttemptStage[] = []) {
  const answers: Array<{ status: number; body: string }> = [];
  const ends: string[] = [];
  const stage: Stage = {
    name: 'detaching',
    onRequest: (x) => {
      x.detached = true;
      return undefined;
    },
    responseBody: () => ({ as: 'whole', maxBytes: 100 }),
    onResponse: (_x, answer): Answer => {
      answers.push({ status: answer.status, body: answer.body === 'stream' ? 'stream' : Buffer.from(answer.body).toString() });
      return answer;
    },
    onFinish: (_x, end) => void ends.push(end),
  };
  return { ...begun({ stages: [stage], attempts, ...given }), answers, ends };
}

describe('ID-3: an exchange that outlives its caller', () => {
  it('ID-3: runs on when the caller leaves: the upstream is not given up, its answer is seen and nothing is written', async () => {
    const { answers, call, done, down, ends, x } = detaching();
    down.events.onGone();
    expect([call().aborted, done.length]).toEqual([false, 0]);
    call().to.onHead(answerOf(201));
    call().to.onData(bytes('made'));
    call().to.onEnd([]);
    await settled();
    expect(answers).toEqual([{ status: 201, body: 'made' }]);
    expect([down.calls, ends, done.length]).toEqual([[], ['client-closed'], 1]);
    expect(outcomeOf(x)).toMatchObject({ status: 499, code: 'CLIENT_CLOSED', flags: ['client-closed'] });
  });

  it('ID-3: ends at its deadline all the same', async () => {
    const { answers, call, done, down, x } = detaching();
    down.events.onGone();
    x.cancel(rejection('UPSTREAM_TIMEOUT', 'due'));
    await settled();
    expect([call().aborted, answers[0]?.status, done.length]).toEqual([true, 504, 1]);
  });

  it('ID-3: is cut at the end of the drain', async () => {
    const { call, done, down, x } = detaching();
    down.events.onGone();
    x.cut(rejection('OVERLOADED', 'the grace is over'));
    await settled();
    expect([call().aborted, done.length, x.end]).toEqual([true, 1, 'client-closed']);
  });

  it('ID-3: is tried again like any other', async () => {
    const { answers, call, done, down } = detaching({ plan: TWICE });
    down.events.onGone();
    call().to.onBroken(rejection('UPSTREAM_RESET', ''));
    call(1).to.onHead(answerOf(200));
    call(1).to.onEnd([]);
    await settled();
    expect([answers.map((a) => a.status), done.length]).toEqual([[200], 1]);
  });

  it('ID-3: tells a caller that is gone of no interim answer', async () => {
    const { call, down } = detaching();
    down.events.onGone();
    call().to.onInfo(103, []);
    expect(down.infos).toEqual([]);
  });

  it('a stream whose caller has left is given up when its head has been seen', async () => {
    const streaming: Stage = {
      name: 'streaming',
      onRequest: (x) => {
        x.detached = true;
        return undefined;
      },
    };
    const { budget, call, done, down } = begun({ stages: [streaming] });
    down.events.onGone();
    call().to.onHead(answerOf(200));
    call().to.onData(bytes('a'));
    await settled();
    expect([call().aborted, done.length, budget.usedBytes, down.calls]).toEqual([true, 1, 0, []]);
  });

  it('an exchange that is not detached is given up at once', async () => {
    const { call, done, down } = begun();
    down.events.onGone();
    await settled();
    expect([call().aborted, done.length]).toEqual([true, 1]);
  });
});

describe('stages that a request for another protocol leaves out', () => {
  const seen: string[] = [];
  const see = (name: string) => ({ name, onRequest: (): undefined => void seen.push(name) });

  it('EV-8: are those that say so, request stages and attempt stages alike', () => {
    for (const upgrade of [undefined, 'websocket']) {
      seen.length = 0;
      begun({
        request: { method: 'GET', upgrade },
        stages: [see('limits'), { ...see('claims'), skipsUpgrades: true }],
        attempts: [{ ...see('breaker'), skipsUpgrades: true }, see('propagation')],
      });
      expect(seen).toEqual(upgrade === undefined ? ['limits', 'claims', 'breaker', 'propagation'] : ['limits', 'propagation']);
    }
  });
});

describe('whether another try would be let through', () => {
  const gate = (open: boolean): AttemptStage => ({ name: 'gate', admits: () => open });

  it.each([
    [[true, true], 2, undefined],
    [[true, false], 1, 'circuit'],
  ] as const)('RT-8: %j', async (gates, tries, suppressed) => {
    const { upstream, x, call } = begun({
      attempts: gates.map(gate),
      plan: { keepBytes: 0, next: (_x, t, _a, admitted) => (t.number > 1 ? undefined : admitted() ? { delayMs: 0 } : 'circuit') },
    });
    call().to.onBroken(rejection('UPSTREAM_RESET', ''));
    await settled();
    expect([upstream.calls.length, x.asked, x.retrySuppressed]).toEqual([tries, tries, suppressed]);
  });
});
