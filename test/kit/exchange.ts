import { bodyDecoder } from '../../src/adapters/body-decoder.ts';
import { checkHere } from './check-here.ts';
import type { Match } from '../../src/core/contract.ts';
import type { ContractSkew } from '../../src/core/contract-skew.ts';
import type { Drift } from '../../src/core/drift.ts';
import { Edits, forwardHeaders } from '../../src/core/edits.ts';
import {
  Attempt,
  type BodyDigest,
  Exchange,
  type Finding,
  type RequestBody,
  type RequestBodyState,
  type RequestHead,
} from '../../src/core/exchange.ts';
import type { RawHeaders } from '../../src/core/headers.ts';
import type { Keys } from '../../src/core/keys.ts';
import type { Deps, RouteSpec } from '../../src/core/policy.ts';
import type { AccessLine, LateAnswer, LostUpdate, UnknownOutcome } from '../../src/core/ports.ts';
import type { Answer, BodyTap, Maybe, Unread } from '../../src/core/stage.ts';
import { FakeClock } from './clock.ts';
import { RecordingMeter } from './meter.ts';
import { FixedRandom } from './random.ts';
import { FakeStore } from './store.ts';

export function routeSpec(more: Partial<RouteSpec> = {}): RouteSpec {
  return {
    name: 'billing-route',
    listener: 'ingress',
    direction: 'ingress',
    api: 'billing',
    unmatchedOperation: '_unmatched',
    contract: undefined,
    contractMissing: false,
    upstream: 'http://127.0.0.1:3000',
    ...more,
  };
}

/** A request's head; path and query follow from `target`. */
export function requestHead(more: Partial<RequestHead> = {}): RequestHead {
  const target = more.target ?? '/';
  const [path = '/', query = ''] = target.split('?');
  return { method: 'GET', target, path, query, headers: [], httpVersion: '1.1', scheme: 'http', upgrade: undefined, ...more };
}

/** A request body whose state is the test's to set. */
export class FakeBody implements RequestBody {
  state: RequestBodyState;
  receivedBytes = 0;
  awaited: boolean;
  replayable = true;
  /** What `whole` gives. */
  result: Maybe<readonly Uint8Array[] | Unread | 'cancelled'> = [];
  /** Limits that were asked for, in order. */
  readonly asked: string[] = [];

  constructor(state: RequestBodyState = 'none') {
    this.state = state;
    this.awaited = state === 'arriving';
  }

  whole(maxBytes: number): Maybe<readonly Uint8Array[] | Unread | 'cancelled'> {
    this.asked.push(`whole ${maxBytes}`);
    return this.result;
  }

  copy(maxBytes: number): void {
    this.asked.push(`copy ${maxBytes}`);
  }

  /** Who asked to see the body go by. */
  readonly taps: BodyTap[] = [];

  tap(tap: BodyTap): void {
    this.asked.push('tap');
    this.taps.push(tap);
  }

  /** What `digest` gives once the body is here. */
  digestValue = 'd1';

  digest(): BodyDigest {
    this.asked.push('digest');
    return { value: () => (this.state === 'ended' || this.state === 'none' ? this.digestValue : undefined) };
  }
}

export interface Given {
  readonly method?: string;
  readonly target?: string;
  readonly headers?: RawHeaders;
  readonly scheme?: 'http' | 'https';
  readonly address?: string;
  /** Whether the peer is trusted; it is unless said otherwise. */
  readonly trusted?: boolean;
  readonly body?: FakeBody;
  readonly route?: RouteSpec;
  readonly match?: Match;
  /** Monotonic milliseconds; that of a new FakeClock unless said otherwise. */
  readonly startedAt?: number;
}

