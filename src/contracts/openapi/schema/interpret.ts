import { child, escapeToken } from '../document/pointer.ts';
import { patternOf } from '../pattern/engine.ts';
import { nearest } from './alternatives.ts';
import { ASSERT } from './assertions.ts';
import { Evaluated } from './evaluated.ts';
import { SchemaFault } from './fault.ts';
import type { Formats } from './formats.ts';
import { NULL_OR } from './keywords.ts';
import type { Normal, NormalSchema } from './normalise.ts';
import { ErrorList } from './schema-error.ts';

/** What the interpreter must know of the schemas that a `$ref` names. */
export interface Units {
  /** Throws SchemaFault where the schema has no normal form. */
  normalOf(key: string): Normal;
}

/** Where evaluation stands. */
interface At {
  readonly unit: string;
  readonly schemaPath: string;
  readonly instancePath: string;
}

type Schema = { readonly [keyword: string]: unknown };
type Members = Readonly<Record<string, unknown>>;

/**
 * Evaluates a schema in the normal form without compiling it. It judges until a validator has been compiled, and it lists what is
 * wrong with a value that a validator has refused: every error with its place, of alternatives the nearest, and bounded.
 */
export class Interpreter {
  readonly #units: Units;
  readonly #formats: Formats;
  /** Schemas evaluated in this run that are still allowed: alternatives that recur could take for ever. */
  #steps = 0;

  constructor(units: Units, formats: Formats) {
    this.#units = units;
    this.#formats = formats;
  }

  /** `list`: what to add errors to, and then all are looked for; without one the first decides. Throws SchemaFault. */
  run(unit: string, value: unknown, steps: number, list: ErrorList | undefined, evaluated: Evaluated | undefined): boolean {
    this.#steps = steps;
    return this.#unit(unit, value, '', list, evaluated);
  }

