/** The stage of idempotency by itself: what one request after the other meets, with a store in memory and a clock that a test moves. */
import type { Exchange } from '../../src/core/exchange.ts';
import type { RawHeaders } from '../../src/core/headers.ts';
import { Issues } from '../../src/core/schema.ts';
import type { Answer, BodyNeed, Maybe, Sent, Stage } from '../../src/core/stage.ts';
import { type IdempotencyConfig, idempotencySchema } from '../../src/policies/idempotency/config.ts';
import { idempotency } from '../../src/policies/idempotency/stage.ts';
import { FakeBody, type FakeDeps, type Given, answerOf, exchange, fakeDeps, routeSpec } from './exchange.ts';

export const IDEMPOTENCY_DEFAULTS: IdempotencyConfig = idempotencySchema.parse({}, [], new Issues());

/** The way of a request that has entered the stage. */
interface Way {
  /** What the stage wants of an answer's body. */
  need(answer: Answer): BodyNeed;
  /** The answer comes back from inside; `sent` is what the upstream has seen by then. */
  back(answer: Answer, sent?: Sent): Maybe<Answer>;
  finish(): void;
}

export interface Sending extends Given {
  readonly key?: string | readonly string[];
  readonly more?: RawHeaders;
  /** What of it is hashed: equal texts are equal bodies. Undefined: no body. */
  readonly text?: string;
  readonly deadlineMs?: number;
}

export function idempotencyStage(config: Partial<IdempotencyConfig> = {}, deps: FakeDeps = fakeDeps()) {
  const stage: Stage = idempotency.compile({ ...IDEMPOTENCY_DEFAULTS, apiKeys: ['x-api-key'], ...config }, routeSpec(), deps);
  const given = ({ key = 'k1', more = [], text, deadlineMs, ...rest }: Sending): Exchange => {
    const keys = (typeof key === 'string' ? [key] : key).flatMap((value) => ['Idempotency-Key', value]);
    const body = rest.body ?? bodyOf(text);
    const x = exchange({
      method: 'POST',
      target: '/payments',
      ...rest,
      body,
      headers: [...keys, ...more],
      startedAt: deps.clock.monotonicMs(),
    });
    if (deadlineMs !== undefined) x.deadlineAt = deps.clock.monotonicMs() + deadlineMs;
    return x;
  };
  const enter = (x: Exchange): { readonly answer: Maybe<Answer | undefined>; readonly way: Way } => {
    const state = stage.open?.(x);
    const answer = stage.onRequest?.(x, state);
    const way: Way = {
      back: (a: Answer, sent: Sent = 'all') => {
        x.sent = sent;
        return stage.onResponse?.(x, a, state) as Maybe<Answer>;
      },
      finish: () => stage.onFinish?.(x, 'complete', state),
      need: (a: Answer) => stage.responseBody?.(x, a, state),
    };
    return { answer, way };
  };
  /** A request whose way needs no waiting, there and back. */
  const meet = (sending: Sending = {}) => {
    const x = given(sending);
    const { answer, way } = enter(x);
    const back = (a: Answer, sent?: Sent): Answer => atOnce(way.back(a, sent));
    return { x, answer: atOnce(answer), ...way, back };
  };
  /** A request whose way may take time: `answer` is there once `entered` has been waited for. */
  const start = (sending: Sending = {}) => {
    const x = given(sending);
    const { answer, way } = enter(x);
    return { x, entered: Promise.resolve(answer), waits: answer instanceof Promise, ...way };
  };
  const code = (met: { readonly answer: Answer | undefined }): string =>
    met.answer === undefined ? 'goes on' : (met.answer.rejection?.code ?? met.answer.origin);
  const outcomes = (): Record<string, number> => {
    const series = deps.meter.series('idempotency_requests_total');
    return Object.fromEntries(Object.entries(series).map(([labels, n]) => [labels.split('outcome=')[1] as string, n]));
  };
  return { ...deps, deps, stage, meet, start, code, outcomes };
}

function atOnce<T>(result: Maybe<T>): T {
  if (result instanceof Promise) throw new Error('the stage waits');
  return result;
}

/** A body that is here, whose digest tells equal texts. */
export function bodyOf(text: string | undefined): FakeBody {
  const body = new FakeBody(text === undefined ? 'none' : 'ended');
  body.digestValue = `digest of ${text ?? ''}`;
  body.receivedBytes = text?.length ?? 0;
  body.result = text === undefined ? [] : [Buffer.from(text)];
  return body;
}

/** An answer of the upstream that is all here. */
export function madeAnswer(text = '{"id":1}', more: Partial<Answer> = {}): Answer {
  return answerOf(201, { headers: ['Content-Type', 'application/json'], body: Buffer.from(text), ...more });
}
