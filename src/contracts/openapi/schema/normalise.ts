import type { Side } from '../../../core/contract.ts';
import type { Documents, Node } from '../document/documents.ts';
import { child, isObject, member } from '../document/pointer.ts';
import { SchemaFault } from './fault.ts';
import {
  APPLICATORS,
  ASSERTIONS,
  CHILD,
  type Dialect,
  type Holds,
  INHERITED,
  IN_PLACE,
  isIgnored,
  NULL_OR,
  wrongValue,
} from './keywords.ts';
import type { ReadOnly } from './read-only.ts';

/** JSON Schema 2020-12 with assertions only; a `$ref` holds the key of another unit. */
export type NormalSchema = boolean | { [keyword: string]: unknown };

export interface Normal {
  readonly schema: NormalSchema;
  /** A declared name is one that every object inherits: look at own members alone. */
  readonly ownProperties: boolean;
  /** It has `unevaluatedProperties` or `unevaluatedItems` somewhere. */
  readonly unevaluated: boolean;
}

export interface NormaliseContext {
  readonly documents: Documents;
  readonly dialect: Dialect;
  readonly readOnly: ReadOnly;
  /** The key under which the schema at `node` is compiled apart. */
  refer(node: Node, side: Side, exempt: readonly string[]): string;
  /** The only place that defines this `$dynamicAnchor`; undefined where there are several or none. */
  dynamicAnchor(name: string): Node | undefined;
}

/** Inline schemas of one unit. Larger ones are cut where no annotation flows, so that no single compilation takes long. */
const CUT_ABOVE = 40;
const MAX_NODES = 5000;

/**
 * One Schema Object, as written for OpenAPI 3.0 or 3.1, in the normal form for one side of an exchange. The structure is kept
 * keyword by keyword, so that a place in the normal form is a place in the document. Nothing beyond a `$ref` is entered.
 */
export function normalise(root: Node, side: Side, exempt: readonly string[], context: NormaliseContext): Normal {
  let nodes = 0;
  let ownProperties = false;
  let unevaluated = false;

  const schema = convert(root, exempt);
  return { schema, ownProperties, unevaluated };

  function convert(node: Node, exempted: readonly string[]): NormalSchema {
    const { value } = node;
    if (typeof value === 'boolean') return value;
    if (!isObject(value)) throw new SchemaFault('no_schema', `not a schema: ${node.pointer}`);
    nodes += 1;
    if (nodes > MAX_NODES) throw new SchemaFault('no_schema', `too large or circular without $ref: ${root.pointer}`);
    const out: { [keyword: string]: unknown } = {};
    const leftOut = left(node, exempted);
    if (typeof value.$ref === 'string') {
      out.$ref = reference(node, value.$ref, leftOut);
      // 3.0.4 §4.7.23: "This object cannot be extended with additional properties, and any properties added SHALL be ignored."
      if (context.dialect === '3.0') return out;
    }
    if (value.$dynamicRef !== undefined || value.$recursiveRef !== undefined) addDynamic(node, value, out, leftOut);
    for (const keyword of Object.keys(value)) {
      if (keyword === '$ref') continue;
      const holds = APPLICATORS.get(keyword);
      if (keyword.startsWith('unevaluated')) unevaluated = true;
      if (holds !== undefined) out[keyword] = applicator(node, keyword, holds, value[keyword], leftOut);
      else if (ASSERTIONS.has(keyword) && !isIgnored(keyword, value[keyword])) out[keyword] = value[keyword];
    }
    if (context.dialect === '3.0') from30(value, out);
    checkValues(node, out);
    if (out.required !== undefined) require(out, leftOut);
    return context.dialect === '3.0' && value.nullable === true ? orNull(value, out) : out;
  }

  /** Names that need not be there although something in place requires them. */
  function left(node: Node, exempted: readonly string[]): readonly string[] {
    const own = context.readOnly.names(node, side);
    return own.size === 0 ? exempted : [...new Set([...exempted, ...own])].sort();
  }

  function require(out: { [keyword: string]: unknown }, leftOut: readonly string[]): void {
    if (!Array.isArray(out.required)) return;
    for (const name of out.required) if (typeof name === 'string' && INHERITED.has(name)) ownProperties = true;
    if (leftOut.length === 0) return;
    out.required = out.required.filter((name: unknown) => typeof name !== 'string' || !leftOut.includes(name));
  }

  function applicator(node: Node, keyword: string, holds: Holds, value: unknown, leftOut: readonly string[]): unknown {
    const pointer = child(node.pointer, keyword);
    const pass = IN_PLACE.has(keyword) ? leftOut : [];
    const apart = CHILD.has(keyword);
    if (holds === 'schema') return subschema({ file: node.file, pointer, value }, pass, apart);
    if (holds === 'list') {
      if (!Array.isArray(value)) throw new SchemaFault('no_schema', `${pointer} is not an array`);
      return value.map((item: unknown, i) => subschema({ file: node.file, pointer: child(pointer, i), value: item }, pass, apart));
    }
    if (!isObject(value)) throw new SchemaFault('no_schema', `${pointer} is not an object`);
    // Without a prototype `__proto__` is a name like any other.
    const map: { [name: string]: unknown } = Object.create(null);
    for (const name of Object.keys(value)) {
      if (name === '__proto__') throw new SchemaFault('no_schema', `${pointer}: a property __proto__ cannot be judged`);
      if (keyword !== 'patternProperties' && INHERITED.has(name)) ownProperties = true;
      map[name] = subschema({ file: node.file, pointer: child(pointer, name), value: member(value, name) }, pass, apart);
    }
    return map;
  }

  function subschema(node: Node, exempted: readonly string[], apart: boolean): NormalSchema {
    if (apart && weight(node.value) > CUT_ABOVE) return { $ref: context.refer(node, side, []) };
    return convert(node, exempted);
  }

  function reference(node: Node, ref: string, leftOut: readonly string[]): string {
    const target = context.documents.resolve(node, ref);
    if (!target.ok) throw new SchemaFault('no_schema', 'load' in target ? `${target.load} is not loaded` : target.message);
    return context.refer(target.node, side, leftOut.length === 0 ? [] : exemptFor(target.node, leftOut));
  }

  /** Only what the target requires and does not leave out by itself, so that the same unit serves as many as possible. */
  function exemptFor(target: Node, leftOut: readonly string[]): readonly string[] {
    const required = context.readOnly.requires(target);
    const own = context.readOnly.names(target, side);
    return leftOut.filter((name) => required.has(name) && !own.has(name));
  }

  /** A dynamic reference is a plain one as long as only one place defines its anchor (JSON Schema core §8.2.3.2). */
  function addDynamic(
    node: Node,
    value: Readonly<Record<string, unknown>>,
    out: { [keyword: string]: unknown },
    leftOut: readonly string[],
  ): void {
    const ref = value.$dynamicRef;
    if (value.$recursiveRef !== undefined || typeof ref !== 'string')
      throw new SchemaFault('no_schema', '$recursiveRef is not a keyword of 2020-12');
    const name = ref.slice(ref.indexOf('#') + 1);
    const only = name.startsWith('/') ? undefined : context.dynamicAnchor(name);
    if (only === undefined && !name.startsWith('/'))
      throw new SchemaFault('no_schema', `$dynamicRef ${ref}: several places define this anchor, which is not in this version`);
    const key = only === undefined ? reference(node, ref, leftOut) : context.refer(only, side, exemptFor(only, leftOut));
    if (out.$ref === undefined) out.$ref = key;
    else out.allOf = [...(Array.isArray(out.allOf) ? (out.allOf as unknown[]) : []), { $ref: key }];
  }
}

