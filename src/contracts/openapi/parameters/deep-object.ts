import { type Decode, NOT_ENCODED } from './pieces.ts';

const MEMBER = /^\[([^[\]]+)\]$/;

/**
 * Members of an object in style `deepObject`, from what stands behind its name: `[R]`. Undefined where they are written in a way that the specification does
 * not define (3.1.1 §4.8.12.3: "The representation of array or object properties is not defined"): `[R][G]`, `[]`, a name twice. A text: what is wrong.
 */
export function bracketMembers(
  found: ReadonlyArray<readonly [rest: string, value: string]>,
  decode: Decode,
): Array<readonly [string, string]> | undefined | string {
  const members = new Map<string, string>();
  for (const [rest, raw] of found) {
    const name = MEMBER.exec(rest)?.[1];
    if (name === undefined || members.has(name)) return undefined;
    const value = decode(raw);
    if (value === undefined) return NOT_ENCODED;
    members.set(name, value);
  }
  return [...members];
}
