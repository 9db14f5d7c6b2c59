import type { Located, LocatedCollection, TextFault } from './located.ts';

/** Aliases can make a small text unfold without end: to this many values any may, and to one more for each character. */
const UNFOLDED_ANYWAY = 10_000;

type Plain = Record<string, unknown>;

/**
 * A located document as plain values: null, boolean, number, string, array, object without prototype. An alias is the same object as what
 * it names, so that nothing unfolds here; whoever walks the value is safe too, as one that unfolds to too much is refused. Merge keys (`<<`)
 * are followed, as Kubernetes' tools do. `chars`: how long the text is.
 */
export function plainValue(root: Located, chars: number): { readonly value: unknown } | { readonly fault: TextFault } {
  const reader = new Reader(UNFOLDED_ANYWAY + chars);
  const { value } = reader.read(root);
  return reader.fault === undefined ? { value } : { fault: reader.fault };
}

interface Sized {
  readonly value: unknown;
  /** How many values there are when every alias is followed. */
  readonly size: number;
}

class Reader {
  readonly #maxUnfolded: number;
  readonly #named = new Map<Located, Sized>();
  fault: TextFault | undefined;

  constructor(maxUnfolded: number) {
    this.#maxUnfolded = maxUnfolded;
  }

  read(node: Located): Sized {
    if (this.fault !== undefined) return { value: null, size: 0 };
    if (node.kind === 'alias') return this.#named.get(node.target) ?? this.read(node.target);
    const sized = node.kind === 'scalar' ? { value: node.value, size: 1 } : this.#collection(node);
    if (sized.size > this.#maxUnfolded)
      this.fault ??= { message: `its aliases unfold to more than ${this.#maxUnfolded} values`, offset: node.start };
    if (node.anchor !== undefined) this.#named.set(node, sized);
    return sized;
  }

  #collection(node: LocatedCollection): Sized {
    let size = 1;
    const take = (child: Located): unknown => {
      const sized = this.read(child);
      size += sized.size;
      return sized.value;
    };
    if (node.kind === 'seq') {
      const value = node.children.map((child) => take(child.value));
      return { value, size };
    }
    const value = Object.create(null) as Plain;
    const merged: unknown[] = [];
    for (const child of node.children) {
      const found = take(child.value);
      if (child.merges) merged.push(found);
      else value[child.key as string] = found;
    }
    for (const source of merged) this.#merge(value, source, node.start);
    return { value, size };
  }

  /** What is there already stays, and of several sources the earlier one counts. */
  #merge(into: Plain, source: unknown, offset: number): void {
    for (const one of Array.isArray(source) ? source : [source]) {
      if (typeof one !== 'object' || one === null || Array.isArray(one)) {
        this.fault ??= { message: '<< must name a mapping, or a list of mappings', offset };
        return;
      }
      for (const [key, found] of Object.entries(one)) if (!(key in into)) into[key] = found;
    }
  }
}
