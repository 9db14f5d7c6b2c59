import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FakeClock } from '../../test/kit/clock.ts';
import { Exchange } from '../core/exchange.ts';
import type { RawHeaders } from '../core/headers.ts';
import type { BodySource, Downstream, DownstreamEvents, Upstream, UpstreamCall, UpstreamRequest, UpstreamSink } from '../core/ports.ts';
import { rejection } from '../core/rejection.ts';
import { type Answer, type AttemptStage, type Maybe, type RetryPlan, type Stage, refuse } from '../core/stage.ts';
import { RequestBodyReader } from './body.ts';
import { ByteBudget } from './byte-budget.ts';
import { assembleRoute } from './compile.ts';
import { Run } from './run.ts';

/** The order of everything that happened. */
type Journal = string[];

class FakeDownstream implements Downstream {
  readonly hasBody: boolean;
  readonly bodyLength: number | undefined;
  readonly expectsContinue = false;
  events!: DownstreamEvents;
  status = 0;
  body = '';
  ended = false;
  aborted = false;
  reading = false;
  readonly #journal: Journal;

  constructor(journal: Journal, bodyLength: number | undefined) {
    this.#journal = journal;
    this.hasBody = bodyLength !== undefined;
    this.bodyLength = bodyLength;
  }
  listen(events: DownstreamEvents): void {
    this.events = events;
  }
  readBody(): void {
    this.reading = true;
  }
  pauseBody(): void {
    this.reading = false;
  }
  writeContinue(): void {}
  writeInfo(): void {}
  writeHead(status: number): void {
    this.#journal.push(`head ${status}`);
    this.status = status;
  }
  write(chunk: Uint8Array): boolean {
    this.body += Buffer.from(chunk).toString();
    return true;
  }
  answer(status: number, _headers: readonly string[], body: Uint8Array): void {
    this.writeHead(status);
    this.write(body);
    this.end();
  }
  end(): void {
    this.ended = true;
    queueMicrotask(() => this.events.onFlushed());
  }
  abort(): void {
    this.aborted = true;
    queueMicrotask(() => this.events.onGone());
  }
}

class FakeUpstream implements Upstream {
  readonly calls: Array<{ request: UpstreamRequest; to: UpstreamSink; aborted: boolean }> = [];

  send(request: UpstreamRequest, t: { sent: string }, to: UpstreamSink): UpstreamCall {
    t.sent = 'all';
    const call = { request, to, aborted: false };
    this.calls.push(call);
    if (request.body !== undefined && !(request.body instanceof Uint8Array)) (request.body as BodySource).start({ write: () => true, end: () => undefined });
    return { pause: () => undefined, resume: () => undefined, abort: () => (call.aborted = true) };
  }
  get live() {
    const call = this.calls.at(-1);
    return call?.aborted === false ? call : undefined;
  }
}

type Behaviour = 'plain' | 'absent' | 'async' | 'refuses' | 'throws' | 'throws late' | 'replaces' | 'waits';

interface StageCase {
  readonly onRequest: Behaviour;
  readonly onResponse: Behaviour;
  readonly need: 'none' | 'copy' | 'whole';
  readonly finishThrows: boolean;
}

const REFUSED = refuse(rejection('OVERLOADED', 'refused by a stage'));
const REPLACED: Answer = {
  origin: 'upstream',
  status: 299,
  headers: [],
  body: Buffer.from('replaced'),
  unread: undefined,
  rejection: undefined,
};

function behave<T>(kind: Behaviour, wait: (settle: () => void) => void, plain: T, instead: T): Maybe<T> {
  switch (kind) {
    case 'async':
      return Promise.resolve(plain);
    case 'refuses':
      return instead;
    case 'throws':
      throw new Error('planted');
    case 'throws late':
      return Promise.reject(new Error('planted'));
    case 'waits':
      return new Promise((resolve) => wait(() => resolve(plain)));
    default:
      return plain;
  }
}

