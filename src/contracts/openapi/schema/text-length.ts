import { spend } from './budget.ts';

/** Characters of a text as JSON Schema counts them (Validation §6.3.1): code points, a lone surrogate is one. */
export function codePoints(text: string): number {
  let n = text.length;
  spend(n >> 1);
  for (let i = 0; i < text.length - 1; i++) {
    const c = text.charCodeAt(i);
    if (c < 0xd800 || c > 0xdbff) continue;
    const next = text.charCodeAt(i + 1);
    if (next < 0xdc00 || next > 0xdfff) continue;
    n -= 1;
    i += 1;
  }
  return n;
}

/** A text has no more code points than units: nearly always its length says enough, and nothing is counted. */
export function isLongerThan(text: string, max: number): boolean {
  return text.length > max && codePoints(text) > max;
}

/** Nor less than half as many. */
export function isShorterThan(text: string, min: number): boolean {
  return text.length < min || (text.length < min * 2 && codePoints(text) < min);
}
