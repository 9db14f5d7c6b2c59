import type { Resource } from '../document/schema-resources.ts';
import { meantBranch } from './alternatives.ts';
import { ASSERT, type Params, type Reading } from './assertions.ts';
import { spend } from './budget.ts';
import { Decimal } from './decimal.ts';
import { type Meant, meantBy } from './discriminator.ts';
import { Evaluated } from './evaluated.ts';
import { type At, below, each, fail, type Members, type Run, type Schema } from './evaluation.ts';
import type { Formats } from './formats.ts';
import { judgeArray, judgeObject, judgeUnevaluated } from './interpret-members.ts';
import { DYNAMIC_REF, EITHER, MEANT, NULL_OR, WRITTEN } from './keywords.ts';
import type { DynamicRef, Normal, NormalSchema } from './normalise.ts';
import { ErrorList, type SchemaError } from './schema-error.ts';
import { brokenWritten, type Written } from './written.ts';

/** Where in the value evaluation stands. */
type Where = Pick<At, 'instancePath' | 'place'>;
const ROOT: Where = { instancePath: '', place: '' };

/** What evaluating one schema costs, beside what its keywords spend. */
const UNITS_A_SCHEMA = 12;

/** What keeping count of what was looked at costs. */
const UNITS_TO_KEEP_COUNT = 20;

/** What the interpreter must know of the schemas that a `$ref` names. */
export interface Units {
  /** Throws SchemaFault where the schema has no normal form. */
  normalOf(key: string): Normal;
  /** The schema resource that a unit lies in; undefined where that can make no difference. */
  resourceOf(key: string): Resource | undefined;
  /** The unit that a dynamic reference means in this resource; undefined where it has no such dynamic anchor. */
  dynamicUnit(ref: DynamicRef, resource: Resource): string | undefined;
}

/**
 * Evaluates a schema in the normal form without compiling it. It judges until a validator has been compiled, and it lists what is
 * wrong with a value that a validator has refused: every error with its place, of alternatives the nearest, and bounded.
 */
export class Interpreter implements Run, Reading {
  readonly #units: Units;
  readonly formats: Formats;
  written = false;
  /** The resources entered on the way to where evaluation stands: the dynamic scope (JSON Schema core §7.1). */
  readonly #scope: Resource[] = [];

  constructor(units: Units, formats: Formats) {
    this.#units = units;
    this.formats = formats;
  }

  /** `list`: what to add errors to, and then all are looked for; without one the first decides. Spends from the budget. Throws SchemaFault. */
  run(unit: string, value: unknown, list: ErrorList | undefined): boolean {
    return this.#begin('read', unit, value, list);
  }

  /** The same for a value whose numbers are there as they were written (`Decimal`) where reading has changed them. */
  runWritten(unit: string, value: unknown, list: ErrorList | undefined): boolean {
    return this.#begin('written', unit, value, list);
  }

