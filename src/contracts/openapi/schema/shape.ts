import type { Documents, Node } from '../document/documents.ts';
import { child, isObject, member } from '../document/pointer.ts';
import type { Dialect } from './keywords.ts';

/** Sets of JSON types as bits. */
export const STRING = 1;
export const INTEGER = 2;
export const NUMBER = 4;
export const BOOLEAN = 8;
export const NULL = 16;
export const ARRAY = 32;
export const OBJECT = 64;
const ALL = 127;
export const SCALAR = STRING | INTEGER | NUMBER | BOOLEAN | NULL;

const BITS: Readonly<Record<string, number>> = {
  string: STRING,
  integer: INTEGER,
  number: NUMBER | INTEGER,
  boolean: BOOLEAN,
  null: NULL,
  array: ARRAY,
  object: OBJECT,
};
const MAX_DEPTH = 20;

/** Applicators whose subschemas judge the value itself. */
const BRANCHES = ['allOf', 'anyOf', 'oneOf', 'not', 'if', 'then', 'else', 'dependentSchemas'] as const;

export interface Described {
  readonly nodes: readonly Node[];
  readonly plain: boolean;
  readonly opaque: boolean;
}

/** What text can mean under a schema: which types it may become, through `$ref` and in-place applicators. A superset is harmless. */
export class Shapes {
  readonly #documents: Documents;
  readonly #dialect: Dialect;

  constructor(documents: Documents, dialect: Dialect) {
    this.#documents = documents;
    this.#dialect = dialect;
  }

  /** Types that a value of this schema may have. */
  types(node: Node, depth = 0): number {
    const { value } = node;
    if (!isObject(value) || depth > MAX_DEPTH) return ALL;
    let types = ALL;
    const target = this.#target(node);
    if (target !== undefined) types &= this.types(target, depth + 1);
    if (target !== undefined && this.#dialect === '3.0') return types;
    types &= ownTypes(value);
    for (const part of this.#parts(node, 'allOf')) types &= this.types(part, depth + 1);
    for (const keyword of ['anyOf', 'oneOf']) {
      const parts = this.#parts(node, keyword);
      if (parts.length > 0) types &= parts.reduce((union, part) => union | this.types(part, depth + 1), 0);
    }
    return this.#dialect === '3.0' && value.nullable === true ? types | NULL : types;
  }

  /** Types of the items, over everything that describes them. */
  itemTypes(node: Node): number {
    return this.#union(node, (at) => [{ file: at.file, pointer: child(at.pointer, 'items'), value: member(at.value, 'items') }]);
  }

  /** Schemas that describe a property, in place; none where nothing does. */
  property(node: Node, name: string): Node[] {
    return this.#describing(node, (at) => {
      const properties = member(at.value, 'properties');
      const pointer = child(child(at.pointer, 'properties'), name);
      return [{ file: at.file, pointer, value: member(properties, name) }];
    });
  }

  /** Whether equality or divisibility of numbers decides: there a lost digit would. */
  comparesExactly(node: Node): boolean {
    return this.#describing(node, (at) => [at]).some(
      ({ value }) => isObject(value) && ['multipleOf', 'enum', 'const'].some((keyword) => Object.hasOwn(value, keyword)),
    );
  }

  /** Whether properties that have no name in the schema are described all the same. */
  describesOthers(node: Node): boolean {
    return this.#describing(node, (at) => [at]).some(
      ({ value }) =>
        isObject(value) &&
        ['additionalProperties', 'patternProperties', 'unevaluatedProperties'].some((keyword) => isObject(value[keyword])),
    );
  }

  /**
   * Every schema that may judge the same value, branches and conditions too. `plain`: all of them judge it, whatever else they say.
   * `opaque`: a reference among them is known only while a value is judged.
   */
  describing(node: Node): Described {
    const nodes: Node[] = [];
    const seen = new Set<unknown>();
    const stack: Node[] = [node];
    let plain = true;
    let opaque = false;
    for (let at = stack.pop(); at !== undefined; at = stack.pop()) {
      if (!isObject(at.value) || seen.has(at.value)) continue;
      seen.add(at.value);
      const target = this.#target(at);
      if (target !== undefined) stack.push(target);
      if (target !== undefined && this.#dialect === '3.0') continue;
      nodes.push(at);
      if (member(at.value, '$dynamicRef') !== undefined) opaque = true;
      for (const keyword of BRANCHES) {
        const value = member(at.value, keyword);
        if (value === undefined) continue;
        if (keyword !== 'allOf') plain = false;
        const below = { file: at.file, pointer: child(at.pointer, keyword), value };
        if (Array.isArray(value)) stack.push(...this.#parts(at, keyword));
        else if (keyword === 'dependentSchemas') stack.push(...this.#values(below));
        else stack.push(below);
      }
    }
    return { nodes, plain: plain && !opaque, opaque };
  }

  #values(node: Node): Node[] {
    if (!isObject(node.value)) return [];
    return Object.entries(node.value).map(([name, value]) => ({ file: node.file, pointer: child(node.pointer, name), value }));
  }

  #union(node: Node, pick: (at: Node) => Node[]): number {
    const found = this.#describing(node, pick);
    return found.length === 0 ? ALL : found.reduce((union, at) => union | this.types(at), 0);
  }

  /** What `pick` gives for a schema and for all that judge the same value. */
  #describing(node: Node, pick: (at: Node) => Node[]): Node[] {
    const found: Node[] = [];
    const seen = new Set<unknown>();
    const stack: Node[] = [node];
    for (let at = stack.pop(); at !== undefined; at = stack.pop()) {
      if (!isObject(at.value) || seen.has(at.value)) continue;
      seen.add(at.value);
      const target = this.#target(at);
      if (target !== undefined) stack.push(target);
      if (target !== undefined && this.#dialect === '3.0') continue;
      found.push(...pick(at).filter((n) => n.value !== undefined));
      for (const keyword of ['allOf', 'anyOf', 'oneOf']) stack.push(...this.#parts(at, keyword));
    }
    return found;
  }

  #target(node: Node): Node | undefined {
    const ref = member(node.value, '$ref');
    if (typeof ref !== 'string') return undefined;
    const resolved = this.#documents.resolve(node, ref);
    return resolved.ok ? resolved.node : undefined;
  }

  #parts(node: Node, keyword: string): Node[] {
    const list = member(node.value, keyword);
    if (!Array.isArray(list)) return [];
    const at = child(node.pointer, keyword);
    return list.map((value: unknown, i) => ({ file: node.file, pointer: child(at, i), value }));
  }
}

function ownTypes(schema: Readonly<Record<string, unknown>>): number {
  let types = ALL;
  const { type } = schema;
  if (typeof type === 'string') types = BITS[type] ?? ALL;
  else if (Array.isArray(type))
    types = type.reduce((union: number, t: unknown) => union | (typeof t === 'string' ? (BITS[t] ?? ALL) : ALL), 0);
  const values: unknown = 'const' in schema ? [schema.const] : schema.enum;
  if (Array.isArray(values)) types &= values.reduce((union: number, value: unknown) => union | typeOf(value), 0);
  return types;
}

function typeOf(value: unknown): number {
  if (value === null) return NULL;
  if (Array.isArray(value)) return ARRAY;
  if (typeof value === 'number') return Number.isInteger(value) ? INTEGER | NUMBER : NUMBER;
  return BITS[typeof value] ?? ALL;
}