/** A keyword with a value that means nothing: what it was meant to say is not guessed. */
function checkValues(node: Node, out: { [keyword: string]: unknown }): void {
  for (const keyword of Object.keys(out)) {
    const rule = ASSERTIONS.get(keyword);
    const wanted = rule === undefined ? undefined : wrongValue(out[keyword], rule);
    if (wanted !== undefined) throw new SchemaFault('no_schema', `${child(node.pointer, keyword)} must be ${wanted}`);
  }
}

/** What OpenAPI 3.0 says in its own words (3.0.4 §4.7.24). */
function from30(value: Readonly<Record<string, unknown>>, out: { [keyword: string]: unknown }): void {
  for (const [exclusive, limit] of [
    ['exclusiveMinimum', 'minimum'],
    ['exclusiveMaximum', 'maximum'],
  ] as const) {
    if (typeof value[exclusive] !== 'boolean') continue;
    delete out[exclusive];
    if (value[exclusive] && value[limit] !== undefined) {
      out[exclusive] = value[limit];
      delete out[limit];
    }
  }
}

/** Keywords beside `type` that would refuse null all the same. */
const CLOSED: readonly string[] = ['enum', 'const', 'allOf', 'anyOf', 'oneOf', 'not'];

/**
 * A schema that says `nullable: true` lets null pass, whatever else it says. 3.0.3 and later give the keyword less: no effect without
 * `type`, none on `enum`. But authors who write it mean it, and to report their nulls would be a false alarm.
 */
function orNull(value: Readonly<Record<string, unknown>>, out: { [keyword: string]: unknown }): NormalSchema {
  if (typeof value.type !== 'string' || CLOSED.some((keyword) => value[keyword] !== undefined)) return { [NULL_OR]: out };
  return { ...out, type: value.type === 'null' ? 'null' : [value.type, 'null'] };
}

const weights = new WeakMap<object, number>();

/** Objects and arrays in a value, up to a few more than `CUT_ABOVE`. */
function weight(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  const known = weights.get(value);
  if (known !== undefined) return known;
  let count = 0;
  const stack: unknown[] = [value];
  for (let top = stack.pop(); top !== undefined && count <= CUT_ABOVE; top = stack.pop()) {
    if (typeof top !== 'object' || top === null) continue;
    count += 1;
    if (isObject(top) && typeof top.$ref === 'string') continue;
    for (const key of Object.keys(top))
      if (key !== 'example' && key !== 'examples' && key !== 'enum') stack.push((top as Record<string, unknown>)[key]);
  }
  weights.set(value, count);
  return count;
}
