import type { Node } from '../document/documents.ts';
import { child, isObject, member } from '../document/pointer.ts';
import type { Judging } from '../judging.ts';
import { isAnnotation } from '../media/annotations.ts';

/** A schema of an array that can be held against its items one by one. */
export interface ArraySchema {
  readonly prefix: readonly Node[];
  /** For the items behind the prefix. */
  readonly items: Node | undefined;
  readonly minItems: { readonly at: Node; readonly limit: number } | undefined;
  readonly maxItems: { readonly at: Node; readonly limit: number } | undefined;
}

const READ: ReadonlySet<string> = new Set(['$ref', 'allOf', 'type', 'items', 'prefixItems', 'minItems', 'maxItems']);
const MAX_PARTS = 50;

/**
 * The parts of a schema that all judge the array, through `$ref` and `allOf`. Undefined where the schema says something that needs the whole
 * array, or is not one of an array: that is not judged.
 */
export function arraySchemas(judging: Judging, schema: Node): readonly ArraySchema[] | undefined {
  const found: ArraySchema[] = [];
  const waiting: Node[] = [schema];
  const seen = new Set<string>();
  for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
    const { value } = node;
    if (value === true) continue;
    const key = `${node.file.uri}#${node.pointer}`;
    if (!isObject(value) || seen.has(key) || seen.size > MAX_PARTS) return undefined;
    seen.add(key);
    if (Object.keys(value).some((keyword) => !READ.has(keyword) && !isAnnotation(keyword))) return undefined;
    if (value.type !== undefined && value.type !== 'array' && !(Array.isArray(value.type) && value.type.includes('array')))
      return undefined;
    if (typeof value.$ref === 'string') {
      const target = judging.documents.resolve(node, value.$ref);
      if (!target.ok) return undefined;
      waiting.push(target.node);
    }
    waiting.push(...listAt(node, 'allOf'));
    found.push({
      prefix: listAt(node, 'prefixItems'),
      items: value.items === undefined ? undefined : { file: node.file, pointer: child(node.pointer, 'items'), value: value.items },
      minItems: limitAt(node, 'minItems'),
      maxItems: limitAt(node, 'maxItems'),
    });
  }
  return found;
}

function listAt(node: Node, keyword: string): Node[] {
  const list = member(node.value, keyword);
  if (!Array.isArray(list)) return [];
  const pointer = child(node.pointer, keyword);
  return list.map((value: unknown, i) => ({ file: node.file, pointer: child(pointer, i), value }));
}

function limitAt(node: Node, keyword: string): ArraySchema['minItems'] {
  const limit = member(node.value, keyword);
  if (typeof limit !== 'number') return undefined;
  return { at: { file: node.file, pointer: child(node.pointer, keyword), value: limit }, limit };
}
