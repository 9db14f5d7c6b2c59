import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ONCE, TWICE, begun } from '../../../test/kit/begun.ts';
import { answerOf, attempt, exchange, fakeDeps, routeSpec } from '../../../test/kit/exchange.ts';
import type { RouteSpec } from '../../core/policy.ts';
import { rejection } from '../../core/rejection.ts';
import { Issues } from '../../core/schema.ts';
import { type Answer, type AttemptStage, refuse } from '../../core/stage.ts';
import { type ConcurrencyConfig, concurrencySchema } from './config.ts';
import { concurrency } from './stage.ts';

const DEFAULTS = concurrencySchema.parse({}, [], new Issues());

function staged(config: Partial<ConcurrencyConfig> = {}, more: Partial<RouteSpec> = {}, deps = fakeDeps()) {
  const stage: AttemptStage = concurrency.compile({ ...DEFAULTS, ...config }, routeSpec(more), deps);
  const x = exchange();
  /** A try that asks for a place. */
  const ask = () => {
    const t = attempt(1, deps.clock.monotonicMs());
    const state = stage.open?.(x, t);
    const result = stage.onRequest?.(x, t, state);
    return {
      t,
      result,
      finish: () => stage.onFinish?.(x, t, 'complete', state),
      respond: (answer: Answer) => stage.onResponse?.(x, t, answer, state),
    };
  };
  return { ...deps, deps, stage, ask, inUse: () => deps.meter.value('concurrency_in_use') };
}

const code = async (answer: unknown): Promise<string | undefined> => ((await answer) as Answer | undefined)?.rejection?.code;

describe('a limit on the tries at an upstream', () => {
  it('CC-1: defaults', () => {
    expect(DEFAULTS).toEqual({ limit: 100, queue: 20, queueTimeoutMs: 1000, adaptive: false });
  });

  it('CC-1: waits for nothing while there is a place, and for nothing at all without a queue', () => {
    const { ask, inUse, meter, clock } = staged({ limit: 2, queue: 0 });
    expect([ask().result, ask().result, inUse()]).toEqual([undefined, undefined, 2]);
    const { result } = ask();
    expect((result as Answer).rejection).toMatchObject({ code: 'CONCURRENCY_LIMIT', headers: ['Retry-After', '1'] });
    expect([inUse(), meter.value('shed_total', { api: 'billing', reason: 'queue_full' }), clock.pending]).toEqual([2, 1, 0]);
  });

  it('CC-1: who waits comes in when a place is given back, in order', async () => {
    const { ask, inUse, clock } = staged({ limit: 1, queue: 2 });
    const first = ask();
    const [second, third, fourth] = [ask(), ask(), ask()];
    expect(await code(fourth.result)).toBe('CONCURRENCY_LIMIT');
    first.finish();
    expect([await second.result, inUse()]).toEqual([undefined, 1]);
    second.finish();
    expect([await third.result, inUse()]).toEqual([undefined, 1]);
    third.finish();
    expect([inUse(), clock.pending]).toEqual([0, 0]);
  });

  it('CC-1: who waits longer than queueTimeout is refused, and holds nothing', async () => {
    const { ask, inUse, clock, meter } = staged({ limit: 1, queue: 1, queueTimeoutMs: 300 });
    const first = ask();
    const second = ask();
    clock.advance(299);
    expect(clock.pending).toBe(1);
    clock.advance(1);
    expect(await code(second.result)).toBe('CONCURRENCY_LIMIT');
    second.finish();
    expect([inUse(), meter.value('shed_total', { reason: 'queue_timeout' })]).toEqual([1, 1]);
    const third = ask();
    first.finish();
    expect([await third.result, inUse()]).toEqual([undefined, 1]);
  });

  it('EV-3: who is given up in the queue leaves it at once; no place goes to him', async () => {
    const { ask, inUse, clock } = staged({ limit: 1, queue: 1 });
    const first = ask();
    const second = ask();
    second.t.cancel(rejection('CLIENT_CLOSED', ''));
    expect([await second.result, clock.pending]).toEqual([undefined, 0]);
    second.finish();
    const third = ask();
    first.finish();
    expect([await third.result, inUse()]).toEqual([undefined, 1]);
    third.finish();
    third.finish();
    expect(inUse()).toBe(0);
  });

  it('EV-8: upgrades leave it out', () => {
    expect([staged().stage.skipsUpgrades, staged({ adaptive: true }).stage.skipsUpgrades]).toEqual([true, true]);
  });

  it('CC-1: is per upstream: routes to one share it, each up to its own limit', () => {
    const one = staged({ limit: 1, queue: 0 }, { name: 'one', api: 'a' });
    const two = staged({ limit: 2, queue: 0 }, { name: 'two', api: 'b' }, one.deps);
    const other = staged({ limit: 1, queue: 0 }, { name: 'three', upstream: 'http://other' }, one.deps);
    expect([one.ask().result, one.ask().result, two.ask().result, two.ask().result].map((r) => (r as Answer)?.status)).toEqual([
      undefined,
      503,
      undefined,
      503,
    ]);
    expect(other.ask().result).toBeUndefined();
    expect(one.meter.series('concurrency_in_use')).toEqual({ 'api=a': 1, 'api=b': 1, 'api=billing': 1 });
    expect(one.meter.series('concurrency_limit')).toEqual({ 'api=a': 1, 'api=b': 2, 'api=billing': 1 });
  });

  it('a reload keeps what is held and takes the new limit', () => {
    const before = staged({ limit: 2, queue: 0 });
    const [one, two] = [before.ask(), before.ask()];
    const after = staged({ limit: 1, queue: 0 }, {}, before.deps);
    one.finish();
    expect((after.ask().result as Answer).status).toBe(503);
    two.finish();
    expect([after.ask().result, after.inUse(), after.meter.value('concurrency_limit')]).toEqual([undefined, 1, 1]);
  });
});

