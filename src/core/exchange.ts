import type { Contract, DeprecatedUse, Match, Operation, Side, Violation } from './contract.ts';
import type { TokenVerdict } from './credentials.ts';
import type { FoundDrift } from './drift.ts';
import { Edits } from './edits.ts';
import type { RawHeaders } from './headers.ts';
import type { Rejection, RejectionCode } from './rejection.ts';
import type { RouteSpec } from './policy.ts';
import type { SampledTrace } from './span.ts';
import type { Answer, BodyTap, End, Maybe, Sent, SuppressReason, Unread } from './stage.ts';

/** Who calls, as far as the configured sources tell (semantics HD-2). */
export interface Consumer {
  readonly name: string;
  readonly version: string;
}

export const UNKNOWN_CONSUMER: Consumer = Object.freeze({ name: 'unknown', version: '' });

/** The other end of the client's connection. `trusted`: inside one of `trust.peers`. */
export interface Peer {
  readonly address: string;
  readonly trusted: boolean;
}

export interface RequestHead {
  readonly method: string;
  /** As received: origin-form, absolute-form or `*`. */
  readonly target: string;
  /** Raw, without query; `/` for absolute-form without a path. */
  readonly path: string;
  /** Raw, without `?`; empty where there is none. */
  readonly query: string;
  readonly headers: RawHeaders;
  readonly httpVersion: '1.0' | '1.1';
  readonly scheme: 'http' | 'https';
  /** The protocol that the client asks to change to (RFC 9110 §7.8), where that can be passed on; undefined: none. */
  readonly upgrade: string | undefined;
}

/** Something that can be given up. Cancelled once at most, and only until an answer has turned round. */
export interface Cancellable {
  readonly cancelled: Rejection | undefined;
  cancel(r: Rejection): void;
  /** Calls `fn` when it is cancelled (at once if it is already); returns how to withdraw. */
  onCancel(fn: (r: Rejection) => void): () => void;
}

export type RequestBodyState = 'none' | 'unread' | 'arriving' | 'ended' | 'broken';

/** The request's body. The first who asks starts the reading, and sends the 100 that a client waits for. */
export interface RequestBody {
  readonly state: RequestBodyState;
  /** Bytes received so far. */
  readonly receivedBytes: number;
  /** Reading stands open: what is missing is the caller's to send. False where nobody has asked for it yet, or nobody takes what there is. */
  readonly awaited: boolean;
  /** All that came so far is kept, so that another try could send it. */
  readonly replayable: boolean;
  /**
   * The whole body once it has arrived; or why it cannot be had, and then it stays a stream of which nothing is lost.
   * `cancelled`: the exchange was given up, or the body broke off; whatever the stage answers then is not used.
   */
  whole(maxBytes: number): Maybe<readonly Uint8Array[] | Unread | 'cancelled'>;
  /** Keep the chunks, up to `maxBytes`, for `onCopy('request')`. */
  copy(maxBytes: number): void;
  /** Shows it the body, once, however often it is sent. Must be asked for before it is read. */
  tap(tap: BodyTap): void;
  /** Hashes the body as it goes by. Must be asked for before it is read; asked twice, there is one. */
  digest(): BodyDigest;
}

/** SHA-256 of a body's bytes, whatever its framing. */
export interface BodyDigest {
  /** 64 hexadecimal digits; undefined before the body has wholly arrived. */
  value(): string | undefined;
}

/** Who carries an exchange or an attempt through; told of a cancel before everybody else. */
export interface AttemptKeeper {
  cancelled(r: Rejection): void;
}

export interface Keeper extends AttemptKeeper {
  /** Ends it although an answer has turned round. */
  cut(why: Rejection): void;
  /** Told of what threw; `where`: the hook. */
  bug(stage: string, where: string, error: unknown): void;
}

