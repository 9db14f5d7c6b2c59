import type { Draft, Slot } from './draft.ts';
import { flowEntry, flowText } from './emit.ts';
import { writeBelow } from './block.ts';
import { type Opened, type Where, type Write, indentOf } from './layout.ts';
import type { Child, Located } from './located.ts';

/** Writes the changes of a collection in brackets: between those that stay, as they are separated from each other. */
export function writeFlow({ at, slots }: Opened, where: Where, write: Write): void {
  const { page } = where;
  const [first] = at.children;
  if (first === undefined) return fill({ is: 'opened', at, slots }, where);
  const gap = page.text.slice(at.start + 1, first.start);
  const indent = indentOf(gap);
  const separator = indent === undefined ? where.flow.comma : `,\n${indent}`;
  const inside: Where = { ...where, indent };
  const kept = slots.flatMap(({ from }) => from ?? []);
  if (slots.length === 0) return empty(at, at.children, where);
  remove(at.children, kept, where);
  let before: Child | undefined;
  for (const slot of slots) {
    if (slot.from !== undefined) {
      before = slot.from;
      write(slot.draft, { ...inside, child: before });
      continue;
    }
    const text = textOf(slot, inside);
    if (before !== undefined) page.splice(before.value.end, before.value.end, separator + text);
    else if (kept[0] !== undefined) page.splice(kept[0].start, kept[0].start, text + separator);
    else page.splice(first.start, first.start, slot === slots.at(-1) ? text : text + separator);
  }
}

/** An empty one: below its key where that is the style around it, else between the brackets. */
function fill({ at, slots }: Opened, where: Where): void {
  const { page, child, flow, indent } = where;
  const values = slots.map(({ draft }) => (draft as Extract<Draft, { is: 'fresh' }>).value);
  if (slots.length === 0) return;
  const tight = at.end - at.start === 2;
  if (tight && flow.language === 'yaml' && child?.key !== undefined && indent === undefined && where.column >= 0) {
    const value = at.kind === 'seq' ? values : Object.fromEntries(slots.map(({ key }, i) => [key as string, values[i]]));
    if (page.text.slice(child.behindMark, at.start) === ' ' && writeBelow(value, at.end, where)) {
      page.splice(child.behindMark, at.end, '');
      return;
    }
  }
  const below = tight && indent !== undefined && flow.unit !== undefined ? indent + flow.unit : undefined;
  const parts = slots.map((slot) => textOf(slot, { ...where, indent: below }));
  const text = below === undefined ? parts.join(flow.comma) : `\n${parts.map((part) => below + part).join(',\n')}\n${indent}`;
  page.splice(at.start + 1, at.start + 1, text);
}

function textOf({ key, draft }: Slot, { flow, indent }: Where): string {
  const { value } = draft as Extract<Draft, { is: 'fresh' }>;
  const style = indent === undefined ? { ...flow, unit: undefined } : flow;
  return key === undefined ? flowText(value, style, indent) : flowEntry(key, value, style, indent ?? '');
}

function remove(children: readonly Child[], kept: readonly Child[], { page }: Where): void {
  const staying = new Set(kept);
  let before: Child | undefined;
  let behindOneThatStays = false;
  for (const [i, child] of children.entries()) {
    const next = children[i + 1];
    if (staying.has(child)) behindOneThatStays = true;
    else if (behindOneThatStays && before !== undefined) page.splice(before.value.end, child.value.end, '');
    else page.splice(child.start, next === undefined ? child.value.end : next.start, '');
    before = child;
  }
}

/** The last one that goes takes the lines with it that it stood on. */
function empty(at: Located, children: readonly Child[], { page }: Where): void {
  const [first, last] = [children[0] as Child, children.at(-1) as Child];
  const around = [page.text.slice(at.start + 1, first.start), page.text.slice(last.value.end, at.end - 1)];
  const onLines = around.every((blank) => blank.trim() === '') && indentOf(around[0] as string) !== undefined;
  if (onLines) page.splice(at.start + 1, at.end - 1, '');
  else page.splice(first.start, last.value.end, '');
}
