import type { Child, Located, LocatedCollection } from './located.ts';
import type { Draft } from './draft.ts';
import type { BlockStyle, FlowStyle } from './emit.ts';
import type { Page } from './page.ts';

/** What the writing of a change has to know of the place it stands in. */
export interface Where {
  readonly page: Page;
  /** The entry whose value it is; undefined for the document's root. */
  readonly child: Child | undefined;
  /** Of the collection that the entry belongs to, in block style; -1 for the root. */
  readonly column: number;
  /** The line that it stands on in a flow collection of several lines; undefined in one of a single line, and in block style. */
  readonly indent: string | undefined;
  readonly block: BlockStyle;
  readonly flow: FlowStyle;
}

export type Opened = Extract<Draft, { is: 'opened' }>;

/** Writes what a child became. */
export type Write = (draft: Draft, where: Where) => void;

/** The style of what is already there: of the mapping itself, and where it has nothing to show, of what is around it. */
export function styleOf(node: Located, page: Page, around: BlockStyle): BlockStyle {
  if (node.kind !== 'map' || node.style !== 'block' || node.children[0] === undefined) return around;
  const column = page.column(node.children[0].start);
  const below = (kind: LocatedCollection['kind']): number | undefined => {
    for (const { value } of node.children) {
      if (value.kind !== kind || value.style !== 'block') continue;
      const first = value.children[0];
      if (first !== undefined && page.beginsLine(first.start)) return page.column(first.start) - column;
    }
    return undefined;
  };
  return { step: below('map') ?? around.step, dash: below('seq') ?? around.dash };
}

/** The first mapping and the first list below a mapping show how a document is laid out. */
export function documentStyle(root: Located, page: Page): BlockStyle {
  const unknown = { step: 0, dash: -1 };
  let style = unknown;
  const look = (node: Located): void => {
    if (node.kind !== 'map' && node.kind !== 'seq') return;
    const own = styleOf(node, page, unknown);
    style = { step: style.step || own.step, dash: style.dash === -1 ? own.dash : style.dash };
    for (const { value } of node.children) {
      if (style.step !== 0 && style.dash !== -1) return;
      look(value);
    }
  };
  look(root);
  const step = style.step || 2;
  return { step, dash: style.dash === -1 ? step : style.dash };
}

/** Of a JSON document: its indentation, or what stands between its words where it has none. */
export function jsonStyle(root: Located, page: Page): FlowStyle {
  const spaced: FlowStyle = { language: 'json', comma: ', ', colon: ': ', unit: undefined };
  if ((root.kind !== 'map' && root.kind !== 'seq') || root.children[0] === undefined) return spaced;
  const [first, second] = root.children;
  const unit = indentOf(page.text.slice(root.start + 1, first.start));
  const colon = page.text.slice(first.behindMark, first.value.start) === '' ? ':' : ': ';
  const tight = second !== undefined && page.text.slice(first.value.end, second.start) === ',';
  return { language: 'json', comma: tight || (second === undefined && colon === ':') ? ',' : ', ', colon, unit };
}

/** What a line begins with, of the blank between a bracket and what follows; undefined where they share one. */
export function indentOf(blank: string): string | undefined {
  const at = blank.lastIndexOf('\n');
  return at === -1 ? undefined : blank.slice(at + 1);
}
