import type { Location, Side, Violation } from '../../../core/contract.ts';
import type { Place } from '../document/documents.ts';
import { escapeToken } from '../document/pointer.ts';
import { nearest } from './alternatives.ts';
import type { SchemaError } from './ajv.ts';
import { describe, ruleOf, shortName, shortPointer } from './describe.ts';
import { NULL_OR } from './keywords.ts';
import type { SchemaSet } from './units.ts';

/** The most that one verdict lists. */
export const MAX_VIOLATIONS = 50;

export interface About {
  readonly side: Side;
  readonly location: Location;
  /** What precedes the pointer into the judged value: empty for a body, `/name` for a parameter. */
  readonly prefix: string;
}

/** How the document's places are written in verdicts: pointers into the root file, `file#pointer` for any other. */
export class SpecPointers {
  readonly #root: string;

  constructor(rootUri: string) {
    this.#root = rootUri;
  }

  of(place: Place): string {
    return place.file.uri === this.#root ? place.pointer : `${relative(this.#root, place.file.uri)}#${place.pointer}`;
  }
}

/** What a validator found, as violations: the nearest of alternatives, no two alike, bounded. */
export function violationsOf(errors: readonly SchemaError[], set: SchemaSet, pointers: SpecPointers, about: About): Violation[] {
  const out: Violation[] = [];
  const seen = new Set<string>();
  for (const error of nearest(errors)) {
    const violation: Violation = {
      rule: ruleOf(error),
      side: about.side,
      location: about.location,
      pointer: about.prefix + shortPointer(error.instancePath) + subject(error),
      specPointer: specPointer(error, set, pointers),
      detail: describe(error),
    };
    const key = `${violation.rule} ${violation.pointer} ${violation.detail}`;
    if (seen.has(key)) continue;
    seen.add(key);
    out.push(violation);
    if (out.length >= MAX_VIOLATIONS) break;
  }
  return out;
}

/** The member that is missing or too many: the error itself stands at its parent. */
function subject(error: SchemaError): string {
  const p = error.params as Readonly<Record<string, unknown>>;
  const name =
    p.missingProperty ?? p.additionalProperty ?? p.unevaluatedProperty ?? (error.keyword === 'propertyNames' ? p.propertyName : undefined);
  return typeof name === 'string' ? `/${escapeToken(shortName(name))}` : '';
}

function specPointer(error: SchemaError, set: SchemaSet, pointers: SpecPointers): string {
  const unit = error.unit === undefined ? undefined : set.byKey(error.unit);
  if (unit === undefined) return '';
  const path = error.schemaPath
    .slice(1)
    .replace(/\/false schema$/, '')
    .replaceAll(NULL_OR_TOKEN, '');
  return pointers.of({ file: unit.place.file, pointer: unit.place.pointer + decoded(path) });
}

/** As Ajv writes it in paths; no name of a property can look so, for it would be escaped. */
const NULL_OR_TOKEN = `/${NULL_OR}`;

/** Ajv writes its paths as URI fragments. */
function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

function relative(root: string, uri: string): string {
  const from = root.split('/').slice(0, -1);
  const to = uri.split('/');
  let same = 0;
  while (same < from.length && same < to.length - 1 && from[same] === to[same]) same += 1;
  return [...from.slice(same).map(() => '..'), ...to.slice(same)].join('/');
}