  #unit(key: string, value: unknown, instancePath: string, list: ErrorList | undefined, evaluated: Evaluated | undefined): boolean {
    const { schema } = this.#units.normalOf(key);
    return this.#schema(schema, value, { unit: key, schemaPath: '', instancePath }, list, evaluated);
  }

  #schema(schema: NormalSchema, value: unknown, at: At, list: ErrorList | undefined, outer: Evaluated | undefined): boolean {
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
    for (const keyword of Object.keys(schema)) {
      if (keyword.startsWith('unevaluated')) continue;
      const fine = this.#keyword(keyword, schema, value, at, list, own);
      valid &&= fine;
      if (!valid && (list === undefined || list.isFull)) return false;
    }
    if (own === undefined || !valid) return valid;
    return this.#unevaluated(schema, value, at, list, own);
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
        return value === null || this.#schema(wanted as NormalSchema, value, at, list, own);
      case 'allOf':
        return this.#each(wanted as NormalSchema[], list, (part, i) => this.#schema(part, value, below(at, 'allOf', i), list, own));
      case 'anyOf':
      case 'oneOf':
        return this.#alternatives(keyword, wanted as NormalSchema[], value, at, list, own);
      case 'not':
        return !this.#schema(wanted as NormalSchema, value, below(at, 'not'), undefined, undefined) || fail(list, 'not', at, {});
      case 'if':
        return this.#condition(schema, value, at, list, own);
      default:
        if (Array.isArray(value)) return this.#array(keyword, schema, value as unknown[], at, list, own);
        return typeof value !== 'object' || value === null || this.#object(keyword, schema, value as Members, at, list, own);
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
    for (const [i, part] of parts.entries()) {
      if (!this.#schema(part, value, below(at, keyword, i), undefined, own)) continue;
      passing.push(i);
      if (keyword === 'anyOf' && own === undefined) return true;
      if (keyword === 'oneOf' && passing.length > 1) break;
    }
    if (passing.length === 1 || (keyword === 'anyOf' && passing.length > 0)) return true;
    if (list === undefined) return false;
    if (passing.length > 1) return fail(list, keyword, at, { passing });
    const branches = parts.map((part, i) => {
      const branch = new ErrorList();
      this.#schema(part, value, below(at, keyword, i), branch, undefined);
      return branch.errors;
    });
    const best = nearest(branches, at.instancePath);
    if (best === undefined) return fail(list, keyword, at, {});
    for (const error of best) list.add(error);
    return false;
  }

  #condition(schema: Schema, value: unknown, at: At, list: ErrorList | undefined, own: Evaluated | undefined): boolean {
    const keyword = this.#schema(schema.if as NormalSchema, value, below(at, 'if'), undefined, own) ? 'then' : 'else';
    return schema[keyword] === undefined || this.#schema(schema[keyword] as NormalSchema, value, below(at, keyword), list, own);
  }

  #array(
    keyword: string,
    schema: Schema,
    value: readonly unknown[],
    at: At,
    list: ErrorList | undefined,
    own: Evaluated | undefined,
  ): boolean {
    const prefix = Array.isArray(schema.prefixItems) ? (schema.prefixItems as NormalSchema[]) : [];
    if (keyword === 'prefixItems') {
      if (own !== undefined) own.items = Math.max(own.items, prefix.length);
      return this.#each(value.slice(0, prefix.length), list, (item, i) =>
        this.#schema(prefix[i] as NormalSchema, item, atItem(below(at, keyword, i), i), list, undefined),
      );
    }
    if (keyword === 'items') {
      if (own !== undefined) own.items = Infinity;
      const each = below(at, keyword);
      return this.#each(
        value,
        list,
        (item, i) => i < prefix.length || this.#schema(schema.items as NormalSchema, item, atItem(each, i), list, undefined),
      );
    }
    if (keyword !== 'contains') return true;
    const min = typeof schema.minContains === 'number' ? schema.minContains : 1;
    const max = typeof schema.maxContains === 'number' ? schema.maxContains : Infinity;
    let found = 0;
    for (const [i, item] of value.entries()) {
      if (!this.#schema(schema.contains as NormalSchema, item, atItem(below(at, keyword), i), undefined, undefined)) continue;
      found += 1;
      own?.contained.add(i);
    }
    return (found >= min && found <= max) || fail(list, keyword, at, { min, max });
  }

  #object(keyword: string, schema: Schema, value: Members, at: At, list: ErrorList | undefined, own: Evaluated | undefined): boolean {
    switch (keyword) {
      case 'required':
        return this.#each(
          schema.required as string[],
          list,
          (name) => Object.hasOwn(value, name) || fail(list, keyword, at, { missingProperty: name }),
        );
      case 'properties': {
        const properties = schema.properties as Readonly<Record<string, NormalSchema>>;
        return this.#each(Object.keys(properties), list, (name) => {
          if (!Object.hasOwn(value, name)) return true;
          own?.members.add(name);
          return this.#schema(properties[name] as NormalSchema, value[name], atMember(below(at, keyword, name), name), list, undefined);
        });
      }
      case 'patternProperties': {
        const patterns = schema.patternProperties as Readonly<Record<string, NormalSchema>>;
        return this.#each(Object.keys(value), list, (name) =>
          this.#each(Object.keys(patterns), list, (pattern) => {
            if (!patternOf(pattern).test(name)) return true;
            own?.members.add(name);
            return this.#schema(
              patterns[pattern] as NormalSchema,
              value[name],
              atMember(below(at, keyword, pattern), name),
              list,
              undefined,
            );
          }),
        );
      }
      case 'additionalProperties':
        if (own !== undefined) own.allMembers = true;
        return this.#others(schema, value, at, list);
      case 'propertyNames':
        return this.#each(
          Object.keys(value),
          list,
          (name) =>
            this.#schema(schema.propertyNames as NormalSchema, name, below(at, keyword), undefined, undefined) ||
            fail(list, keyword, at, { propertyName: name }),
        );
      case 'dependentRequired':
        return this.#each(
          Object.entries(schema.dependentRequired as Readonly<Record<string, readonly string[]>>),
          list,
          ([name, needed]) => {
            if (!Object.hasOwn(value, name)) return true;
            return this.#each(
              needed,
              list,
              (other) => Object.hasOwn(value, other) || fail(list, keyword, at, { missingProperty: other, property: name }),
            );
          },
        );
      case 'dependentSchemas':
        return this.#each(
          Object.entries(schema.dependentSchemas as Readonly<Record<string, NormalSchema>>),
          list,
          ([name, then]) => !Object.hasOwn(value, name) || this.#schema(then, value, below(at, keyword, name), list, own),
        );
      default:
        return true;
    }
  }

  #others(schema: Schema, value: Members, at: At, list: ErrorList | undefined): boolean {
    const properties = (schema.properties ?? {}) as object;
    const patterns = Object.keys((schema.patternProperties ?? {}) as object);
    const wanted = schema.additionalProperties as NormalSchema;
    return this.#each(Object.keys(value), list, (name) => {
      if (Object.hasOwn(properties, name) || patterns.some((pattern) => patternOf(pattern).test(name))) return true;
      if (wanted === false) return fail(list, 'additionalProperties', at, { additionalProperty: name });
      return this.#schema(wanted, value[name], atMember(below(at, 'additionalProperties'), name), list, undefined);
    });
  }

  #unevaluated(schema: Schema, value: unknown, at: At, list: ErrorList | undefined, own: Evaluated): boolean {
    let valid = true;
    if (schema.unevaluatedItems !== undefined && Array.isArray(value)) {
      const wanted = schema.unevaluatedItems as NormalSchema;
      valid = this.#each(value as unknown[], list, (item, i) => {
        if (own.hasItem(i)) return true;
        if (wanted === false) return fail(list, 'unevaluatedItems', at, { limit: i });
        return this.#schema(wanted, item, atItem(below(at, 'unevaluatedItems'), i), list, undefined);
      });
      own.items = Infinity;
    }
    if (schema.unevaluatedProperties === undefined || typeof value !== 'object' || value === null || Array.isArray(value)) return valid;
    const wanted = schema.unevaluatedProperties as NormalSchema;
    const members = this.#each(Object.keys(value), list, (name) => {
      if (own.hasMember(name)) return true;
      if (wanted === false) return fail(list, 'unevaluatedProperties', at, { unevaluatedProperty: name });
      return this.#schema(wanted, (value as Members)[name], atMember(below(at, 'unevaluatedProperties'), name), list, undefined);
    });
    own.allMembers = true;
    return valid && members;
  }

  /** All, or up to the first that fails where nobody lists. */
  #each<T>(all: readonly T[], list: ErrorList | undefined, check: (one: T, index: number) => boolean): boolean {
    let valid = true;
    for (const [i, one] of all.entries()) {
      valid = check(one, i) && valid;
      if (!valid && (list === undefined || list.isFull)) return false;
    }
    return valid;
  }
}

function fail(list: ErrorList | undefined, keyword: string, at: At, params: Readonly<Record<string, unknown>>): false {
  list?.add({ keyword, unit: at.unit, schemaPath: `${at.schemaPath}/${keyword}`, instancePath: at.instancePath, params });
  return false;
}

function below(at: At, keyword: string, key?: string | number): At {
  const schemaPath = `${at.schemaPath}/${keyword}`;
  return { unit: at.unit, schemaPath: key === undefined ? schemaPath : child(schemaPath, key), instancePath: at.instancePath };
}

function atItem(at: At, index: number): At {
  return { unit: at.unit, schemaPath: at.schemaPath, instancePath: `${at.instancePath}/${index}` };
}

function atMember(at: At, name: string): At {
  return { unit: at.unit, schemaPath: at.schemaPath, instancePath: `${at.instancePath}/${escapeToken(name)}` };
}
