/**
 * A document as a tree of places: what stands where in its text. YAML and JSON both become this, and one piece of code edits both.
 * Offsets are in UTF-16 code units from the beginning of the document's text; `end` is behind the last character.
 */
export type Located = LocatedCollection | LocatedScalar | LocatedAlias;

interface Place {
  readonly start: number;
  /** Behind the last character that means something: no comment, no blank line. */
  readonly end: number;
  /** Name of the anchor before it. */
  readonly anchor: string | undefined;
}

export interface LocatedCollection extends Place {
  readonly kind: 'map' | 'seq';
  /** `pair`: the mapping without braces in `[a: 1]`. */
  readonly style: 'block' | 'flow' | 'pair';
  readonly children: readonly Child[];
}

/** An entry of a mapping or an item of a sequence. */
export interface Child {
  /** As text; undefined in a sequence. */
  readonly key: string | undefined;
  /** Where the entry begins: `?`, the key's anchor, the key, or `-`; in a flow sequence the item. */
  readonly start: number;
  /** Behind the `:` or the `-`; in a flow sequence where the item begins. */
  readonly behindMark: number;
  /** What the key is: only a plain `<<` merges. */
  readonly merges: boolean;
  readonly value: Located;
}

export interface LocatedScalar extends Place {
  readonly kind: 'scalar';
  /** `empty`: nothing stands there (`key:`), and `start` and `end` are behind the mark. */
  readonly form: 'plain' | 'single' | 'double' | 'block' | 'empty';
  readonly value: unknown;
}

export interface LocatedAlias extends Place {
  readonly kind: 'alias';
  readonly name: string;
  readonly target: Located;
}

/** Deeper than any manifest; code that walks a document calls itself. */
export const MAX_DEPTH = 200;

/** What cannot be read, or is not edited, and where. */
export interface TextFault {
  readonly message: string;
  readonly offset: number;
}

/** The entry of a key. `twice`: the key stands there more than once, and programs differ on which one counts. */
export function childOf(node: LocatedCollection, part: string | number): { readonly index: number } | 'absent' | 'twice' {
  if (node.kind === 'seq') {
    const index = Number(part);
    return Number.isInteger(index) && index >= 0 && index < node.children.length ? { index } : 'absent';
  }
  const key = String(part);
  const index = node.children.findIndex((child) => child.key === key);
  if (index === -1) return 'absent';
  return node.children.some((child, i) => i > index && child.key === key) ? 'twice' : { index };
}

/** A place below the root; undefined where there is nothing of its own. Aliases are not followed: what is behind one stands elsewhere. */
export function findLocated(root: Located, path: readonly (string | number)[]): Located | undefined {
  let node = root;
  for (const part of path) {
    if (node.kind !== 'map' && node.kind !== 'seq') return undefined;
    const found = childOf(node, part);
    if (typeof found === 'string') return undefined;
    node = (node.children[found.index] as Child).value;
  }
  return node;
}
