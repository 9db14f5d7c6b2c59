import { skipSpace } from './json-scan.ts';

export interface JsonFault {
  readonly offset: number;
  readonly message: string;
}

const SCALAR = /(?:true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?)/y;
const ESCAPE = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y;

/** Where text stops being JSON (RFC 8259). V8 says so in words, and not always: only asked when it has refused a text. */
export function findJsonFault(text: string): JsonFault {
  /** Closing brackets that are owed. */
  const owed: string[] = [];
  let at = skipSpace(text, 0);
  let wants: 'value' | 'key' | 'key or }' | 'value or ]' | 'end' = 'value';
  for (;;) {
    at = skipSpace(text, at);
    const c = text[at];
    if (wants === 'end') {
      const close = owed.at(-1);
      if (close === undefined) return { offset: at, message: 'there is more after the end' };
      if (c === ',') {
        at += 1;
        wants = close === '}' ? 'key' : 'value';
      } else if (c === close) {
        owed.pop();
        at += 1;
      } else return fault(text, at, `, or ${close}`);
    } else if ((wants === 'key or }' && c === '}') || (wants === 'value or ]' && c === ']')) {
      owed.pop();
      at += 1;
      wants = 'end';
    } else if (wants === 'key' || wants === 'key or }') {
      const end = stringEnd(text, at);
      if (end === undefined) return fault(text, at, wants === 'key' ? 'a name in double quotes' : 'a name in double quotes, or }');
      at = skipSpace(text, end);
      if (text[at] !== ':') return fault(text, at, ':');
      at += 1;
      wants = 'value';
    } else if (c === '{' || c === '[') {
      owed.push(c === '{' ? '}' : ']');
      at += 1;
      wants = c === '{' ? 'key or }' : 'value or ]';
    } else {
      const end = stringEnd(text, at) ?? match(SCALAR, text, at);
      if (end === undefined) return fault(text, at, 'a value');
      at = end;
      wants = 'end';
    }
  }
}

function fault(text: string, offset: number, wanted: string): JsonFault {
  return { offset, message: offset >= text.length ? `it ends where ${wanted} should follow` : `here should be ${wanted}` };
}

/** After the closing quote; undefined where there is no string, or a broken one. */
function stringEnd(text: string, from: number): number | undefined {
  if (text[from] !== '"') return undefined;
  let at: number | undefined = from + 1;
  while (at !== undefined && text[at] !== '"') {
    // Control characters must be escaped; NaN is the end of the text.
    if (!(text.charCodeAt(at) >= 0x20)) return undefined;
    at = text[at] === '\\' ? match(ESCAPE, text, at) : at + 1;
  }
  return at === undefined ? undefined : at + 1;
}

function match(pattern: RegExp, text: string, at: number): number | undefined {
  pattern.lastIndex = at;
  return pattern.test(text) ? pattern.lastIndex : undefined;
}
