import { patternOf } from '../pattern/engine.ts';
import { Decimal } from './decimal.ts';
import type { Evaluated } from './evaluated.ts';
import { type At, atEntry, atItem, atMember, below, each, fail, type Members, type Run, type Schema } from './evaluation.ts';
import type { NormalSchema } from './normalise.ts';
import type { ErrorList } from './schema-error.ts';

export function judgeArray(
  run: Run,
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
    return each(value.slice(0, prefix.length), list, (item, i) =>
      run.schema(prefix[i] as NormalSchema, item, atItem(below(at, keyword, i), i), list, undefined),
    );
  }
  if (keyword === 'items') {
    if (own !== undefined) own.items = Infinity;
    const base = below(at, keyword);
    return each(
      value,
      list,
      (item, i) => i < prefix.length || run.schema(schema.items as NormalSchema, item, atItem(base, i), list, undefined),
    );
  }
  if (keyword !== 'contains') return true;
  const min = typeof schema.minContains === 'number' ? schema.minContains : 1;
  const max = typeof schema.maxContains === 'number' ? schema.maxContains : Infinity;
  let found = 0;
  for (const [i, item] of value.entries()) {
    if (!run.schema(schema.contains as NormalSchema, item, atItem(below(at, keyword), i), undefined, undefined)) continue;
    found += 1;
    own?.contained.add(i);
  }
  return (found >= min && found <= max) || fail(list, keyword, at, { min, max });
}

export function judgeObject(
  run: Run,
  keyword: string,
  schema: Schema,
  value: Members,
  at: At,
  list: ErrorList | undefined,
  own: Evaluated | undefined,
): boolean {
  switch (keyword) {
    case 'required':
      return each(
        schema.required as string[],
        list,
        (name) => Object.hasOwn(value, name) || fail(list, keyword, at, { missingProperty: name }),
      );
    case 'properties': {
      const properties = schema.properties as Readonly<Record<string, NormalSchema>>;
      return each(Object.keys(properties), list, (name) => {
        if (!Object.hasOwn(value, name)) return true;
        own?.members.add(name);
        return run.schema(properties[name] as NormalSchema, value[name], atMember(below(at, keyword, name), name), list, undefined);
      });
    }
    case 'patternProperties': {
      const patterns = schema.patternProperties as Readonly<Record<string, NormalSchema>>;
      return each(Object.keys(value), list, (name) =>
        each(Object.keys(patterns), list, (pattern) => {
          if (!patternOf(pattern).test(name)) return true;
          own?.members.add(name);
          return run.schema(patterns[pattern] as NormalSchema, value[name], atEntry(below(at, keyword, pattern), name), list, undefined);
        }),
      );
    }
    case 'additionalProperties':
      if (own !== undefined) own.allMembers = true;
      return others(run, schema, value, at, list);
    case 'propertyNames':
      return each(
        Object.keys(value),
        list,
        (name) =>
          run.schema(schema.propertyNames as NormalSchema, name, below(at, keyword), undefined, undefined) ||
          fail(list, keyword, at, { propertyName: name }),
      );
    case 'dependentRequired':
      return each(Object.entries(schema.dependentRequired as Readonly<Record<string, readonly string[]>>), list, ([name, needed]) => {
        if (!Object.hasOwn(value, name)) return true;
        return each(
          needed,
          list,
          (other) => Object.hasOwn(value, other) || fail(list, keyword, at, { missingProperty: other, property: name }),
        );
      });
    case 'dependentSchemas':
      return each(
        Object.entries(schema.dependentSchemas as Readonly<Record<string, NormalSchema>>),
        list,
        ([name, then]) => !Object.hasOwn(value, name) || run.schema(then, value, below(at, keyword, name), list, own),
      );
    default:
      return true;
  }
}

function others(run: Run, schema: Schema, value: Members, at: At, list: ErrorList | undefined): boolean {
  const properties = (schema.properties ?? {}) as object;
  const patterns = Object.keys((schema.patternProperties ?? {}) as object);
  const wanted = schema.additionalProperties as NormalSchema;
  return each(Object.keys(value), list, (name) => {
    if (Object.hasOwn(properties, name) || patterns.some((pattern) => patternOf(pattern).test(name))) return true;
    if (wanted === false) return fail(list, 'additionalProperties', at, { additionalProperty: name }, undefined, value[name]);
    return run.schema(wanted, value[name], atEntry(below(at, 'additionalProperties'), name), list, undefined);
  });
}

export function judgeUnevaluated(run: Run, schema: Schema, value: unknown, at: At, list: ErrorList | undefined, own: Evaluated): boolean {
  let valid = true;
  if (schema.unevaluatedItems !== undefined && Array.isArray(value)) {
    const wanted = schema.unevaluatedItems as NormalSchema;
    valid = each(value as unknown[], list, (item, i) => {
      if (own.hasItem(i)) return true;
      if (wanted === false) return fail(list, 'unevaluatedItems', at, { limit: i });
      return run.schema(wanted, item, atItem(below(at, 'unevaluatedItems'), i), list, undefined);
    });
    own.items = Infinity;
  }
  if (schema.unevaluatedProperties === undefined || typeof value !== 'object' || value === null || Array.isArray(value)) return valid;
  if (value instanceof Decimal) return valid;
  const wanted = schema.unevaluatedProperties as NormalSchema;
  const members = each(Object.keys(value), list, (name) => {
    if (own.hasMember(name)) return true;
    const one = (value as Members)[name];
    if (wanted === false) return fail(list, 'unevaluatedProperties', at, { unevaluatedProperty: name }, undefined, one);
    return run.schema(wanted, one, atEntry(below(at, 'unevaluatedProperties'), name), list, undefined);
  });
  own.allMembers = true;
  return valid && members;
}
