import type { Operation } from './contract.ts';
import type { RouteSpec } from './policy.ts';

/**
 * Children of a metric family, found by the one or two values that differ from exchange to exchange. The rest was bound when the
 * route was compiled; a lookup costs one Map.get, `make` runs once for each value. Bounded: beyond it `make` runs every time.
 */
export class Children<Child> {
  readonly #known = new Map<string, Child>();
  readonly #make: (key: string) => Child;

  constructor(make: (key: string) => Child) {
    this.#make = make;
  }

  get(key: string): Child {
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const made = this.#make(key);
    if (this.#known.size < MAX_CHILDREN) this.#known.set(key, made);
    return made;
  }
}

const MAX_CHILDREN = 2000;

/** The operations whose series are born at load, at 0: all of a contract that has no more than 50, else none; those are born at their first use. */
export function bornAtLoad({ contract }: RouteSpec): readonly Operation[] {
  return contract !== undefined && contract.operations.length <= BORN_AT_LOAD ? contract.operations : [];
}

const BORN_AT_LOAD = 50;
