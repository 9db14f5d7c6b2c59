import type { Documents, Node } from '../document/documents.ts';
import { child, isObject, member } from '../document/pointer.ts';
import type { Problems } from '../document/problems.ts';
import type { Dialect } from '../schema/keywords.ts';

const MAX_HOPS = 100;

/** The line of OpenAPI that the root document names. */
export type DocumentVersion = '3.0' | '3.1' | '3.2';

/** How its schemas are read: those of 3.2 are those of 3.1. */
export function dialectOf(version: DocumentVersion): Dialect {
  return version === '3.0' ? '3.0' : '3.1';
}

/** What one pass over a document shares. */
export class CheckContext {
  readonly documents: Documents;
  readonly problems: Problems;
  readonly version: DocumentVersion;
  readonly dialect: Dialect;
  /** Files that something refers to and that are not here yet. */
  readonly missing = new Set<string>();
  /** Schemas that were mentioned and not looked at yet. */
  readonly schemas: Node[] = [];

  constructor(documents: Documents, problems: Problems, version: DocumentVersion) {
    this.documents = documents;
    this.problems = problems;
    this.version = version;
    this.dialect = dialectOf(version);
    documents.readAs(this.dialect);
  }

  /** Through any Reference Objects to what they mean. Undefined: there is a problem, and it has been reported. */
  follow(node: Node): Node | undefined {
    let at = node;
    for (let hops = 0; isObject(at.value) && typeof at.value.$ref === 'string'; hops++) {
      const next = this.target(at, at.value.$ref);
      if (next === undefined) return undefined;
      if (hops >= MAX_HOPS) {
        this.problems.error('circular_reference', node, 'references that only lead to references');
        return undefined;
      }
      at = next;
    }
    return at;
  }

  /** What a `$ref` at `node` means. */
  target(node: Node, ref: string): Node | undefined {
    const at = { file: node.file, pointer: child(node.pointer, '$ref') };
    const resolved = this.documents.resolve(node, ref);
    if (resolved.ok) return resolved.node;
    if (!('load' in resolved)) {
      this.problems.error(resolved.code, at, resolved.message);
      return undefined;
    }
    const failure = this.documents.failed.get(resolved.load);
    if (failure === undefined) this.missing.add(resolved.load);
    else {
      this.problems.error(failure.code, at, failure.message);
      if (failure.at !== undefined) this.problems.error(failure.code, { ...failure.at, pointer: '' }, failure.message);
    }
    return undefined;
  }

  /** A member as a node; its value is undefined where there is none. */
  at(node: Node, name: string): Node {
    return { file: node.file, pointer: child(node.pointer, name), value: member(node.value, name) };
  }

  /** The members of an object that may be extended, without its extensions (`x-…`); none where it is no object, which is a problem. */
  members(node: Node, what: string): Node[] {
    return this.#named(node, what, (name) => !name.startsWith('x-'));
  }

  /**
   * The entries of a map. It has no extensions: a header, a security scheme or a media type may be called `x-…`. What somebody put there as an extension
   * all the same is told by its value.
   */
  entries(node: Node, what: string): Node[] {
    return this.#named(node, what, (name, value) => !name.startsWith('x-') || isObject(value));
  }

  #named(node: Node, what: string, wanted: (name: string, value: unknown) => boolean): Node[] {
    if (this.#isNothing(node, what)) return [];
    const { value } = node;
    if (!isObject(value)) {
      this.problems.error('wrong_type', node, `${what} must be an object`);
      return [];
    }
    return Object.keys(value)
      .filter((name) => wanted(name, value[name]))
      .map((name) => this.at(node, name));
  }

  /** Also where a key of YAML stands without a value: what is meant is clear enough. */
  #isNothing(node: Node, what: string): boolean {
    if (node.value === null) this.problems.warning('wrong_type', node, `${what}: there is nothing here; taken as if it were left out`);
    return node.value === undefined || node.value === null;
  }

  items(node: Node, what: string): Node[] {
    if (this.#isNothing(node, what)) return [];
    if (!Array.isArray(node.value)) {
      this.problems.error('wrong_type', node, `${what} must be an array`);
      return [];
    }
    return node.value.map((value: unknown, i) => ({ file: node.file, pointer: child(node.pointer, i), value }));
  }

  /** An object, else a problem. */
  object(node: Node, what: string): node is Node & { readonly value: Readonly<Record<string, unknown>> } {
    if (isObject(node.value)) return true;
    this.problems.error('wrong_type', node, `${what} must be an object`);
    return false;
  }
}

/** The last token of a node's pointer: the name of the member that it is. */
export function nameOf(node: Node): string {
  return node.pointer
    .slice(node.pointer.lastIndexOf('/') + 1)
    .replaceAll('~1', '/')
    .replaceAll('~0', '~');
}
