import { describe, expect, it } from 'vitest';
import { checked, judged, tapOf } from '../../../test/kit/contract-stage.ts';
import { FakeClock } from '../../../test/kit/clock.ts';
import { fakeOperation, invalid, skippedFor } from '../../../test/kit/contract.ts';
import { FakeBody, answerOf } from '../../../test/kit/exchange.ts';
import { type ItemCheck, VALID } from '../../core/contract.ts';
import { ItemTap } from './item-tap.ts';
import { TapTime } from './tap-time.ts';

const bytes = (text: string): Buffer => Buffer.from(text);

/** An upload of which nothing has come. */
const upload = (): FakeBody => new FakeBody('unread');

describe('bodies judged as they go by, in report', () => {
  it('requests', async () => {
    const operation = fakeOperation({ looksAtRequest: 'items', requestItems: invalid({}) });
    const body = upload();
    const made = judged({ operation, body });
    expect(await made.request()).toBeUndefined();
    expect(body.asked).toEqual(['tap']);
    const [tap] = body.taps;
    tap?.onData(bytes('ab'));
    expect(tap?.heldBytes).toBe(2);
    made.answered(answerOf(204));
    body.state = 'ended';
    tap?.onEnd();
    made.finish();
    expect(operation.checks).toContain('request items ab');
    expect(made.checks()).toMatchObject(checked('request', 'invalid'));
    expect(made.x.findings.map(({ mode }) => mode)).toEqual(['report']);
  });

  it('answers', async () => {
    const operation = fakeOperation({ looksAtResponse: 'items', responseItems: invalid({ side: 'response' }) });
    const made = judged({ operation });
    await made.request();
    const answer = answerOf(200);
    const tap = tapOf(made.need(answer));
    made.answered(await made.respond(answer));
    tap.onData(bytes('ab'));
    tap.onEnd();
    made.finish();
    expect(made.checks()).toMatchObject(checked('response', 'invalid'));
  });

  it('of several answers the one that was sent counts', async () => {
    const made = judged({ operation: fakeOperation({ looksAtResponse: 'parts' }) });
    await made.request();
    const answer = answerOf(200);
    const [, second] = [tapOf(made.need(answerOf(503))), tapOf(made.need(answer))];
    made.answered(await made.respond(answer));
    second.onEnd();
    made.finish();
    expect(made.checks()).toMatchObject(checked('response', 'valid'));
  });

  it.each(['items', 'parts'] as const)('%s of which not all was seen: overload', async (looks) => {
    const body = upload();
    const made = judged({ operation: fakeOperation({ looksAtRequest: looks, looksAtResponse: looks }), body });
    await made.request();
    const answer = answerOf(200);
    tapOf(made.need(answer)).onData(bytes('a'));
    made.answered(await made.respond(answer));
    body.state = 'ended';
    made.finish();
    expect(made.checks()).toMatchObject({ ...checked('request', 'skipped overload'), ...checked('response', 'skipped overload') });
  });

  it('a process without time does not look', async () => {
    const body = upload();
    const made = judged({ operation: fakeOperation({ looksAtRequest: 'items', looksAtResponse: 'items' }), body });
    made.deps.busy = true;
    await made.request();
    const answer = answerOf(200);
    expect([made.need(answer), body.taps]).toEqual([undefined, []]);
    made.answered(await made.respond(answer));
    body.state = 'ended';
    made.finish();
    expect(made.checks()).toMatchObject({ ...checked('request', 'skipped overload'), ...checked('response', 'skipped overload') });
  });

  it('a copy that another stage wanted does not decide', async () => {
    const body = upload();
    const made = judged({ operation: fakeOperation({ looksAtRequest: 'parts', requestItems: invalid({}) }), body });
    await made.request();
    made.answered(answerOf(204));
    made.copy('request', 'ab');
    expect(made.checks()).not.toMatchObject(checked('request', 'invalid'));
    body.state = 'ended';
    body.taps[0]?.onEnd();
    made.finish();
    expect(made.checks()).toMatchObject(checked('request', 'invalid'));
  });
});

