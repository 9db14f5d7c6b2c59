import type { Documents, Node } from '../document/documents.ts';
import { child, isObject, member } from '../document/pointer.ts';
import { listAt, objectOr } from './atom.ts';

/** References that are followed to find out which schemas extend others: some ten milliseconds. */
const MAX_REFERENCES = 5000;
const SCHEMAS = '/components/schemas';

/**
 * Which schemas a Discriminator Object without `oneOf` or `anyOf` beside it may mean: those that `mapping` names, and the components that extend
 * its schema by `allOf`, or extend one of these (3.0.4 §4.7.25: "the discriminator MAY be used … by a parent schema").
 */
export class Subtypes {
  readonly #documents: Documents;
  /** By the schema that they extend; null: too many to look through. */
  #extending: Map<unknown, Node[]> | null | undefined;

  constructor(documents: Documents) {
    this.#documents = documents;
  }

  /** Undefined: not known. */
  of(node: Node): readonly Node[] | undefined {
    if (this.#extending === undefined) this.#extending = this.#index();
    if (this.#extending === null) return undefined;
    const mapping = objectOr(member(member(node.value, 'discriminator'), 'mapping'));
    const mapped = Object.values(mapping).map((target) => this.#target(node, target));
    if (mapped.includes(undefined)) return undefined;
    const found = new Map((mapped as readonly Node[]).map((one) => [one.value, one]));
    // Those that extend what extends it, too: each is told apart by the same member.
    for (const value of [node.value, ...found.keys()]) this.#collect(this.#extending, value, found);
    return [...found.values()];
  }

  #collect(extending: ReadonlyMap<unknown, readonly Node[]>, value: unknown, found: Map<unknown, Node>): void {
    const waiting = [value];
    for (let at = waiting.pop(); at !== undefined; at = waiting.pop()) {
      for (const one of extending.get(at) ?? []) {
        if (found.has(one.value)) continue;
        found.set(one.value, one);
        waiting.push(one.value);
      }
    }
  }

  /** A name of a component, or a reference. */
  #target(from: Node, target: unknown): Node | undefined {
    if (typeof target !== 'string') return undefined;
    const named = /^[\w.-]+$/.test(target) ? this.#documents.resolve(from, `#${child(SCHEMAS, target)}`) : undefined;
    const resolved = named?.ok === true ? named : this.#documents.resolve(from, target);
    return resolved.ok ? resolved.node : undefined;
  }

  #index(): Map<unknown, Node[]> | null {
    const extending = new Map<unknown, Node[]>();
    let references = 0;
    for (const file of this.#documents.files.values()) {
      const schemas = objectOr(member(member(file.value, 'components'), 'schemas'));
      for (const name of Object.keys(schemas)) {
        const node = { file, pointer: child(SCHEMAS, name), value: member(schemas, name) };
        for (const part of listAt(node, 'allOf', member(node.value, 'allOf'))) {
          const ref = member(part.value, '$ref');
          if (typeof ref !== 'string') continue;
          references += 1;
          if (references > MAX_REFERENCES) return null;
          const base = this.#documents.resolve(part, ref);
          if (!base.ok || !isObject(base.node.value)) continue;
          const known = extending.get(base.node.value);
          if (known === undefined) extending.set(base.node.value, [node]);
          else known.push(node);
        }
      }
    }
    return extending;
  }
}
