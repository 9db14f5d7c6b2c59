/** Lists of names with parameters, as RateLimit and RateLimit-Policy are (RFC 9651 §3.1): read strictly, each character once. */

/** `"name";r=1;t=2` */
export interface ListMember {
  readonly name: string;
  /** Of a parameter that is given twice the last counts (§4.2.3.2); without a value it is `true`. */
  readonly params: ReadonlyMap<string, string | number | boolean>;
  /** As it was written. */
  readonly text: string;
}

/** Nobody honest sends more. */
const MAX_LENGTH = 4096;

const OWS = /[ \t]*/y;
const SP = / */y;
const COMMA = /,/y;
const SEMICOLON = /;/y;
const EQUALS = /=/y;
const PARAMETER = /[a-z*][a-z0-9_.*-]*/y;
const STRING = /"((?:[\x20-\x21\x23-\x5b\x5d-\x7e]|\\["\\])*)"/y;
const TOKEN = /[A-Za-z*][A-Za-z0-9:/!#$%&'*+.^_`|~-]*/y;
const NUMBER = /-?(?:\d{1,12}\.\d{1,3}|\d{1,15})(?![\d.])/y;
const BYTES = /:[A-Za-z0-9+/=]*:/y;
const BOOLEAN = /\?[01]/y;

/** Undefined where it is no such list, or an empty one. */
export function readList(text: string): readonly ListMember[] | undefined {
  if (text.length > MAX_LENGTH) return undefined;
  const from = new Cursor(text);
  from.take(SP);
  const members: ListMember[] = [];
  do {
    if (members.length > 0) from.take(OWS);
    const member = readMember(from);
    if (member === undefined) return undefined;
    members.push(member);
    from.take(OWS);
  } while (from.take(COMMA) !== undefined);
  return from.atEnd ? members : undefined;
}

function readMember(from: Cursor): ListMember | undefined {
  const startsAt = from.at;
  const name = readText(from) ?? from.take(TOKEN);
  if (name === undefined) return undefined;
  const params = new Map<string, string | number | boolean>();
  while (from.take(SEMICOLON) !== undefined) {
    from.take(SP);
    const key = from.take(PARAMETER);
    if (key === undefined) return undefined;
    const value = from.take(EQUALS) === undefined ? true : readValue(from);
    if (value === undefined) return undefined;
    params.set(key, value);
  }
  return { name, params, text: from.since(startsAt) };
}

function readText(from: Cursor): string | undefined {
  const quoted = from.take(STRING);
  return quoted?.slice(1, -1).replace(/\\(["\\])/g, '$1');
}

function readValue(from: Cursor): string | number | boolean | undefined {
  const number = from.take(NUMBER);
  if (number !== undefined) return Number(number);
  const boolean = from.take(BOOLEAN);
  if (boolean !== undefined) return boolean === '?1';
  return readText(from) ?? from.take(TOKEN) ?? from.take(BYTES);
}

class Cursor {
  at = 0;
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  /** What `sticky` finds here, and goes behind it. */
  take(sticky: RegExp): string | undefined {
    sticky.lastIndex = this.at;
    const found = sticky.exec(this.#text)?.[0];
    if (found !== undefined) this.at += found.length;
    return found;
  }

  since(startsAt: number): string {
    return this.#text.slice(startsAt, this.at);
  }

  get atEnd(): boolean {
    return this.at === this.#text.length;
  }
}
