import type { Documents, Node } from '../document/documents.ts';
import { child, isObject, member } from '../document/pointer.ts';
import { dialectAt } from './dialects.ts';
import { meantBranches } from './discriminator.ts';
import { cutAbove, weight } from './cut.ts';
import { SchemaFault } from './fault.ts';
import {
  APPLICATORS,
  ASSERTIONS,
  type Dialect,
  DYNAMIC_REF,
  EITHER,
  type Holds,
  INHERITED,
  IN_PLACE,
  isExtensible,
  isIgnored,
  MEANT,
  NULL_OR,
  SAME_INSTANCE,
  wrongValue,
} from './keywords.ts';
import { type Reader, type ReadOnly, sideOf } from './read-only.ts';
import { keepWritten } from './written.ts';

/** JSON Schema 2020-12 with assertions only; a `$ref` holds the key of another unit. */
export type NormalSchema = boolean | { [keyword: string]: unknown };

export interface Normal {
  readonly schema: NormalSchema;
  /** A declared name is one that every object inherits: look at own members alone. */
  readonly ownProperties: boolean;
  /** It says something that Ajv would misjudge: `unevaluated…`, a property `__proto__`, one without a name. */
  readonly interpretOnly: boolean;
  /** Has a `$dynamicRef` whose meaning depends on the way that leads to it. */
  readonly dynamic: boolean;
  /** Keys of the units that it refers to; of those, the ones that judge the same value as this one. */
  readonly refs: ReadonlySet<string>;
  readonly sameInstance: ReadonlySet<string>;
  /** Schemas in it. */
  readonly nodes: number;
}

/** What `$dynamicRef` becomes: who judges, if nothing on the way there has a dynamic anchor of this name. */
export interface DynamicRef {
  readonly anchor: string;
  readonly initial: string;
  readonly as: Reader;
  readonly exempt: readonly string[];
}

export interface NormaliseContext {
  readonly documents: Documents;
  readonly dialect: Dialect;
  readonly readOnly: ReadOnly;
  /** The key under which the schema at `node` is compiled apart. */
  refer(node: Node, as: Reader, exempt: readonly string[]): string;
}

const MAX_NODES = 5000;

/**
 * One Schema Object, as written for OpenAPI 3.0 or 3.1, in the normal form for one reader. The structure is kept
 * keyword by keyword, so that a place in the normal form is a place in the document. Nothing beyond a `$ref` is entered.
 */
