import { describe, expect, it } from 'vitest';
import { FakeClock } from '../../test/kit/clock.ts';
import { FakeDownstream, type DownstreamOptions } from '../../test/kit/downstream.ts';
import { answerOf, exchange, requestHead } from '../../test/kit/exchange.ts';
import { Exchange } from '../core/exchange.ts';
import { RequestBodyReader } from './body.ts';
import { ByteBudget } from './byte-budget.ts';
import { Delivery } from './delivery.ts';
import { ResponseBody } from './response-body.ts';

const MIB = 1024 * 1024;
const bytes = (text: string): Uint8Array => Buffer.from(text);

function delivery(options: DownstreamOptions & { readonly method?: string; readonly httpVersion?: '1.0' | '1.1' } = {}) {
  const { method = 'POST', httpVersion = '1.1' } = options;
  const clock = new FakeClock();
  const down = new FakeDownstream(options);
  const upload = new RequestBodyReader(down, new ByteBudget(10 * MIB));
  const { peer, route } = exchange();
  const x = new Exchange(requestHead({ method, httpVersion }), upload, peer, route, undefined, 0);
  let settled = 0;
  const made = new Delivery(x, upload, down, clock, {
    settle: () => {
      settled += 1;
    },
  });
  down.events = {
    onBodyData: (chunk) => upload.onData(chunk),
    onBodyEnd: () => upload.onEnd(),
    onDrain: () => undefined,
    onFlushed: () => made.onFlushed(),
    onMalformed: () => upload.onBroken(),
    onGone: () => upload.onBroken(),
  };
  return { clock, down, upload, delivery: made, settled: () => settled };
}

const refuse = (d: Delivery, headers: string[] = []): void => d.whole(answerOf(422, { body: bytes('no') }), headers, undefined);

describe('an answer that is all here', () => {
  it('leaves in one piece where nothing of the upload is missing', async () => {
    const { delivery: d, down, settled } = delivery();
    refuse(d, ['A', '1']);
    await Promise.resolve();
    expect([down.calls, down.status, down.headers, down.body, d.sentBytes, d.over]).toEqual([['answer'], 422, ['A', '1'], 'no', 2, true]);
    expect(settled()).toBe(1);
  });

  it('EV-10: to HEAD has no body, whatever the answer to GET would have had', () => {
    const { delivery: d, down } = delivery({ method: 'HEAD' });
    refuse(d, ['Content-Length', '2']);
    expect([down.body, down.headers, d.sentBytes, down.ended]).toEqual(['', ['Content-Length', '2'], 0, true]);
  });
});

describe('EV-2: the gateway refuses with a body unread', () => {
  it('EV-2: a short rest is read to its end and the connection kept', async () => {
    const { delivery: d, down, clock } = delivery({ body: 64 * 1024 });
    refuse(d);
    await Promise.resolve();
    expect([down.calls, down.headers]).toEqual([['answer', 'read'], []]);
    expect(d.over).toBe(false);
    down.events.onBodyData(new Uint8Array(64 * 1024));
    down.events.onBodyEnd();
    expect([d.over, down.aborted, clock.pending]).toEqual([true, false, 0]);
  });

  it('EV-2: the time of a short rest begins when the answer has left, which a slow client may take long to read', () => {
    const { delivery: d, down, clock } = delivery({ body: 1000 });
    refuse(d);
    clock.advance(5000);
    expect([down.aborted, down.reading]).toEqual([false, false]);
    down.events.onFlushed();
    clock.advance(999);
    expect([down.aborted, down.reading]).toEqual([false, true]);
    clock.advance(1);
    expect([down.aborted, d.over, clock.pending]).toEqual([true, true, 0]);
  });

  it('EV-2: a short rest that does not come within 1 s costs the connection', async () => {
    const { delivery: d, down, clock } = delivery({ body: 1000 });
    refuse(d);
    await Promise.resolve();
    clock.advance(999);
    expect(down.aborted).toBe(false);
    clock.advance(1);
    expect([down.aborted, d.over, clock.pending]).toEqual([true, true, 0]);
  });

  it.each([64 * 1024 + 1, 'chunked' as const])(
    'EV-2: of a longer rest (%s) the answer is written at once, and ended when the upload has',
    async (body) => {
      const { delivery: d, down } = delivery({ body });
      refuse(d, ['A', '1']);
      expect([down.calls, down.headers, down.body, down.ended]).toEqual([
        ['head', 'write', 'read'],
        ['A', '1', 'Connection', 'close'],
        'no',
        false,
      ]);
      down.events.onBodyData(bytes('rest'));
      down.events.onBodyEnd();
      expect([down.ended, down.aborted]).toEqual([true, false]);
      await Promise.resolve();
      expect(d.over).toBe(true);
    },
  );

  it('EV-2: … or when 1 MiB of it was read', () => {
    const { delivery: d, down, clock } = delivery({ body: 'chunked' });
    refuse(d);
    down.events.onBodyData(new Uint8Array(MIB));
    expect(down.ended).toBe(false);
    down.events.onBodyData(new Uint8Array(1));
    expect([down.ended, down.reading, clock.pending]).toEqual([true, false, 0]);
  });

  it('EV-2: a client that goes once the answer is written has had it', () => {
    const { delivery: d, upload } = delivery({ body: 'chunked' });
    refuse(d);
    upload.onBroken();
    expect([d.leftAnswered(), d.over]).toEqual([true, true]);
  });

  it('EV-2: … or when 1 s has gone by', () => {
    const { delivery: d, down, clock } = delivery({ body: 'chunked' });
    refuse(d);
    clock.advance(999);
    expect(down.ended).toBe(false);
    clock.advance(1);
    expect([down.ended, down.reading]).toEqual([true, false]);
  });

  it('EV-2: nothing is drained, and no 100 sent, where an Expect is pending', async () => {
    const { delivery: d, down, clock } = delivery({ body: 1000, expectsContinue: true });
    refuse(d);
    await Promise.resolve();
    expect([down.calls, down.headers, d.over, clock.pending]).toEqual([['answer'], ['Connection', 'close'], true, 0]);
  });
});

