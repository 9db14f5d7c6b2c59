import { describe, expect, it } from 'vitest';
import { FakeBody, answerOf, routeSpec } from '../../../test/kit/exchange.ts';
import { IDEMPOTENCY_DEFAULTS, bodyOf, idempotencyStage, madeAnswer } from '../../../test/kit/idempotency-stage.ts';
import { rejection } from '../../core/rejection.ts';
import { refuse } from '../../core/stage.ts';

const fault = (code: 'UPSTREAM_RESET' | 'UPSTREAM_REFUSED' | 'CIRCUIT_OPEN' | 'DEADLINE_EXHAUSTED' | 'INTERNAL_ERROR') =>
  refuse(rejection(code, ''));

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

describe('which requests have a key', () => {
  it.each(['GET', 'HEAD', 'OPTIONS', 'TRACE'])('ID-1: on %s a key means nothing', (method) => {
    const { meet, store, outcomes } = idempotencyStage({ required: [`${method} /payments`] });
    const met = meet({ method });
    expect([met.answer, met.x.keyed, met.x.detached, store.ran]).toEqual([undefined, false, false, []]);
    met.back(madeAnswer());
    met.finish();
    expect(outcomes()).toEqual({});
  });

  it.each(['POST', 'PUT', 'PATCH', 'DELETE', 'PURGE'])('RT-1, ID-1: %s with a key is keyed', (method) => {
    const { meet } = idempotencyStage();
    expect([meet({ method }).x.keyed, meet({ method, key: [] }).x.keyed]).toEqual([true, false]);
  });

  it('ID-1: a key that is not valid is refused everywhere, an empty one only where one is required', () => {
    const { meet, code, outcomes, store } = idempotencyStage({ required: ['POST /payments'] });
    const other = { target: '/other' };
    expect([{ key: 'two words' }, { key: ['a', 'a'] }, { key: 'two words', ...other }].map((s) => code(meet(s)))).toEqual(
      Array(3).fill('IDEMPOTENCY_KEY_INVALID'),
    );
    expect([{ key: '' }, { key: [] }].map((s) => code(meet(s)))).toEqual(Array(2).fill('IDEMPOTENCY_KEY_MISSING'));
    expect(
      [
        { key: '', ...other },
        { key: [], ...other },
      ].map((s) => code(meet(s))),
    ).toEqual(Array(2).fill('goes on'));
    expect([outcomes(), store.ran]).toEqual([{ invalid: 3, missing: 2 }, []]);
  });

  it('ID-1: where the pointer leads to in a JSON body, if the header has none', () => {
    const { meet, code } = idempotencyStage({ pointer: '/payment_id', required: ['POST /payments'] });
    const json = (text: string, key: string | string[] = []) => ({ key, text, more: ['Content-Type', 'application/json'] });
    meet(json('{"payment_id":"p1"}')).back(madeAnswer());
    expect(code(meet(json('{"payment_id":"p1"}')))).toBe('replay');
    expect(code(meet(json('{"payment_id":"p1"}', 'p1')))).toBe('goes on'); // the header's keys are not the body's
    expect(code(meet(json('{"payment_id":42}')))).toBe('goes on');
    expect(code(meet(json('{"payment_id":{}}')))).toBe('IDEMPOTENCY_KEY_INVALID');
    expect(code(meet(json('{}')))).toBe('IDEMPOTENCY_KEY_MISSING');
    expect(code(meet(json('{"payment_id":')))).toBe('MALFORMED_REQUEST');
    expect(code(meet({ key: [], text: '{"payment_id":"p1"}' }))).toBe('IDEMPOTENCY_KEY_MISSING'); // not said to be JSON
    expect(code(meet({ key: [], more: ['Content-Type', 'application/json'] }))).toBe('IDEMPOTENCY_KEY_MISSING'); // no body
  });

  it('ID-1: a body in which no key can be looked for is refused where one is required, elsewhere it goes on and counts', () => {
    for (const [result, refusal] of [
      ['too_large', 'BODY_TOO_LARGE'],
      ['overload', 'OVERLOADED'],
    ] as const) {
      const { meet, code, outcomes } = idempotencyStage({ pointer: '/id', required: ['POST /payments'] });
      const body = (): FakeBody => Object.assign(new FakeBody('arriving'), { result });
      const more = ['Content-Type', 'application/json'];
      expect(code(meet({ key: [], body: body(), more }))).toBe(refusal);
      expect(code(meet({ key: [], body: body(), more, target: '/other' }))).toBe('goes on');
      expect(outcomes()).toMatchObject({ bypassed: 1 });
      expect(body().asked).toEqual([]);
    }
  });

  it('ID-1: the body is read up to 1 MiB for its key, and not at all where the header has one', () => {
    const { meet } = idempotencyStage({ pointer: '/id' });
    const body = bodyOf('{"id":1}');
    meet({ key: [], body, more: ['Content-Type', 'application/json'] });
    expect(body.asked).toEqual(['whole 1048576', 'digest']);
    const keyed = bodyOf('{"id":1}');
    meet({ body: keyed, more: ['Content-Type', 'application/json'] });
    expect(keyed.asked).toEqual(['digest']);
  });
});