export function normalise(root: Node, reader: Reader, exempt: readonly string[], context: NormaliseContext): Normal {
  const { documents } = context;
  let nodes = 0;
  let ownProperties = false;
  let interpretOnly = false;
  let dynamic = false;
  const refs = new Set<string>();
  const sameInstance = new Set<string>();
  const has = context.dialect === '3.0' ? undefined : dialectOf(root);

  const schema = convert(root, exempt, { same: true, as: reader });
  return { schema, nodes, ownProperties, interpretOnly, dynamic, refs, sameInstance };

  function convert(node: Node, exempted: readonly string[], { same, as }: Pick<Below, 'same' | 'as'>): NormalSchema {
    const { value } = node;
    if (typeof value === 'boolean') return value;
    if (!isObject(value)) throw new SchemaFault('no_schema', `not a schema: ${node.pointer}`);
    nodes += 1;
    if (nodes > MAX_NODES) throw new SchemaFault('no_schema', `too large or circular without $ref: ${root.pointer}`);
    const out: { [keyword: string]: unknown } = {};
    const leftOut = left(node, exempted, as);
    const here: Here = { leftOut, same, as };
    if (typeof value.$ref === 'string') {
      out.$ref = reference(node, value.$ref, here);
      // 3.0.4 §4.7.23: "This object cannot be extended with additional properties, and any properties added SHALL be ignored."
      if (context.dialect === '3.0') return out;
    }
    for (const keyword of Object.keys(value)) {
      if (keyword === '$ref' || has?.(keyword) === false) continue;
      const holds = APPLICATORS.get(keyword);
      if (keyword.startsWith('unevaluated')) interpretOnly = true;
      if (holds !== undefined) out[keyword] = applicator(node, keyword, holds, value[keyword], here);
      else if (keyword === 'enum' && isExtensible(value)) continue;
      else if (ASSERTIONS.has(keyword) && !isIgnored(keyword, value[keyword])) out[keyword] = value[keyword];
    }
    if (context.dialect !== '3.0') addDynamic(node, value, out, here);
    // Judges nothing; those who use it are counted.
    if (value.deprecated === true) out.deprecated = true;
    if (context.dialect === '3.0') from30(value, out);
    checkValues(node, out);
    if (out.required !== undefined) require(out, [...leftOut, ...context.readOnly.inBranches(node, as)]);
    if (out.dependentRequired !== undefined) requireWith(out, leftOut);
    keepWritten(node, out);
    const meant = meantBranches(documents, node);
    if (meant !== undefined) out[MEANT] = meant;
    if (out.oneOf !== undefined && context.readOnly.tellApart(node, leftOut, as)) readTwice(node, value.oneOf, out, here);
    return context.dialect === '3.0' && value.nullable === true ? orNull(value, out) : out;
  }

  function dialectOf(node: Node): (keyword: string) => boolean {
    const has = dialectAt(documents, node);
    if (has === undefined) throw new SchemaFault('no_schema', 'its $schema is not JSON Schema 2020-12');
    return has;
  }

  /** Names that are looked for in objects. */
  function declare(names: readonly unknown[]): void {
    for (const name of names) {
      if (typeof name === 'string' && INHERITED.has(name)) ownProperties = true;
      // Ajv leaves the one out, and takes the other for "nothing is missing".
      if (name === '__proto__' || name === '') interpretOnly = true;
    }
  }

  /** Names that need not be there although something in place requires them. */
  function left(node: Node, exempted: readonly string[], as: Reader): readonly string[] {
    const own = context.readOnly.names(node, as);
    return own.size === 0 ? exempted : [...new Set([...exempted, ...own])].sort();
  }

  function require(out: { [keyword: string]: unknown }, leftOut: readonly string[]): void {
    if (!Array.isArray(out.required)) return;
    declare(out.required);
    if (leftOut.length === 0) return;
    out.required = out.required.filter((name: unknown) => typeof name !== 'string' || !leftOut.includes(name));
  }

  function requireWith(out: { [keyword: string]: unknown }, leftOut: readonly string[]): void {
    const lists = Object.entries(out.dependentRequired as Readonly<Record<string, readonly string[]>>);
    declare(lists.flat(2));
    if (leftOut.length > 0)
      out.dependentRequired = Object.fromEntries(lists.map(([name, needed]) => [name, needed.filter((one) => !leftOut.includes(one))]));
  }

  /** What a side may leave out can be what tells the branches apart: no value is refused that fits one of them with all that it requires. */
  function readTwice(node: Node, oneOf: unknown, out: { [keyword: string]: unknown }, here: Here): void {
    const whole = applicator(node, 'oneOf', 'list', oneOf, { leftOut: [], same: here.same, as: `whole ${sideOf(here.as)}` });
    out[EITHER] = [{ oneOf: out.oneOf, ...(out[MEANT] !== undefined && { [MEANT]: out[MEANT] }) }, { oneOf: whole }];
    delete out.oneOf;
  }

  function applicator(node: Node, keyword: string, holds: Holds, value: unknown, { leftOut, same, as }: Here): unknown {
    const pointer = child(node.pointer, keyword);
    const pass = IN_PLACE.has(keyword) ? leftOut : [];
    const how: Below = { cutAbove: cutAbove(keyword), same: same && SAME_INSTANCE.has(keyword), as: readerBelow(keyword, as) };
    if (holds === 'schema') return subschema({ file: node.file, pointer, value }, pass, how);
    if (holds === 'list') {
      if (!Array.isArray(value)) throw new SchemaFault('no_schema', `${pointer} is not an array`);
      return value.map((item: unknown, i) => subschema({ file: node.file, pointer: child(pointer, i), value: item }, pass, how));
    }
    if (!isObject(value)) throw new SchemaFault('no_schema', `${pointer} is not an object`);
    // Without a prototype `__proto__` is a name like any other.
    const map: { [name: string]: unknown } = Object.create(null);
    if (keyword !== 'patternProperties') declare(Object.keys(value));
    for (const name of Object.keys(value))
      map[name] = subschema({ file: node.file, pointer: child(pointer, name), value: member(value, name) }, pass, how);
    return map;
  }

  function subschema(node: Node, exempted: readonly string[], below: Below): NormalSchema {
    if (weight(node.value) > below.cutAbove) return { $ref: refer(node, [], below) };
    // A unit lies in one schema resource: what references in it mean, and which dialect it is in, is asked once.
    if (context.dialect !== '3.0' && isObject(node.value) && typeof node.value.$id === 'string')
      return { $ref: refer(node, exemptFor(context.readOnly, node, exempted, below.as), below) };
    return convert(node, exempted, below);
  }

  function refer(target: Node, exempted: readonly string[], { same, as }: Pick<Below, 'same' | 'as'>): string {
    const key = context.refer(target, as, exempted);
    refs.add(key);
    if (same) sameInstance.add(key);
    return key;
  }

  function targetOf(node: Node, ref: string): Node {
    const target = documents.resolve(node, ref);
    if (!target.ok) throw new SchemaFault('no_schema', 'load' in target ? `${target.load} is not loaded` : target.message);
    return target.node;
  }

  function reference(node: Node, ref: string, here: Here): string {
    const target = targetOf(node, ref);
    return refer(target, exemptFor(context.readOnly, target, here.leftOut, here.as), here);
  }

  /**
   * A dynamic reference is a plain one where it does not lead to a dynamic anchor of the same name, and where no other place of the contract
   * has one (JSON Schema core §8.2.3.2): then there is nothing that the way there could change.
   */
  function addDynamic(node: Node, value: Readonly<Record<string, unknown>>, out: { [keyword: string]: unknown }, here: Here): void {
    if (value.$recursiveRef !== undefined) throw new SchemaFault('no_schema', '$recursiveRef is not a keyword of 2020-12');
    const { $dynamicRef: ref } = value;
    if (ref === undefined) return;
    if (typeof ref !== 'string') throw new SchemaFault('no_schema', `${child(node.pointer, '$dynamicRef')} must be a string`);
    const target = targetOf(node, ref);
    const anchor = ref.slice(ref.indexOf('#') + 1);
    const initial = reference(node, ref, here);
    if (member(target.value, '$dynamicAnchor') === anchor && documents.resources.dynamicAnchors(anchor) > 1) {
      dynamic = true;
      out[DYNAMIC_REF] = { anchor, initial, as: here.as, exempt: here.leftOut } satisfies DynamicRef;
    } else if (out.$ref === undefined) out.$ref = initial;
    else out.allOf = [...(Array.isArray(out.allOf) ? (out.allOf as unknown[]) : []), { $ref: initial }];
  }
}

/** How a subschema lies in its unit. */
interface Below {
  /** Of so much weight it is compiled apart. */
  readonly cutAbove: number;
  /** It judges the value that the unit judges, not a part of it. */
  readonly same: boolean;
  readonly as: Reader;
}

/** What is known where a schema stands. */
interface Here extends Pick<Below, 'same' | 'as'> {
  /** Names that need not be there although something in place requires them. */
  readonly leftOut: readonly string[];
}

/** What decides by refusing, or between two others, refuses no value for a name that is left out: it is read as it is written. */
function readerBelow(keyword: string, as: Reader): Reader {
  if (keyword === 'not' || keyword === 'if') return `whole ${sideOf(as)}`;
  return SAME_INSTANCE.has(keyword) ? as : sideOf(as);
}

/** Of the names that need not be there, those that `target` requires and does not leave out by itself: the same unit serves as many as possible. */
export function exemptFor(readOnly: ReadOnly, target: Node, names: readonly string[], as: Reader): readonly string[] {
  if (names.length === 0) return names;
  const required = readOnly.requires(target);
  const own = readOnly.names(target, as);
  return names.filter((name) => required.has(name) && !own.has(name));
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