describe('EV-1: an answer that ends before the upload', () => {
  const streamed = (options: DownstreamOptions) => {
    const made = delivery(options);
    const call = { pause: () => undefined, resume: () => undefined, abort: () => undefined };
    const body = new ResponseBody(call, new ByteBudget(MIB));
    made.upload.start({ write: () => true, end: () => undefined });
    made.delivery.stream(200, ['A', '1'], body);
    return { ...made, body };
  };

  it('EV-1: is forwarded at once while the upload goes on', () => {
    const { down, body, delivery: d } = streamed({ body: 'chunked' });
    body.onData(bytes('early'));
    expect([down.status, down.body, down.reading, d.sentBytes]).toEqual([200, 'early', true, 5]);
  });

  it('EV-1: the rest of the upload is drained after its last byte; where it ends in time the connection is kept', async () => {
    const { down, body, delivery: d, clock } = streamed({ body: 'chunked' });
    body.onEnd([]);
    await Promise.resolve();
    expect([down.ended, d.over]).toEqual([true, false]);
    down.events.onBodyData(new Uint8Array(MIB));
    down.events.onBodyEnd();
    expect([d.over, down.aborted, clock.pending]).toEqual([true, false, 0]);
  });

  it.each(['bytes', 'time'])('EV-1: beyond 1 MiB or 1 s the connection closes (%s)', async (limit) => {
    const { down, body, delivery: d, clock } = streamed({ body: 'chunked' });
    body.onEnd([]);
    await Promise.resolve();
    if (limit === 'bytes') down.events.onBodyData(new Uint8Array(MIB + 1));
    else clock.advance(1000);
    expect([down.aborted, d.over]).toEqual([true, true]);
  });

  it('an upload that had ended is not waited for', async () => {
    const { down, body, delivery: d, clock } = streamed({ body: 3 });
    down.events.onBodyData(bytes('abc'));
    down.events.onBodyEnd();
    body.onEnd(['T', '1']);
    await Promise.resolve();
    expect([d.over, down.trailers, clock.pending]).toEqual([true, ['T', '1'], 0]);
  });
});

describe('what is not a final answer', () => {
  it('interim answers go to HTTP/1.1 clients only (RFC 9110 §15.2)', () => {
    const [modern, old] = [delivery(), delivery({ httpVersion: '1.0' })];
    for (const { delivery: d } of [modern, old]) d.info(103, ['Link', '</a>']);
    expect([modern.down.infos, old.down.infos]).toEqual([[{ status: 103, headers: ['Link', '</a>'] }], []]);
  });

  it('EV-7: an abort breaks the connection and waits for nothing', () => {
    const { delivery: d, down, clock } = delivery({ body: 'chunked' });
    refuse(d);
    d.abort();
    expect([down.aborted, clock.pending]).toEqual([true, 0]);
  });
});
