import { child, escapeToken } from '../document/pointer.ts';
import { spend } from './budget.ts';
import type { Evaluated } from './evaluated.ts';
import type { NormalSchema } from './normalise.ts';
import type { ErrorList } from './schema-error.ts';

/** Where evaluation stands. */
export interface At {
  readonly unit: string;
  readonly schemaPath: string;
  readonly instancePath: string;
  /** The same, with `*` for items and members of maps. */
  readonly place: string;
}

export type Schema = { readonly [keyword: string]: unknown };
export type Members = Readonly<Record<string, unknown>>;

/** What keywords that hold schemas need of the interpreter. */
export interface Run {
  schema(schema: NormalSchema, value: unknown, at: At, list: ErrorList | undefined, outer: Evaluated | undefined): boolean;
}

/** What going through members or items costs. */
const UNITS_EACH = 6;

/** All, or up to the first that fails where nobody lists. */
export function each<T>(all: readonly T[], list: ErrorList | undefined, check: (one: T, index: number) => boolean): boolean {
  let valid = true;
  for (const [i, one] of all.entries()) {
    spend(UNITS_EACH);
    valid = check(one, i) && valid;
    if (!valid && (list === undefined || list.isFull)) return false;
  }
  return valid;
}

export function fail(
  list: ErrorList | undefined,
  keyword: string,
  at: At,
  params: Readonly<Record<string, unknown>>,
  value?: unknown,
  extra?: unknown,
): false {
  const { unit, instancePath, place } = at;
  list?.add({ keyword, unit, schemaPath: `${at.schemaPath}/${keyword}`, instancePath, place, params, value, extra });
  return false;
}

export function below(at: At, keyword: string, key?: string | number): At {
  const schemaPath = `${at.schemaPath}/${keyword}`;
  const { unit, instancePath, place } = at;
  return { unit, schemaPath: key === undefined ? schemaPath : child(schemaPath, key), instancePath, place };
}

export function atItem(at: At, index: number): At {
  return { unit: at.unit, schemaPath: at.schemaPath, instancePath: `${at.instancePath}/${index}`, place: `${at.place}/*` };
}

/** A member that the schema knows by its name. */
export function atMember(at: At, name: string): At {
  const token = escapeToken(name);
  return { unit: at.unit, schemaPath: at.schemaPath, instancePath: `${at.instancePath}/${token}`, place: `${at.place}/${token}` };
}

/** A member of a map: its name is the sender's. */
export function atEntry(at: At, name: string): At {
  const instancePath = `${at.instancePath}/${escapeToken(name)}`;
  return { unit: at.unit, schemaPath: at.schemaPath, instancePath, place: `${at.place}/*` };
}
