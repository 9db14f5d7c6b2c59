import type { Place } from '../document/documents.ts';
import { type Schema, eachBelow, isSchema } from './held-schemas.ts';
import type { Unit } from './unit.ts';
import type { SchemaSet } from './units.ts';

/** Schemas that are looked through at a time: bringing one into its normal form may take a tenth of a millisecond. */
const A_SLICE = 200;
/** Schemas that one may lead to; of one that leads to more nothing is known. */
const MAX_UNITS = 5000;

/** What one schema leads to, looked through slice by slice. */
class Exploration {
  readonly keys: string[];
  readonly seen: Set<string>;
  /** By unit: those that refer to it. */
  readonly leading = new Map<string, string[]>();
  /** Units that say `deprecated`, or refer to one that is known to lead there. */
  readonly saying: string[] = [];
  next = 0;

  constructor(key: string) {
    this.keys = [key];
    this.seen = new Set(this.keys);
  }
}

/** From which schemas of a contract one can come to something deprecated: found out once for each, when it is first asked. */
export class DeprecatedReach {
  readonly #set: SchemaSet;
  /** By unit: whether it, or one that it refers to, says `deprecated`. */
  readonly #known = new Map<string, boolean>();
  readonly #open = new Map<string, Exploration>();
  /** The same for schemas within a unit. */
  readonly #within = new WeakMap<object, boolean>();
  readonly #places = new WeakMap<object, Place>();

  constructor(set: SchemaSet) {
    this.#set = set;
  }

  /** False, too, as long as the schema leads to more than could be looked through so far: then each question gets on with it. */
  from(unit: Unit): boolean {
    const known = this.#known.get(unit.key);
    if (known !== undefined) return known;
    const exploration = this.#open.get(unit.key) ?? new Exploration(unit.key);
    const over = this.#goOn(exploration);
    if (!over) {
      this.#open.set(unit.key, exploration);
      return false;
    }
    this.#open.delete(unit.key);
    this.#settle(exploration);
    return this.#known.get(unit.key) === true;
  }

  /** The same for a schema within a unit for which `from` says yes. */
  within(schema: Schema): boolean {
    const known = this.#within.get(schema);
    if (known !== undefined) return known;
    let leads = schema.deprecated === true || (typeof schema.$ref === 'string' && this.#known.get(schema.$ref) === true);
    eachBelow(schema, (below) => {
      leads ||= isSchema(below) && this.within(below);
    });
    this.#within.set(schema, leads);
    return leads;
  }

  /** Where a schema that says `deprecated` stands; undefined: it does not. */
  placeOf(schema: Schema): Place | undefined {
    return this.#places.get(schema);
  }

  /** True: nothing is left to look through, or too much. */
  #goOn(exploration: Exploration): boolean {
    const { keys, seen, leading, saying } = exploration;
    for (let n = 0; n < A_SLICE && exploration.next < keys.length; n++) {
      const key = keys[exploration.next] as string;
      exploration.next += 1;
      const unit = this.#set.byKey(key);
      const scan = unit === undefined ? undefined : this.#scan(unit);
      if (scan?.says === true) saying.push(key);
      for (const ref of scan?.refs ?? []) {
        const known = this.#known.get(ref);
        if (known === true) saying.push(key);
        if (known !== undefined) continue;
        const sources = leading.get(ref);
        if (sources === undefined) leading.set(ref, [key]);
        else sources.push(key);
        if (seen.has(ref)) continue;
        seen.add(ref);
        keys.push(ref);
      }
    }
    return exploration.next >= keys.length || keys.length > MAX_UNITS;
  }

  /** Back from those that say `deprecated` to all that lead there: circles are no matter. */
  #settle({ keys, leading, saying, next }: Exploration): void {
    if (next < keys.length) {
      this.#known.set(keys[0] as string, false);
      return;
    }
    for (const key of keys) this.#known.set(key, false);
    for (let key = saying.pop(); key !== undefined; key = saying.pop()) {
      if (this.#known.get(key) === true) continue;
      this.#known.set(key, true);
      saying.push(...(leading.get(key) ?? []));
    }
  }

  #scan(unit: Unit): { readonly says: boolean; readonly refs: readonly string[] } | undefined {
    let says = false;
    const refs: string[] = [];
    const visit = (schema: unknown, pointer: string): void => {
      if (!isSchema(schema)) return;
      if (schema.deprecated === true) {
        says = true;
        this.#places.set(schema, { file: unit.place.file, pointer });
      }
      if (typeof schema.$ref === 'string') refs.push(schema.$ref);
      eachBelow(schema, (below, path) => visit(below, pointer + path));
    };
    try {
      visit(unit.normal().schema, unit.place.pointer);
    } catch {
      // A schema that cannot be judged leads nowhere.
      return undefined;
    }
    return { says, refs };
  }
}
