import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Decimal, losesDigits } from './decimal.ts';

const of = (text: string): Decimal => {
  const decimal = Decimal.of(text);
  if (decimal === undefined) throw new Error(`no number: ${text}`);
  return decimal;
};

describe('a decimal', () => {
  it.each<readonly [a: string, b: string, order: number]>([
    ['1', '1.0', 0],
    ['1e2', '100', 0],
    ['-0', '0.000', 0],
    ['9007199254740993', '9007199254740992', 1],
    ['0.1', '0.10000000000000000001', -1],
    ['-2', '-10', 1],
    ['1e400', '9e399', 1],
    ['-1e400', '1e-400', -1],
    ['123e-2', '1.24', -1],
    ['0', '1e-999999', -1],
  ])('%s against %s', (a, b, order) => {
    expect(Math.sign(of(a).compare(of(b)))).toBe(order);
    expect(Math.sign(of(b).compare(of(a)))).toBe(-order + 0);
  });

  it('is ordered as whole numbers are', () => {
    const scaled = fc.tuple(fc.bigInt({ min: -(10n ** 25n), max: 10n ** 25n }), fc.nat(30));
    fc.assert(
      fc.property(scaled, scaled, ([a, i], [b, j]) => {
        const order = of(`${a}e-${i}`).compare(of(`${b}e-${j}`));
        const [x, y] = [a * 10n ** BigInt(j), b * 10n ** BigInt(i)];
        expect(Math.sign(order)).toBe(x < y ? -1 : x > y ? 1 : 0);
      }),
    );
  });

  it.each<readonly [value: string, step: string, is: boolean]>([
    ['19.99', '0.01', true],
    ['9007199254740993', '2', false],
    ['9007199254740994', '2', true],
    ['1e400', '7', false],
    ['7e400', '7', true],
    ['1e999999', '0.5', true],
    ['0', '3', true],
    ['1e-7', '1e-8', true],
    ['1.5', '3', false],
  ])('%s is a multiple of %s: %s', (value, step, is) => {
    expect(of(value).isMultipleOf(of(step))).toBe(is);
  });

  it.each(['', '.5', '1.', '+1', '0x10', 'NaN', 'Infinity', '1e', '--1', `1${'0'.repeat(2000)}`, '1e99999999'])('is not %j', (text) => {
    expect(Decimal.of(text)).toBeUndefined();
  });
});

describe('what reading loses', () => {
  it.each(['9007199254740993', '0.10000000000000000001', '1e400', '1e-400', '123456789012345678', '9223372036854775807'])('%s', (text) => {
    expect(losesDigits(text)).toBe(true);
  });

  it.each(['9007199254740992', '0.30000000000000004', '1.0', '1e23', '-0', '100000000000000000000', '52.520006599999998e0'.slice(0, 9)])(
    'nothing of %s',
    (text) => {
      expect(losesDigits(text)).toBe(false);
    },
  );

  it('nothing of what up to 15 digits write', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -999999999999999n, max: 999999999999999n }), fc.integer({ min: -290, max: 290 }), (digits, exponent) => {
        expect(losesDigits(`${digits}e${exponent}`)).toBe(false);
      }),
    );
  });
});