describe('tries of exchanges', () => {
  const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

  it('CC-1: a place is held to the last byte of the answer', () => {
    const { stage, inUse } = staged({ limit: 1 });
    const { call } = begun({ attempts: [stage] });
    call().to.onHead(answerOf(200));
    call().to.onData(Buffer.from('some'));
    expect(inUse()).toBe(1);
    call().to.onEnd([]);
    expect(inUse()).toBe(0);
  });

  it('CC-1: a retry does not wait for the place of the try before it', () => {
    const { stage, inUse } = staged({ limit: 1, queue: 0 });
    const { call, upstream } = begun({ attempts: [stage], plan: TWICE });
    call().to.onHead(answerOf(503));
    expect([upstream.calls.length, inUse()]).toEqual([2, 1]);
    call(1).to.onHead(answerOf(200));
    call(1).to.onEnd([]);
    expect(inUse()).toBe(0);
  });

  it('DL-2: the deadline ends the wait in the queue', async () => {
    const { ask, stage, inUse, clock } = staged({ limit: 1, queue: 1 });
    const first = ask();
    const { x, done, upstream } = begun({ attempts: [stage] });
    x.cancel(rejection('DEADLINE_EXHAUSTED', ''));
    await settled();
    expect([x.answer?.status, upstream.calls.length, inUse(), clock.pending]).toEqual([504, 0, 1, 0]);
    first.finish();
    expect([done.length, inUse()]).toEqual([1, 0]);
  });

  type Step = { readonly do: string; readonly which: number };
  const step: fc.Arbitrary<Step> = fc.record({
    do: fc.constantFrom('begin', 'begin', 'begin', 'head', 'retry', 'end', 'broken', 'gone', 'cancel', 'time', 'turn'),
    which: fc.nat(20),
  });

  it.each([false, true])('CC-1: no place is lost or given twice, whatever happens (adaptive: %s)', async (adaptive) => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
        const { stage, inUse, clock } = staged({ limit: 2, queue: 2, queueTimeoutMs: 100, adaptive });
        const all: Array<ReturnType<typeof begun>> = [];
        const headed = new Set<object>();
        const over = new Set<object>();
        for (const { do: what, which } of steps) {
          const one = all[which % Math.max(1, all.length)];
          const call = one?.upstream.live;
          const waits = call !== undefined && !headed.has(call) && !over.has(call);
          if (what === 'begin') all.push(begun({ attempts: [stage], plan: which % 2 === 0 ? TWICE : ONCE }));
          else if (what === 'time') clock.advance(60);
          else if (what === 'turn') await settled();
          else if (what === 'gone') one?.down.events.onGone();
          else if (what === 'cancel') one?.x.cancel(rejection('UPSTREAM_TIMEOUT', ''));
          else if ((what === 'head' || what === 'retry') && waits) {
            headed.add(call);
            call.to.onHead(answerOf(what === 'retry' ? 503 : 200));
          } else if (what === 'broken' && call !== undefined && !over.has(call)) {
            over.add(call);
            call.to.onBroken(rejection('UPSTREAM_RESET', ''));
          } else if (what === 'end' && call !== undefined && headed.has(call) && !over.has(call)) {
            over.add(call);
            call.to.onEnd([]);
          }
          expect(inUse()).toBeGreaterThanOrEqual(0);
          expect(inUse()).toBeLessThanOrEqual(2);
        }
        for (const { down } of all) down.events.onGone();
        for (let i = 0; i < 3; i++) {
          await settled();
          for (const { down } of all) down.events.onGone();
          clock.advance(100);
        }
        await settled();
        expect([inUse(), clock.pending]).toEqual([0, 0]);
      }),
      { numRuns: 150 },
    );
  });
});