/** Shared behaviour of exchange and attempt. */
class Cancel<K extends AttemptKeeper> implements Cancellable {
  /** Set by the pipeline. */
  keeper: K | undefined = undefined;
  cancelled: Rejection | undefined = undefined;
  /** No more cancelling: an answer has turned round. */
  settled = false;
  #listeners: Array<(r: Rejection) => void> | undefined = undefined;

  cancel(r: Rejection): void {
    if (this.settled || this.cancelled !== undefined) return;
    this.cancelled = r;
    this.keeper?.cancelled(r);
    const listeners = this.#listeners;
    this.#listeners = undefined;
    if (listeners !== undefined) for (const fn of listeners) fn(r);
  }

  onCancel(fn: (r: Rejection) => void): () => void {
    if (this.cancelled !== undefined) {
      fn(this.cancelled);
      return () => undefined;
    }
    this.#listeners ??= [];
    this.#listeners.push(fn);
    return () => {
      const at = this.#listeners?.indexOf(fn) ?? -1;
      if (at >= 0) this.#listeners?.splice(at, 1);
    };
  }
}

/** A violation as it was met in an exchange: what accessLog, metrics and the admin API tell of. */
export interface Finding extends Violation {
  readonly mode: 'report' | 'enforce';
}

const NO_NAMES: readonly string[] = Object.freeze([]);

/** One request and its answer. Every field is set in the constructor, so that all exchanges have one shape. */
export class Exchange extends Cancel<Keeper> {
  readonly request: RequestHead;
  readonly requestBody: RequestBody;
  readonly peer: Peer;
  readonly route: RouteSpec;
  /** Undefined where the route has no contract. */
  readonly match: Match | undefined;
  readonly operation: Operation | undefined;
  /** The path that the contract was asked for: that of the request without the route's prefix. */
  judgedPath: string;
  /** Monotonic clock, milliseconds. */
  readonly startedAt: number;
  /**
   * Monotonic instant since when an answer is owed to it: its body had wholly arrived, and it had its turn at limits where it had to wait for that. What
   * came before was the caller's own time.
   */
  owedFrom: number;
  readonly requestEdits = new Edits();
  readonly responseEdits = new Edits();

  requestId = '';
  correlationId = '';
  causationId = '';
  traceId = '';
  spanId = '';
  /** Set where the spans of this exchange are exported. */
  trace: SampledTrace | undefined = undefined;
  consumer: Consumer = UNKNOWN_CONSUMER;
  /** What became of its access token; a promise while that is found out, which takes two seconds at most. Undefined: nothing verifies it. */
  credentials: Maybe<TokenVerdict> | undefined = undefined;
  /** What becomes of its access token, where `consumer` may say something else then; undefined: it will not. */
  naming: Promise<TokenVerdict> | undefined = undefined;
  /** Monotonic instant by which a head must be on its way to the caller; undefined: none. */
  deadlineAt: number | undefined = undefined;
  /** Lower-case names of further fields in which the caller gave a timeout; each try writes them anew (DL-1, DL-3). */
  timeoutAliases: readonly string[] = NO_NAMES;
  /** The most that the upstream may have seen, over all tries. */
  sent: Sent = 'nothing';
  /** Tries begun. */
  attempts = 0;
  /** Tries that came as far as the upstream's connection: no stage refused them. */
  asked = 0;
  /**
   * Once its body has wholly arrived the caller's leaving does not end it any more: it runs to its deadline, for the sake of what is to
   * be remembered of it (ID-3).
   */
  detached = false;
  /** A change that came with a valid idempotency key, whether or not a claim could be made of it (RT-1). */
  keyed = false;
  /** Sum over all tries from dispatch to the response head, milliseconds. */
  upstreamMs = 0;
  /** Time that it was made to wait on purpose: in queues, between tries, for another request's outcome, for a small upload; milliseconds. */
  waitedMs = 0;
  answer: Answer | undefined = undefined;
  /** Bytes of the answer's body handed to the client's connection. */
  responseBytes = 0;
  /** What the client sent after the protocol was changed. */
  upgradedBytes = 0;
  readonly findings: Finding[] = [];
  /** Deprecated members that its bodies have; undefined: none were looked for, or found. */
  deprecatedFields: readonly DeprecatedUse[] | undefined = undefined;
  /** What its span tells of drift, where one is exported. */
  foundDrift: FoundDrift[] | undefined = undefined;
  readonly flags: string[] = [];
  /** Why tries were repeated, one entry each (RT-2). */
  readonly retryReasons: string[] = [];
  /** Why an answer that could have been repeated was not (RT-8). */
  retrySuppressed: SuppressReason | undefined = undefined;
  /** Monotonic instant at which a byte last moved in either direction; for the idle limit (DL-2). */
  activeAt: number;
  /** The code that tells how it went wrong where the answer itself does not: the upstream broke in mid-body, the client left. */
  brokenBy: RejectionCode | undefined = undefined;
  /**
   * Why nobody knows what the upstream made of it: the code of the last try of which something was sent and that got no answer. Undefined where
   * there was none, and where a later try was answered. Set by the attempt loop.
   */
  unanswered: RejectionCode | undefined = undefined;
  /** SHA-256 of the idempotency key and its scope, hexadecimal; empty where there is none. Never the key itself. */
  keyHash = '';
  /** Set just before the stages finish. */
  end: End | undefined = undefined;
  /** Monotonic instant at which the answer's head was written; undefined before that. */
  headAt: number | undefined = undefined;
  /** Monotonic instant at which nothing more could happen on either side; undefined before that. */
  endedAt: number | undefined = undefined;
  /** Its place among the exchanges in flight; kept by the composition root alone. */
  slot = -1;