export function exchange(given: Given = {}): Exchange {
  const { method = 'GET', target = '/', headers = [], scheme = 'http', address = '127.0.0.1', trusted = true } = given;
  const head = requestHead({ method, target, headers, scheme });
  const body = given.body ?? new FakeBody();
  return new Exchange(
    head,
    body,
    { address, trusted },
    given.route ?? routeSpec(),
    given.match,
    given.startedAt ?? new FakeClock().monotonicMs(),
  );
}

export function attempt(number = 1, startedAt = new FakeClock().monotonicMs()): Attempt {
  return new Attempt(number, startedAt);
}

/** An answer of the upstream. */
export function answerOf(status: number, more: Partial<Answer> = {}): Answer {
  return { origin: 'upstream', status, headers: [], body: 'stream', unread: undefined, rejection: undefined, ...more };
}

/** The request's header section as an upstream gets it. */
export function sentHeaders(x: Exchange, t?: Attempt): string[] {
  return forwardHeaders(x.request.headers, x.requestEdits, t?.edits ?? new Edits());
}

export interface FakeDeps extends Deps {
  readonly clock: FakeClock;
  readonly timers: FakeClock;
  readonly meter: RecordingMeter;
  readonly random: FixedRandom;
  /** Lines of the access log. */
  readonly lines: AccessLine[];
  /** What observers were told. */
  readonly findings: Finding[];
  /** Mutations of which nobody knows how they ended. */
  readonly outcomes: UnknownOutcome[];
  /** Runs that were answered after their lock had lapsed. */
  readonly lateAnswers: LateAnswer[];
  readonly lostUpdates: LostUpdate[];
  readonly contractSkews: ContractSkew[];
  readonly drifts: Drift[];
  readonly store: FakeStore;
  readonly localStore: FakeStore;
  /** Whether the process says that it has no time to spare. */
  busy: boolean;
  lagMs: number;
  inFlight: number;
}

/** An issuer that cannot be reached. */
const NO_KEYS: Keys = {
  open: () => ({ current: () => 'unavailable', newer: () => 'unavailable', [Symbol.dispose]: () => undefined }),
};

/** What a policy is compiled with; everything that it tells is kept. */
export function fakeDeps(): FakeDeps {
  const clock = new FakeClock();
  const lines: AccessLine[] = [];
  const findings: Finding[] = [];
  const live = new Map<string, unknown>();
  const outcomes: UnknownOutcome[] = [];
  const lateAnswers: LateAnswer[] = [];
  const lostUpdates: LostUpdate[] = [];
  const contractSkews: ContractSkew[] = [];
  const drifts: Drift[] = [];
  const quiet = (): void => undefined;
  const deps: FakeDeps = {
    clock,
    timers: clock,
    meter: new RecordingMeter(),
    random: new FixedRandom(),
    logger: { info: quiet, warn: quiet, error: quiet },
    accessLog: { write: (line) => void lines.push(line) },
    observer: {
      violation: (_x, finding) => void findings.push(finding),
      unknownOutcome: (_x, outcome) => void outcomes.push(outcome),
      outcomeKnown: (answer) => void lateAnswers.push(answer),
      lostUpdate: (_x, found) => void lostUpdates.push(found),
      contractSkew: (_x, found) => void contractSkews.push(found),
      wantsDrift: true,
      drift: (_x, found) => void drifts.push(found),
    },
    overloaded: () => deps.busy,
    decoder: bodyDecoder({ take: () => true, release: quiet }),
    checkPool: checkHere,
    keys: NO_KEYS,
    load: { lagMs: () => deps.lagMs, inFlight: () => deps.inFlight },
    store: new FakeStore(clock),
    localStore: new FakeStore(clock),
    outcomes,
    lateAnswers,
    lostUpdates,
    contractSkews,
    drifts,
    lagMs: 0,
    inFlight: 0,
    live: <T>(key: string, make: () => T): T => {
      if (!live.has(key)) live.set(key, make());
      return live.get(key) as T;
    },
    tracer: undefined,
    lines,
    findings,
    busy: false,
  };
  return deps;
}
