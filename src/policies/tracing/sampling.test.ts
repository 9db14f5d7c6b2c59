import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isSampled, ratioSampler } from './sampling.ts';

const hex = (digits: number) => fc.string({ unit: fc.constantFrom(...'0123456789abcdef'), minLength: digits, maxLength: digits });
const ratio = fc.double({ min: 0, max: 1, noNaN: true });

describe('sampling by the trace ID', () => {
  it('is what the last 56 bits say, as a number no less than (1 - ratio) of their range', () => {
    fc.assert(
      fc.property(hex(18), hex(14), ratio, (head, tail, share) => {
        const threshold = (1n << 56n) - BigInt(Math.round(share * 2 ** 56));
        expect(ratioSampler(share)(head + tail)).toBe(BigInt(`0x${tail}`) >= threshold);
      }),
    );
  });

  it('takes all at 1 and none at 0', () => {
    fc.assert(
      fc.property(hex(32), (id) => {
        expect([ratioSampler(1)(id), ratioSampler(0)(id)]).toEqual([true, false]);
      }),
    );
  });

  it('takes at a greater ratio whatever it takes at a smaller one', () => {
    fc.assert(
      fc.property(hex(32), ratio, ratio, (id, a, b) => {
        const [small, great] = [ratioSampler(Math.min(a, b))(id), ratioSampler(Math.max(a, b))(id)];
        expect(small && !great).toBe(false);
      }),
    );
  });

  it.each([
    [0.5, '7fffffffffffff', false],
    [0.5, '80000000000000', true],
    [0.1, 'e6666666666665', false],
    [0.1, 'e6666666666666', true],
    [1e-17, 'ffffffffffffff', true],
    [1e-18, 'ffffffffffffff', false],
  ])('at %d: …%s is %s', (share, tail, sampled) => {
    expect(ratioSampler(share)(`0af7651916cd43dd84${tail}`)).toBe(sampled);
  });

  it('keeps to the ratio where IDs are spread evenly', () => {
    const samples = ratioSampler(0.1);
    let taken = 0;
    for (let i = 0; i < 1000; i++) {
      const tail = (((2n * BigInt(i) + 1n) << 56n) / 2000n).toString(16).padStart(14, '0');
      if (samples('0'.repeat(18) + tail)) taken += 1;
    }
    expect(taken).toBe(100);
  });
});

it('sampled is the lowest bit of the flags', () => {
  const all = Array.from({ length: 256 }, (_, i) => i);
  expect(all.filter((i) => isSampled(i.toString(16).padStart(2, '0')))).toEqual(all.filter((i) => i % 2 === 1));
});
