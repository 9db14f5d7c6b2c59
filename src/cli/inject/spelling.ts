import { isMapping } from '../../core/schema/object.ts';
import type { Edit, Path } from '../../inject/edit.ts';
import { INJECTED } from '../../inject/names.ts';
import { type Mapping, place } from '../../inject/pod.ts';
import { findLocated } from '../../inject/text/located.ts';
import { type OpenText, type TextEdit, openText } from '../../inject/text/open-text.ts';
import { spellingToKeep } from '../../inject/text/spelled-back.ts';
import { below } from './manifests.ts';

/** An object of a document, and what in it carries the record of an injection. */
export interface Recorded {
  /** From the document down. */
  readonly at: Path;
  readonly value: Mapping;
  /** From the object down: what has the annotations. */
  readonly recordAt: Path;
}

/**
 * The edits of an injection; the record that they leave behind has under `text` how the scalars that they replace were written, each by its place in the object.
 * Only those that would be written otherwise when they are put back: `~` for nothing, `0x1F90` for 8080.
 */
export function withSpellings(document: OpenText, object: Recorded, edits: readonly Edit[]): readonly Edit[] {
  const found: Record<string, string> = {};
  for (const edit of edits) {
    const at = edit.op === 'replace' ? findLocated(document.root, [...object.at, ...edit.path]) : undefined;
    if (at === undefined || edit.op !== 'replace') continue;
    const spelling = spellingToKeep(document, at, edit.value);
    if (spelling !== undefined) found[place(edit.path)] = spelling;
  }
  if (Object.keys(found).length === 0) return edits;
  const text = { ...spellingsOf(object), ...found };
  return edits.map((edit) => (edit.op === 'remove' ? edit : { ...edit, value: amended(edit.value, edit.path.at(-1), text) }));
}

/** The edits that undo an injection, each with the spelling that the record has for it, where that still says the same. */
export function spelledAgain(object: Recorded, edits: readonly Edit[]): readonly TextEdit[] {
  const text = spellingsOf(object);
  return edits.map((edit) => {
    if (edit.op !== 'replace') return edit;
    const name = place(edit.path);
    const spelling = Object.hasOwn(text, name) ? text[name] : undefined;
    return typeof spelling === 'string' && says(spelling, edit.value) ? { ...edit, spelling } : edit;
  });
}

/** People edit annotations, too: whatever stands there is looked at before it is used. */
function spellingsOf({ value, recordAt }: Recorded): Mapping {
  const record = parsed(below(value, [...recordAt, 'metadata', 'annotations', INJECTED]));
  return isMapping(record) && isMapping(record.text) ? record.text : {};
}

function parsed(text: unknown): unknown {
  try {
    return typeof text === 'string' ? (JSON.parse(text) as unknown) : undefined;
  } catch {
    return undefined;
  }
}

function says(spelling: string, value: unknown): boolean {
  if (/[\r\n]/.test(spelling)) return false;
  // Behind a tag (`!!str on`) a word is what it says; what an alias names is seen when all is read again.
  if (spelling === value || ALIAS.test(spelling)) return true;
  const open = openText(spelling, 'kubernetes');
  return !('fault' in open) && open.root.kind === 'scalar' && open.value === value;
}

const ALIAS = /^\*[^\s,[\]{}]+$/;

/** The value of an edit, with the record in it, if it has it. */
function amended(value: unknown, key: unknown, text: Mapping): unknown {
  if (key === INJECTED && typeof value === 'string') return JSON.stringify({ ...(JSON.parse(value) as object), text });
  if (key !== 'annotations' && key !== 'metadata') return value;
  return Object.fromEntries(Object.entries(value as object).map(([name, item]) => [name, amended(item, name, text)]));
}
