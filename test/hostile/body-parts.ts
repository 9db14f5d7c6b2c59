/** JSON bodies that are written to take long, and schemas that help them. As large as what is judged on the event loop. */

export const LIMIT = 256 * 1024;

export interface HostileBody {
  readonly name: string;
  readonly schema: unknown;
  /** Text, or bytes that are no text. */
  readonly body: string | Uint8Array;
  /** What it comes to: `valid`, `invalid RULE`, `skipped REASON`. Before its schema is compiled the event loop may leave it to the worker. */
  readonly verdict: string;
  /** It is left to the worker even then. */
  readonly slow?: true;
}

export const fill = (one: string, open = '[', close = ']'): string =>
  open +
  Array<string>(Math.floor((LIMIT - 2) / (Buffer.byteLength(one) + 1)))
    .fill(one)
    .join(',') +
  close;

/** As many as fit, each another. */
export function distinct(one: (i: number) => string, open = '[', close = ']'): string {
  const parts: string[] = [];
  for (let i = 0, length = 2; ; i++) {
    const part = one(i);
    length += part.length + 1;
    if (length > LIMIT) return open + parts.join(',') + close;
    parts.push(part);
  }
}

export const text = (value: string): string => JSON.stringify(value);
export const list = (items: unknown, more: object = {}): object => ({ type: 'array', items, ...more });
export const times = <T>(n: number, make: (i: number) => T): T[] => Array.from({ length: n }, (_, i) => make(i));
