import { type Child, type Located, type TextFault, MAX_DEPTH } from './located.ts';

/**
 * The places of a text that `JSON.parse` has accepted. Children are found when they are asked for: of a list of ten thousand objects
 * only those are looked into that are edited.
 */
export function locateJson(text: string): Located {
  return nodeAt(text, skipSpace(text, 0));
}

/** Of a text that `JSON.parse` has accepted. */
export function tooDeepJson(text: string): TextFault | undefined {
  let depth = 0;
  for (let at = 0; ; ) {
    STRUCTURE.lastIndex = at;
    const found = STRUCTURE.exec(text);
    if (found === null) return undefined;
    const [mark] = found;
    at = mark === '"' ? skipString(text, found.index) : found.index + 1;
    if (mark === '{' || mark === '[') depth += 1;
    else if (mark !== '"') depth -= 1;
    if (depth > MAX_DEPTH) return { message: `nested deeper than ${MAX_DEPTH} levels`, offset: found.index };
  }
}

function nodeAt(text: string, start: number): Located {
  const first = text[start];
  const end = skipValue(text, start);
  if (first !== '{' && first !== '[') {
    const form = first === '"' ? 'double' : 'plain';
    return { kind: 'scalar', form, start, end, anchor: undefined, value: JSON.parse(text.slice(start, end)) as unknown };
  }
  const kind = first === '{' ? 'map' : 'seq';
  let children: Child[] | undefined;
  return {
    kind,
    style: 'flow',
    start,
    end,
    anchor: undefined,
    get children() {
      children ??= kind === 'map' ? entries(text, start) : items(text, start);
      return children;
    },
  };
}

function entries(text: string, open: number): Child[] {
  const found: Child[] = [];
  let at = skipSpace(text, open + 1);
  while (text[at] === '"') {
    const start = at;
    const keyEnd = skipString(text, at);
    const behindMark = skipSpace(text, keyEnd) + 1;
    const value = nodeAt(text, skipSpace(text, behindMark));
    found.push({ key: JSON.parse(text.slice(start, keyEnd)) as string, start, behindMark, merges: false, value });
    at = skipComma(text, value.end);
  }
  return found;
}

function items(text: string, open: number): Child[] {
  const found: Child[] = [];
  let at = skipSpace(text, open + 1);
  while (text[at] !== ']') {
    const value = nodeAt(text, at);
    found.push({ key: undefined, start: at, behindMark: at, merges: false, value });
    at = skipComma(text, value.end);
  }
  return found;
}

function skipComma(text: string, from: number): number {
  const at = skipSpace(text, from);
  return text[at] === ',' ? skipSpace(text, at + 1) : at;
}

/** RFC 8259 §2: what may stand between two tokens. */
function skipSpace(text: string, from: number): number {
  let at = from;
  while (' \t\n\r'.includes(text[at] ?? 'x')) at += 1;
  return at;
}

function skipString(text: string, from: number): number {
  let at = from + 1;
  while (text[at] !== '"') at += text[at] === '\\' ? 2 : 1;
  return at + 1;
}

const SCALAR = /[^\s,\]}]*/y;
/** What matters to how deep one is. */
const STRUCTURE = /["{}[\]]/g;

function skipValue(text: string, from: number): number {
  if (text[from] === '"') return skipString(text, from);
  if (text[from] !== '{' && text[from] !== '[') {
    SCALAR.lastIndex = from;
    SCALAR.exec(text);
    return SCALAR.lastIndex;
  }
  let depth = 0;
  for (let at = from; ; ) {
    STRUCTURE.lastIndex = at;
    const mark = (STRUCTURE.exec(text) as RegExpExecArray)[0];
    at = STRUCTURE.lastIndex;
    if (mark === '"') at = skipString(text, at - 1);
    else depth += mark === '{' || mark === '[' ? 1 : -1;
    if (depth === 0) return at;
  }
}