describe('bodies judged as they go by, in enforce', () => {
  const enforce = { request: 'enforce', response: 'enforce', onUnchecked: 'refuse' } as const;

  it('CP-3: items of a request are not waited for, and never refused', async () => {
    const body = upload();
    const made = judged({ operation: fakeOperation({ looksAtRequest: 'items', requestItems: invalid({}) }), body, config: enforce });
    expect(await made.request()).toBeUndefined();
    expect(body.asked).toEqual(['tap']);
    made.answered(answerOf(204));
    body.state = 'ended';
    body.taps[0]?.onEnd();
    made.finish();
    expect(made.checks()).toMatchObject(checked('request', 'invalid'));
    expect(made.x.findings.map(({ mode }) => mode)).toEqual(['report']);
  });

  it('their heads are', async () => {
    const body = upload();
    const made = judged({ operation: fakeOperation({ looksAtRequest: 'items', requestHead: invalid({}) }), body, config: enforce });
    expect((await made.request())?.code).toBe('REQUEST_CONTRACT_VIOLATION');
    expect(body.asked).toEqual([]);
    made.finish();
    expect(made.checks()).toMatchObject(checked('request', 'invalid'));
  });

  it('CP-3: items of an answer pass, its head is enforced', async () => {
    const items = fakeOperation({ looksAtResponse: 'items', responseItems: invalid({ side: 'response' }) });
    const made = judged({ operation: items, config: enforce });
    await made.request();
    const answer = answerOf(200);
    const tap = tapOf(made.need(answer));
    expect(await made.respond(answer)).toBe(answer);
    made.answered(answer);
    tap.onEnd();
    made.finish();
    expect(made.checks()).toMatchObject(checked('response', 'invalid'));

    const head = fakeOperation({ looksAtResponse: 'items', responseHead: invalid({ side: 'response' }) });
    const refused = judged({ operation: head, config: enforce });
    await refused.request();
    refused.need(answer);
    expect((await refused.respond(answer)).rejection?.code).toBe('RESPONSE_CONTRACT_VIOLATION');
    refused.finish();
    expect(refused.checks()).toMatchObject(checked('response', 'invalid'));
  });

  it('an answer that is repeated is told of when it has left, too', async () => {
    const items = fakeOperation({ looksAtResponse: 'items', responseItems: invalid({ side: 'response' }) });
    const made = judged({ operation: items, config: enforce });
    await made.request();
    const replay = answerOf(200, { origin: 'replay', body: bytes('{}') });
    expect(await made.respond(replay)).toBe(replay);
    const tap = tapOf(made.need(replay));
    made.answered(replay);
    tap.onEnd();
    made.finish();
    expect(made.checks()).toMatchObject(checked('response', 'invalid'));
  });

  it('an answer whose items nobody had time for is counted', async () => {
    const made = judged({ operation: fakeOperation({ looksAtResponse: 'items' }), config: enforce });
    made.deps.busy = true;
    await made.request();
    const answer = answerOf(200);
    expect(made.need(answer)).toBeUndefined();
    made.answered(await made.respond(answer));
    made.finish();
    expect(made.checks()).toMatchObject(checked('response', 'skipped overload'));
  });

  it('parts are held like any body', async () => {
    const operation = fakeOperation({ looksAtRequest: 'parts', looksAtResponse: 'parts', requestBody: invalid({}) });
    const body = upload();
    body.result = [bytes('ab')];
    const made = judged({ operation, body, config: enforce });
    expect((await made.request())?.code).toBe('REQUEST_CONTRACT_VIOLATION');
    expect(operation.checks).toContain('request body ab');
    expect(made.need(answerOf(200))).toMatchObject({ as: 'whole' });
  });

  it('parts that are too large say so', async () => {
    const body = upload();
    body.result = 'too_large';
    const made = judged({ operation: fakeOperation({ looksAtRequest: 'parts', looksAtResponse: 'parts' }), body, config: enforce });
    expect((await made.request())?.code).toBe('BODY_TOO_LARGE');
    const answer = answerOf(200, { unread: 'too_large' });
    expect((await made.respond(answer)).rejection?.code).toBe('RESPONSE_CONTRACT_VIOLATION');
    expect(made.checks()).toMatchObject({ ...checked('request', 'skipped too_large'), ...checked('response', 'skipped too_large') });
  });
});

describe('a tap', () => {
  const made = (onData: (chunk: Uint8Array, clock: FakeClock) => void, overloaded = () => false) => {
    const clock = new FakeClock();
    const check: ItemCheck = { heldBytes: 7, found: [], onData: (chunk) => onData(chunk, clock), end: () => VALID, cut: () => VALID };
    const time = new TapTime();
    const tapOf = (): ItemTap => new ItemTap(check, clock, overloaded, time);
    return { clock, tapOf, tap: tapOf() };
  };

  it('gives up where the process has no time to spare, and keeps nothing', () => {
    let busy = false;
    const { tap } = made(
      () => undefined,
      () => busy,
    );
    tap.onData(bytes('a'));
    expect(tap.heldBytes).toBe(7);
    busy = true;
    tap.onData(bytes('b'));
    busy = false;
    tap.onData(bytes('c'));
    tap.onEnd();
    expect([tap.heldBytes, tap.outcome]).toEqual([0, skippedFor('overload')]);
  });

  it('gives up on a chunk that takes longer than 20 ms', () => {
    let seen = 0;
    const { tap } = made((chunk, clock) => {
      seen += chunk.byteLength;
      clock.advance(11);
    });
    tap.onData(Buffer.alloc(64 * 1024));
    tap.onData(Buffer.alloc(1));
    tap.onEnd();
    expect([seen, tap.outcome]).toEqual([16 * 1024, skippedFor('overload')]);
  });

  it('gives up on many chunks at once that take longer than 20 ms together, those of others too', () => {
    const { clock, tapOf } = made((_, time) => time.advance(7));
    const [one, other] = [tapOf(), tapOf()];
    for (let i = 0; i < 2; i++) for (const tap of [one, other]) tap.onData(bytes('a'));
    one.onEnd();
    expect(one.outcome).toEqual(VALID);
    clock.advance(1);
    other.onData(bytes('a'));
    other.onEnd();
    expect(other.outcome).toEqual(skippedFor('overload'));
  });

  it('goes on for ever with what takes a fifth of the time', () => {
    const { clock, tap } = made((_, time) => time.advance(5));
    for (let i = 0; i < 1000; i++) {
      tap.onData(bytes('a'));
      clock.advance(20);
    }
    tap.onEnd();
    expect(tap.outcome).toEqual(VALID);
  });

  it('says how long it took', () => {
    const { tap } = made((_, clock) => clock.advance(3));
    tap.onData(bytes('a'));
    tap.onData(bytes('b'));
    tap.onEnd();
    expect([tap.spentMs, tap.outcome, tap.hasEnded]).toEqual([6, VALID, true]);
  });
});
