import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FakeDownstream } from '../../test/kit/downstream.ts';
import { exchange } from '../../test/kit/exchange.ts';
import type { BodyTap, TapEnd } from '../core/stage.ts';
import { RequestBodyReader } from './body.ts';
import { ByteBudget } from './byte-budget.ts';
import { ResponseBody } from './response-body.ts';
import { Taps } from './taps.ts';

/** Notes what it is shown; keeps every byte until the end, as far as its owner counts. */
class NotingTap implements BodyTap {
  readonly stage = 'noting';
  text = '';
  heldBytes = 0;
  ends = 0;
  readonly cuts: TapEnd[] = [];
  throwAt: string | undefined = undefined;

  onData(chunk: Uint8Array): void {
    this.text += Buffer.from(chunk).toString();
    this.heldBytes = this.text.length;
    if (this.text === this.throwAt) throw new Error('a bug');
  }

  onCut(why: TapEnd): void {
    this.cuts.push(why);
  }

  onEnd(): void {
    this.ends += 1;
    this.heldBytes = 0;
    if (this.throwAt === 'end') throw new Error('a bug');
  }
}

function setUp(limitBytes = 100) {
  const budget = new ByteBudget(limitBytes);
  const bugs: string[] = [];
  const taps = new Taps(budget, { bug: (stage, hook) => void bugs.push(`${stage} ${hook}`) });
  const tap = new NotingTap();
  taps.add(tap);
  return { budget, bugs, taps, tap };
}

const bytes = (text: string): Buffer => Buffer.from(text);

describe('taps', () => {
  it('see what is shown, and the end of it', () => {
    const { taps, tap, budget } = setUp();
    taps.show(bytes('ab'));
    taps.show(bytes('c'));
    expect([tap.text, budget.usedBytes]).toEqual(['abc', 3]);
    taps.end(3);
    expect([tap.ends, tap.cuts, budget.usedBytes]).toEqual([1, [], 0]);
  });

  it('have no end of what they have not seen all of', () => {
    const { taps, tap, budget } = setUp();
    taps.show(bytes('ab'));
    taps.end(3);
    expect([tap.ends, tap.cuts, budget.usedBytes]).toEqual([0, ['overload'], 0]);
  });

  it('that find no room are dropped, others go on', () => {
    const { taps, tap, budget } = setUp(5);
    const modest = new NotingTap();
    Object.defineProperty(modest, 'heldBytes', { get: () => 1, set: () => undefined });
    taps.add(modest);
    for (const chunk of ['abc', 'def', 'g']) taps.show(bytes(chunk));
    taps.end(7);
    expect([tap.text, tap.ends, modest.text, modest.ends]).toEqual(['abcdef', 0, 'abcdefg', 1]);
    expect([tap.cuts, modest.cuts]).toEqual([['overload'], []]);
    expect(budget.usedBytes).toBe(0);
  });

  it('that throw are a bug, told once, and dropped', () => {
    const { taps, tap, budget, bugs } = setUp();
    tap.throwAt = 'ab';
    for (const chunk of ['a', 'b', 'c']) taps.show(bytes(chunk));
    taps.end(3);
    expect([tap.text, tap.ends, tap.cuts, bugs, budget.usedBytes]).toEqual(['ab', 0, ['bug'], ['noting onData'], 0]);
  });

  it('that throw at the end are a bug', () => {
    const { taps, tap, bugs } = setUp();
    tap.throwAt = 'end';
    taps.end(0);
    expect(bugs).toEqual(['noting onEnd']);
  });

  it('are shown the rest of what was kept, wherever its chunks end', () => {
    const { taps, tap } = setUp();
    taps.show(bytes('ab'));
    taps.showRest([bytes('abc'), bytes('de')]);
    taps.showRest([bytes('abcde')]);
    expect(tap.text).toBe('abcde');
  });
});

