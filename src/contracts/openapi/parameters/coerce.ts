import { losesDigits } from '../schema/decimal.ts';
import { BOOLEAN, INTEGER, NULL, NUMBER, STRING } from '../schema/shape.ts';

/** One value that a text may stand for. */
export interface Candidate {
  readonly value: unknown;
  /** As JSON, where binary floating point may hold a number of it only roughly. */
  readonly written: string | undefined;
}

/** Decimal numbers of up to so many digits survive the way through binary floating point, in its range. */
const SAFE_DIGITS = 15;
const NUMERIC = /^(-?)(\d+)((?:\.\d+)?(?:[eE][+-]?\d+)?)$/;

/** A value that is what it is. */
export function exactly(value: unknown): Candidate {
  return { value, written: undefined };
}

/**
 * The values of the given types that a text may stand for, the most telling first. Text is what parameters and form fields are
 * made of: the schema's types alone decide what it may become. Leading zeros are taken as written by people.
 */
export function candidates(text: string, types: number): Candidate[] {
  const found: Candidate[] = [];
  const number = (types & (INTEGER | NUMBER)) === 0 ? null : NUMERIC.exec(text);
  if (number !== null) found.push(numeric(text, number));
  if ((types & BOOLEAN) !== 0 && (text === 'true' || text === 'false')) found.push(exactly(text === 'true'));
  if ((types & NULL) !== 0 && (text === '' || text === 'null')) found.push(exactly(null));
  if ((types & STRING) !== 0) found.push(exactly(text));
  return found;
}

function numeric(text: string, [, sign = '', whole = '', rest = '']: RegExpExecArray): Candidate {
  const value = Number(text);
  if (text.length <= SAFE_DIGITS && (rest === '' || !losesDigits(text))) return exactly(value);
  // JSON has no infinity: a number that large is one of the largest.
  const held = Math.max(-Number.MAX_VALUE, Math.min(Number.MAX_VALUE, value));
  return { value: held, written: `${sign}${whole.replace(/^0+(?=\d)/, '')}${rest}` };
}

/** A list of what its items may stand for. */
export function listOf(items: readonly Candidate[]): Candidate {
  const value = items.map((item) => item.value);
  return { value, written: items.some(({ written }) => written !== undefined) ? `[${items.map(jsonOf).join(',')}]` : undefined };
}

/** An object of what its members may stand for, in the order of their names. */
export function objectOf(names: readonly string[], members: readonly Candidate[]): Candidate {
  // A name `__proto__` becomes a member like any other.
  const value = Object.fromEntries(members.map((member, i) => [names[i] as string, member.value]));
  if (members.every(({ written }) => written === undefined)) return exactly(value);
  return { value, written: `{${members.map((member, i) => `${JSON.stringify(names[i])}:${jsonOf(member)}`).join(',')}}` };
}

function jsonOf({ value, written }: Candidate): string {
  return written ?? JSON.stringify(value);
}
