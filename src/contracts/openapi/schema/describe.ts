import type { SchemaError } from './schema-error.ts';

const MAX_NAME = 64;
const MAX_POINTER = 1000;
const MAX_LIST = 300;

/** A property name of the payload: useful, and bounded. */
export function shortName(name: string): string {
  return name.length > MAX_NAME ? `${name.slice(0, MAX_NAME)}…` : name;
}

/** A pointer into the payload, whose tokens may be as long as a sender likes. */
export function shortPointer(pointer: string): string {
  if (pointer.length <= MAX_NAME) return pointer;
  const short = pointer.split('/').map(shortName).join('/');
  return short.length > MAX_POINTER ? `${short.slice(0, MAX_POINTER)}…` : short;
}

/** What is wrong, for people. Quotes the schema, and of the payload nothing but names of properties. */
export function describe(error: SchemaError): string {
  const p = error.params;
  switch (error.keyword) {
    case 'type':
      return `must be ${list(p.type)}`;
    case 'required':
      return `must have the property ${quote(p.missingProperty)}`;
    case 'dependentRequired':
      return `must have the property ${quote(p.missingProperty)} where there is ${quote(p.property)}`;
    case 'additionalProperties':
      return `must not have the property ${quote(p.additionalProperty)}`;
    case 'unevaluatedProperties':
      return `must not have the property ${quote(p.unevaluatedProperty)}`;
    case 'unevaluatedItems':
      return `must not have more than ${String(p.limit)} items`;
    case 'propertyNames':
      return `must not have a property named ${quote(p.propertyName)}`;
    case 'enum':
      return `must be one of ${clip(values(p.allowedValues))}`;
    case 'const':
      return `must be ${clip(JSON.stringify(p.allowedValue) ?? 'the constant')}`;
    case 'pattern':
      return `must match the pattern ${clip(String(p.pattern))}`;
    case 'format':
      return `must be in the format ${clip(String(p.format))}`;
    case 'minimum':
    case 'maximum':
    case 'exclusiveMinimum':
    case 'exclusiveMaximum':
      return `must be ${String(p.comparison)} ${String(p.limit)}`;
    case 'multipleOf':
      return `must be a multiple of ${String(p.multipleOf)}`;
    case 'minLength':
    case 'maxLength':
      return `must have ${bound(error.keyword)} ${String(p.limit)} characters`;
    case 'minItems':
    case 'maxItems':
      return `must have ${bound(error.keyword)} ${String(p.limit)} items`;
    case 'minProperties':
    case 'maxProperties':
      return `must have ${bound(error.keyword)} ${String(p.limit)} properties`;
    case 'uniqueItems':
      return 'must not have two equal items';
    case 'contains':
      return `must have at least ${String(p.min)}${p.max === Infinity ? '' : ` and at most ${String(p.max)}`} of the items that contains asks for`;
    case 'oneOf':
      if (Array.isArray(p.passing)) return `must match one schema of oneOf, and matches several: ${p.passing.join(', ')}`;
      return alternatives('must match one schema of oneOf', p);
    case 'anyOf':
      return alternatives('must match a schema of anyOf', p);
    case 'not':
      return p.never === true ? 'must not be there' : 'must not match the schema of not';
    default:
      return `must satisfy ${error.keyword}`;
  }
}

function alternatives(text: string, { discriminator, allowedValues, types }: SchemaError['params']): string {
  if (discriminator !== undefined) return `${text}, and none is meant: ${quote(discriminator)} may be ${clip(values(allowedValues))}`;
  return Array.isArray(types) && types.length > 0 ? `${text}: must be ${list(types)}` : text;
}

function bound(keyword: string): string {
  return keyword.startsWith('min') ? 'at least' : 'at most';
}

function quote(name: unknown): string {
  return JSON.stringify(shortName(String(name)));
}

function list(type: unknown): string {
  return Array.isArray(type) ? type.join(' or ') : String(type);
}

function values(allowed: unknown): string {
  return Array.isArray(allowed) ? allowed.map((v) => JSON.stringify(v)).join(', ') : 'the allowed values';
}

function clip(text: string): string {
  return text.length > MAX_LIST ? `${text.slice(0, MAX_LIST)}…` : text;
}