describe("the request's body", () => {
  function reading(budgetBytes = 1000) {
    const down = new FakeDownstream({ body: 'chunked' });
    const budget = new ByteBudget(budgetBytes);
    const body = new RequestBodyReader(down, budget);
    const x = exchange();
    body.belongsTo(x);
    const tap = new NotingTap();
    body.tap(tap);
    const sent: string[] = [];
    const sink = { write: (chunk: Uint8Array) => sent.push(Buffer.from(chunk).toString()) < 0, end: () => void sent.push('end') };
    return { body, tap, sent, sink, budget };
  }

  it('is shown after it has gone on', () => {
    const { body, tap, sent, sink } = reading();
    const order: string[] = [];
    tap.onData = () => void order.push(`shown after ${sent.join('')}`);
    body.start(sink);
    body.onData(bytes('a'));
    body.onData(bytes('b'));
    expect(order).toEqual(['shown after a', 'shown after ab']);
  });

  it('is shown once, however often it is sent', () => {
    const { body, tap, sent, sink } = reading();
    body.keep(100);
    body.readAhead();
    body.onData(bytes('a'));
    expect(tap.text).toBe('');
    body.start(sink);
    body.onData(bytes('b'));
    body.detach();
    body.onData(bytes('c'));
    body.start(sink);
    body.onData(bytes('d'));
    body.onEnd();
    body.endTaps();
    expect([tap.text, tap.ends]).toEqual(['abcd', 1]);
    expect(sent.join(' ')).toBe('a b a bc d end');
  });

  it('that was collected and sent in one piece is shown at the end', async () => {
    const { body, tap, budget } = reading();
    const whole = body.whole(100);
    body.onData(bytes('ab'));
    body.onEnd();
    await whole;
    expect(tap.text).toBe('');
    body.endTaps();
    expect([tap.text, tap.ends]).toEqual(['ab', 1]);
    body.release();
    expect(budget.usedBytes).toBe(0);
  });

  it('that nobody takes is shown while it is drained', () => {
    const { body, tap } = reading();
    body.drain(100, () => undefined);
    body.onData(bytes('ab'));
    body.onEnd();
    body.endTaps();
    expect([tap.text, tap.ends]).toEqual(['ab', 1]);
  });

  it('that breaks off has no end', () => {
    const { body, tap, sink, budget } = reading();
    body.start(sink);
    body.onData(bytes('ab'));
    expect(budget.usedBytes).toBe(2);
    body.onBroken();
    body.endTaps();
    expect([tap.text, tap.ends, budget.usedBytes]).toEqual(['ab', 0, 0]);
  });

  it('bugs are told to whoever carries the exchange', () => {
    const { body, tap, sink } = reading();
    tap.throwAt = 'a';
    body.start(sink);
    expect(() => body.onData(bytes('a'))).not.toThrow();
  });

  it('is shown whole and in order, whatever tries come and go', () => {
    const step = fc.constantFrom('data', 'start', 'detach');
    fc.assert(
      fc.property(fc.array(step, { maxLength: 20 }), fc.nat(8), fc.boolean(), (steps, keepBytes, endsWithTry) => {
        const { body, tap, sink, budget } = reading();
        body.keep(keepBytes);
        body.readAhead();
        let sent = '';
        let hasTry = false;
        for (const what of [...steps, ...(endsWithTry ? ['start'] : [])]) {
          if (what === 'data' && (hasTry || body.receivedBytes < keepBytes)) {
            const chunk = String.fromCharCode(97 + sent.length).repeat(2);
            sent += chunk;
            body.onData(bytes(chunk));
          } else if (what === 'start' && !hasTry && (body.replayable || body.receivedBytes === 0)) {
            body.start(sink);
            hasTry = true;
          } else if (what === 'detach') {
            body.detach();
            hasTry = false;
          }
          expect(sent.startsWith(tap.text)).toBe(true);
        }
        body.onEnd();
        body.endTaps();
        if (tap.ends > 0) expect(tap.text).toBe(sent);
        if (hasTry) expect(tap.ends).toBe(1);
        body.release();
        expect(budget.usedBytes).toBe(0);
      }),
    );
  });
});

describe("the answer's body", () => {
  function answering() {
    const { budget, taps, tap } = setUp(1000);
    const down = new FakeDownstream();
    const body = new ResponseBody({ pause: () => undefined, resume: () => undefined, abort: () => undefined }, budget);
    body.tap(taps);
    return { body, tap, down, budget };
  }

  it('is shown after it has gone on, what was held back too', () => {
    const { body, tap, down } = answering();
    body.onData(bytes('a'));
    expect(tap.text).toBe('');
    body.forward(down);
    body.onData(bytes('b'));
    body.onEnd([]);
    expect([tap.text, tap.ends]).toEqual(['ab', 0]);
    body.endTaps();
    expect(tap.ends).toBe(1);
  });

  it('that was collected for a stage is shown at the end', () => {
    const { body, tap } = answering();
    body.collect(100, () => undefined);
    body.onData(bytes('ab'));
    body.onEnd([]);
    body.endTaps();
    expect([tap.text, tap.ends]).toEqual(['ab', 1]);
  });

  it('that was too large to be collected is shown as it goes on', () => {
    const { body, tap, down } = answering();
    body.collect(2, () => body.forward(down));
    for (const chunk of ['ab', 'cd', 'ef']) body.onData(bytes(chunk));
    body.onEnd([]);
    body.endTaps();
    expect([tap.text, tap.ends]).toEqual(['abcdef', 1]);
  });

  it('that is kept for somebody else too is shown once', () => {
    const { body, tap, down } = answering();
    body.copy(100);
    body.forward(down);
    body.onData(bytes('ab'));
    body.onEnd([]);
    body.endTaps();
    expect([tap.text, tap.ends]).toEqual(['ab', 1]);
  });

  it.each(['discard', 'release'] as const)('that nobody wants has no end: %s', (how) => {
    const { body, tap, down, budget } = answering();
    body.forward(down);
    body.onData(bytes('ab'));
    body[how]();
    body.onData(bytes('cd'));
    body.onEnd([]);
    body.endTaps();
    expect([tap.text, tap.ends]).toEqual(['ab', 0]);
    body.release();
    expect(budget.usedBytes).toBe(0);
  });

  it('that breaks off has no end', () => {
    const { body, tap, down, budget } = answering();
    body.forward(down);
    body.onData(bytes('ab'));
    body.endTaps();
    expect([tap.ends, budget.usedBytes]).toEqual([0, 0]);
  });
});
