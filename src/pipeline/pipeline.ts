/**
 * ★ Read this first: the order of stages, and the way of a request into it. `docs/life-of-a-request.md` tells the whole.
 */
import { type Block, inBlocks } from '../core/address.ts';
import { Exchange, type Peer, type RequestHead } from '../core/exchange.ts';
import type { Downstream } from '../core/ports.ts';
import type { Rejection } from '../core/rejection.ts';
import { accessLog } from '../policies/access-log/stage.ts';
import { circuitBreaker } from '../policies/circuit-breaker/stage.ts';
import { concurrency } from '../policies/concurrency/stage.ts';
import { fallback } from '../policies/fallback/stage.ts';
import { idempotency } from '../policies/idempotency/stage.ts';
import { loadShed } from '../policies/load-shed/stage.ts';
import { outcomes } from '../policies/outcomes/stage.ts';
import { precondition } from '../policies/precondition/stage.ts';
import { rateLimit } from '../policies/rate-limit/stage.ts';
import { sla } from '../policies/sla/stage.ts';
import { errorCodes } from '../policies/error-codes/stage.ts';
import { attemptTimeout } from '../policies/attempt-timeout/stage.ts';
import { contract } from '../policies/contract/stage.ts';
import { contractSkew } from '../policies/contract-skew/stage.ts';
import { deprecation } from '../policies/deprecation/stage.ts';
import { deadline } from '../policies/deadline/stage.ts';
import { identity } from '../policies/identity/stage.ts';
import { attemptMetrics } from '../policies/metrics/attempt-stage.ts';
import { metrics } from '../policies/metrics/stage.ts';
import { naming } from '../policies/identity/naming.ts';
import { propagation } from '../policies/propagation/stage.ts';
import { attemptTracing } from '../policies/tracing/attempt-stage.ts';
import { tracing } from '../policies/tracing/stage.ts';
import { RequestBodyReader } from './body.ts';
import type { RouteTable } from './routes.ts';
import { Run } from './run.ts';
import type { RunDeps } from './run-deps.ts';
import { type SplitTarget, upstreamPath } from './target.ts';

/** Once a request, outermost first. */
export const perRequest = [
  accessLog, //  outermost: it tells of every exchange, whoever refused it, and is left last, when all is known
  metrics, //    as accessLog; the clock of request_duration_seconds starts here
  sla, //        outside all that can answer or end an exchange: whoever refused it, the promise was kept or broken; counts when it is left
  errorCodes, // outside all that could put another answer in its place: of the upstream's own, when it has left
  tracing, //    before identity, so that an exchange has its trace from the first line of any log
  outcomes, //   outside all that can end an exchange: who gave it up, and where, makes no difference to what was sent and not answered
  deprecation, // outside all that refuse: whoever answers, the caller is told that the operation goes away; who it was, it asks when it is left
  contractSkew, // as deprecation: it looks when all is over, at whoever asked, whatever became of it
  identity, //   who asks and under which number: everything inside needs the consumer, every refusal the request ID
  deadline, //   what comes after spends the caller's time; here it is known how much there is
  loadShed, //   refuses what is cheapest to refuse, before anything is spent on it
  naming, //     inside deadline: it waits for the name that a token gives; outside rateLimit, whose limits may be by name
  rateLimit, //  before a body is read; inside deadline, as a queue spends the caller's time
  // webhook checks raw bytes before anybody parses them
  contract, //   an invalid request goes no further: it makes no claim, costs no try, and its body is read only after its head was right
  precondition, // after contract: what is wrong in itself is refused as such; before a claim is made
  fallback, //   outside idempotency, which must see what the upstream really answered; inside contract, which judges what is sent instead
  idempotency, // innermost: one claim around all tries; an invalid request makes none, a replay is judged like any answer
] as const;

/** Once a try, outermost first. `retry` is no stage: the attempt loop asks the route's RetryPlan between tries. */
export const perAttempt = [
  attemptMetrics, // outermost: every try counts, one that a breaker refused too
  attemptTracing, // as attemptMetrics: a refused try is a span too; before propagation, as the span is the parent that the upstream is told
  concurrency, //    a place belongs to one try, to its last byte; outside the breaker, so that no probe waits in a queue
  circuitBreaker, // each try counts; inside concurrency: a full queue of ours says nothing about the upstream
  attemptTimeout, // bounds one try to its response head; inside the breaker, which must see the timeout
  propagation, //    innermost: the last word on what the upstream is told, computed again for each try
] as const;

/** Whom the gateway believes (semantics HD-4). Answers are remembered, a bounded number of them. */
export class TrustedPeers {
  readonly #blocks: readonly Block[];
  readonly #known = new Map<string, Peer>();

  constructor(blocks: readonly Block[]) {
    this.#blocks = blocks;
  }

  /** `address`: as `plainAddress` makes it. */
  peer(address: string): Peer {
    const known = this.#known.get(address);
    if (known !== undefined) return known;
    const peer = Object.freeze({ address, trusted: inBlocks(address, this.#blocks) });
    if (this.#known.size >= 1000) this.#known.clear();
    this.#known.set(address, peer);
    return peer;
  }
}

/** Routes, contracts and policies of one configuration. Immutable; an exchange keeps the one it began with, a reload swaps a pointer. */
export interface Generation {
  readonly number: number;
  /** By listener name. */
  readonly tables: ReadonlyMap<string, RouteTable>;
  readonly trust: TrustedPeers;
  /** Takes a request target apart, as the configuration wants doubtful paths treated (HY-2). */
  readonly splitTarget: (target: string) => SplitTarget | Rejection;
  readonly deps: RunDeps;
}

/**
 * Takes one request in. `refusal`: what is wrong with the message itself (framing, limits); it goes through the stages of the
 * route that has none, so that it too gets its identifiers, its line in the log and its counters. `done` is called when all stages have finished.
 */
export function serve(
  generation: Generation,
  listener: string,
  head: RequestHead,
  down: Downstream,
  peerAddress: string,
  refusal: Rejection | undefined,
  done: (x: Exchange) => void,
): Exchange {
  const table = generation.tables.get(listener) as RouteTable;
  const refused = refusal ?? table.refusal(head);
  const route = refused === undefined ? table.find(head) : table.otherwise;
  // What the contract judges is what the upstream sees (HY-2).
  const judgedPath = upstreamPath(head.path, route.rewriting.stripPrefix);
  const match = route.spec.contract?.match(head.method, judgedPath, head.headers);
  const body = new RequestBodyReader(down, generation.deps.budget);
  const x = new Exchange(head, body, generation.trust.peer(peerAddress), route.spec, match, generation.deps.clock.monotonicMs());
  x.judgedPath = judgedPath;
  body.belongsTo(x);
  new Run(head.upgrade === undefined ? route : route.forUpgrades, x, body, down, generation.deps, done).start(refused);
  return x;
}