  #begin(numbers: 'read' | 'written', unit: string, value: unknown, list: ErrorList | undefined): boolean {
    this.#scope.length = 0;
    this.written = numbers === 'written';
    return this.#unit(unit, value, ROOT, list, undefined);
  }

  #unit(
    key: string,
    value: unknown,
    { instancePath, place }: Where,
    list: ErrorList | undefined,
    evaluated: Evaluated | undefined,
  ): boolean {
    const { schema } = this.#units.normalOf(key);
    const resource = this.#units.resourceOf(key);
    const at = { unit: key, schemaPath: '', instancePath, place };
    if (resource === undefined || resource === this.#scope.at(-1)) return this.schema(schema, value, at, list, evaluated);
    this.#scope.push(resource);
    const valid = this.schema(schema, value, at, list, evaluated);
    this.#scope.pop();
    return valid;
  }

  /** The outermost resource in scope with a dynamic anchor of that name decides (core §8.2.3.2). */
  #dynamic(ref: DynamicRef): string {
    for (const resource of this.#scope) {
      const unit = this.#units.dynamicUnit(ref, resource);
      if (unit !== undefined) return unit;
    }
    return ref.initial;
  }

  /** Part of `run`. */
  schema(schema: NormalSchema, value: unknown, at: At, list: ErrorList | undefined, outer: Evaluated | undefined): boolean {
    spend(UNITS_A_SCHEMA);
    if (schema === true) return true;
    if (schema === false) {
      list?.add({
        keyword: 'not',
        unit: at.unit,
        schemaPath: at.schemaPath,
        instancePath: at.instancePath,
        place: at.place,
        params: { never: true },
        extra: value,
      });
      return false;
    }
    const own = outer !== undefined || 'unevaluatedProperties' in schema || 'unevaluatedItems' in schema ? new Evaluated() : undefined;
    if (own !== undefined) spend(UNITS_TO_KEEP_COUNT);
    if (!this.#keywords(schema, value, at, list, own)) return false;
    if (own !== undefined) outer?.add(own);
    return true;
  }

  /** Goes on after an error only while there is a list that wants more. */
  #keywords(schema: Schema, value: unknown, at: At, list: ErrorList | undefined, own: Evaluated | undefined): boolean {
    let valid = true;
    // Of a value of the wrong type nothing else is worth saying.
    if (schema.type !== undefined && !this.#keyword('type', schema, value, at, list, own)) return false;
    for (const keyword of Object.keys(schema)) {
      if (keyword === 'type' || keyword.startsWith('unevaluated')) continue;
      const fine = this.#keyword(keyword, schema, value, at, list, own);
      valid &&= fine;
      if (!valid && (list === undefined || list.isFull)) return false;
    }
    if (own === undefined || !valid) return valid;
    return judgeUnevaluated(this, schema, value, at, list, own);
  }

  #keyword(keyword: string, schema: Schema, value: unknown, at: At, list: ErrorList | undefined, own: Evaluated | undefined): boolean {
    const wanted = schema[keyword];
    const assertion = ASSERT.get(keyword);
    if (assertion !== undefined) {
      const params = assertion(value, wanted, this);
      return params === undefined || fail(list, keyword, at, params, value);
    }
    switch (keyword) {
      case '$ref':
        return this.#unit(wanted as string, value, at, list, own);
      case NULL_OR:
        // Stands at the place of the schema that it holds.
        return value === null || this.schema(wanted as NormalSchema, value, at, list, own);
      case EITHER:
        return this.#either(wanted as readonly [NormalSchema, NormalSchema], value, at, list, own);
      case DYNAMIC_REF:
        return this.#unit(this.#dynamic(wanted as DynamicRef), value, at, list, own);
      case WRITTEN: {
        const broken = brokenWritten(value, wanted as Written, this);
        return broken === undefined || fail(list, broken.keyword, at, broken.params, value);
      }
      case 'allOf':
        return each(wanted as NormalSchema[], list, (part, i) => this.schema(part, value, below(at, 'allOf', i), list, own));
      case 'anyOf':
      case 'oneOf':
        return this.#alternatives(keyword, schema, value, at, list, own);
      case 'not':
        return !this.schema(wanted as NormalSchema, value, below(at, 'not'), undefined, undefined) || fail(list, 'not', at, {}, value);
      case 'if':
        return this.#condition(schema, value, at, list, own);
      default:
        if (Array.isArray(value)) return judgeArray(this, keyword, schema, value as unknown[], at, list, own);
        if (typeof value !== 'object' || value === null || value instanceof Decimal) return true;
        return judgeObject(this, keyword, schema, value as Members, at, list, own);
    }
  }

  /** Of two readings at one place the errors of the first are listed. */
  #either(
    [first, second]: readonly [NormalSchema, NormalSchema],
    value: unknown,
    at: At,
    list: ErrorList | undefined,
    own: Evaluated | undefined,
  ): boolean {
    if (this.schema(first, value, at, undefined, own) || this.schema(second, value, at, undefined, own)) return true;
    if (list !== undefined) this.schema(first, value, at, list, own);
    return false;
  }

  #alternatives(
    keyword: 'anyOf' | 'oneOf',
    schema: Schema,
    value: unknown,
    at: At,
    list: ErrorList | undefined,
    own: Evaluated | undefined,
  ): boolean {
    const parts = schema[keyword] as readonly NormalSchema[];
    const passing: number[] = [];
    const failed: Array<readonly SchemaError[]> = [];
    for (const [i, part] of parts.entries()) {
      // Looked through once only, whatever comes of it: to ask first and list later would double at each level of nesting.
      const branch = list === undefined ? undefined : new ErrorList();
      if (!this.schema(part, value, below(at, keyword, i), branch, own)) {
        failed.push(branch?.errors ?? []);
        continue;
      }
      passing.push(i);
      if (keyword === 'anyOf' && own === undefined) return true;
      if (keyword === 'oneOf' && passing.length > 1) break;
    }
    if (passing.length === 1 || (keyword === 'anyOf' && passing.length > 0)) return true;
    if (list === undefined) return false;
    if (passing.length > 1) return fail(list, keyword, at, { passing }, value);
    const meant = meantBranch(failed, at.instancePath, meantBy(schema[MEANT] as Meant | undefined, keyword, value));
    if (!Array.isArray(meant)) return fail(list, keyword, at, meant as Params, value);
    for (const error of meant as readonly SchemaError[]) list.add(error);
    return false;
  }

  #condition(schema: Schema, value: unknown, at: At, list: ErrorList | undefined, own: Evaluated | undefined): boolean {
    const keyword = this.schema(schema.if as NormalSchema, value, below(at, 'if'), undefined, own) ? 'then' : 'else';
    return schema[keyword] === undefined || this.schema(schema[keyword] as NormalSchema, value, below(at, keyword), list, own);
  }
}
