/** One exchange from head to finish, with stages, an upstream and a client that do what a test says, in the order in which it says it. */
import { RequestBodyReader } from '../../src/pipeline/body.ts';
import { ByteBudget } from '../../src/pipeline/byte-budget.ts';
import { assembleRoute } from '../../src/pipeline/compile.ts';
import { UpgradeLimit } from '../../src/pipeline/upgrade-limit.ts';
import { Run } from '../../src/pipeline/run.ts';
import { Exchange } from '../../src/core/exchange.ts';
import type { UpstreamSink } from '../../src/core/ports.ts';
import { rejection } from '../../src/core/rejection.ts';
import { type Answer, type AttemptStage, type Maybe, type RetryPlan, type Stage, refuse } from '../../src/core/stage.ts';
import { FakeChannel } from './channel.ts';
import { AT_ONCE, FakeClock } from './clock.ts';
import { FakeDownstream } from './downstream.ts';
import { requestHead, routeSpec } from './exchange.ts';
import { FakeUpstream } from './upstream.ts';

/** The order of everything that happened. */
type Journal = string[];

export type Behaviour = 'plain' | 'absent' | 'async' | 'refuses' | 'throws' | 'throws late' | 'waits';

export interface StageCase {
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
    ...(c.need !== 'none' && {
      responseBody: () => {
        journal.push(`${name} asked`);
        return { as: c.need as 'copy' | 'whole', maxBytes: 1000 };
      },
    }),
    onCopy: (_x, side) => void journal.push(`${name} copy ${side}`),
    onFinish: (_x, end, state) => {
      journal.push(state.opened === 1 ? `${name} finish ${end}` : `${name} finish with a state that is not its own`);
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

export type Event =
  | 'head'
  | 'data'
  | 'end'
  | 'broken'
  | 'gone'
  | 'body'
  | 'body end'
  | 'cancel'
  | 'time'
  | 'turn'
  | 'cut'
  | 'retryable'
  | 'switch'
  | 'tunnel end'
  | 'tunnel break'
  | 'malformed';
export interface Given {
  readonly stages: readonly StageCase[];
  readonly attemptRefuses: boolean;
  readonly tries: number;
  readonly bodyLength: number | undefined;
  /** The client asks for another protocol; then it sends no body. */
  readonly upgrade: boolean;
  readonly events: readonly Event[];
}

const turn = async (): Promise<void> => {
  for (let i = 0; i < 30; i++) await Promise.resolve();
};

/** Runs one exchange through random stages and events; afterwards the client leaves and all waiting ends. */
export async function play(given: Given) {
  const journal: Journal = [];
  const clock = new FakeClock();
  const bodyLength = given.upgrade ? undefined : given.bodyLength;
  const down = new FakeDownstream({ body: bodyLength, journal });
  const channel = new FakeChannel();
  let upgrades = 0;
  const upstream = new FakeUpstream();
  const budget = new ByteBudget(1_000_000);
  const plan: RetryPlan = {
    keepBytes: 100,
    next: (x, t, a) =>
      a.status === 503 && t.number < given.tries && x.requestBody.replayable ? { delayMs: t.number === 1 ? 0 : 10 } : undefined,
  };
  const route = assembleRoute(
    routeSpec(),
    given.stages.map((c, i) => stageOf(c, `s${i}`, journal, clock)) as Stage[],
    [attemptStage('outer', journal, false), attemptStage('inner', journal, given.attemptRefuses)],
    { retryPlan: plan, upstream, rewriting: { stripPrefix: '', host: undefined } },
  );
  const body = new RequestBodyReader(down, budget);
  const x = new Exchange(
    requestHead({ method: 'PUT', upgrade: given.upgrade ? 'websocket' : undefined }),
    body,
    { address: '', trusted: true },
    route.spec,
    undefined,
    clock.monotonicMs(),
  );
  body.belongsTo(x);
  const bugs: string[] = [];
  let done = 0;
  const run = new Run(
    route,
    x,
    body,
    down,
    {
      clock,
      timers: clock,
      budget,
      upgrades: new UpgradeLimit(10, { set() {}, inc: () => (upgrades += 1), dec: () => (upgrades -= 1) }),
      afterwork: AT_ONCE,
      errorDetail: 'full',
      bug: (_x, s, h) => bugs.push(`${s} ${h}`),
    },
    () => {
      done += 1;
    },
  );
  run.start(undefined);
  let left = bodyLength ?? 0;
  const headed = new Set<object>();
  const closed = new Set<object>();
  const onLive = (fn: (to: UpstreamSink, call: object) => void, needsHead: boolean): void => {
    const call = upstream.live;
    if (call === undefined || closed.has(call) || headed.has(call) !== needsHead) return;
    fn(call.to, call);
  };
  const answer = (status: number): Answer => ({ ...REPLACED, status, body: 'stream' });
  const head = (status: number): void =>
    onLive((to, call) => {
      headed.add(call);
      to.onHead(answer(status));
    }, false);
  const happen: Readonly<Record<Event, () => void>> = {
    head: () => head(200),
    retryable: () => head(503),
    data: () => onLive((to) => to.onData(Buffer.from('data')), true),
    end: () =>
      onLive((to, call) => {
        closed.add(call);
        to.onEnd([]);
      }, true),
    broken: () => {
      const call = upstream.live;
      if (call === undefined || closed.has(call)) return;
      closed.add(call);
      call.to.onBroken(rejection('UPSTREAM_RESET', ''));
    },
    gone: () => {
      if (down.calls.includes('upgrade')) down.channel.close('broken');
      else down.events.onGone();
    },
    switch: () => {
      if (!given.upgrade) return;
      onLive((to, call) => {
        closed.add(call);
        headed.add(call);
        to.onUpgrade(answer(101), channel);
      }, false);
    },
    'tunnel end': () => {
      if (down.calls.includes('upgrade')) channel.close('ended');
    },
    'tunnel break': () => {
      if (down.calls.includes('upgrade')) channel.close('broken');
    },
    malformed: () => {
      if (!down.reading || left === 0) return;
      left = 0;
      down.events.onMalformed(rejection('MALFORMED_REQUEST', ''));
    },
    body: () => {
      if (!down.reading || left <= 1) return;
      left -= 1;
      down.events.onBodyData(Buffer.from('b'));
    },
    'body end': () => {
      if (!down.reading || left === 0) return;
      down.events.onBodyData(Buffer.alloc(left, 'b'));
      left = 0;
      down.events.onBodyEnd();
    },
    cancel: () => x.cancel(rejection('UPSTREAM_TIMEOUT', 'deadline')),
    time: () => clock.advance(60),
    cut: () => x.cut(rejection('OVERLOADED', 'cut')),
    turn: () => undefined,
  };
  for (const e of given.events) {
    happen[e]();
    if (e === 'turn') await turn();
  }
  await turn();
  const doneEarly = done;
  // Whatever is still open ends when the client leaves and all waiting is over.
  happen['body end']();
  await turn();
  happen.gone();
  for (let i = 0; i < 5; i++) {
    await turn();
    clock.advance(2000);
  }
  await turn();
  return { journal, x, down, upstream, channel, upgrades, budget, clock, bugs, done, doneEarly };
}

export const plain = (more: Partial<StageCase> = {}): StageCase => ({
  onRequest: 'plain',
  onResponse: 'plain',
  need: 'none',
  finishThrows: false,
  ...more,
});
export const simple = (more: Partial<Given>): Given => ({
  stages: [plain()],
  attemptRefuses: false,
  tries: 1,
  bodyLength: undefined,
  upgrade: false,
  events: [],
  ...more,
});
