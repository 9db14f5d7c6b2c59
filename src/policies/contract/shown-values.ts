import type { Location } from '../../core/contract.ts';

interface Valued {
  readonly location: Location;
  readonly pointer: string;
  readonly value?: string;
}

/**
 * Takes values out of what is told, but for the fields that `showValues` names. A field is named by the last member of the pointer, an item of a list
 * by the name of the list, a parameter or header by its own; of headers case does not count.
 */
export class ShownValues {
  readonly #names: ReadonlySet<string>;
  readonly #fields: ReadonlySet<string>;

  constructor(names: readonly string[]) {
    this.#names = new Set(names);
    this.#fields = new Set(names.map((name) => name.toLowerCase()));
  }

  /** What may be told of a violation, or of drift. */
  of<T extends Valued>(found: T): T {
    if (found.value === undefined || (this.#names.size > 0 && this.#shows(found))) return found;
    const { value: _, ...told } = found;
    return told as T;
  }

  #shows({ location, pointer }: Valued): boolean {
    const members = pointer.split('/').slice(1);
    let last = members.pop();
    // An item of a list has no name of its own.
    while (last !== undefined && /^(?:\d+|\*)$/.test(last) && members.length > 0) last = members.pop();
    if (last === undefined) return false;
    const name = last.replaceAll('~1', '/').replaceAll('~0', '~');
    return location === 'header' ? this.#fields.has(name.toLowerCase()) : this.#names.has(name);
  }
}
