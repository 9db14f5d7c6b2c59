import type { Documents, Node } from '../document/documents.ts';
import { child, isObject } from '../document/pointer.ts';

/** Where `$dynamicAnchor`s are defined, over all files of a contract. */
export class DynamicAnchors {
  readonly #documents: Documents;
  #found: Map<string, Node | undefined> | undefined;

  constructor(documents: Documents) {
    this.#documents = documents;
  }

  /** The place that defines an anchor, if exactly one does. */
  only(name: string): Node | undefined {
    this.#found ??= this.#search();
    return this.#found.get(name);
  }

  #search(): Map<string, Node | undefined> {
    const found = new Map<string, Node | undefined>();
    for (const file of this.#documents.files.values()) {
      if (!file.mentions('nchor')) continue;
      const seen = new Set<unknown>();
      const stack: Node[] = [{ file, pointer: '', value: file.value }];
      for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
        const { value } = node;
        if (typeof value !== 'object' || value === null || seen.has(value)) continue;
        seen.add(value);
        if (isObject(value) && typeof value.$dynamicAnchor === 'string')
          found.set(value.$dynamicAnchor, found.has(value.$dynamicAnchor) ? undefined : node);
        for (const key of Object.keys(value))
          stack.push({ file, pointer: child(node.pointer, key), value: (value as Record<string, unknown>)[key] });
      }
    }
    return found;
  }
}
