import { RequestBodyReader } from '../../src/pipeline/body.ts';
import { ByteBudget } from '../../src/pipeline/byte-budget.ts';
import { assembleRoute } from '../../src/pipeline/compile.ts';
import { Run } from '../../src/pipeline/run.ts';
import { UpgradeLimit } from '../../src/pipeline/upgrade-limit.ts';
import { Exchange, type RequestHead } from '../../src/core/exchange.ts';
import type { AttemptStage, RetryPlan, Stage } from '../../src/core/stage.ts';
import { AT_ONCE, FakeClock } from './clock.ts';
import { FakeDownstream, type DownstreamOptions } from './downstream.ts';
import { requestHead, routeSpec } from './exchange.ts';
import { FakeUpstream } from './upstream.ts';

export const ONCE: RetryPlan = { keepBytes: 1000, next: () => undefined };
export const TWICE: RetryPlan = { keepBytes: 1000, next: (_x, t) => (t.number < 2 ? { delayMs: 0 } : undefined) };
export const bytes = (text: string): Uint8Array => Buffer.from(text);

export interface Given extends DownstreamOptions {
  /** What the client does when its body is first read. */
  readonly onRead?: (down: FakeDownstream) => void;
  readonly stages?: readonly Stage[];
  readonly attempts?: readonly AttemptStage[];
  readonly plan?: RetryPlan;
  readonly request?: Partial<RequestHead>;
}

/** An exchange that has begun; upstream and client are the test's. */
export function begun({ stages = [], attempts = [], plan = ONCE, request, onRead, ...options }: Given = {}) {
  const clock = new FakeClock();
  const down = new FakeDownstream(options);
  if (onRead !== undefined) down.readBody = () => onRead(down);
  const upstream = new FakeUpstream();
  const budget = new ByteBudget(1_000_000);
  const route = assembleRoute(routeSpec(), stages, attempts, {
    retryPlan: plan,
    upstream,
    rewriting: { stripPrefix: '', host: undefined },
  });
  const body = new RequestBodyReader(down, budget);
  const head = requestHead({ method: 'PUT', ...request });
  const x = new Exchange(head, body, { address: '', trusted: true }, route.spec, undefined, clock.monotonicMs());
  body.belongsTo(x);
  const gauge = { set: () => undefined, inc: () => undefined, dec: () => undefined };
  const deps = {
    clock,
    timers: clock,
    budget,
    upgrades: new UpgradeLimit(1, gauge),
    afterwork: AT_ONCE,
    errorDetail: 'full',
    bug: () => undefined,
  } as const;
  const done: Exchange[] = [];
  new Run(head.upgrade === undefined ? route : route.forUpgrades, x, body, down, deps, (one) => void done.push(one)).start(undefined);
  const call = (n = 0) => upstream.calls[n] as (typeof upstream.calls)[number];
  return { budget, clock, done, down, upstream, x, call };
}