describe('an adaptive limit', () => {
  const answered = (ms: number, adaptive: ReturnType<typeof staged>): void => {
    const { t, respond, finish } = adaptive.ask();
    t.sentAt = adaptive.clock.monotonicMs();
    adaptive.clock.advance(ms);
    t.headAt = adaptive.clock.monotonicMs();
    void respond(answerOf(200));
    finish();
  };

  it('CC-1: begins at the configured limit', () => {
    const adaptive = staged({ adaptive: true, limit: 30 });
    expect(adaptive.meter.value('concurrency_limit')).toBe(30);
    for (let i = 0; i < 100; i++) answered(20, adaptive);
    expect(adaptive.meter.value('concurrency_limit')).toBe(30);
  });

  it('CC-1: is lowered where most tries run out of time, and the gauge shows it', () => {
    const { ask, clock, meter } = staged({ adaptive: true, limit: 30, queue: 0 });
    const tries = Array.from({ length: 30 }, ask);
    for (const { t } of tries) t.sentAt = clock.monotonicMs();
    clock.advance(1000);
    for (const { respond, finish } of tries) {
      void respond(refuse(rejection('UPSTREAM_TIMEOUT', '')));
      finish();
    }
    const limit = meter.value('concurrency_limit');
    expect(limit).toBeLessThan(30);
    const inside = Array.from({ length: 30 }, ask).filter(({ result }) => result === undefined);
    expect(inside).toHaveLength(limit);
  });

  it('CC-1: bodies that stream count in the configured limit, and not in what adapts', () => {
    const { ask, clock, meter } = staged({ adaptive: true, limit: 30, queue: 0 });
    const tries = Array.from({ length: 30 }, ask);
    for (const { t } of tries) t.sentAt = clock.monotonicMs();
    clock.advance(1000);
    for (const { respond, finish } of tries) {
      void respond(refuse(rejection('UPSTREAM_TIMEOUT', '')));
      finish();
    }
    const limit = meter.value('concurrency_limit');
    const streams = Array.from({ length: limit }, ask);
    expect((ask().result as Answer).status).toBe(503);
    for (const { respond } of streams) void respond(answerOf(200));
    const more = Array.from({ length: 30 - limit }, () => {
      const one = ask();
      void one.respond(answerOf(200));
      return one.result;
    });
    expect(more.filter((result) => result !== undefined)).toEqual([]);
    expect((ask().result as Answer).status).toBe(503);
  });

  it('CC-1: a try that waits comes in when the answer of another begins', async () => {
    const { ask, clock, meter } = staged({ adaptive: true, limit: 30, queue: 1 });
    const tries = Array.from({ length: 30 }, ask);
    for (const { t } of tries) t.sentAt = clock.monotonicMs();
    clock.advance(1000);
    for (const { respond, finish } of tries) {
      void respond(refuse(rejection('UPSTREAM_TIMEOUT', '')));
      finish();
    }
    const inside = Array.from({ length: meter.value('concurrency_limit') }, ask);
    const { result } = ask();
    expect(result).toBeInstanceOf(Promise);
    void inside[0]?.respond(answerOf(200));
    expect(await result).toBeUndefined();
  });

  it('CC-1: answers that failed, and requests that were not wholly sent, say nothing of how fast the upstream is', () => {
    const adaptive = staged({ adaptive: true, limit: 8, queue: 0 });
    const tell = (count: number, ms: number, how: 'failed' | 'unsent'): void => {
      for (let i = 0; i < count; i++) {
        const tries = Array.from({ length: 8 }, adaptive.ask);
        // Eight at a time would be tried out with four, if they were looked at.
        expect(tries.filter(({ result }) => result === undefined)).toHaveLength(8);
        for (const { t } of tries) if (how === 'failed') t.sentAt = adaptive.clock.monotonicMs();
        adaptive.clock.advance(ms);
        for (const { t, respond, finish } of tries) {
          t.headAt = adaptive.clock.monotonicMs();
          void respond(answerOf(how === 'failed' ? 500 : 200));
          finish();
        }
      }
    };
    tell(400, 1, 'failed');
    tell(100, 500, 'unsent');
  });
});
