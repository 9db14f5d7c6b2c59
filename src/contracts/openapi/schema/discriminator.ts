import type { Documents, Node, Place } from '../document/documents.ts';
import { child, isObject, member, tokens } from '../document/pointer.ts';

/** Which branch of `oneOf` or `anyOf` a value says that it belongs to. */
export interface Meant {
  readonly keyword: 'oneOf' | 'anyOf';
  readonly property: string;
  /** Index of the branch by value of the property; without a prototype. */
  readonly branches: Readonly<Record<string, number>>;
  /** Values to tell of: of a branch that `mapping` names, those of the mapping. */
  readonly values: readonly string[];
  /** For a value that names none, or no value (`defaultMapping`, OpenAPI 3.2.0 §4.25). */
  readonly otherwise: number | undefined;
}

/**
 * What a Discriminator Object says of the branches beside it (3.1.1 §4.8.25): by names in `mapping`, and by the names of the components that
 * they refer to. It "MUST NOT change the validation outcome of the schema": it only tells whose errors are worth listing.
 */
export function meantBranches(documents: Documents, node: Node): Meant | undefined {
  const discriminator = member(node.value, 'discriminator');
  const property = member(discriminator, 'propertyName');
  const keyword = (['oneOf', 'anyOf'] as const).find((name) => Array.isArray(member(node.value, name)));
  if (typeof property !== 'string' || keyword === undefined) return undefined;
  const parts = member(node.value, keyword) as readonly unknown[];
  const places = parts.map((part) => targetOf(documents, node, member(part, '$ref')));
  const branches: Record<string, number> = Object.create(null);
  for (const [i, place] of places.entries()) {
    const name = place === undefined ? undefined : tokens(place.pointer)?.at(-1);
    if (name !== undefined && place?.pointer.startsWith('/components/schemas/') === true) branches[name] = i;
  }
  const indexOf = (target: unknown): number | undefined => {
    const place = mapped(documents, node, target);
    const index = places.findIndex((one) => one !== undefined && one.file === place?.file && one.pointer === place.pointer);
    return index < 0 ? undefined : index;
  };
  const mapping = member(discriminator, 'mapping');
  const implied = Object.keys(branches);
  const given = new Map<string, number>();
  for (const value of isObject(mapping) ? Object.keys(mapping) : []) {
    const index = indexOf(member(mapping, value));
    if (index !== undefined) given.set(value, index);
  }
  const named = new Set(given.values());
  const values = [...implied.filter((name) => !given.has(name) && !named.has(branches[name] as number)), ...given.keys()];
  for (const [value, index] of given) branches[value] = index;
  return { keyword, property, branches, values, otherwise: indexOf(member(discriminator, 'defaultMapping')) };
}

/** What there is to say where a value of the property names no branch. */
export interface Unmapped {
  readonly discriminator: string;
  readonly allowedValues: readonly string[];
}

/** The branch that a value means; undefined: it does not say. */
export function meantBy(meant: Meant | undefined, keyword: string, value: unknown): number | Unmapped | undefined {
  if (meant === undefined || meant.keyword !== keyword || !isObject(value)) return undefined;
  const tag = member(value, meant.property);
  if (typeof tag !== 'string') return meant.otherwise;
  const index = meant.branches[tag] ?? meant.otherwise;
  return index ?? { discriminator: meant.property, allowedValues: meant.values };
}

/** A name of a component or a URI; "ambiguous values (e.g. foo) MUST be treated as a … name" is said of both, so the name goes first. */
function mapped(documents: Documents, node: Node, target: unknown): Place | undefined {
  if (typeof target !== 'string') return undefined;
  const named = /^[\w.-]+$/.test(target) ? targetOf(documents, node, `#${child('/components/schemas', target)}`) : undefined;
  return named ?? targetOf(documents, node, target);
}

function targetOf(documents: Documents, from: Place, ref: unknown): Place | undefined {
  if (typeof ref !== 'string') return undefined;
  const resolved = documents.resolve(from, ref);
  return resolved.ok ? resolved.node : undefined;
}
