/** How a scalar is written so that every reader takes it for the same value: those of YAML 1.1, as Kubernetes' tools are, and of 1.2. */

export type Quotes = 'plain' | 'single' | 'double';

/** Plain texts that no reader takes for a number, a date, a boolean, an indicator or a comment. */
const WORD = /^(?:[A-Za-z_/]|--?[A-Za-z])(?:[\w./@+=-]|:(?=[\w/]))*$/;
/** `50m`, `128Mi`. */
const QUANTITY = /^(?!0[xob])\d+[A-DF-Za-df-z][A-Za-z]*$/i;
/** YAML 1.1 "bool" and "null" types; 1.2.2 §10.3.2. */
const RESERVED = /^(?:null|true|false|yes|no|on|off|y|n)$/i;

/** On one line, as a value or a key. `quotes`: as what stood there before had them, where that can be. Not for values of other types. */
export function scalarText(value: unknown, quotes: Quotes): string {
  if (typeof value !== 'string') return value === null ? 'null' : String(value);
  if (quotes === 'plain' && isPlain(value)) return value;
  // One quote that JSON would have to escape is better read in the others.
  const single = quotes === 'single' || (quotes === 'plain' && /["\\]/.test(value));
  if (single && !/['\p{C}\u2028\u2029]/u.test(value)) return `'${value}'`;
  return doubleQuoted(value);
}

/** JSON, which YAML 1.2.2 §1.3 takes as it is, but for what it does not call printable (§5.1). */
export function doubleQuoted(value: string): string {
  return JSON.stringify(value).replace(UNPRINTABLE, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

const UNPRINTABLE = /[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]/g;

function isPlain(value: string): boolean {
  return (WORD.test(value) && !RESERVED.test(value)) || QUANTITY.test(value);
}

/** Whether a text of several lines can stand as a literal (`|`) that people can read: nothing in it that is not seen, no blank line at either end. */
export function isLiteral(value: string): boolean {
  const lines = (value.endsWith('\n') ? value.slice(0, -1) : value).split('\n');
  if (lines.length === 1 || /^(?:\s|$)/.test(lines[0] as string) || lines.at(-1) === '') return false;
  return lines.every((line) => !/[\p{C}\u2028\u2029]|\s$/u.test(line));
}
