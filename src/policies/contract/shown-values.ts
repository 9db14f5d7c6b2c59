import type { Violation } from '../../core/contract.ts';

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

  /** What may be told of a violation. */
  of(violation: Violation): Violation {
    if (violation.value === undefined || (this.#names.size > 0 && this.#shows(violation))) return violation;
    const { value: _, ...told } = violation;
    return told;
  }

  #shows({ location, pointer }: Violation): boolean {
    const members = pointer.split('/').slice(1);
    let last = members.pop();
    // An item of a list has no name of its own.
    while (last !== undefined && /^\d+$/.test(last) && members.length > 0) last = members.pop();
    if (last === undefined) return false;
    const name = last.replaceAll('~1', '/').replaceAll('~0', '~');
    return location === 'header' ? this.#fields.has(name.toLowerCase()) : this.#names.has(name);
  }
}
