const MAX_SHOWN = 60;

/** Control characters, and those that turn the direction of writing, would let a file write to the terminal. */
const UNSAFE = /[\p{Cc}\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

/** Text from outside made fit for one line of a terminal. */
export function printable(text: string): string {
  return text.replace(UNSAFE, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** User information of a URL (RFC 3986 §3.2.1) is likely to be a password. */
const USERINFO = /:\/\/[^\s"']{1,1000}@/g;

/** A value as a message shows it: short, on one line, mappings and lists by their kind alone. */
export function show(value: unknown): string {
  if (typeof value === 'string') {
    const text = value.slice(0, 2048).replace(USERINFO, '://***@');
    return `"${printable(text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}…` : text)}"`;
  }
  if (value === null || value === undefined) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'a mapping';
  return printable(String(value)).slice(0, MAX_SHOWN);
}
