import { type Draft, type Slot, isFilled } from './draft.ts';
import { blockLines, entryLines, itemLines } from './emit.ts';
import { type Opened, type Where, type Write, styleOf } from './layout.ts';
import type { Child, TextFault } from './located.ts';

/** Writes the changes of a collection in block style: whole lines come and go, those that stay are not touched. */
export function writeBlock({ at, slots }: Opened, where: Where, write: Write): TextFault | undefined {
  const { page } = where;
  const first = at.children[0] as Child;
  const column = page.column(first.start);
  const block = styleOf(at, page, where.block);
  const kept = new Set(slots.flatMap(({ from }) => from ?? []));
  for (const [i, child] of at.children.entries()) {
    if (kept.has(child)) continue;
    const fault = removeChild(child, at.children[i + 1], kept, where);
    if (fault !== undefined) return fault;
  }
  if (slots.length === 0) {
    const { child } = where;
    if (child === undefined || !page.beginsLine(first.start))
      return { message: 'would be left empty on the line of its mark', offset: at.start };
    page.splice(child.behindMark, child.behindMark, at.kind === 'seq' ? ' []' : ' {}');
    return undefined;
  }
  const last = at.children.at(-1);
  // Where a list stands under its key without indentation, a comment at its column may be about the next key.
  const own = at.kind === 'map' || column > where.column ? column : column + 1;
  let before: Child | undefined;
  for (const slot of slots) {
    if (slot.from !== undefined) {
      before = slot.from;
      write(slot.draft, { ...where, child: before, column, block, indent: undefined });
      continue;
    }
    const lines = linesOf(slot, column, block);
    if (before === undefined) {
      const fault = insertFirst(first, lines, where);
      if (fault !== undefined) return fault;
    } else {
      page.insertLines(page.behindComments(page.nextLine(before.value.end), before === last ? own : column + 1), lines);
    }
  }
  return undefined;
}

function linesOf({ key, draft }: Slot, column: number, block: Where['block']): string[] {
  const { value } = draft as Extract<Draft, { is: 'fresh' }>;
  return key === undefined ? itemLines(value, column, block) : entryLines(key, value, column, block);
}

function insertFirst(first: Child, lines: readonly string[], { page }: Where): TextFault | undefined {
  if (page.beginsLine(first.start)) {
    page.insertLines(page.lineStart(first.start), lines);
    return undefined;
  }
  // `- name: x`: the new entry takes the place behind the dash, and the old one a line of its own.
  const column = page.column(first.start);
  page.splice(first.start, first.start, `${lines.join('\n').slice(column)}\n${' '.repeat(column)}`);
  return undefined;
}

function removeChild(child: Child, next: Child | undefined, kept: ReadonlySet<Child>, { page }: Where): TextFault | undefined {
  const { start, value } = child;
  if (page.beginsLine(start) && page.endsLine(value.end)) {
    page.removeLines(page.lineStart(start), page.nextLine(value.end));
    return undefined;
  }
  if (next === undefined || !kept.has(next) || page.text.slice(value.end, next.start).trim() !== '') {
    return { message: 'shares its line with something else and cannot be taken out', offset: start };
  }
  page.splice(start, next.start, '');
  return undefined;
}

/** Writes a new value below its key, where there was nothing, or `[]` or `{}`. Undefined where it has to stand on the line. */
export function writeBelow(value: object, emptyFrom: number, { page, column, block }: Where): boolean {
  if (!isFilled(value) || !page.endsLine(emptyFrom)) return false;
  const below = Math.max(column, 0) + (Array.isArray(value) ? block.dash : block.step);
  page.insertLines(page.nextLine(emptyFrom), blockLines(value, below, block));
  return true;
}
