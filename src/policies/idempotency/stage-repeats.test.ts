import { describe, expect, it } from 'vitest';
import { FakeBody } from '../../../test/kit/exchange.ts';
import { bodyOf, idempotencyStage, madeAnswer } from '../../../test/kit/idempotency-stage.ts';
import { type RejectionCode, rejection } from '../../core/rejection.ts';
import { type Answer, refuse } from '../../core/stage.ts';

const fault = (code: RejectionCode): Answer => refuse(rejection(code, ''));

describe('a request that repeats another', () => {
  it('ID-5: of one that is done is replayed, byte for byte, marked', () => {
    const { meet, outcomes } = idempotencyStage();
    meet({ text: 'a' }).back(madeAnswer('{"id":1}', { headers: ['ETag', '"1"', 'Set-Cookie', 's'] }));
    const again = meet({ text: 'a' });
    expect(again.answer).toMatchObject({ origin: 'replay', status: 201, headers: ['ETag', '"1"', 'Idempotent-Replayed', 'true'] });
    expect(Buffer.from(again.answer?.body as Uint8Array).toString()).toBe('{"id":1}');
    expect([again.x.detached, again.x.keyed]).toEqual([false, true]);
    again.back(again.answer as never);
    again.finish();
    expect(outcomes()).toEqual({ new: 1, replayed: 1 });
  });

  it.each([
    ['body', { text: 'b' }],
    ['content type', { text: 'a', more: ['Content-Type', 'text/plain'] }],
    ['query', { text: 'a', target: '/payments?x=1' }],
  ])('ID-5: with another %s is a mismatch, with the status that is set', (_what, other) => {
    for (const mismatchStatus of [409, 422] as const) {
      const { meet, code, outcomes } = idempotencyStage({ mismatchStatus });
      meet({ text: 'a', more: ['Content-Type', 'application/json'] }).back(madeAnswer());
      const again = meet({ more: ['Content-Type', 'application/json'], ...other });
      expect([code(again), again.answer?.status]).toEqual(['IDEMPOTENCY_KEY_PAYLOAD_MISMATCH', mismatchStatus]);
      expect(outcomes()).toEqual({ new: 1, mismatch: 1 });
    }
  });

  it('ID-6: of one that runs is refused, and its body is not read', () => {
    const { meet, code, outcomes } = idempotencyStage();
    meet({ text: 'a' });
    const body = bodyOf('another');
    const again = meet({ body });
    expect([code(again), again.answer?.rejection?.headers, body.asked]).toEqual(['IDEMPOTENCY_KEY_IN_FLIGHT', ['Retry-After', '1'], []]);
    expect(outcomes()).toEqual({ new: 1, in_flight: 1 });
  });

  it('ID-6: of one that is done is read up to 1 MiB; a larger body is another one; one that cannot be held is to come again', () => {
    const { meet, code } = idempotencyStage();
    meet({ text: 'a' }).back(madeAnswer());
    const body = bodyOf('a');
    meet({ body });
    expect(body.asked).toEqual(['digest', 'whole 1048576']);
    const unread = (result: 'too_large' | 'overload') => code(meet({ body: Object.assign(new FakeBody('arriving'), { result }) }));
    expect([unread('too_large'), unread('overload')]).toEqual(['IDEMPOTENCY_KEY_PAYLOAD_MISMATCH', 'OVERLOADED']);
  });

  it('ID-5: of one whose lock has lapsed is refused, and its outcome told of once', () => {
    const { meet, code, clock, outcomes: told, deps } = idempotencyStage();
    const first = meet();
    clock.advance(60_000);
    expect([code(meet()), code(meet())]).toEqual(Array(2).fill('IDEMPOTENCY_KEY_OUTCOME_UNKNOWN'));
    expect(deps.outcomes).toEqual([{ reason: 'LOCK_LAPSED', keyHash: first.x.keyHash }]);
    expect(told()).toEqual({ new: 1, unknown: 2 });
    first.back(madeAnswer()); // late, and nobody has taken its place: now it is known
    expect(code(meet())).toBe('replay');
    expect(deps.lateAnswers).toEqual([{ keyHash: first.x.keyHash, status: 201 }]);
  });

  it('ID-5: of one that is answered while its lock holds, or not at all, nothing is told', () => {
    const { meet, clock, deps } = idempotencyStage();
    const inTime = meet({ key: 'k1' });
    const lost = meet({ key: 'k2' });
    clock.advance(59_999);
    inTime.back(madeAnswer());
    clock.advance(2);
    lost.back(fault('UPSTREAM_RESET'));
    expect(deps.lateAnswers).toEqual([]);
  });

  it('ID-5: onUnknown: run takes over, and a stale owner can’t overwrite', () => {
    const { meet, code, clock, deps, meter } = idempotencyStage({ onUnknown: 'run' });
    const first = meet({ text: 'a' });
    clock.advance(60_000);
    const second = meet({ text: 'a' });
    expect([code(second), deps.outcomes.length]).toEqual(['goes on', 1]);
    first.back(madeAnswer('stale'));
    expect(code(meet({ text: 'a' }))).toBe('IDEMPOTENCY_KEY_IN_FLIGHT');
    second.back(madeAnswer('second'));
    first.finish();
    expect(Buffer.from(meet({ text: 'a' }).answer?.body as Uint8Array).toString()).toBe('second');
    expect(meter.value('idempotency_stale_total')).toBe(1);
  });

  it('ID-5: a stale owner that would give its claim up leaves the other’s alone', () => {
    const { meet, code, clock } = idempotencyStage({ onUnknown: 'run' });
    const first = meet();
    clock.advance(60_000);
    meet();
    first.back(fault('UPSTREAM_REFUSED'), 'nothing');
    expect(code(meet())).toBe('IDEMPOTENCY_KEY_IN_FLIGHT');
  });

  it('ID-5: onUnknown: run runs the same request again, not another one under its key', () => {
    const { meet, code } = idempotencyStage({ onUnknown: 'run' });
    meet({ text: 'a' }).back(fault('UPSTREAM_RESET'), 'all');
    const other = meet({ text: 'b' });
    expect([code(other), code(meet({ text: 'b' }))]).toEqual(Array(2).fill('IDEMPOTENCY_KEY_PAYLOAD_MISMATCH'));
    expect(other.back(other.answer as never)).toBe(other.answer);
    const again = meet({ text: 'a' });
    expect(code(again)).toBe('goes on');
    again.back(madeAnswer());
    expect(code(meet({ text: 'a' }))).toBe('replay');
  });

  it('ID-5: of an expired one is new, or refused for as long again', () => {
    for (const [onExpired, then] of [
      ['new', 'goes on'],
      ['reject', 'IDEMPOTENCY_KEY_EXPIRED'],
    ] as const) {
      const { meet, code, clock, outcomes } = idempotencyStage({ onExpired });
      meet().back(madeAnswer());
      clock.advance(86_400_000);
      expect(code(meet({ text: 'x' }))).toBe(then);
      expect(outcomes()).toEqual(onExpired === 'new' ? { new: 2 } : { new: 1, expired: 1 });
    }
  });
});