function stageOf(c: StageCase, name: string, journal: Journal, clock: FakeClock): Stage<{ opened: number }> {
  let opened = 0;
  return {
    name,
    open: () => {
      journal.push(`${name} open`);
      return { opened: ++opened };
    },
    ...(c.onRequest !== 'absent' && {
      onRequest: (x: Exchange) =>
        behave<Answer | undefined>(
          c.onRequest,
          (settle) => {
            // A stage that waits subscribes, withdraws itself and settles.
            const timer = clock.after(50, () => {
              withdraw();
              settle();
            });
            const withdraw = x.onCancel(() => {
              timer.cancel();
              settle();
            });
          },
          undefined,
          REFUSED,
        ),
    }),
    ...(c.onResponse !== 'absent' && {
      onResponse: (_x: Exchange, answer: Answer) => {
        journal.push(`${name} response`);
        return behave<Answer>(c.onResponse === 'waits' ? 'async' : c.onResponse, () => undefined, answer, REPLACED);
      },
    }),
    ...(c.need !== 'none' && { responseBody: () => ({ as: c.need as 'copy' | 'whole', maxBytes: 1000 }) }),
    onCopy: (_x, side) => void journal.push(`${name} copy ${side}`),
    onFinish: (_x, end, state) => {
      journal.push(`${name} finish ${end}`);
      expect(state.opened).toBe(1);
      if (c.finishThrows) throw new Error('planted');
    },
  };
}

const attemptStage = (name: string, journal: Journal, refuses: boolean): AttemptStage => ({
  name,
  open: (_x, t) => void journal.push(`${name}#${t.number} open`),
  onRequest: () => (refuses ? REFUSED : undefined),
  onFinish: (_x, t, end) => void journal.push(`${name}#${t.number} finish ${end}`),
});

const behaviour = fc.constantFrom<Behaviour>('plain', 'plain', 'plain', 'absent', 'async', 'refuses', 'throws', 'throws late', 'replaces', 'waits');
const stageCase: fc.Arbitrary<StageCase> = fc.record({
  onRequest: behaviour,
  onResponse: behaviour,
  need: fc.constantFrom('none', 'none', 'copy', 'whole'),
  finishThrows: fc.boolean(),
});
type Event = 'head' | 'data' | 'end' | 'broken' | 'gone' | 'body' | 'body end' | 'cancel' | 'time' | 'turn' | 'cut' | 'retryable';
const event = fc.constantFrom<Event>('head', 'data', 'end', 'broken', 'gone', 'body', 'body end', 'cancel', 'time', 'turn', 'cut', 'retryable');

interface Given {
  readonly stages: readonly StageCase[];
  readonly attemptRefuses: boolean;
  readonly tries: number;
  readonly bodyLength: number | undefined;
  readonly events: readonly Event[];
}

const turn = async (): Promise<void> => {
  for (let i = 0; i < 30; i++) await Promise.resolve();
};

