import type { Place } from '../document/documents.ts';
import { patternOf } from '../pattern/engine.ts';
import { spend } from './budget.ts';
import type { DeprecatedReach } from './deprecated-reach.ts';
import { type Members, type Schema, isSchema, listOf, mapOf } from './held-schemas.ts';
import { EITHER, NULL_OR } from './keywords.ts';
import type { NormalSchema } from './normalise.ts';
import type { SchemaSet } from './units.ts';

/** What a visit of one schema costs, in units of the budget; and how deep a look goes. */
const UNITS_A_VISIT = 10;
const MAX_DEPTH = 200;

/** Of a map of schemas by name, the names that are worth a look. */
const names = new WeakMap<object, readonly string[]>();

/** One value on its way beside its schema. */
export class DeprecatedWalk {
  readonly found = new Set<Place>();
  readonly #set: SchemaSet;
  readonly #reach: DeprecatedReach;
  #unit = '';

  constructor(set: SchemaSet, reach: DeprecatedReach) {
    this.#set = set;
    this.#reach = reach;
  }

  reference(key: string, value: unknown, depth: number): void {
    const unit = this.#set.byKey(key);
    if (unit === undefined) return;
    const outer = this.#unit;
    this.#unit = key;
    this.#visit(unit.normal().schema, value, depth);
    this.#unit = outer;
  }

  #visit(schema: unknown, value: unknown, depth: number): void {
    if (!isSchema(schema) || !this.#reach.within(schema) || depth > MAX_DEPTH) return;
    spend(UNITS_A_VISIT);
    this.#note(schema);
    if (typeof schema.$ref === 'string') this.reference(schema.$ref, value, depth + 1);
    const orNull = schema[NULL_OR];
    if (value !== null) this.#visit(orNull, value, depth + 1);
    else if (isSchema(orNull)) this.#note(orNull);
    if (schema[EITHER] !== undefined) this.#visit(listOf(schema[EITHER])[0], value, depth + 1);
    if (schema.allOf !== undefined) for (const part of listOf(schema.allOf)) this.#visit(part, value, depth + 1);
    if (schema.anyOf !== undefined || schema.oneOf !== undefined || schema.if !== undefined) this.#alternatives(schema, value, depth + 1);
    if (Array.isArray(value)) this.#items(schema, value as unknown[], depth + 1);
    else if (typeof value === 'object' && value !== null) this.#members(schema, value as Members, depth + 1);
  }

  #note(schema: Schema): void {
    const place = this.#reach.placeOf(schema);
    if (place !== undefined) this.found.add(place);
  }

  #alternatives(schema: Schema, value: unknown, depth: number): void {
    for (const part of listOf(schema.anyOf)) if (this.#leads(part) && this.#holds(part, value)) this.#visit(part, value, depth);
    const one = listOf(schema.oneOf);
    if (one.some((part) => this.#leads(part))) {
      const fitting = one.filter((part) => this.#holds(part, value));
      // Several, or none: `oneOf` fails, and what its branches say does not count (Core §7.7.1.1).
      if (fitting.length === 1) this.#visit(fitting[0], value, depth);
    }
    if (schema.if === undefined || !(this.#leads(schema.if) || this.#leads(schema.then) || this.#leads(schema.else))) return;
    const holds = this.#holds(schema.if, value);
    if (holds) this.#visit(schema.if, value, depth);
    this.#visit(holds ? schema.then : schema.else, value, depth);
  }

  #items(schema: Schema, value: readonly unknown[], depth: number): void {
    const prefix = listOf(schema.prefixItems);
    for (const [i, part] of prefix.entries()) if (i < value.length) this.#visit(part, value[i], depth);
    if (this.#leads(schema.items)) for (let i = prefix.length; i < value.length; i++) this.#visit(schema.items, value[i], depth);
    if (this.#leads(schema.contains))
      for (const item of value) if (this.#holds(schema.contains, item)) this.#visit(schema.contains, item, depth);
  }

  #members(schema: Schema, value: Members, depth: number): void {
    const properties = mapOf(schema.properties);
    for (const name of this.#leading(properties)) if (Object.hasOwn(value, name)) this.#visit(properties[name], value[name], depth);
    const dependent = mapOf(schema.dependentSchemas);
    for (const name of this.#leading(dependent)) if (Object.hasOwn(value, name)) this.#visit(dependent[name], value, depth);
    if (schema.patternProperties === undefined && schema.additionalProperties === undefined) return;
    const patterns = Object.entries(mapOf(schema.patternProperties));
    const others = this.#leads(schema.additionalProperties);
    if (!others && !patterns.some(([, part]) => this.#leads(part))) return;
    for (const name of Object.keys(value)) {
      const matching = patterns.filter(([pattern]) => patternOf(pattern).test(name));
      for (const [, part] of matching) this.#visit(part, value[name], depth);
      if (others && matching.length === 0 && !Object.hasOwn(properties, name)) this.#visit(schema.additionalProperties, value[name], depth);
    }
  }

  /** Names whose schemas lead to something deprecated. */
  #leading(schemas: Members): readonly string[] {
    const known = names.get(schemas);
    if (known !== undefined) return known;
    const leading = Object.keys(schemas).filter((name) => this.#leads(schemas[name]));
    names.set(schemas, leading);
    return leading;
  }

  #leads(schema: unknown): schema is Schema {
    return isSchema(schema) && this.#reach.within(schema);
  }

  /** Throws SchemaFault where it cannot be told, or would take too long. */
  #holds(schema: unknown, value: unknown): boolean {
    const at = { unit: this.#unit, schemaPath: '', instancePath: '', place: '' };
    return this.#set.interpreter.schema(schema as NormalSchema, value, at, undefined, undefined);
  }
}
