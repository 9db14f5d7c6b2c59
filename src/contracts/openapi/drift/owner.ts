import type { Documents, Node, Place } from '../document/documents.ts';
import { isObject, member } from '../document/pointer.ts';
import type { Dialect } from '../schema/keywords.ts';
import { OBJECT } from '../schema/shape.ts';
import { listAt, objectOr, schemaAt } from './atom.ts';
import { declares, type Formula, type Formulas, type Term } from './formula.ts';
import { one } from './describe.ts';

const MAX_HOPS = 100;

/**
 * The schema that would have to declare a member: the one that names properties, through references and whatever has but one such branch. A schema
 * that several operations use is one place.
 */
export class Owners {
  readonly #documents: Documents;
  readonly #dialect: Dialect;
  readonly #formulas: Formulas;

  constructor(documents: Documents, dialect: Dialect, formulas: Formulas) {
    this.#documents = documents;
    this.#dialect = dialect;
    this.#formulas = formulas;
  }

  /** Undefined: none of them names properties. */
  of(term: Term): Place | undefined {
    const nodes = [...term.nodes, ...term.groups.flatMap((group) => group.flatMap(({ nodes: of }) => of))];
    let at = nodes.find((node) => this.#declares(node));
    for (let hops = 0; at !== undefined && hops < MAX_HOPS; hops++) {
      const refers = typeof member(at.value, '$ref') === 'string';
      const hasOwn = Object.keys(objectOr(member(at.value, 'properties'))).length > 0;
      if (hasOwn && !(refers && this.#dialect === '3.0')) return at;
      const parts = this.#parts(at).filter((part) => this.#declares(part));
      if (parts.length !== 1) return at;
      at = parts[0];
    }
    return at;
  }

  #declares(node: Node): boolean {
    const formula: Formula = this.#formulas.of(one(node));
    return (formula.types & OBJECT) !== 0 && declares(formula);
  }

  /** What a schema consists of in place. */
  #parts(node: Node): Node[] {
    const [ref, dynamic] = [member(node.value, '$ref'), member(node.value, '$dynamicRef')];
    if (this.#dialect === '3.0' && typeof ref === 'string') return this.#targets(node, [ref]);
    return [...this.#targets(node, this.#dialect === '3.0' ? [] : [ref, dynamic]), ...this.#held(node)];
  }

  #targets(node: Node, refs: readonly unknown[]): Node[] {
    return refs.flatMap((ref) => {
      const target = typeof ref === 'string' ? this.#documents.resolve(node, ref) : undefined;
      return target?.ok === true ? [target.node] : [];
    });
  }

  #held(node: Node): Node[] {
    if (!isObject(node.value)) return [];
    const says = (keyword: string): unknown => member(node.value, keyword);
    const lists = ['allOf', 'anyOf', 'oneOf'].flatMap((keyword) => listAt(node, keyword, says(keyword)));
    return [...lists, ...['if', 'then', 'else'].flatMap((keyword) => schemaAt(node, keyword, says) ?? [])];
  }
}
