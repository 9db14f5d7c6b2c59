import { type Json, type JsonObject, isObject, member } from '../github.ts';
import { hasFormat } from './formats.ts';
import { at, below, followed } from './pointers.ts';

/** One rule of the document that a value breaks. */
export interface Fault {
  readonly rule: string;
  /** Into the value. */
  readonly pointer: string;
  /** Into the document: where the rule's words stand. */
  readonly specPointer: string;
  /** Of a `oneOf` or `anyOf` that nothing matched: what each of its schemas has against the value. */
  readonly alternatives?: readonly Fault[];
}

type Side = 'request' | 'response';

/** Say nothing about a value. `nullable` is read first, `discriminator` only helps to choose (3.0.3 §4.7.25). */
const ANNOTATIONS = new Set([
  'default',
  'deprecated',
  'description',
  'discriminator',
  'example',
  'examples',
  'nullable',
  'readOnly',
  'title',
]);

/**
 * Judges a value by a Schema Object of OpenAPI 3.0.3 or 3.1 as it stands in the document: a tree walk that reads the words one by one, shares no
 * code with the gateway and compiles nothing. @throws on a keyword that it does not know. What stands beside `$ref` is not read.
 */
export function faultsOf(document: Json, schemaAt: string, value: Json, side: Side, pointer = ''): Fault[] {
  const place = followed(document, schemaAt);
  const schema = at(document, place);
  if (!isObject(schema)) throw new Error(`${place} is no Schema Object`);
  // The one place where the words are not taken literally: by 3.0.3 `nullable` is about `type` alone, and an `enum` beside it refuses null.
  if (value === null && schema['nullable'] === true) return [];
  return Object.entries(schema).flatMap(([keyword, says]) => {
    const specPointer = below(place, keyword);
    const fault: Fault = { rule: keyword, pointer, specPointer };
    const holds = (schemaPointer: string, of: Json, where: string): Fault[] => faultsOf(document, schemaPointer, of, side, where);
    const fails = (isBroken: boolean): Fault[] => (isBroken ? [fault] : []);
    switch (keyword) {
      case 'type':
        return fails(!hasType(value, says));
      case 'enum':
        return fails(!(says as Json[]).some((allowed) => same(allowed, value)));
      case 'format':
        return fails((typeof value === 'string' || typeof value === 'number') && !hasFormat(value, String(says)));
      case 'pattern':
        return fails(typeof value === 'string' && !new RegExp(String(says), 'u').test(value));
      case 'minLength':
        return fails(typeof value === 'string' && [...value].length < Number(says));
      case 'maxLength':
        return fails(typeof value === 'string' && [...value].length > Number(says));
      case 'minimum':
        return fails(typeof value === 'number' && value < Number(says));
      case 'maximum':
        return fails(typeof value === 'number' && value > Number(says));
      case 'minItems':
        return fails(Array.isArray(value) && value.length < Number(says));
      case 'maxItems':
        return fails(Array.isArray(value) && value.length > Number(says));
      case 'uniqueItems':
        return fails(
          says === true && Array.isArray(value) && value.some((item, i) => value.slice(0, i).some((other) => same(item, other))),
        );
      case 'maxProperties':
        return fails(isObject(value) && Object.keys(value).length > Number(says));
      case 'required':
        return missing(document, schema, place, value, side).map((name) => ({ ...fault, pointer: below(pointer, name) }));
      case 'properties':
        return Object.keys(says as JsonObject).flatMap((name) => {
          const child = member(value, name);
          return child === undefined ? [] : holds(below(specPointer, name), child, below(pointer, name));
        });
      case 'additionalProperties':
        return others(schema, value).flatMap(([name, child]) => {
          if (typeof says === 'boolean') return says ? [] : [{ ...fault, pointer: below(pointer, name) }];
          return holds(specPointer, child, below(pointer, name));
        });
      case 'items':
        return Array.isArray(value) ? value.flatMap((item: Json, i) => holds(specPointer, item, below(pointer, i))) : [];
      case 'allOf':
        return branches(says).flatMap((i) => holds(below(specPointer, i), value, pointer));
      case 'anyOf':
      case 'oneOf': {
        const found = branches(says).map((i) => holds(below(specPointer, i), value, pointer));
        const passing = found.filter((faults) => faults.length === 0).length;
        if (passing === 1 || (passing > 1 && keyword === 'anyOf')) return [];
        return [passing === 0 ? { ...fault, alternatives: found.flat() } : fault];
      }
      default:
        if (ANNOTATIONS.has(keyword) || keyword.startsWith('x-')) return [];
        throw new Error(`${specPointer}: this judge does not know the keyword`);
    }
  });
}

/** All that is in a list of faults, alternatives too. */
export function everyFault(faults: readonly Fault[]): Fault[] {
  return faults.flatMap((fault) => [fault, ...everyFault(fault.alternatives ?? [])]);
}

function hasType(value: Json, type: Json): boolean {
  if (Array.isArray(type)) return type.some((one: Json) => hasType(value, one));
  switch (type) {
    case 'null':
      return value === null;
    case 'object':
      return isObject(value);
    case 'array':
      return Array.isArray(value);
    case 'integer':
      return Number.isInteger(value);
    case 'string':
    case 'number':
    case 'boolean':
      return typeof value === type;
    default:
      throw new Error(`not a type: ${JSON.stringify(type)}`);
  }
}

/** "If the property is marked as readOnly being true and is in the required list, the required will take effect on the response only" (3.0.3). */
function missing(document: Json, schema: JsonObject, place: string, value: Json, side: Side): string[] {
  if (!isObject(value)) return [];
  return (schema['required'] as readonly string[]).filter((name) => {
    if (member(value, name) !== undefined) return false;
    if (side === 'response' || member(schema['properties'], name) === undefined) return true;
    return member(at(document, followed(document, below(`${place}/properties`, name))), 'readOnly') !== true;
  });
}

function others(schema: JsonObject, value: Json): Array<[string, Json]> {
  if (!isObject(value)) return [];
  return Object.entries(value).filter(([name]) => member(schema['properties'], name) === undefined);
}

function branches(list: Json): number[] {
  return (list as readonly Json[]).map((_, i) => i);
}

function same(a: Json, b: Json): boolean {
  if (Array.isArray(a) && Array.isArray(b)) return a.length === b.length && a.every((item: Json, i) => same(item, b[i] as Json));
  if (!isObject(a) || !isObject(b)) return a === b;
  const names = Object.keys(a);
  return names.length === Object.keys(b).length && names.every((name) => Object.hasOwn(b, name) && same(a[name] as Json, b[name] as Json));
}
