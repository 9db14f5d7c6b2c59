import type { Ast, SetItem } from './ast.ts';

/** What this reader does not understand, or what other dialects mean differently (`\A`, `[[:alpha:]]`). */
export class PatternError extends Error {}

const MAX_DEPTH = 100;
const CONTROL: Readonly<Record<string, number>> = { n: 10, r: 13, t: 9, v: 11, f: 12 };

/** Reads a pattern that the native engine has accepted, with the Unicode flag or only without it. */
export function parsePattern(source: string, flags: 'u' | ''): Ast {
  const chars = Array.from(source);
  let at = 0;
  let depth = 0;

  const ast = choice();
  if (at < chars.length) throw new PatternError(`unexpected ${chars[at]}`);
  return ast;

  function choice(): Ast {
    depth += 1;
    if (depth > MAX_DEPTH) throw new PatternError('nested too deeply');
    const options = [sequence()];
    while (chars[at] === '|') {
      at += 1;
      options.push(sequence());
    }
    depth -= 1;
    return options.length === 1 ? (options[0] as Ast) : { is: 'choice', options };
  }

  function sequence(): Ast {
    const items: Ast[] = [];
    while (at < chars.length && chars[at] !== '|' && chars[at] !== ')') items.push(repeated(atom()));
    return items.length === 1 ? (items[0] as Ast) : { is: 'sequence', items };
  }

  function repeated(body: Ast): Ast {
    let bounds: readonly [number, number] | undefined;
    const c = chars[at];
    if (c === '*') bounds = [0, Infinity];
    else if (c === '+') bounds = [1, Infinity];
    else if (c === '?') bounds = [0, 1];
    if (bounds !== undefined) at += 1;
    else if (c === '{') bounds = braces();
    if (bounds === undefined) return body;
    if (chars[at] === '?') at += 1;
    return { is: 'repeat', body, min: bounds[0], max: bounds[1] };
  }

  /** `{2}`, `{2,}`, `{2,5}`; anything else is a literal brace, which only patterns without the Unicode flag may have. */
  function braces(): readonly [number, number] | undefined {
    const found = /^\{(\d+)(,(\d*))?\}/.exec(chars.slice(at, at + 30).join(''));
    if (found === null) return undefined;
    at += found[0].length;
    const min = Number(found[1]);
    return [min, found[2] === undefined ? min : found[3] === '' ? Infinity : Number(found[3])];
  }

  function atom(): Ast {
    const c = chars[at] as string;
    at += 1;
    if (c === '.') return { is: 'any' };
    if (c === '^' || c === '$') return { is: 'anchor', kind: c };
    if (c === '(') return group();
    if (c === '[') return charClass();
    if (c === '\\') return escaped();
    return { is: 'char', code: c.codePointAt(0) as number };
  }

  function group(): Ast {
    const head = /^\?(:|=|!|<=|<!|<[\p{ID_Start}$_][\p{ID_Continue}$]*>)/u.exec(chars.slice(at, at + 80).join(''));
    if (head === null && chars[at] === '?') throw new PatternError('a group of a kind that is not in this version');
    at += head === null ? 0 : Array.from(head[0]).length;
    const body = choice();
    if (chars[at] !== ')') throw new PatternError('missing )');
    at += 1;
    return head !== null && /^\?<?[=!]/.test(head[0]) ? { is: 'look', body } : body;
  }

  function escaped(): Ast {
    const c = chars[at];
    if (c === 'b' || c === 'B') {
      at += 1;
      return { is: 'anchor', kind: c };
    }
    if (c === 'k' || (c !== undefined && c >= '1' && c <= '9')) {
      at += 1;
      return { is: 'backreference' };
    }
    const item = escapeItem();
    return item.is === 'range' ? { is: 'char', code: item.from } : { is: 'set', set: item };
  }

  /** After a backslash, in a class or not. */
  function escapeItem(): SetItem {
    const c = chars[at] ?? '';
    at += 1;
    if (/^[dDwWsS]$/.test(c)) return { is: 'shorthand', letter: c as 'd' };
    if (c === 'p' || c === 'P') return property(c === 'P');
    return one(CONTROL[c] ?? code(c));
  }

  function property(negated: boolean): SetItem {
    const found = /^\{([^}]*)\}/.exec(chars.slice(at, at + 80).join(''));
    if (found === null) throw new PatternError('\\p without a property');
    // Without the flag the native engine takes it for the letter p: `\\p{Alnum}` is Java's, and means something else here.
    if (flags === '') throw new PatternError(`\\p{${found[1]}} is not a property of ECMA-262`);
    at += found[0].length;
    return { is: 'property', negated, name: found[1] as string };
  }

  function code(c: string): number {
    if (c === '0') return 0;
    if (c === 'x') return hex(2);
    if (c === 'u') return unicode();
    if (c === 'c') {
      const letter = chars[at] ?? '';
      at += 1;
      return (letter.codePointAt(0) ?? 0) % 32;
    }
    // Other dialects give letters a meaning (\A, \z, \h); here they would silently be literals.
    if (/^[A-Za-z]$/.test(c) || c === '') throw new PatternError(`\\${c} is not an escape of ECMA-262`);
    return c.codePointAt(0) as number;
  }

  function unicode(): number {
    if (chars[at] === '{') {
      const end = chars.indexOf('}', at);
      const value = Number.parseInt(chars.slice(at + 1, end).join(''), 16);
      at = end + 1;
      return value;
    }
    const high = hex(4);
    if (high < 0xd800 || high > 0xdbff || chars[at] !== '\\' || chars[at + 1] !== 'u') return high;
    const back = at;
    at += 2;
    const low = hex(4);
    if (low >= 0xdc00 && low <= 0xdfff) return (high - 0xd800) * 0x400 + (low - 0xdc00) + 0x10000;
    at = back;
    return high;
  }

  function hex(digits: number): number {
    const text = chars.slice(at, at + digits).join('');
    if (!new RegExp(`^[0-9a-fA-F]{${digits}}$`).test(text)) throw new PatternError('an escape without its digits');
    at += digits;
    return Number.parseInt(text, 16);
  }

  function charClass(): Ast {
    const negated = chars[at] === '^';
    if (negated) at += 1;
    const items: SetItem[] = [];
    while (at < chars.length && chars[at] !== ']') {
      if (chars[at] === '[' && chars[at + 1] === ':') throw new PatternError('[:class:] is not ECMA-262');
      if (chars.slice(at, at + 3).join('') === '&&[') throw new PatternError('&& in a class is not ECMA-262');
      const from = classItem();
      if (chars[at] !== '-' || chars[at + 1] === ']' || from.is !== 'range') {
        items.push(from);
        continue;
      }
      at += 1;
      const to = classItem();
      if (to.is === 'range') items.push({ is: 'range', from: from.from, to: to.from });
      else items.push(from, one(0x2d), to);
    }
    at += 1;
    return { is: 'class', negated, items };
  }

  function classItem(): SetItem {
    const c = chars[at] as string;
    at += 1;
    if (c !== '\\') return one(c.codePointAt(0) as number);
    if (chars[at] === 'b') {
      at += 1;
      return one(8);
    }
    if (chars[at] !== undefined && /[1-9k]/.test(chars[at] as string)) throw new PatternError('a reference in a class');
    return escapeItem();
  }
}

function one(code: number): SetItem {
  return { is: 'range', from: code, to: code };
}
