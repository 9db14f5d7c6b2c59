import type { Node } from '../document/documents.ts';
import { child, isObject, member } from '../document/pointer.ts';
import type { Judging } from '../judging.ts';
import { isAnnotation } from './annotations.ts';

const MAX_DEPTH = 20;
const ABOUT_BYTES: ReadonlySet<string> = new Set(['type', 'format', 'contentMediaType', 'contentEncoding', 'nullable']);
/** Formats that every file has, as far as anybody looks. */
const ANY_BYTES: ReadonlySet<unknown> = new Set([undefined, 'binary', 'byte']);

/** A schema that says no more than "a file": `type: string, format: binary` and the like. Whatever the bytes are, they fit. */
export function isPlainBytes(judging: Judging, node: Node, depth = 0): boolean {
  const { value } = node;
  if (value === true || value === undefined) return true;
  if (!isObject(value) || depth > MAX_DEPTH) return false;
  const says = Object.keys(value).filter((keyword) => !isAnnotation(keyword));
  if (says.length === 1 && typeof value.$ref === 'string') {
    const target = judging.documents.resolve(node, value.$ref);
    return target.ok && isPlainBytes(judging, target.node, depth + 1);
  }
  return (
    says.every((keyword) => ABOUT_BYTES.has(keyword)) &&
    (value.type === undefined || value.type === 'string') &&
    ANY_BYTES.has(value.format)
  );
}

const ABOUT_LISTS: ReadonlySet<string> = new Set(['type', 'items', 'minItems', 'maxItems']);

/** The same, or a list of such: several files under one name. */
export function isPlainFiles(judging: Judging, node: Node): boolean {
  if (isPlainBytes(judging, node)) return true;
  const { value } = node;
  if (!isObject(value) || value.type !== 'array') return false;
  if (!Object.keys(value).every((keyword) => ABOUT_LISTS.has(keyword) || isAnnotation(keyword))) return false;
  return isPlainBytes(judging, { file: node.file, pointer: child(node.pointer, 'items'), value: member(value, 'items') });
}
