import { describe, expect, it } from 'vitest';
import { type DownstreamOptions, FakeDownstream } from '../../test/kit/downstream.ts';
import { exchange } from '../../test/kit/exchange.ts';
import { rejection } from '../core/rejection.ts';
import { RequestBodyReader } from './body.ts';
import { ByteBudget } from './byte-budget.ts';

const bytes = (text: string): Uint8Array => Buffer.from(text);
const text = (chunks: unknown): string => Buffer.concat(chunks as Uint8Array[]).toString();

function reader(options: DownstreamOptions, limitBytes = 1000) {
  const down = new FakeDownstream(options);
  const budget = new ByteBudget(limitBytes);
  const body = new RequestBodyReader(down, budget);
  const x = exchange();
  body.belongsTo(x);
  const got: string[] = [];
  const sink = { write: (chunk: Uint8Array) => got.push(Buffer.from(chunk).toString()) < 1000, end: () => void got.push('.') };
  return { down, budget, body, x, got, sink };
}

describe('a request body that a stage wants whole', () => {
  it('is there at once where there is none', () => {
    const { body } = reader({ body: undefined });
    expect([body.state, body.whole(10), body.ended, body.takeCopy()]).toEqual([
      'none',
      [],
      true,
      { chunks: [], unread: undefined, bytes: 0 },
    ]);
  });

  it('comes when its last byte has come, counted against the budget', async () => {
    const { body, budget } = reader({ body: 6 });
    const whole = body.whole(10);
    body.onData(bytes('abc'));
    body.onData(bytes('def'));
    expect(budget.usedBytes).toBe(6);
    body.onEnd();
    expect(text(await whole)).toBe('abcdef');
    expect(text(body.whole(10))).toBe('abcdef');
    expect(body.whole(5)).toBe('too_large');
    body.release();
    expect(budget.usedBytes).toBe(0);
  });

  it('is too large by what was announced, before a byte is read', () => {
    const { body, down } = reader({ body: 11 });
    expect([body.whole(10), body.state, down.calls]).toEqual(['too_large', 'unread', []]);
  });

  it('is too large by what came, stops the client, and loses nothing', async () => {
    const { body, down, got, sink } = reader({ body: 'chunked' });
    const whole = body.whole(5);
    body.onData(bytes('abc'));
    body.onData(bytes('def'));
    expect([await whole, down.reading]).toEqual(['too_large', false]);
    body.start(sink);
    expect(down.reading).toBe(true);
    body.onData(bytes('g'));
    body.onEnd();
    expect(got.join('')).toBe('abcdefg.');
  });

  it('cannot be had where the process has no room, and loses nothing', async () => {
    const { body, got, sink, budget } = reader({ body: 6 }, 4);
    const whole = body.whole(10);
    body.onData(bytes('abc'));
    body.onData(bytes('def'));
    expect(await whole).toBe('overload');
    body.start(sink);
    body.onEnd();
    expect([got.join(''), budget.usedBytes]).toEqual(['abcdef.', 0]);
  });

  it('is cancelled with its exchange', async () => {
    const { body, x } = reader({ body: 6 });
    const whole = body.whole(10);
    x.cancel(rejection('UPSTREAM_TIMEOUT', ''));
    expect(await whole).toBe('cancelled');
  });

  it('EV-3: is cancelled when the client leaves, and not asked for again', async () => {
    const { body } = reader({ body: 6 });
    const whole = body.whole(10);
    body.onData(bytes('abc'));
    body.onBroken();
    body.onData(bytes('def'));
    body.onEnd();
    expect([await whole, body.state, body.whole(10), body.receivedBytes]).toEqual(['cancelled', 'broken', 'cancelled', 3]);
  });
});

describe('EV-4: Expect: 100-continue', () => {
  it('EV-4: the 100 is sent when the first reader starts, once', async () => {
    const { body, down } = reader({ body: 3, expectsContinue: true });
    body.keep(100);
    body.copy(100);
    expect([body.pendingContinue, down.calls]).toEqual([true, []]);
    const whole = body.whole(10);
    expect([body.pendingContinue, down.calls]).toEqual([false, ['100', 'read']]);
    body.onData(bytes('abc'));
    body.onEnd();
    await whole;
    body.start({ write: () => true, end: () => undefined });
    expect(down.calls.filter((call) => call === '100')).toEqual(['100']);
  });

  it('EV-4: the upstream is a reader too', () => {
    const { body, down, sink } = reader({ body: 3, expectsContinue: true });
    body.start(sink);
    expect(down.calls).toEqual(['100', 'read']);
  });

  it('EV-4: nobody who does not wait for a 100 gets one', () => {
    const { body, down, sink } = reader({ body: 3 });
    body.start(sink);
    expect(down.calls).toEqual(['read']);
  });
});