  constructor(request: RequestHead, requestBody: RequestBody, peer: Peer, route: RouteSpec, match: Match | undefined, startedAt: number) {
    super();
    this.request = request;
    this.requestBody = requestBody;
    this.peer = peer;
    this.route = route;
    this.match = match;
    this.judgedPath = request.path;
    this.operation = match !== undefined && 'operation' in match ? match.operation : undefined;
    this.startedAt = startedAt;
    this.activeAt = startedAt;
    this.owedFrom = startedAt;
  }

  /**
   * Ends an exchange wherever it stands: it is cancelled with `why`, or, where its answer is already on its way, both connections are
   * broken, the end is `cut`, and log and metrics carry the code of `why`. Set by the pipeline.
   */
  cut(why: Rejection): void {
    this.keeper?.cut(why);
  }

  get contract(): Contract | undefined {
    return this.route.contract;
  }

  /** Label for metrics and logs: the operation's id, `_unmatched` where the contract knows none, `_none` without a route. */
  get operationId(): string {
    return this.operation?.id ?? this.route.unmatchedOperation;
  }

  count(side: Side): number {
    let n = 0;
    for (const f of this.findings) if (f.side === side) n += 1;
    return n;
  }
}

/** One try at the upstream. */
export class Attempt extends Cancel<AttemptKeeper> {
  readonly number: number;
  readonly edits = new Edits();
  readonly startedAt: number;
  /** The span of this try, where its trace is exported; else empty. */
  spanId = '';
  /** The target that the upstream was asked for; empty until it is. */
  target = '';
  /** Set by the upstream port. */
  sent: Sent = 'nothing';
  /** Set by the upstream port: the connection had carried a request before. */
  reused = false;
  /** The head of its answer came before the request's body had ended: it is not repeated (EV-1, RT-5). */
  answeredEarly = false;
  answer: Answer | undefined = undefined;
  trailers: RawHeaders | undefined = undefined;
  /** Monotonic instants: no stage had it wait any more, request wholly handed over, response head received. */
  askedAt: number | undefined = undefined;
  sentAt: number | undefined = undefined;
  headAt: number | undefined = undefined;

  constructor(number: number, startedAt: number) {
    super();
    this.number = number;
    this.startedAt = startedAt;
  }
}
