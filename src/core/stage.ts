import type { Exchange, Attempt } from './exchange.ts';
import type { Deps, RouteSpec } from './policy.ts';
import type { RawHeaders } from './headers.ts';
import { CODES, type Rejection } from './rejection.ts';
import type { Side } from './contract.ts';

/** A promise only where something must wait: most exchanges pass every stage without one. */
export type Maybe<T> = T | Promise<T>;

/** How much of a request the upstream may have seen (semantics RT-4). */
export type Sent = 'nothing' | 'part' | 'all';

/** Why a body that was asked for whole could not be had. It stays a stream, nothing of it is lost. */
export type Unread = 'too_large' | 'overload';

/** How an exchange ended. `cut`: the idle limit, or the end of the drain's grace. */
export type End = 'complete' | 'client-closed' | 'upstream-broken' | 'cut';

export type AttemptEnd = End | 'superseded' | 'cancelled';

/** Who made an answer: the upstream now; the upstream before, its answer kept under an idempotency key (`replay`); a fallback; the gateway. */
export type Origin = 'upstream' | 'gateway' | 'replay' | 'fallback';

/** A final answer on its way to the caller. Immutable: a stage that wants another one makes another one. */
export interface Answer {
  readonly origin: Origin;
  readonly status: number;
  readonly headers: RawHeaders;
  /** The whole body, or `stream` where it comes from the upstream as it comes. */
  readonly body: Uint8Array | 'stream';
  /** Set where a stage asked for the body whole and it could not be had. */
  readonly unread: Unread | undefined;
  /** Set where the gateway answers by itself; the writer makes headers and body of it. */
  readonly rejection: Rejection | undefined;
}

const NOTHING = new Uint8Array(0);

/** The answer that a rejection becomes. Headers and body are made by the writer, once, when it is sent. */
export function refuse(r: Rejection): Answer {
  return { origin: 'gateway', status: r.status ?? CODES[r.code].status, headers: [], body: NOTHING, unread: undefined, rejection: r };
}

/**
 * Why a tap sees no more of a body. `broken`: the body breaks off, or nobody wants it; `overload`: the process has no room for what the tap keeps;
 * `bug`: it threw.
 */
export type TapEnd = 'broken' | 'overload' | 'bug';

/** Sees the bytes of a body go by: each chunk after it has gone on, so that nothing waits for it. Either `onEnd` or `onCut` is the last that it is told. */
export interface BodyTap {
  /** Whose it is, for the log. */
  readonly stage: string;
  /** Bytes that it keeps at the moment; they count against the process's budget. */
  readonly heldBytes: number;
  onData(chunk: Uint8Array): void;
  /** The last byte has gone by. Before `onFinish`, and after the answer has left. */
  onEnd(): void;
  /** It sees no more, and is to keep no more. Before `onFinish` where anything was shown. */
  onCut(why: TapEnd): void;
}

/**
 * What a stage wants of the response's body. `copy`: the chunks as they go by, up to `maxBytes`, handed over after the last one.
 * `whole`: nothing is forwarded before all of it is here, if it is no larger than `maxBytes`. `tap`: to see it go by; one for each answer.
 */
export type BodyNeed =
  | undefined
  | { readonly as: 'copy' | 'whole'; readonly maxBytes: number }
  | { readonly as: 'tap'; readonly tap: BodyTap };

/** What `copy` kept: the chunks themselves, not copies of them; or why there are none. `bytes` is how many went by. */
export interface Copy {
  readonly chunks: readonly Uint8Array[] | undefined;
  readonly unread: Unread | undefined;
  readonly bytes: number;
}

/**
 * A step that every exchange of a route passes once. Stages are frozen when the route is compiled; what belongs to one exchange
 * is the state that `open` returns. See `pipeline/pipeline.ts` for the order and `docs/life-of-a-request.md` for the whole.
 */
export interface Stage<S = unknown> {
  readonly name: string;
  /** Left out where the request asks for another protocol (EV-8). */
  readonly skipsUpgrades?: true;
  /** Only where there is state. */
  open?(x: Exchange): S;
  /** Listed order. An Answer turns round here; the stages outside still see it. */
  onRequest?(x: Exchange, state: S): Maybe<Answer | undefined>;
  /** Asked of every stage that was entered when an upstream's head arrives, and again (for `copy` and `tap` only) when another answer was put in its place. */
  responseBody?(x: Exchange, answer: Answer, state: S): BodyNeed;
  /** Reverse order. The same object means unchanged. */
  onResponse?(x: Exchange, answer: Answer, state: S): Maybe<Answer>;
  /** Can change nothing. `request`: its body has ended and the answer's head is written. `response`: after its last byte. */
  onCopy?(x: Exchange, side: Side, copy: Copy, state: S): Maybe<void>;
  /** Exactly once for each stage that was entered, in reverse order. */
  onFinish?(x: Exchange, end: End, state: S): void;
}

/** A step that every try passes: outside the upstream, inside all request stages. */
export interface AttemptStage<S = unknown> {
  readonly name: string;
  /** Left out where the request asks for another protocol (EV-8). */
  readonly skipsUpgrades?: true;
  open?(x: Exchange, t: Attempt): S;
  onRequest?(x: Exchange, t: Attempt, state: S): Maybe<Answer | undefined>;
  onResponse?(x: Exchange, t: Attempt, answer: Answer, state: S): Maybe<Answer>;
  /** Asked before a retry: would this stage let it through? */
  admits?(x: Exchange): boolean;
  onFinish?(x: Exchange, t: Attempt, end: AttemptEnd, state: S): void;
}

/** Why a try that could have been repeated was not. */
export type SuppressReason = 'not_repeatable' | 'body_too_large' | 'attempts' | 'stacked' | 'budget' | 'deadline' | 'circuit';

/** Another try, after this pause. */
export interface NextTry {
  readonly delayMs: number;
}

export interface RetryPlan {
  /** How much of a request's body is kept so that it can be sent again. */
  readonly keepBytes: number;
  /**
   * Asked after every try, success too (the budget counts there). `undefined`: there is nothing to retry. `admitted`: whether every stage of
   * the next try would let it through; asked last, and only where all else says yes (RT-8).
   */
  next(x: Exchange, t: Attempt, answer: Answer, admitted: () => boolean): undefined | NextTry | SuppressReason;
}

/**
 * One folder of `policies/`. `compile` binds everything that can be known before a request comes; `undefined`: off on this route,
 * and absent from its arrays.
 */
export interface Policy<Name extends string, Config> {
  readonly name: Name;
  /** `any`: the state of a stage is its own; whoever walks the stages hands it back without looking. */
  compile(config: Config, route: RouteSpec, deps: Deps): Stage<any> | AttemptStage<any> | undefined;
}
