import { Decimal } from './decimal.ts';
import { DOUBTFUL } from './fault.ts';
import { order } from './numeric.ts';

/** Whole numbers by format (OpenAPI Format Registry): how many bits, and whether one is the sign. */
const BITS: ReadonlyArray<readonly [name: string, bits: number, least: 'signed' | 'unsigned']> = [
  ['int8', 8, 'signed'],
  ['int16', 16, 'signed'],
  ['int32', 32, 'signed'],
  ['int64', 64, 'signed'],
  ['uint8', 8, 'unsigned'],
  ['uint16', 16, 'unsigned'],
  ['uint32', 32, 'unsigned'],
  ['uint64', 64, 'unsigned'],
];

export interface Range {
  readonly least: Decimal;
  readonly most: Decimal;
}

export const RANGES: ReadonlyMap<string, Range> = new Map(BITS.map(([name, bits, sign]) => [name, rangeOf(bits, sign)]));

function rangeOf(bits: number, sign: 'signed' | 'unsigned'): Range {
  const size = 1n << BigInt(sign === 'signed' ? bits - 1 : bits);
  const decimal = (n: bigint): Decimal => Decimal.of(String(n)) as Decimal;
  return { least: decimal(sign === 'signed' ? -size : 0n), most: decimal(size - 1n) };
}

/** For numbers that have been read. Throws DOUBTFUL at a border beside which it may have been written. */
export function rangeCheck({ least, most }: Range): (n: number) => boolean {
  const from = Number(least.text);
  const to = Number(most.text);
  const isWide = !Number.isSafeInteger(to);
  return (n) => {
    if (isWide && (n === from || n === to) && n !== 0) throw DOUBTFUL;
    return Number.isInteger(n) && n >= from && n <= to;
  };
}

/** For numbers as they were written. */
export function isInRange({ least, most }: Range, value: number | Decimal): boolean {
  const whole = typeof value === 'number' ? Number.isInteger(value) : value.isInteger;
  return whole && order(value, least) >= 0 && order(value, most) <= 0;
}
