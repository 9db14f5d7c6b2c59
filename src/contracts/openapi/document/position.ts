import type { Position } from '../../../core/document-reading.ts';
import { EVENT_ID, getScalarValue, parseEvents } from 'js-yaml';
import { skipJsonString, skipJsonValue, skipSpace } from './json-scan.ts';
import type { Syntax } from './parse.ts';
import { tokens } from './pointer.ts';

/** Wanted places as a tree of tokens, so that one pass over the text finds them all. */
interface Wanted {
  readonly children: Map<string, Wanted>;
  offset: number;
}

/**
 * Where pointers stand: the key of a member, the value of an item. One that does not exist is placed at its nearest ancestor.
 * Only asked when there are problems to report: it reads the text once more.
 */
export function locate(text: string, syntax: Syntax, pointers: readonly string[]): Position[] {
  const starts = lineStarts(text);
  return offsetsOf(text, syntax, pointers).map((offset) => positionAt(starts, offset));
}

/** The same as offsets into the text. */
export function offsetsOf(text: string, syntax: Syntax, pointers: readonly string[]): number[] {
  const root = wanted();
  for (const pointer of pointers) {
    let node = root;
    for (const token of tokens(pointer) ?? []) {
      const next = node.children.get(token) ?? wanted();
      node.children.set(token, next);
      node = next;
    }
  }
  if (syntax === 'json') findInJson(text, root);
  else findInYaml(text, root);
  return pointers.map((pointer) => {
    let node: Wanted | undefined = root;
    let offset = 0;
    for (const token of tokens(pointer) ?? []) {
      node = node.children.get(token);
      if (node === undefined || node.offset < 0) break;
      offset = node.offset;
    }
    return offset;
  });
}

/** Line and column of one offset of a text; negative: nowhere. */
export function positionOf(text: string, offset: number): Position {
  return offset < 0 ? { line: 0, column: 0 } : positionAt(lineStarts(text), Math.min(offset, text.length));
}

function wanted(): Wanted {
  return { children: new Map(), offset: -1 };
}

function lineStarts(text: string): number[] {
  const starts = [0];
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  return starts;
}

function positionAt(starts: readonly number[], offset: number): Position {
  let low = 0;
  let high = starts.length;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if ((starts[middle] as number) <= offset) low = middle;
    else high = middle;
  }
  return { line: low + 1, column: offset - (starts[low] as number) + 1 };
}

/** `text` has been parsed before, so it is valid JSON. Recursion is as deep as the wanted pointers, not as the text. */
function findInJson(text: string, root: Wanted): void {
  descend(skipSpace(text, 0), root);

  /** Gives the offset after the value at `at`. */
  function descend(at: number, node: Wanted): number {
    if (node.children.size === 0) return skipJsonValue(text, at);
    if (text[at] === '{') return members(at + 1, node);
    if (text[at] === '[') return items(at + 1, node);
    return skipJsonValue(text, at);
  }

  function members(from: number, node: Wanted): number {
    let at = skipSpace(text, from);
    while (text[at] === '"') {
      const key = at;
      at = skipJsonString(text, at);
      const next = node.children.get(JSON.parse(text.slice(key, at)) as string);
      at = skipSpace(text, skipSpace(text, at) + 1);
      if (next !== undefined) next.offset = key;
      at = skipSpace(text, next === undefined ? skipJsonValue(text, at) : descend(at, next));
      if (text[at] === ',') at = skipSpace(text, at + 1);
    }
    return at + 1;
  }

  function items(from: number, node: Wanted): number {
    let at = skipSpace(text, from);
    for (let i = 0; at < text.length && text[at] !== ']'; i++) {
      const next = node.children.get(String(i));
      if (next !== undefined) next.offset = at;
      at = skipSpace(text, next === undefined ? skipJsonValue(text, at) : descend(at, next));
      if (text[at] === ',') at = skipSpace(text, at + 1);
    }
    return at + 1;
  }
}

interface Frame {
  readonly map: boolean;
  /** Undefined: nothing wanted lies in this collection. */
  readonly node: Wanted | undefined;
  index: number;
  /** Of a mapping: the key has been read, its value comes next. */
  afterKey: boolean;
  next: Wanted | undefined;
}

function findInYaml(text: string, root: Wanted): void {
  const stack: Frame[] = [];
  for (const event of parseEvents(text, { maxDepth: 1000 })) {
    if (event.type === EVENT_ID.DOCUMENT) continue;
    if (event.type === EVENT_ID.POP) {
      stack.pop();
      continue;
    }
    const top = stack.at(-1);
    const start = event.type === EVENT_ID.SCALAR ? event.valueStart : event.type === EVENT_ID.ALIAS ? event.anchorStart : event.start;
    let node = top === undefined ? root : undefined;
    if (top?.map === true && !top.afterKey) {
      top.afterKey = true;
      top.next = event.type === EVENT_ID.SCALAR ? top.node?.children.get(getScalarValue(text, event)) : undefined;
      if (top.next !== undefined) top.next.offset = start;
    } else if (top?.map === true) {
      top.afterKey = false;
      node = top.next;
    } else if (top !== undefined) {
      node = top.node?.children.get(String(top.index));
      if (node !== undefined) node.offset = start;
      top.index += 1;
    }
    if (event.type === EVENT_ID.MAPPING || event.type === EVENT_ID.SEQUENCE)
      stack.push({ map: event.type === EVENT_ID.MAPPING, node, index: 0, afterKey: false, next: undefined });
  }
}
