import { describe, expect, it } from 'vitest';
import { FakeBody, answerOf } from '../../../test/kit/exchange.ts';
import { IDEMPOTENCY_DEFAULTS, bodyOf, idempotencyStage, madeAnswer } from '../../../test/kit/idempotency-stage.ts';
import { type RejectionCode, rejection } from '../../core/rejection.ts';
import { type Answer, refuse } from '../../core/stage.ts';

const fault = (code: RejectionCode): Answer => refuse(rejection(code, ''));

describe('the settings of idempotency', () => {
  it('ID-5: have the defaults that the documentation promises', () => {
    expect(IDEMPOTENCY_DEFAULTS).toEqual({
      header: 'idempotency-key',
      pointer: undefined,
      required: [],
      scope: 'principal',
      onInFlight: 'reject',
      onUnknown: 'refuse',
      onExpired: 'new',
      maxBytes: 1024 * 1024,
      keep5xx: true,
      ttlMs: 86_400_000,
      mismatchStatus: 409,
    });
  });
});

describe('the first request', () => {
  it('ID-5: claims, runs, and is stored before its answer goes on, all without a promise', () => {
    const { meet, store, outcomes } = idempotencyStage();
    const first = meet({ text: 'a' });
    expect([first.answer, first.x.detached]).toEqual([undefined, true]);
    const answer = madeAnswer();
    expect(first.need(answer)).toEqual({ as: 'whole', maxBytes: 1024 * 1024 });
    expect(first.back(answer)).toBe(answer);
    expect(store.ran).toEqual(['idempotency.claim', 'idempotency.settle']);
    first.finish();
    expect([store.ran.length, outcomes()]).toEqual([2, { new: 1 }]);
  });

  it.each([
    [undefined, 60_000],
    [1000, 6000],
    [0.5, 5001],
    [-5, 5000],
  ])('ID-2: with a deadline in %s ms its lock is %d ms', (deadlineMs, lockMs) => {
    const { meet, store, clock } = idempotencyStage();
    meet(deadlineMs === undefined ? {} : { deadlineMs });
    const [record] = [...store.records.values()];
    expect((record?.fields['lock'] as number) - clock.monotonicMs()).toBe(lockMs);
  });

  it.each(['text/event-stream', 'application/x-ndjson', 'application/grpc'])('ID-5: of %s a marker is stored at the head', (type) => {
    const { meet, code } = idempotencyStage();
    const first = meet();
    const answer = answerOf(200, { headers: ['Content-Type', type] });
    expect(first.need(answer)).toBeUndefined();
    expect(first.back(answer)).toBe(answer);
    const again = meet();
    expect(code(again)).toBe('IDEMPOTENCY_KEY_RESULT_NOT_KEPT');
    expect(again.answer?.rejection?.members).toEqual({ upstream_status: 200 });
  });

  it.each(['too_large', 'overload'] as const)('ID-7: of an answer that could not be had whole (%s) a marker is stored', (unread) => {
    const { meet, code, outcomes } = idempotencyStage();
    meet().back(answerOf(201, { unread }));
    expect(code(meet())).toBe('IDEMPOTENCY_KEY_RESULT_NOT_KEPT');
    expect(code(meet({ text: 'another' }))).toBe('IDEMPOTENCY_KEY_PAYLOAD_MISMATCH');
    expect(outcomes()).toEqual({ new: 1, not_kept: 1, mismatch: 1 });
  });

  it('ID-7: of one with a body above 1 MiB, or answered before its body had ended, a marker is stored, and its repetition is not read', () => {
    for (const made of [Object.assign(bodyOf('a'), { receivedBytes: 1024 * 1024 + 1 }), new FakeBody('arriving')]) {
      const { meet, code } = idempotencyStage();
      meet({ body: made }).back(madeAnswer());
      const body = bodyOf('a');
      expect(code(meet({ body }))).toBe('IDEMPOTENCY_KEY_RESULT_NOT_KEPT');
      expect(body.asked).toEqual([]);
    }
  });

  it('ID-7: an answer of 5xx is stored too, unless the configuration says otherwise', () => {
    for (const [keep5xx, then] of [
      [true, 'replay'],
      [false, 'goes on'],
    ] as const) {
      const { meet, code } = idempotencyStage({ keep5xx });
      const first = meet();
      const answer = madeAnswer('{}', { status: 500 });
      expect(first.need(answer) === undefined).toBe(!keep5xx);
      first.back(answer);
      expect(code(meet())).toBe(then);
    }
  });
});

describe('how a claim ends without an answer of the upstream', () => {
  it.each([
    ['UPSTREAM_REFUSED', 'nothing', 'goes on'],
    ['CIRCUIT_OPEN', 'nothing', 'goes on'],
    ['DEADLINE_EXHAUSTED', 'nothing', 'goes on'],
    ['INTERNAL_ERROR', 'nothing', 'goes on'],
    ['UPSTREAM_RESET', 'all', 'IDEMPOTENCY_KEY_OUTCOME_UNKNOWN'],
    ['UPSTREAM_RESET', 'part', 'IDEMPOTENCY_KEY_OUTCOME_UNKNOWN'],
    ['UPSTREAM_REFUSED', 'all', 'IDEMPOTENCY_KEY_OUTCOME_UNKNOWN'],
    ['INTERNAL_ERROR', 'all', 'IDEMPOTENCY_KEY_OUTCOME_UNKNOWN'],
  ] as const)('ID-4: %s after %s was sent: the next one %s', (code, sent, then) => {
    const stage = idempotencyStage();
    const first = stage.meet();
    const answer = fault(code);
    expect(first.need(answer)).toBeUndefined();
    expect(first.back(answer, sent)).toBe(answer);
    first.finish();
    expect(stage.code(stage.meet({ text: 'whatever' }))).toBe(then);
  });

  it.each([
    ['nothing', 'goes on'],
    ['all', 'IDEMPOTENCY_KEY_OUTCOME_UNKNOWN'],
  ] as const)('ID-4: a bug that let no answer come by, with %s sent: the next one %s', (sent, then) => {
    const { meet, code } = idempotencyStage();
    const first = meet();
    first.x.sent = sent;
    first.finish();
    expect(code(meet())).toBe(then);
  });
});
