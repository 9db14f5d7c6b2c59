import type { Location, Side, Violation } from '../../../core/contract.ts';
import type { Place } from '../document/documents.ts';
import { escapeToken } from '../document/pointer.ts';
import { describe, shortName, shortPointer } from './describe.ts';
import type { SchemaError } from './schema-error.ts';
import { shownValue } from './shown-value.ts';
import { traitOf } from './trait.ts';
import type { SchemaSet } from './units.ts';

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

/** What is wrong with a value, as violations, no two alike. */
export function violationsOf(errors: readonly SchemaError[], set: SchemaSet, pointers: SpecPointers, about: About): Violation[] {
  const out: Violation[] = [];
  const seen = new Set<string>();
  for (const error of errors) {
    const value = shownValue(error.value);
    const violation: Violation = {
      rule: error.keyword,
      side: about.side,
      location: about.location,
      pointer: about.prefix + shortPointer(error.instancePath) + subject(error),
      specPointer: specPointer(error, set, pointers),
      detail: describe(error),
      ...(value !== undefined && { value }),
      trait: traitOf(error, set, about),
    };
    const key = `${violation.rule} ${violation.pointer} ${violation.detail}`;
    if (seen.has(key)) continue;
    seen.add(key);
    out.push(violation);
  }
  return out;
}

/** The member that is missing or too many: the error itself stands at its parent. */
function subject(error: SchemaError): string {
  const p = error.params;
  const name =
    p.missingProperty ?? p.additionalProperty ?? p.unevaluatedProperty ?? (error.keyword === 'propertyNames' ? p.propertyName : undefined);
  return typeof name === 'string' ? `/${escapeToken(shortName(name))}` : '';
}

function specPointer(error: SchemaError, set: SchemaSet, pointers: SpecPointers): string {
  const unit = set.byKey(error.unit);
  return unit === undefined ? '' : pointers.of({ file: unit.place.file, pointer: unit.place.pointer + error.schemaPath });
}

function relative(root: string, uri: string): string {
  const from = root.split('/').slice(0, -1);
  const to = uri.split('/');
  let same = 0;
  while (same < from.length && same < to.length - 1 && from[same] === to[same]) same += 1;
  return [...from.slice(same).map(() => '..'), ...to.slice(same)].join('/');
}
