import { BOOLEAN, INTEGER, NULL, NUMBER, STRING } from '../schema/shape.ts';

/** One value that a text may stand for. */
export interface Candidate {
  readonly value: unknown;
  /** False: a number that binary floating point holds only roughly. */
  readonly exact: boolean;
}

const NUMERIC = /^-?\d+(\.\d+)?([eE][+-]?\d{1,4})?$/;
/** Decimal numbers of up to so many digits survive the way through binary floating point. */
const SAFE_DIGITS = 15;

/**
 * The values of the given types that a text may stand for, the most telling first. Text is what parameters and form fields are
 * made of: the schema's types alone decide what it may become. Leading zeros are taken as written by people.
 */
export function candidates(text: string, types: number): Candidate[] {
  const found: Candidate[] = [];
  if ((types & (INTEGER | NUMBER)) !== 0 && text.length <= 400 && NUMERIC.test(text)) {
    const value = Number(text);
    if (Number.isFinite(value)) found.push({ value, exact: isExact(text, value) });
  }
  if ((types & BOOLEAN) !== 0 && (text === 'true' || text === 'false')) found.push({ value: text === 'true', exact: true });
  if ((types & NULL) !== 0 && (text === '' || text === 'null')) found.push({ value: null, exact: true });
  if ((types & STRING) !== 0) found.push({ value: text, exact: true });
  return found;
}

function isExact(text: string, value: number): boolean {
  const digits = text
    .replace(/[eE].*$/, '')
    .replace(/[-.]/g, '')
    .replace(/^0+/, '');
  if (digits.length <= SAFE_DIGITS) return true;
  return /^-?\d+$/.test(text) && BigInt(text) === BigInt(value);
}

/** The numbers next to one, between which the written one lies. */
export function neighbours(n: number): readonly [number, number] {
  const step = Math.abs(n) * Number.EPSILON;
  return [n - step, n + step];
}