describe('whose key it is', () => {
  const kin = (config: object, one: readonly string[], other: readonly string[], addresses: [string, string] = ['a', 'a']) => {
    const { meet, code } = idempotencyStage(config);
    meet({ more: [...one], address: addresses[0] }).back(madeAnswer());
    return code(meet({ more: [...other], address: addresses[1] })) === 'replay';
  };

  it.each<[string, readonly string[], readonly string[], [string, string], boolean]>([
    ['the same token from elsewhere', ['Authorization', 'Bearer a'], ['Authorization', 'Bearer a'], ['a', 'b'], true],
    ['another token from there', ['Authorization', 'Bearer a'], ['Authorization', 'Bearer b'], ['a', 'a'], false],
    ['another token with one cookie', ['Authorization', 'a', 'Cookie', 'c'], ['Authorization', 'b', 'Cookie', 'c'], ['a', 'a'], false],
    ['the same API key', ['X-API-Key', 'a'], ['X-API-Key', 'a'], ['a', 'b'], true],
    ['another API key', ['X-API-Key', 'a'], ['X-API-Key', 'b'], ['a', 'a'], false],
    ['the same cookie', ['Cookie', 's=1'], ['Cookie', 's=1'], ['a', 'b'], true],
    ['another cookie', ['Cookie', 's=1'], ['Cookie', 's=2'], ['a', 'a'], false],
    ['a value that moved to another field', ['X-API-Key', 'a'], ['Authorization', 'a'], ['a', 'a'], false],
    ['the same address and no credential', [], [], ['a', 'a'], true],
    ['another address and no credential', [], [], ['a', 'b'], false],
    ['a name of one’s own choosing', ['X-Consumer-Name', 'shop'], ['X-Consumer-Name', 'shop'], ['a', 'b'], false],
    ['a program’s name', ['User-Agent', 'x/1'], ['User-Agent', 'x/1'], ['a', 'b'], false],
  ])('ID-1: %s: one caller or two', (_what, one, other, addresses, same) => {
    expect(kin({}, one, other, addresses)).toBe(same);
  });

  it('ID-1: the tenant’s, where a field names it; without it the caller’s', () => {
    const config = { scope: 'header:x-tenant' as const };
    expect(kin(config, ['X-Tenant', 't', 'Authorization', 'a'], ['X-Tenant', 't', 'Authorization', 'b'], ['a', 'b'])).toBe(true);
    expect(kin(config, ['X-Tenant', 't', 'Authorization', 'a'], ['X-Tenant', 'u', 'Authorization', 'a'])).toBe(false);
    expect(kin(config, ['Authorization', 'a'], ['Authorization', 'b'])).toBe(false);
  });

  it('ID-1: everybody’s, where the route says so', () => {
    expect(kin({ scope: 'shared' }, ['Authorization', 'a'], ['Authorization', 'b'], ['a', 'b'])).toBe(true);
  });

  it('ID-1: of one operation and route only', () => {
    const { deps, meet, code } = idempotencyStage();
    meet({ target: '/a?x=1' }).back(madeAnswer());
    expect(code(meet({ target: '/b?x=1' }))).toBe('goes on');
    expect(code(meet({ target: '/a?x=1', method: 'PUT' }))).toBe('goes on');
    expect(code(meet({ target: '/a?x=1', route: routeSpec({ name: 'another' }) }))).toBe('goes on');
    expect(code(meet({ target: '/a?x=2' }))).toBe('IDEMPOTENCY_KEY_PAYLOAD_MISMATCH'); // the query is no part of where it goes
    expect(deps.store.records.size).toBe(4);
  });

  it('ID-2: neither key nor credential is kept as it came', () => {
    const { meet, store } = idempotencyStage();
    const { x } = meet({ key: 'very-secret-key', more: ['Authorization', 'Bearer very-secret-token'] });
    const kept = JSON.stringify([...store.records]);
    expect(kept).not.toMatch(/very-secret/);
    expect(x.keyHash).toMatch(/^[0-9a-f]{64}$/);
    expect([...store.records.keys()]).toEqual([x.keyHash]);
    expect(store.records.get(x.keyHash)?.fields['principal']).toMatch(/^[0-9a-f]{64}$/);
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

describe('requests without a key', () => {
  const json = (text: string, more: readonly string[] = []) => ({ key: [], text, more: ['Content-Length', String(text.length), ...more] });

  it('that equal one of the last minute count as suspected duplicates', () => {
    const { meet, meter, clock } = idempotencyStage();
    const send = (text: string, more: object = {}): void => {
      const met = meet({ ...json(text), ...more });
      met.back(madeAnswer());
      met.finish();
    };
    send('a');
    send('b');
    send('a', { address: 'elsewhere' });
    send('a', { method: 'PATCH' });
    send('a', { target: '/other' });
    expect(meter.series('suspected_duplicates_total')).toEqual({});
    send('a');
    expect(meter.series('suspected_duplicates_total')).toEqual({ 'api=billing,operation=_unmatched': 1 });
    clock.advance(60_000);
    send('a');
    send('a', { method: 'PUT' });
    send('a', { method: 'PUT' });
    expect(meter.value('suspected_duplicates_total')).toBe(1);
  });

  it('are looked at only where that costs little and the upstream has seen them', () => {
    const { meet, meter } = idempotencyStage();
    const bodies = [bodyOf('a'), bodyOf('a')];
    for (const body of bodies) meet({ key: [], body }).finish(); // chunked: no length is announced
    for (const body of bodies) meet({ key: [], body, more: ['Content-Length', '16385'] }).finish();
    expect(bodies.map(({ asked }) => asked)).toEqual([[], []]);
    for (let i = 0; i < 2; i++) meet(json('a')).finish();
    expect(meter.series('suspected_duplicates_total')).toEqual({});
  });
});
