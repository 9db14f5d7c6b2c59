import type { Documents, Node } from '../document/documents.ts';
import { isObject } from '../document/pointer.ts';
import type { Dialect } from '../schema/keywords.ts';
import { ALL, type Atom, atomOf, below, listAt, objectOr, type Says, saysOf, schemaAt } from './atom.ts';
import type { Subtypes } from './subtypes.ts';

/**
 * Schemas that one value may be held against, not looked into yet: all of `nodes`, and of each group one. `open`: one that cannot be known, and then
 * anything may be there.
 */
export interface Term {
  readonly nodes: readonly Node[];
  readonly groups: ReadonlyArray<readonly Term[]>;
  readonly open: boolean;
}

/** Says nothing of a value. */
export const SILENT: Term = Object.freeze({ nodes: [], groups: [], open: false });
export const OPEN: Term = Object.freeze({ nodes: [], groups: [], open: true });

/** What a term says in place: references followed, branches laid side by side. Nothing is evaluated: which branch a value fits is left open. */
export interface Formula {
  readonly atoms: readonly Atom[];
  readonly groups: readonly Group[];
  readonly open: boolean;
  /** Types that a value of it may have, as bits. */
  readonly types: number;
}

export interface Group {
  /** Where its branches stand; undefined: it is none of the document's. */
  readonly of: Node | undefined;
  readonly keyword: string;
  readonly branches: readonly Formula[];
}

const NOTHING: Formula = Object.freeze({ atoms: [], groups: [], open: false, types: ALL });
const ANYTHING: Formula = Object.freeze({ atoms: [], groups: [], open: true, types: ALL });

/** Schemas of one formula. What has more is not known. */
const MAX_SCHEMAS = 3000;

/** One that is being made. */
interface Draft {
  readonly atoms: Atom[];
  readonly groups: Group[];
  open: boolean;
}

/** Makes formulas of terms. */
export class Formulas {
  readonly #documents: Documents;
  readonly #dialect: Dialect;
  readonly #subtypes: Subtypes;
  #left = 0;

  constructor(documents: Documents, dialect: Dialect, subtypes: Subtypes) {
    this.#documents = documents;
    this.#dialect = dialect;
    this.#subtypes = subtypes;
  }

  of(term: Term): Formula {
    this.#left = MAX_SCHEMAS;
    const formula = this.#term(term);
    return this.#left < 0 ? ANYTHING : formula;
  }

  #term({ nodes, groups, open }: Term): Formula {
    const draft: Draft = { atoms: [], groups: [], open };
    const seen = new Set<unknown>();
    for (const node of nodes) this.#add(draft, node, seen);
    for (const group of groups)
      draft.groups.push({ of: undefined, keyword: 'anyOf', branches: group.map((one) => (one === SILENT ? NOTHING : this.#term(one))) });
    return settled(draft);
  }

  /** `seen`: schemas in place above: one that leads back to itself adds nothing. */
  #branch(nodes: readonly (Node | undefined)[], seen: ReadonlySet<unknown>): Formula {
    const draft: Draft = { atoms: [], groups: [], open: false };
    const here = new Set(seen);
    for (const node of nodes) if (node !== undefined) this.#add(draft, node, here);
    return settled(draft);
  }

  #add(draft: Draft, node: Node, seen: Set<unknown>): void {
    const { value } = node;
    if (!isObject(value) || seen.has(value)) return;
    this.#left -= 1;
    if (this.#left < 0) return;
    seen.add(value);
    const says = saysOf(this.#documents, this.#dialect, { ...node, value });
    if (says === undefined) {
      draft.open = true;
      return;
    }
    if (typeof value.$ref === 'string') {
      this.#refer(draft, node, value.$ref, seen);
      if (this.#dialect === '3.0') return;
    }
    const dynamic = value.$dynamicRef;
    if (typeof dynamic === 'string' && this.#dialect !== '3.0') {
      this.#refer(draft, node, dynamic, seen);
      // Which of several is meant depends on the way here.
      if (this.#documents.resources.dynamicAnchors(dynamic.slice(dynamic.indexOf('#') + 1)) > 1) draft.open = true;
    }
    draft.atoms.push(atomOf(node, says));
    for (const part of listAt(node, 'allOf', says('allOf'))) this.#add(draft, part, seen);
    this.#branches(draft, node, says, seen);
  }

  #branches(draft: Draft, node: Node, says: Says, seen: ReadonlySet<unknown>): void {
    const add = (keyword: string, branches: readonly Formula[]): void => {
      draft.groups.push({ of: node, keyword, branches });
    };
    for (const keyword of ['anyOf', 'oneOf']) {
      const parts = listAt(node, keyword, says(keyword));
      if (parts.length > 0)
        add(
          keyword,
          parts.map((part) => this.#branch([part], seen)),
        );
    }
    const at = (keyword: string): Node | undefined => schemaAt(node, keyword, says);
    if (says('if') !== undefined) add('if', [this.#branch([at('if'), at('then')], seen), this.#branch([at('else')], seen)]);
    // What it says must not be there is known to the document all the same.
    if (at('not') !== undefined) add('not', [this.#branch([at('not')], seen), NOTHING]);
    const dependent = objectOr(says('dependentSchemas'));
    for (const name of Object.keys(dependent))
      add('dependentSchemas', [this.#branch([below(node, 'dependentSchemas', name, dependent[name])], seen), NOTHING]);
    if (isObject(says('discriminator')) && says('oneOf') === undefined && says('anyOf') === undefined) {
      const subtypes = this.#subtypes.of(node);
      if (subtypes === undefined) draft.open = true;
      else if (subtypes.length > 0) add('discriminator', [...subtypes.map((subtype) => this.#branch([subtype], seen)), NOTHING]);
    }
  }

  #refer(draft: Draft, from: Node, ref: string, seen: Set<unknown>): void {
    const target = this.#documents.resolve(from, ref);
    if (target.ok) this.#add(draft, target.node, seen);
    else draft.open = true;
  }
}

function settled({ atoms, groups, open }: Draft): Formula {
  let types = ALL;
  for (const atom of atoms) types &= atom.types;
  for (const { branches } of groups) types &= branches.reduce((union, branch) => union | branch.types, 0);
  return { atoms, groups, open, types };
}

/** Some schema in it names properties. */
export function declares({ atoms, groups }: Formula): boolean {
  return atoms.some((atom) => atom.declares) || groups.some(({ branches }) => branches.some(declares));
}

/** Those of a group's branches that a value of this type may fit. */
export function fitting({ branches }: Group, type: number): readonly Formula[] {
  return branches.every((branch) => (branch.types & type) !== 0) ? branches : branches.filter((branch) => (branch.types & type) !== 0);
}

/** Every atom, of branches too. */
export function eachAtom({ atoms, groups }: Formula, visit: (atom: Atom) => void): void {
  for (const atom of atoms) visit(atom);
  for (const { branches } of groups) for (const branch of branches) eachAtom(branch, visit);
}
