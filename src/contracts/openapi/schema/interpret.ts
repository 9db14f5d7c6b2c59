import { nearest } from './alternatives.ts';
import { ASSERT } from './assertions.ts';
import { Evaluated } from './evaluated.ts';
import { type At, below, each, fail, type Members, type Run, type Schema } from './evaluation.ts';
import { SchemaFault } from './fault.ts';
import type { Formats } from './formats.ts';
import { judgeArray, judgeObject, judgeUnevaluated } from './interpret-members.ts';
import { NULL_OR } from './keywords.ts';
import type { Normal, NormalSchema } from './normalise.ts';
import { ErrorList, type SchemaError } from './schema-error.ts';

/** What the interpreter must know of the schemas that a `$ref` names. */
export interface Units {
  /** Throws SchemaFault where the schema has no normal form. */
  normalOf(key: string): Normal;
}

/**
 * Evaluates a schema in the normal form without compiling it. It judges until a validator has been compiled, and it lists what is
 * wrong with a value that a validator has refused: every error with its place, of alternatives the nearest, and bounded.
 */
export class Interpreter implements Run {
  readonly #units: Units;
  readonly #formats: Formats;
  /** Schemas evaluated in this run that are still allowed: alternatives that recur could take for ever. */
  #steps = 0;

  constructor(units: Units, formats: Formats) {
    this.#units = units;
    this.#formats = formats;
  }

  /** `list`: what to add errors to, and then all are looked for; without one the first decides. Throws SchemaFault. */
  run(unit: string, value: unknown, steps: number, list: ErrorList | undefined): boolean {
    this.#steps = steps;
    return this.#unit(unit, value, '', list, undefined);
  }

  #unit(key: string, value: unknown, instancePath: string, list: ErrorList | undefined, evaluated: Evaluated | undefined): boolean {
    const { schema } = this.#units.normalOf(key);
    return this.schema(schema, value, { unit: key, schemaPath: '', instancePath }, list, evaluated);
  }

  /** What the last run left of its steps. */
  get stepsLeft(): number {
    return this.#steps;
  }

  /** Part of `run`. */
  schema(schema: NormalSchema, value: unknown, at: At, list: ErrorList | undefined, outer: Evaluated | undefined): boolean {
    this.#steps -= 1;
    if (this.#steps < 0) throw new SchemaFault('too_large', 'too many steps');
    if (schema === true) return true;
    if (schema === false) {
      list?.add({ keyword: 'not', unit: at.unit, schemaPath: at.schemaPath, instancePath: at.instancePath, params: { never: true } });
      return false;
    }
    const own = outer !== undefined || 'unevaluatedProperties' in schema || 'unevaluatedItems' in schema ? new Evaluated() : undefined;
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
      const params = assertion(value, wanted, this.#formats);
      return params === undefined || fail(list, keyword, at, params);
    }
    switch (keyword) {
      case '$ref':
        return this.#unit(wanted as string, value, at.instancePath, list, own);
      case NULL_OR:
        // Stands at the place of the schema that it holds.
        return value === null || this.schema(wanted as NormalSchema, value, at, list, own);
      case 'allOf':
        return each(wanted as NormalSchema[], list, (part, i) => this.schema(part, value, below(at, 'allOf', i), list, own));
      case 'anyOf':
      case 'oneOf':
        return this.#alternatives(keyword, wanted as NormalSchema[], value, at, list, own);
      case 'not':
        return !this.schema(wanted as NormalSchema, value, below(at, 'not'), undefined, undefined) || fail(list, 'not', at, {});
      case 'if':
        return this.#condition(schema, value, at, list, own);
      default:
        if (Array.isArray(value)) return judgeArray(this, keyword, schema, value as unknown[], at, list, own);
        return typeof value !== 'object' || value === null || judgeObject(this, keyword, schema, value as Members, at, list, own);
    }
  }

  #alternatives(
    keyword: 'anyOf' | 'oneOf',
    parts: readonly NormalSchema[],
    value: unknown,
    at: At,
    list: ErrorList | undefined,
    own: Evaluated | undefined,
  ): boolean {
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
    const best = passing.length > 1 ? undefined : nearest(failed, at.instancePath);
    if (best === undefined) return fail(list, keyword, at, passing.length > 1 ? { passing } : {});
    for (const error of best) list.add(error);
    return false;
  }

  #condition(schema: Schema, value: unknown, at: At, list: ErrorList | undefined, own: Evaluated | undefined): boolean {
    const keyword = this.schema(schema.if as NormalSchema, value, below(at, 'if'), undefined, own) ? 'then' : 'else';
    return schema[keyword] === undefined || this.schema(schema[keyword] as NormalSchema, value, below(at, keyword), list, own);
  }
}
