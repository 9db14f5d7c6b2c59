import type { Node, Place } from '../document/documents.ts';
import { child } from '../document/pointer.ts';
import type { DriftKind } from '../../../core/drift.ts';
import { STRING } from '../schema/shape.ts';
import { eachAtom, fitting, type Formula, type Group } from './formula.ts';
import type { Formats } from './unasserted.ts';

/** What a text is held against although no verdict depends on it. */
export interface TextRule {
  readonly kind: Extract<DriftKind, 'undocumented_enum_value' | 'format'>;
  readonly place: Place;
  readonly fits: (text: string) => boolean;
}

/** What a formula says of texts beside what the validator holds them against. */
export function textRules(formula: Formula, formats: Formats): TextRule[] {
  if (formula.open || (formula.types & STRING) === 0) return [];
  const rules: TextRule[] = [];
  const place = extensible(formula);
  if (place !== undefined) {
    const known = new Set<string>();
    eachAtom(formula, ({ listed }) => {
      for (const text of listed?.texts ?? []) known.add(text);
    });
    rules.push({ kind: 'undocumented_enum_value', place, fits: (text) => known.has(text) });
  }
  for (const { node, format } of formula.atoms) {
    const fits = format === undefined ? undefined : formats.unasserted(format);
    if (fits !== undefined) rules.push({ kind: 'format', place: at(node, 'format'), fits });
  }
  return rules;
}

/** The enumeration that is certain to be meant and that lets other texts pass; undefined: there is none. */
function extensible({ atoms, groups }: Formula): Place | undefined {
  for (const { node, listed } of atoms) if (listed?.keyword !== undefined) return at(node, listed.keyword);
  for (const group of groups) {
    const found = inGroup(group);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Every branch that takes texts lists them, and one of them lets others pass; or one lists them, and any text will do beside it. */
function inGroup(group: Group): Place | undefined {
  const branches = fitting(group, STRING);
  if (branches.length === 0) return undefined;
  const found = branches.map(extensible);
  if (branches.every((branch, i) => found[i] !== undefined || lists(branch))) return found.find((place) => place !== undefined);
  const isOpenForm =
    group.of !== undefined &&
    group.keyword === 'anyOf' &&
    branches.some(isEnumeration) &&
    branches.every((branch) => isEnumeration(branch) || isBare(branch));
  return isOpenForm ? at(group.of, 'anyOf') : undefined;
}

function lists({ atoms }: Formula): boolean {
  return atoms.some(({ listed }) => listed !== undefined);
}

/** One text is a special value beside others, no enumeration. */
function isEnumeration({ atoms }: Formula): boolean {
  return atoms.some(({ listed }) => listed !== undefined && listed.texts.length > 1);
}

function isBare({ atoms, groups, open }: Formula): boolean {
  return !open && groups.length === 0 && atoms.length > 0 && atoms.every(({ types, takesAnyText }) => takesAnyText && types === STRING);
}

function at({ file, pointer }: Node, keyword: string): Place {
  return { file, pointer: child(pointer, keyword) };
}