async function play(given: Given) {
  const journal: Journal = [];
  const clock = new FakeClock();
  const down = new FakeDownstream(journal, given.bodyLength);
  const upstream = new FakeUpstream();
  const budget = new ByteBudget(1_000_000);
  const plan: RetryPlan = {
    keepBytes: 100,
    next: (x, t, a) => (a.status === 503 && t.number < given.tries && x.requestBody.replayable ? { delayMs: t.number === 1 ? 0 : 10 } : undefined),
  };
  const route = assembleRoute(
    { name: 'r', listener: 'l', direction: 'ingress', api: 'a', unmatchedOperation: '_', contract: undefined, contractMissing: false, upstream: '' },
    given.stages.map((c, i) => stageOf(c, `s${i}`, journal, clock)) as Stage[],
    [attemptStage('outer', journal, false), attemptStage('inner', journal, given.attemptRefuses)],
    { retryPlan: plan, upstream, rewriting: { stripPrefix: '', host: undefined } },
  );
  const body = new RequestBodyReader(down, budget);
  const head = { method: 'PUT', target: '/', path: '/', query: '', headers: [] as RawHeaders, httpVersion: '1.1', scheme: 'http' } as const;
  const x = new Exchange(head, body, { address: '', trusted: true }, route.spec, undefined, clock.monotonicMs());
  body.belongsTo(x);
  const bugs: string[] = [];
  let done = 0;
  const run = new Run(route, x, body, down, { clock, timers: clock, budget, errorDetail: 'full', bug: (_x, s, h) => bugs.push(`${s} ${h}`) }, () => {
    done += 1;
  });
  run.start(undefined);
  let left = given.bodyLength ?? 0;
  const headed = new Set<object>();
  const closed = new Set<object>();
  const onLive = (fn: (to: UpstreamSink, call: object) => void, needsHead: boolean): void => {
    const call = upstream.live;
    if (call === undefined || closed.has(call) || headed.has(call) !== needsHead) return;
    fn(call.to, call);
  };
  const answer = (status: number): Answer => ({ ...REPLACED, status, body: 'stream' });
  const happen = (e: Event): void => {
    switch (e) {
      case 'head':
        return onLive((to, call) => (headed.add(call), to.onHead(answer(200))), false);
      case 'retryable':
        return onLive((to, call) => (headed.add(call), to.onHead(answer(503))), false);
      case 'data':
        return onLive((to) => to.onData(Buffer.from('data')), true);
      case 'end':
        return onLive((to, call) => (closed.add(call), to.onEnd([])), true);
      case 'broken': {
        const call = upstream.live;
        if (call === undefined || closed.has(call)) return;
        closed.add(call);
        return call.to.onBroken(rejection('UPSTREAM_RESET', ''));
      }
      case 'gone':
        return down.events.onGone();
      case 'body':
        if (down.reading && left > 1) {
          left -= 1;
          down.events.onBodyData(Buffer.from('b'));
        }
        return;
      case 'body end':
        if (down.reading && left > 0) {
          down.events.onBodyData(Buffer.alloc(left, 'b'));
          left = 0;
          down.events.onBodyEnd();
        }
        return;
      case 'cancel':
        return x.cancel(rejection('UPSTREAM_TIMEOUT', 'deadline'));
      case 'time':
        return clock.advance(60);
      case 'cut':
        return x.cut();
      case 'turn':
    }
  };
  for (const e of given.events) {
    happen(e);
    if (e === 'turn') await turn();
  }
  await turn();
  const doneEarly = done;
  // Whatever is still open ends when the client leaves and all waiting is over.
  happen('body end');
  await turn();
  happen('gone');
  for (let i = 0; i < 5; i++) {
    await turn();
    clock.advance(2000);
  }
  await turn();
  return { journal, x, down, upstream, budget, clock, bugs, done, doneEarly };
}

const given: fc.Arbitrary<Given> = fc.record({
  stages: fc.array(stageCase, { maxLength: 5 }),
  attemptRefuses: fc.boolean(),
  tries: fc.integer({ min: 1, max: 3 }),
  bodyLength: fc.constantFrom(undefined, 10, 200_000),
  events: fc.array(event, { maxLength: 14 }),
});

