import type { Node } from '../document/documents.ts';
import { child, isObject, member } from '../document/pointer.ts';
import { patternOf } from '../pattern/engine.ts';
import { ARRAY, OBJECT } from '../schema/shape.ts';
import { type Atom, below } from './atom.ts';
import { type Formula, fitting, OPEN, SILENT, type Term } from './formula.ts';

/**
 * What a formula says of a member: the schemas of its value; `unknown`: it names members, and not this one; `silent`: it says nothing of members, and
 * whoever sends one contradicts nobody.
 */
export type Said = Term | 'unknown' | 'silent';

const NO_TERMS: readonly Term[] = Object.freeze([]);

/**
 * A member that any branch knows is known. Of branches that do not know it some are left aside, since a value that has it does not belong to them;
 * those that say nothing of members, or that others beside them make up for, stay: then nothing is certain of what the member holds.
 */
export function saidOfMember(formula: Formula, name: string): Said {
  let known = formula.open;
  let declares = false;
  const own: Term[] = formula.open ? [OPEN] : [];
  for (const atom of formula.atoms) {
    declares ||= atom.declares;
    const terms = ofMember(atom, name);
    if (terms === undefined) continue;
    known = true;
    own.push(...terms);
  }
  const groups = formula.groups.map((group) => fitting(group, OBJECT).map((branch) => saidOfMember(branch, name)));
  const knowing = groups.filter((group) => group.some(isTerm));
  declares ||= groups.some((group) => group.length > 0 && group.every((said) => said === 'unknown'));
  if (!known && knowing.length === 0) return declares ? 'unknown' : 'silent';
  const alternatives = knowing.map((group) => {
    const isElsewhere = known || knowing.length > 1;
    const stays = (said: Said): boolean => (said === 'silent' && (isElsewhere || !declares)) || (said === 'unknown' && isElsewhere);
    const terms = group.filter(isTerm);
    return group.some(stays) ? [...terms, SILENT] : terms;
  });
  return joined(own, alternatives);
}

function isTerm(said: Said): said is Term {
  return typeof said === 'object';
}

/** Undefined: it does not know the member. */
function ofMember(atom: Atom, name: string): readonly Term[] | undefined {
  const { node, properties, patterns, others } = atom;
  const terms: Term[] = [];
  const isNamed = Object.hasOwn(properties, name);
  if (isNamed) terms.push(one(below(node, 'properties', name, properties[name])));
  let matches = false;
  for (const pattern of patterns) {
    if (!patternOf(pattern).test(name)) continue;
    matches = true;
    terms.push(one(below(node, 'patternProperties', pattern, member(member(node.value, 'patternProperties'), pattern))));
  }
  if (isNamed || matches) return terms;
  if (atom.unevaluated !== undefined) terms.push(joined(NO_TERMS, [[one(atom.unevaluated), SILENT]]));
  if (typeof others === 'object') terms.push(one(others));
  if (terms.length > 0) return terms;
  return others === 'open' || atom.mentioned.includes(name) ? terms : undefined;
}

/** What a formula says of the item at a position; `index` beyond `prefixItems`: of all the rest. SILENT: nothing. */
export function saidOfItem(formula: Formula, index: number): Term {
  if (formula.open) return OPEN;
  const own: Term[] = [];
  for (const { prefix, items, someItems } of formula.atoms) {
    const at = prefix[index] ?? items;
    if (at !== undefined) own.push(one(at));
    for (const some of someItems) own.push(joined(NO_TERMS, [[one(some), SILENT]]));
  }
  const groups = formula.groups.map((group) => fitting(group, ARRAY).map((branch) => saidOfItem(branch, index)));
  return joined(own, groups);
}

/** The longest `prefixItems` of a formula. */
export function prefixLength({ atoms, groups }: Formula): number {
  let length = 0;
  for (const { prefix } of atoms) length = Math.max(length, prefix.length);
  for (const { branches } of groups) for (const branch of branches) length = Math.max(length, prefixLength(branch));
  return length;
}

/** `additionalProperties: false`, or that of all branches that a value may fit: the validator finds members that are too many. */
export function isShut({ atoms, groups }: Formula): boolean {
  if (atoms.some(({ others }) => others === 'shut')) return true;
  return groups.some((group) => {
    const branches = fitting(group, OBJECT);
    return branches.length > 0 && branches.every(isShut);
  });
}

export function one(node: Node): Term {
  if (!isObject(node.value)) return SILENT;
  return { nodes: [node], groups: [], open: false };
}

/** All of the terms, and of each group one. A group that leaves but one choice is none. */
function joined(terms: readonly Term[], alternatives: ReadonlyArray<readonly Term[]>): Term {
  const nodes = new Map<string, Node>();
  const groups = new Map<string, readonly Term[]>();
  let open = false;
  const add = (term: Term): void => {
    for (const node of term.nodes) nodes.set(nodeKey(node), node);
    for (const group of term.groups) groups.set(groupKey(group), group);
    open ||= term.open;
  };
  for (const term of terms) add(term);
  for (const group of alternatives) {
    const distinct = new Map(group.map((term) => [keyOf(term), term]));
    const choices = [...distinct.values()];
    if (choices.length === 1) add(choices[0] as Term);
    else if (choices.length > 1) groups.set(groupKey(choices), choices);
  }
  if (nodes.size === 0 && groups.size === 0) return open ? OPEN : SILENT;
  return { nodes: [...nodes.values()], groups: [...groups.values()], open };
}

function nodeKey({ file, pointer }: Node): string {
  return `${file.uri}#${pointer}`;
}

function groupKey(group: readonly Term[]): string {
  return `(${group.map(keyOf).sort().join('|')})`;
}

/** The same for terms that mean the same. */
export function keyOf({ nodes, groups, open }: Term): string {
  if (nodes.length === 1 && groups.length === 0 && !open) return nodeKey(nodes[0] as Node);
  const parts = [...nodes.map(nodeKey).sort(), ...groups.map(groupKey).sort()];
  return `${open ? '*' : ''}{${parts.map((part) => child('', part)).join('')}}`;
}
