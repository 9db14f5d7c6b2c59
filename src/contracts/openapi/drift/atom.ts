import type { Documents, Node, Place } from '../document/documents.ts';
import { child, isObject, type JsonObject, member } from '../document/pointer.ts';
import { ARRAY, BOOLEAN, INTEGER, NULL, NUMBER, OBJECT, STRING } from '../schema/shape.ts';
import { dialectAt } from '../schema/dialects.ts';
import { type Dialect, isExtensible } from '../schema/keywords.ts';

/** What one Schema Object says of members that have no name in it. `shut`: there are none, and the validator sees to it. */
export type Others = 'unsaid' | 'shut' | 'open' | Node;

/** One Schema Object with what it says itself, without what it refers to and without its branches. */
export interface Atom {
  readonly node: Node;
  /** Types that its `type`, `enum` and `const` leave, as bits. */
  readonly types: number;
  readonly properties: JsonObject;
  /** Properties have names in it: then it is meant to say which there are. */
  readonly declares: boolean;
  readonly patterns: readonly string[];
  /** Names that it speaks of although it has no schema for them. */
  readonly mentioned: readonly string[];
  readonly others: Others;
  /** For members that no other schema looks at. */
  readonly unevaluated: Node | undefined;
  readonly prefix: readonly Node[];
  readonly items: Node | undefined;
  /** Of which it is not known here which items they judge. */
  readonly someItems: readonly Node[];
  /** Texts that it lists; undefined: it lists none. */
  readonly listed: Listed | undefined;
  readonly format: string | undefined;
  /** It asks nothing of a text but that it is one. */
  readonly takesAnyText: boolean;
}

/** `keyword`: an extensible enumeration; undefined: `enum` or `const`, which the validator holds values against. */
export interface Listed {
  readonly texts: readonly string[];
  readonly keyword: 'x-extensible-enum' | 'enum' | undefined;
}

export const ALL = 127;

/** A keyword's value where the schema's dialect knows the keyword. */
export type Says = (keyword: string) => unknown;

/** How a schema is to be read; undefined: it is in another language (`$schema`). */
export function saysOf(documents: Documents, dialect: Dialect, node: Node & { readonly value: JsonObject }): Says | undefined {
  if (dialect === '3.0') return (keyword) => member(node.value, keyword);
  const has = dialectAt(documents, node);
  return has && ((keyword) => (has(keyword) ? member(node.value, keyword) : undefined));
}

export function atomOf(node: Node, says: Says): Atom {
  const properties = objectOr(says('properties'));
  const format = says('format');
  return {
    node,
    types: typesOf(says),
    properties,
    declares: Object.keys(properties).length > 0,
    patterns: Object.keys(objectOr(says('patternProperties'))),
    mentioned: mentionedIn(says),
    others: othersOf(node, says),
    unevaluated: schemaAt(node, 'unevaluatedProperties', says),
    prefix: listAt(node, 'prefixItems', says('prefixItems')),
    items: schemaAt(node, 'items', says),
    someItems: ['contains', 'unevaluatedItems'].flatMap((keyword) => schemaAt(node, keyword, says) ?? []),
    listed: listedBy(node.value, says),
    format: typeof format === 'string' ? format : undefined,
    takesAnyText: !NARROWS_TEXT.some((keyword) => says(keyword) !== undefined),
  };
}

const NARROWS_TEXT: readonly string[] = ['enum', 'const', 'pattern', 'format', 'minLength', 'maxLength', 'not', 'x-extensible-enum'];

const NO_MEMBERS: JsonObject = {};

export function objectOr(value: unknown): JsonObject {
  return isObject(value) ? value : NO_MEMBERS;
}

export function listAt(node: Place, keyword: string, value: unknown): Node[] {
  const at = child(node.pointer, keyword);
  return Array.isArray(value) ? value.map((one: unknown, i) => ({ file: node.file, pointer: child(at, i), value: one })) : [];
}

export function below(node: Place, keyword: string, name: string, value: unknown): Node {
  return { file: node.file, pointer: child(child(node.pointer, keyword), name), value };
}

export function schemaAt(node: Place, keyword: string, says: Says): Node | undefined {
  const value = says(keyword);
  return isObject(value) ? { file: node.file, pointer: child(node.pointer, keyword), value } : undefined;
}

/** `required: [x]` knows of `x`, however little it says of it. */
function mentionedIn(says: Says): string[] {
  const lists = objectOr(says('dependentRequired'));
  const names = [says('required'), Object.keys(lists), Object.values(lists), Object.keys(objectOr(says('dependentSchemas')))].flat(2);
  const discriminator = member(says('discriminator'), 'propertyName');
  return [...names, discriminator].filter((name) => typeof name === 'string');
}

function othersOf(node: Node, says: Says): Others {
  const [additional, unevaluated] = [says('additionalProperties'), says('unevaluatedProperties')];
  if (isObject(additional) && Object.keys(additional).length > 0)
    return { file: node.file, pointer: child(node.pointer, 'additionalProperties'), value: additional };
  if (additional === true || isObject(additional) || unevaluated === true || isObject(says('propertyNames'))) return 'open';
  return additional === false || unevaluated === false ? 'shut' : 'unsaid';
}

function listedBy(value: unknown, says: Says): Listed | undefined {
  const zalando = says('x-extensible-enum');
  if (Array.isArray(zalando)) return { texts: texts(zalando), keyword: 'x-extensible-enum' };
  const [values, constant] = [says('enum'), says('const')];
  if (Array.isArray(values)) return { texts: texts(values), keyword: isExtensible(objectOr(value)) ? 'enum' : undefined };
  return typeof constant === 'string' ? { texts: [constant], keyword: undefined } : undefined;
}

function texts(values: readonly unknown[]): string[] {
  return values.filter((value) => typeof value === 'string');
}

const BITS: ReadonlyMap<unknown, number> = new Map([
  ['string', STRING],
  ['integer', INTEGER],
  ['number', NUMBER | INTEGER],
  ['boolean', BOOLEAN],
  ['null', NULL],
  ['array', ARRAY],
  ['object', OBJECT],
]);

function typesOf(says: Says): number {
  const [type, values, constant] = [says('type'), says('enum'), says('const')];
  const union = (all: readonly unknown[], bits: (one: unknown) => number): number => all.reduce<number>((sum, one) => sum | bits(one), 0);
  let types = type === undefined ? ALL : union(Array.isArray(type) ? type : [type], (name) => BITS.get(name) ?? ALL);
  if (Array.isArray(values) && values.length > 0) types &= union(values, typeOf);
  if (constant !== undefined) types &= typeOf(constant);
  return types;
}

/** The JSON type of a value as a bit, `integer` apart from `number`. */
export function typeOf(value: unknown): number {
  switch (typeof value) {
    case 'string':
      return STRING;
    case 'number':
      return Number.isInteger(value) ? INTEGER : NUMBER;
    case 'boolean':
      return BOOLEAN;
    default:
      if (value === null) return NULL;
      return Array.isArray(value) ? ARRAY : OBJECT;
  }
}

/** Names of types whose bits are set. */
export function typeNames(bits: number): string[] {
  const names: string[] = [];
  for (const [name, bit] of TYPE_NAMES) if ((bits & bit) !== 0) names.push(name);
  return names;
}

const TYPE_NAMES: ReadonlyArray<readonly [string, number]> = [
  ['string', STRING],
  ['integer', INTEGER],
  ['number', NUMBER],
  ['boolean', BOOLEAN],
  ['null', NULL],
  ['array', ARRAY],
  ['object', OBJECT],
];