describe('the run of an exchange', () => {
  it('finishes every entered stage exactly once, inside out, whatever happens', async () => {
    await fc.assert(
      fc.asyncProperty(given, async (g) => {
        const { journal, budget, clock, done, down, upstream, x } = await play(g);
        expect(done).toBe(1);
        const opened = journal.filter((line) => /^s\d+ open$/.test(line)).map((line) => line.split(' ')[0]);
        const finished = journal.filter((line) => /^s\d+ finish/.test(line)).map((line) => line.split(' ')[0]);
        expect(finished).toEqual([...opened].reverse());
        const tries = journal.filter((line) => /# ?\d+ open$|#\d+ open$/.test(line)).map((line) => line.split(' ')[0]);
        const left = journal.filter((line) => /#\d+ finish/.test(line)).map((line) => line.split(' ')[0]);
        expect([...left].sort()).toEqual([...tries].sort());
        expect(new Set(left).size).toBe(left.length);
        expect(journal.filter((line) => line.startsWith('head')).length).toBeLessThanOrEqual(1);
        expect(budget.usedBytes).toBe(0);
        expect(clock.pending).toBe(0);
        expect(x.end).toBeDefined();
        if (x.end === 'complete') expect(down.ended).toBe(true);
        for (const call of upstream.calls.slice(0, -1)) expect(call).toBeDefined();
      }),
      { numRuns: 3000 },
    );
  });

  it('never lets a response stage see an answer from outside it, and visits each at most once', async () => {
    await fc.assert(
      fc.asyncProperty(given, async (g) => {
        const { journal } = await play(g);
        const responded = journal.filter((line) => /^s\d+ response$/.test(line)).map((line) => Number(line.slice(1).split(' ')[0]));
        expect(responded).toEqual([...responded].sort((a, b) => b - a));
        expect(new Set(responded).size).toBe(responded.length);
        const refusing = g.stages.findIndex((s) => ['refuses', 'throws', 'throws late'].includes(s.onRequest));
        if (refusing >= 0) expect(responded.every((i) => i < refusing)).toBe(true);
      }),
      { numRuns: 1000 },
    );
  });
});

const plain = (more: Partial<StageCase> = {}): StageCase => ({ onRequest: 'plain', onResponse: 'plain', need: 'none', finishThrows: false, ...more });
const simple = (more: Partial<Given>): Given => ({ stages: [plain()], attemptRefuses: false, tries: 1, bodyLength: undefined, events: [], ...more });

describe('the run of an exchange, by example', () => {
  it('answers as the upstream answered', async () => {
    const { down, x, doneEarly } = await play(simple({ events: ['head', 'data', 'data', 'end'] }));
    expect([down.status, down.body, x.end, doneEarly]).toEqual([200, 'datadata', 'complete', 1]);
  });

  it('a throw in onRequest is INTERNAL_ERROR, seen by the stages outside', async () => {
    const { down, journal, bugs } = await play(simple({ stages: [plain(), plain({ onRequest: 'throws' }), plain()] }));
    expect(down.status).toBe(500);
    expect(journal.filter((l) => l.endsWith('response'))).toEqual(['s0 response']);
    expect(bugs).toEqual(['s1 onRequest']);
  });

  it('a throw in onResponse gives the stages outside INTERNAL_ERROR', async () => {
    const { down } = await play(simple({ stages: [plain(), plain({ onResponse: 'throws' })], events: ['head', 'end'] }));
    expect(down.status).toBe(500);
  });

  it('hands copies over after the last byte, the request before the response', async () => {
    const { journal } = await play(simple({ stages: [plain({ need: 'copy' })], events: ['head', 'data', 'end'] }));
    expect(journal.filter((l) => l.includes('copy'))).toEqual(['s0 copy request', 's0 copy response']);
  });

  it('gives no copy of a body cut short, and breaks the client’s connection', async () => {
    const { journal, down, x } = await play(simple({ stages: [plain({ need: 'copy' })], events: ['head', 'data', 'turn', 'broken', 'turn'] }));
    expect(journal).not.toContain('s0 copy response');
    expect([down.aborted, down.ended, x.end]).toEqual([true, false, 'upstream-broken']);
  });

  it('a break while the answer is collected whole is as one before the head', async () => {
    const { down } = await play(simple({ stages: [plain({ need: 'whole' })], events: ['head', 'data', 'broken'] }));
    expect(down.status).toBe(502);
    expect(down.aborted).toBe(false);
  });

  it('forwards a body too large to be whole without losing a byte', async () => {
    const { down } = await play(simple({ stages: [plain({ need: 'whole' })], events: ['head', ...Array<Event>(300).fill('data'), 'end'] }));
    expect(down.body).toBe('data'.repeat(300));
  });

  it('asks for the copy of an answer that a stage put in the place of the upstream’s', async () => {
    const { journal, down } = await play(
      simple({ stages: [plain({ need: 'copy' }), plain({ onResponse: 'refuses' })], events: ['head', 'data', 'end'] }),
    );
    expect(down.body).toBe('replaced');
    expect(journal).toContain('s0 copy response');
  });

  it('runs tries until the plan has no more to say, each finished before the next begins', async () => {
    const { journal, down, x } = await play(
      simple({ tries: 3, bodyLength: 10, events: ['body end', 'turn', 'retryable', 'retryable', 'time', 'head', 'data', 'end'] }),
    );
    expect(down.status).toBe(200);
    expect(x.attempts).toBe(3);
    expect(journal.filter((l) => l.startsWith('outer'))).toEqual([
      'outer#1 open',
      'outer#1 finish superseded',
      'outer#2 open',
      'outer#2 finish superseded',
      'outer#3 open',
      'outer#3 finish complete',
    ]);
  });

  it('a client that leaves before the head cancels the try and is logged as gone', async () => {
    const { upstream, x, journal } = await play(simple({ events: ['gone', 'turn'] }));
    expect(upstream.calls[0]?.aborted).toBe(true);
    expect(x.end).toBe('client-closed');
    expect(journal).toContain('inner#1 finish cancelled');
  });

  it('a client that leaves in mid-answer aborts the upstream', async () => {
    const { upstream, x } = await play(simple({ events: ['head', 'data', 'turn', 'gone', 'turn'] }));
    expect(upstream.calls[0]?.aborted).toBe(true);
    expect(x.end).toBe('client-closed');
  });
});
