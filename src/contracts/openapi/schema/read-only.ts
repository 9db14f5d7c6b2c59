import type { Side } from '../../../core/contract.ts';
import type { Documents, Node, Place } from '../document/documents.ts';
import { child, isObject, member } from '../document/pointer.ts';
import { type Dialect, IN_PLACE } from './keywords.ts';

/**
 * As whom a value is judged: as one side of an exchange, or `whole`: as that side, but with all that the value itself must have, whatever the side
 * may leave out. Its members are judged as the side again.
 */
export type Reader = Side | `whole ${Side}`;

const NONE: ReadonlySet<string> = new Set();
const MAX_DEPTH = 30;

/** Applicators whose subschemas judge the same value, but not always. */
const BRANCHES = ['anyOf', 'oneOf', 'then', 'else', 'dependentSchemas'] as const;

/**
 * Which properties a side need not have although they are required: readOnly ones in a request, writeOnly ones in a response
 * (OpenAPI 3.0.4 §4.7.24.2: "required takes effect on the response only"). Looks through `$ref` and `allOf`.
 */
export class ReadOnly {
  readonly #documents: Documents;
  readonly #dialect: Dialect;
  /** No file of the contract says readOnly or writeOnly: nothing to look for. */
  readonly unused: boolean;
  readonly #names: Record<Side, WeakMap<object, ReadonlySet<string>>> = { request: new WeakMap(), response: new WeakMap() };
  readonly #required = new WeakMap<object, ReadonlySet<string>>();

  constructor(documents: Documents, dialect: Dialect) {
    this.#documents = documents;
    this.#dialect = dialect;
    this.unused = ![...documents.files.values()].some((f) => f.mentions('readOnly') || f.mentions('writeOnly'));
  }

  /** Properties of an object schema that this side leaves out: its own and those of its `allOf`. */
  names(node: Node, as: Reader): ReadonlySet<string> {
    if (this.unused || isWhole(as)) return NONE;
    return this.#collect(node, as, 0);
  }

  /**
   * Properties that some branch of the schema lets this side leave out: what the schema itself requires is not asked of them.
   * Other branches go on requiring theirs, or they could not be told apart.
   */
  inBranches(node: Node, as: Reader): ReadonlySet<string> {
    if (this.unused || isWhole(as)) return NONE;
    const found = new Set<string>();
    for (const keyword of BRANCHES) for (const part of inPlace(node, keyword)) for (const name of this.names(part, as)) found.add(name);
    return found;
  }

  /**
   * Whether branches of the schema's `oneOf` differ in what they require of the names that need not be there: then leaving these out can make
   * several of them fit.
   */
  tellApart(node: Node, exempt: readonly string[], as: Reader): boolean {
    if (this.unused || isWhole(as)) return false;
    const asked = inPlace(node, 'oneOf').map((part) => {
      const free = new Set([...exempt, ...this.names(part, as), ...this.inBranches(part, as)]);
      return JSON.stringify([...this.requires(part)].filter((name) => free.has(name)).sort());
    });
    return asked.some((one) => one !== asked[0]);
  }

  /** What a schema requires in place, through `$ref` and the applicators that judge the same instance. */
  requires(node: Node): ReadonlySet<string> {
    return this.#requires(node, 0);
  }

  #collect(node: Node, side: Side, depth: number): ReadonlySet<string> {
    const { value } = node;
    if (!isObject(value) || depth > MAX_DEPTH) return NONE;
    const known = this.#names[side].get(value);
    if (known !== undefined) return known;
    // What is met again on the way down, a circle, adds nothing.
    this.#names[side].set(value, NONE);
    const found = new Set<string>();
    const target = this.#target(node);
    if (target !== undefined) for (const name of this.#collect(target, side, depth + 1)) found.add(name);
    if (target === undefined || this.#dialect === '3.1') {
      const flag = side === 'request' ? 'readOnly' : 'writeOnly';
      const { properties } = value;
      if (isObject(properties)) {
        const at = child(node.pointer, 'properties');
        for (const name of Object.keys(properties))
          if (this.#flagged({ file: node.file, pointer: child(at, name), value: member(properties, name) }, flag, 0)) found.add(name);
      }
      for (const part of inPlace(node, 'allOf')) for (const name of this.#collect(part, side, depth + 1)) found.add(name);
    }
    const result = found.size === 0 ? NONE : found;
    this.#names[side].set(value, result);
    return result;
  }

  #flagged(node: Node, flag: 'readOnly' | 'writeOnly', depth: number): boolean {
    if (!isObject(node.value) || depth > MAX_DEPTH) return false;
    const target = this.#target(node);
    if (target !== undefined && this.#flagged(target, flag, depth + 1)) return true;
    if (target !== undefined && this.#dialect === '3.0') return false;
    return (
      node.value[flag] === true ||
      ['allOf', 'anyOf', 'oneOf'].some((keyword) => inPlace(node, keyword).some((part) => this.#flagged(part, flag, depth + 1)))
    );
  }

  #requires(node: Node, depth: number): ReadonlySet<string> {
    const { value } = node;
    if (!isObject(value) || depth > MAX_DEPTH) return NONE;
    const known = this.#required.get(value);
    if (known !== undefined) return known;
    this.#required.set(value, NONE);
    const found = new Set<string>();
    const target = this.#target(node);
    if (target !== undefined) for (const name of this.#requires(target, depth + 1)) found.add(name);
    if (target === undefined || this.#dialect === '3.1') {
      if (Array.isArray(value.required)) for (const name of value.required) if (typeof name === 'string') found.add(name);
      for (const keyword of IN_PLACE)
        for (const part of inPlace(node, keyword)) for (const name of this.#requires(part, depth + 1)) found.add(name);
    }
    this.#required.set(value, found);
    return found;
  }

  #target(node: Node): Node | undefined {
    const ref = member(node.value, '$ref');
    if (typeof ref !== 'string') return undefined;
    const resolved = this.#documents.resolve(node, ref);
    return resolved.ok ? resolved.node : undefined;
  }
}

export function sideOf(as: Reader): Side {
  return as === 'request' || as === 'whole request' ? 'request' : 'response';
}

function isWhole(as: Reader): as is `whole ${Side}` {
  return as !== 'request' && as !== 'response';
}

/** The subschemas of one in-place applicator. */
function inPlace(node: Node, keyword: string): Node[] {
  const held = member(node.value, keyword);
  const at: Place = { file: node.file, pointer: child(node.pointer, keyword) };
  if (Array.isArray(held)) return held.map((value: unknown, i) => ({ ...at, pointer: child(at.pointer, i), value }));
  if (!isObject(held)) return [];
  if (keyword === 'then' || keyword === 'else') return [{ ...at, value: held }];
  return Object.keys(held).map((name) => ({ ...at, pointer: child(at.pointer, name), value: member(held, name) }));
}
