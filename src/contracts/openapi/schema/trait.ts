import type { Trait } from '../../../core/contract.ts';
import { instantMs } from '../check/instant.ts';
import type { Place } from '../document/documents.ts';
import { escapeToken, lookUp, member } from '../document/pointer.ts';
import { formatNames, looksLike, toldName } from '../drift/looks-like.ts';
import { Decimal } from './decimal.ts';
import type { SchemaError } from './schema-error.ts';
import type { SchemaSet } from './units.ts';
import type { About } from './violations.ts';

const MAX_HOPS = 100;
/** An item of a list, or a member that is named as its sender likes. */
const ANY = '/*';

/** What of a broken rule is the same in every message. `about`: of what. */
export function traitOf(error: SchemaError, set: SchemaSet, { location, prefix }: Pick<About, 'location' | 'prefix'>): Trait {
  const { keyword, params, place, value, extra } = error;
  const found = extra ?? value;
  const missing = params.missingProperty;
  return {
    // Before the place in a body stands the number of an item; the number may be a parameter's name elsewhere.
    place: (location === 'body' ? prefix.replaceAll(/\/\d+(?=\/|$)/g, ANY) : prefix) + place + subject(error),
    type: found === undefined ? undefined : jsonType(found),
    format: typeof found === 'string' ? formatNames(looksLike(found))[0] : undefined,
    fits: keyword === 'oneOf' || keyword === 'anyOf' ? fitsOf(params) : undefined,
    deprecated: typeof missing === 'string' ? deprecationOf(error, missing, set) : undefined,
  };
}

/** The member that is missing or too many. What senders make up, as keys of maps are, has no name. */
function subject({ keyword, params: p }: SchemaError): string {
  if (typeof p.missingProperty === 'string') return `/${escapeToken(p.missingProperty)}`;
  const name = p.additionalProperty ?? p.unevaluatedProperty;
  if (typeof name === 'string') return `/${escapeToken(toldName(name))}`;
  return keyword === 'propertyNames' ? ANY : '';
}

function fitsOf({ discriminator, types }: SchemaError['params']): Trait['fits'] {
  if (discriminator !== undefined) return 'no_name';
  return Array.isArray(types) && types.length > 0 ? 'no_type' : undefined;
}

function jsonType(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  if (value instanceof Decimal) return value.isInteger ? 'integer' : 'number';
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number';
  return typeof value;
}

/** Of a member that is missing: whether the schema beside `required`, or one that it refers to, says that it is deprecated. */
function deprecationOf({ unit, schemaPath }: SchemaError, name: string, set: SchemaSet): Trait['deprecated'] {
  const from = set.byKey(unit)?.place;
  if (from === undefined || ![...set.documents.files.values()].some((file) => file.mentions('deprecated'))) return undefined;
  const owner = schemaPath.replace(/\/(?:required|dependentRequired)$/, '');
  let at: Place = { file: from.file, pointer: `${from.pointer}${owner}/properties/${escapeToken(name)}` };
  for (let hops = 0; hops < MAX_HOPS; hops++) {
    const schema = lookUp(at.file.value, at.pointer);
    const deprecated = sunsetOf(schema);
    if (deprecated !== undefined) return deprecated;
    const ref = member(schema, '$ref');
    const resolved = typeof ref === 'string' ? set.documents.resolve(at, ref) : undefined;
    if (resolved?.ok !== true) return undefined;
    at = resolved.node;
  }
  return undefined;
}

/** What a schema, or a header, says of its own end (semantics PC-3); undefined: it stays. */
export function sunsetOf(said: unknown): Trait['deprecated'] {
  if (member(said, 'deprecated') !== true) return undefined;
  const sunset = member(member(said, 'x-deprecation'), 'sunset');
  return { sunsetAt: typeof sunset === 'string' ? instantMs(sunset) : undefined };
}
