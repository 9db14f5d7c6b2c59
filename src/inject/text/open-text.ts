import { type Edit, type Path, applyEdits } from '../edit.ts';
import { Drafted } from './draft.ts';
import { FLOW_YAML } from './emit.ts';
import { locateJson, tooDeepJson } from './json-located.ts';
import { documentStyle, jsonStyle, type Where } from './layout.ts';
import { type Located, type TextFault, findLocated } from './located.ts';
import { Page } from './page.ts';
import { sameValue } from './same-value.ts';
import { plainValue } from './plain-value.ts';
import { writeDraft } from './write.ts';
import { type Words, locateYaml } from './yaml-located.ts';

/**
 * Of one YAML document, as it is read and as it is made: a list of some two thousand injected workloads. More would take gigabytes while it is read.
 * JSON has no such bound of its own.
 */
const MAX_YAML_CHARS = 8 * 1024 * 1024;

const TOO_LONG = `more than ${MAX_YAML_CHARS / 1024 ** 2} MiB; split the list, or give it as JSON`;

/** One document, read. */
export interface OpenText {
  readonly text: string;
  /** Null, boolean, number, string, array or object; null for a document with nothing in it. */
  readonly value: unknown;
  readonly root: Located;
  readonly language: 'yaml' | 'json';
  /** Whose reading its value is. */
  readonly words: Words;
}

/** Why the text stays as it is, and where. */
export interface EditRefused {
  readonly message: string;
  readonly path: Path;
  readonly offset: number;
  /** Which of the changes it is about; undefined where that is not known. The others can be made without it. */
  readonly change: number | undefined;
}

/** Reads one YAML or JSON document: its text may have a byte order mark no more, but markers (`---`, `...`), directives and comments around it. */
export function openText(text: string, words: Words = 'core'): OpenText | { readonly fault: TextFault } {
  const json = readJson(text);
  if (json !== undefined) {
    const fault = tooDeepJson(text);
    return fault === undefined ? { text, value: json.value, root: locateJson(text), language: 'json', words } : { fault };
  }
  if (text.length > MAX_YAML_CHARS) return { fault: { message: `is one document of ${TOO_LONG}`, offset: 0 } };
  const located = locateYaml(text, words);
  if ('fault' in located) return located;
  const read = plainValue(located.root, text.length);
  return 'fault' in read ? read : { text, value: read.value, root: located.root, language: 'yaml', words };
}

function readJson(text: string): { readonly value: unknown } | undefined {
  if (!/^\s*[[{]/.test(text)) return undefined;
  try {
    return { value: JSON.parse(text) as unknown };
  } catch {
    // A flow mapping of YAML begins like this too; what is neither is reported by the reader of YAML.
    return undefined;
  }
}

/** Edits of one object in a document, from that object down. */
export interface Change {
  /** Where it stands: `[]`, or `['items', 3]` of a list. */
  readonly at: Path;
  readonly edits: readonly TextEdit[];
}

/** `spelling`: how the value is written, on one line. Only where a scalar is replaced, or becomes one again. */
export type TextEdit = Edit & { readonly spelling?: string };

/**
 * The document's text with the edits made, everything else in it byte for byte as it was. What is made is read again and compared with what the
 * edits make of the value: it is that, or it is refused. No two changes may be of one object.
 */
export function editText(document: OpenText, changes: readonly Change[]): { readonly text: string } | { readonly refused: EditRefused } {
  const drafted = new Drafted(document.root);
  for (const [change, { at, edits }] of changes.entries()) {
    for (const edit of edits) {
      const path = [...at, ...edit.path];
      const fault = drafted.apply({ ...edit, path });
      if (fault !== undefined) return { refused: { ...fault, path, change } };
    }
  }
  const page = new Page(document.text);
  const fault = writeDraft(drafted.root.draft, rootOf(document, page));
  if (fault !== undefined) return { refused: { ...fault, ...changeAround(document, changes, fault.offset) } };
  const text = page.result();
  if (document.language === 'yaml' && text !== undefined && text.length > MAX_YAML_CHARS) {
    return { refused: { message: `begins a document that would become one of ${TOO_LONG}`, path: [], offset: 0, change: undefined } };
  }
  const made = text === undefined ? undefined : openText(text, document.words);
  const wanted = withChanges(document.value, changes);
  if (text !== undefined && made !== undefined && !('fault' in made) && sameValue(made.value, wanted)) return { text };
  return { refused: suspect(document, changes) };
}

/** As `applyEdits`, with the list that the objects stand in copied once and not for each edit. */
function withChanges(value: unknown, changes: readonly Change[]): unknown {
  const [root] = changes.filter(({ at }) => at.length === 0);
  if (root !== undefined) return applyEdits(value, root.edits);
  const below = Map.groupBy(changes, ({ at }) => at[0] as string | number);
  const copy = (Array.isArray(value) ? [...(value as unknown[])] : { ...(value as object) }) as Record<string | number, unknown>;
  for (const [part, some] of below) {
    const inside = some.map(({ at, edits }) => ({ at: at.slice(1), edits }));
    copy[part] = withChanges(copy[part], inside);
  }
  return copy;
}

function rootOf({ root, language }: OpenText, page: Page): Where {
  const style = { page, child: undefined, column: -1, indent: undefined };
  return language === 'json'
    ? { ...style, block: { step: 2, dash: 2 }, flow: jsonStyle(root, page) }
    : { ...style, block: documentStyle(root, page), flow: FLOW_YAML };
}

/** The text that came out says something else: mostly because what was changed has a name, and stands elsewhere too. */
function suspect({ root }: OpenText, changes: readonly Change[]): EditRefused {
  for (const [change, { at, edits }] of changes.entries()) {
    for (const edit of edits) {
      const path = [...at, ...edit.path];
      const named = anchorOn(root, path);
      if (named === undefined) continue;
      return { message: `has the anchor &${named.anchor}: other places that use it would change too`, path, offset: named.start, change };
    }
  }
  const message = 'is written in a way that cannot be changed without changing something else';
  const path = changes[0]?.at ?? [];
  return { message, path, offset: findLocated(root, path)?.start ?? 0, change: undefined };
}

function anchorOn(root: Located, path: Path): Located | undefined {
  for (let depth = 1; depth <= path.length; depth += 1) {
    const at = findLocated(root, path.slice(0, depth));
    if (at?.anchor !== undefined) return at;
  }
  return undefined;
}

/** Whose change it was that could not be written at a place. */
function changeAround(
  { root }: OpenText,
  changes: readonly Change[],
  offset: number,
): { readonly path: Path; readonly change: number | undefined } {
  for (const [change, { at }] of changes.entries()) {
    const object = findLocated(root, at);
    if (object !== undefined && object.start <= offset && offset <= object.end) return { path: at, change };
  }
  return { path: [], change: undefined };
}
