import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FakeDownstream } from '../../test/kit/downstream.ts';
import type { BodySink } from '../core/ports.ts';
import { RequestBodyReader } from './body.ts';
import { ByteBudget } from './byte-budget.ts';

/** A try that takes bytes, or says that it can't take more. */
class Sink implements BodySink {
  readonly chunks: Uint8Array[] = [];
  blocked = false;
  /** It has said no, and nobody has heard that it can take more. */
  full = false;
  ended = false;

  write(chunk: Uint8Array): boolean {
    expect(this.ended).toBe(false);
    this.chunks.push(chunk);
    if (this.blocked) this.full = true;
    return !this.blocked;
  }

  end(): void {
    expect(this.ended).toBe(false);
    this.ended = true;
  }

  get bytes(): Buffer {
    return Buffer.concat(this.chunks);
  }
}

interface Given {
  readonly chunkBytes: readonly number[];
  readonly announced: boolean;
  readonly keepBytes: number;
  readonly copyBytes: number;
  readonly wholeBytes: number | undefined;
  readonly budgetBytes: number;
  readonly steps: ReadonlyArray<'push' | 'block' | 'unblock' | 'retry'>;
}

const limit = fc.oneof(fc.nat(40), fc.constant(1000));
const given: fc.Arbitrary<Given> = fc.record({
  chunkBytes: fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 10 }),
  announced: fc.boolean(),
  keepBytes: limit,
  copyBytes: limit,
  wholeBytes: fc.option(limit, { nil: undefined }),
  budgetBytes: limit,
  steps: fc.array(fc.constantFrom('push', 'push', 'push', 'block', 'unblock', 'retry'), { maxLength: 30 }),
});

class Play {
  readonly all: Buffer;
  readonly down: FakeDownstream;
  readonly budget: ByteBudget;
  readonly body: RequestBodyReader;
  readonly #left: Uint8Array[];
  sink: Sink | undefined = undefined;

  constructor(g: Given) {
    const total = g.chunkBytes.reduce((sum, n) => sum + n, 0);
    this.all = Buffer.from(Array.from({ length: total }, (_, i) => i & 0xff));
    let at = 0;
    this.#left = g.chunkBytes.map((n) => {
      at += n;
      return this.all.subarray(at - n, at);
    });
    this.down = new FakeDownstream({ body: g.announced ? total : 'chunked' });
    this.budget = new ByteBudget(g.budgetBytes);
    this.body = new RequestBodyReader(this.down, this.budget);
  }

  /** What the client does next: only while it is read. False: it has nothing to do. */
  push(): boolean {
    if (!this.down.reading || this.body.ended) return false;
    const chunk = this.#left.shift();
    if (chunk === undefined) this.body.onEnd();
    else this.body.onData(chunk);
    expect(this.budget.usedBytes).toBeLessThanOrEqual(this.budget.limitBytes);
    if (this.sink?.full === true && !this.body.ended) expect(this.down.reading, 'nothing is read for a full sink').toBe(false);
    return true;
  }

  try(): void {
    if (this.sink !== undefined) {
      expect(this.all.subarray(0, this.sink.bytes.length)).toEqual(this.sink.bytes);
      this.body.detach();
    }
    this.sink = new Sink();
    this.body.start(this.sink);
  }

  unblock(): void {
    if (this.sink === undefined) return;
    this.sink.blocked = false;
    const { full } = this.sink;
    this.sink.full = false;
    if (full) this.body.resume();
  }
}

describe('the flow of a request body', () => {
  it('gives the last try each byte once and in order, whatever is read, paused, kept or tried again, and its room back', async () => {
    await fc.assert(
      fc.asyncProperty(given, async (g) => {
        const p = new Play(g);
        p.body.keep(g.keepBytes);
        if (g.copyBytes > 0) p.body.copy(g.copyBytes);
        if (g.wholeBytes !== undefined) {
          const whole = p.body.whole(g.wholeBytes);
          let settled = !(whole instanceof Promise);
          const result = Promise.resolve(whole).finally(() => {
            settled = true;
          });
          while (!settled) {
            expect(p.push(), 'who waits for the whole is read for').toBe(true);
            await Promise.resolve();
            await Promise.resolve();
          }
          const had = await result;
          if (typeof had !== 'string') expect(Buffer.concat(had)).toEqual(p.all);
          else if (had === 'too_large') expect(p.all.length).toBeGreaterThan(g.wholeBytes);
          else expect([had, p.all.length > g.budgetBytes]).toEqual(['overload', true]);
        }
        p.try();
        for (const step of g.steps) {
          if (step === 'push') p.push();
          else if (step === 'block' && p.sink !== undefined) p.sink.blocked = true;
          else if (step === 'unblock') p.unblock();
          else if (step === 'retry' && p.body.replayable) p.try();
        }
        while (p.sink?.ended === false) {
          p.unblock();
          expect(p.push(), 'a body that nobody stops flows on').toBe(true);
        }
        expect(p.sink?.bytes).toEqual(p.all);
        expect(p.body.receivedBytes).toBe(p.all.length);
        const copy = p.body.takeCopy();
        if (copy.chunks !== undefined) expect(Buffer.concat(copy.chunks)).toEqual(p.all);
        if (p.all.length <= Math.min(g.copyBytes, g.budgetBytes)) expect(copy.unread).toBeUndefined();
        p.body.release();
        expect(p.budget.usedBytes).toBe(0);
      }),
      { numRuns: 3000 },
    );
  });
});
