import type { Place } from '../document/documents.ts';
import { budget } from './budget.ts';
import { DeprecatedReach } from './deprecated-reach.ts';
import { DeprecatedWalk } from './deprecated-walk.ts';
import type { Unit } from './unit.ts';
import type { SchemaSet } from './units.ts';

/** What one look may cost, in units of the budget: some five milliseconds. */
const LOOK_UNITS = 200_000;

/**
 * Which schemas that say `deprecated: true` a value meets: the annotation of JSON Schema 2020-12 (Validation §9.3), collected as Core §7.7.1 has
 * it: through `$ref` and `allOf`, of alternatives only those that the value fits, nothing below `not`. What an unevaluated member or item, or a
 * `$dynamicRef`, would say is not looked for.
 */
export class DeprecatedMembers {
  /** No file of the contract says `deprecated`: nothing to look for. */
  readonly unused: boolean;
  readonly #set: SchemaSet;
  readonly #reach: DeprecatedReach;

  constructor(set: SchemaSet) {
    this.#set = set;
    this.#reach = new DeprecatedReach(set);
    this.unused = ![...set.documents.files.values()].some((file) => file.mentions('deprecated'));
  }

  /** Places of the schemas that the value meets, each once. Never throws. */
  find(unit: Unit, value: unknown): readonly Place[] {
    if (!this.#reach.from(unit)) return NOWHERE;
    const walk = new DeprecatedWalk(this.#set, this.#reach);
    budget.left = LOOK_UNITS;
    try {
      walk.reference(unit.key, value, 0);
    } catch {
      // Deeper than the stack, or a schema that cannot be evaluated: what was found until then is true all the same.
    } finally {
      budget.left = Infinity;
    }
    return [...walk.found];
  }

  /** Whether there is anything that `find` could find. */
  mayFind(unit: Unit): boolean {
    return this.#reach.from(unit);
  }
}

const NOWHERE: readonly Place[] = Object.freeze([]);