describe('a request body on its way to the upstream', () => {
  it('is stopped and goes on as the upstream can take it', () => {
    const { body, down } = reader({ body: 6 });
    body.start({ write: () => false, end: () => undefined });
    body.onData(bytes('abc'));
    expect(down.reading).toBe(false);
    body.resume();
    expect(down.reading).toBe(true);
  });

  it('waits for a new try that cannot take all that was kept', () => {
    const { body, down } = reader({ body: 9 });
    body.keep(100);
    body.start({ write: () => true, end: () => undefined });
    body.onData(bytes('abc'));
    body.detach();
    expect(down.reading).toBe(false);
    body.start({ write: () => false, end: () => undefined });
    expect(down.reading).toBe(false);
    body.resume();
    expect(down.reading).toBe(true);
  });

  it('RT-2: is sent again from what was kept, and goes on live', () => {
    const { body, got, sink, down } = reader({ body: 9 });
    body.keep(100);
    body.start({ write: () => true, end: () => undefined });
    body.onData(bytes('abc'));
    expect(body.replayable).toBe(true);
    body.detach();
    body.start(sink);
    expect([got.join(''), down.reading]).toEqual(['abc', true]);
    body.onData(bytes('def'));
    body.onEnd();
    expect(got.join('')).toBe('abcdef.');
  });

  it('RT-2: is not replayable beyond what may be kept, and its room is given back at once', () => {
    const { body, sink, budget } = reader({ body: 'chunked' });
    body.keep(4);
    body.start(sink);
    body.onData(bytes('abc'));
    expect([body.replayable, budget.usedBytes]).toEqual([true, 3]);
    body.onData(bytes('def'));
    expect([body.replayable, budget.usedBytes, body.keptChunks]).toEqual([false, 0, []]);
  });

  it('is copied for those who look later, up to the largest limit', () => {
    const { body, sink } = reader({ body: 3 });
    body.copy(2);
    body.copy(3);
    body.start(sink);
    body.onData(bytes('abc'));
    body.onEnd();
    expect([text(body.takeCopy().chunks), body.takeCopy().bytes, body.copyWanted]).toEqual(['abc', 3, true]);
  });

  it('has no copy where it was larger, and says so', () => {
    const { body, sink } = reader({ body: 'chunked' });
    body.copy(2);
    body.start(sink);
    body.onData(bytes('abc'));
    body.onEnd();
    expect(body.takeCopy()).toEqual({ chunks: undefined, unread: 'too_large', bytes: 3 });
  });
});

describe('EV-2: an upload that nobody wants', () => {
  it('EV-2: is read and forgotten to its end', () => {
    const { body, down } = reader({ body: 6 });
    const ends: boolean[] = [];
    body.drain(10, (ended) => ends.push(ended));
    expect(down.reading).toBe(true);
    body.onData(bytes('abc'));
    body.onData(bytes('def'));
    expect(ends).toEqual([]);
    body.onEnd();
    expect(ends).toEqual([true]);
  });

  it('EV-2: of exactly the limit is read to its end', () => {
    const { body, down } = reader({ body: 6 });
    const ends: boolean[] = [];
    body.drain(6, (ended) => ends.push(ended));
    body.onData(bytes('abcdef'));
    expect([ends, down.reading]).toEqual([[], true]);
    body.onEnd();
    expect(ends).toEqual([true]);
  });

  it('EV-2: is given up beyond the limit, and when the time is up', () => {
    const first = reader({ body: 'chunked' });
    const ends: boolean[] = [];
    first.body.drain(5, (ended) => ends.push(ended));
    first.body.onData(bytes('abc'));
    first.body.onData(bytes('def'));
    expect([ends, first.down.reading]).toEqual([[false], false]);
    const second = reader({ body: 'chunked' });
    second.body.drain(5, (ended) => ends.push(ended));
    second.body.stopDraining();
    second.body.stopDraining();
    expect([ends, second.down.reading]).toEqual([[false, false], false]);
  });

  it('EV-2: needs no draining where it has ended or broken off', () => {
    const ends: boolean[] = [];
    reader({ body: undefined }).body.drain(5, (ended) => ends.push(ended));
    const broken = reader({ body: 6 });
    broken.body.onBroken();
    broken.body.drain(5, (ended) => ends.push(ended));
    expect(ends).toEqual([true, false]);
  });
});
