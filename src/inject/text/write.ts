import { writeBelow, writeBlock } from './block.ts';
import { type Draft, isFilled } from './draft.ts';
import { flowText } from './emit.ts';
import { writeFlow } from './flow.ts';
import type { Where } from './layout.ts';
import type { Located, LocatedScalar, TextFault } from './located.ts';
import { type Quotes, scalarText } from './scalars.ts';

/** Writes onto the page what a place became. What cannot be written is refused, with the place; the page is of no use then. */
export function writeDraft(draft: Draft, where: Where): TextFault | undefined {
  let fault: TextFault | undefined;
  const write = (child: Draft, there: Where): void => {
    fault ??= writeDraft(child, there);
  };
  if (draft.is === 'kept') return undefined;
  if (draft.is === 'opened') {
    if (draft.at.style !== 'flow' && draft.at.children.length > 0) {
      const own = writeBlock(draft, where, write);
      return fault ?? own;
    }
    writeFlow(draft, where, write);
    return fault;
  }
  return replace(draft, draft.at as Located, where);
}

function replace({ value, spelling }: Fresh, at: Located, where: Where): TextFault | undefined {
  const { page, flow, indent } = where;
  if (at.kind === 'scalar' && /\n/.test(page.text.slice(at.start, at.end)))
    return { message: 'is written over several lines: write it on one', offset: at.start };
  if ((at.kind === 'map' || at.kind === 'seq') && at.style !== 'flow') return replaceLines(value, at, where);
  if (at.kind === 'scalar' && at.form === 'empty' && isBelowKey(where)) {
    if (isFilled(value) && writeBelow(value, at.end, where)) return undefined;
    page.splice(at.start, at.start, ` ${flowText(value, flow)}`);
    return undefined;
  }
  if (spelling !== undefined && (typeof value !== 'object' || value === null)) {
    spell(spelling, at, where);
    return undefined;
  }
  const style = indent === undefined ? { ...flow, unit: undefined } : flow;
  const text =
    at.kind === 'scalar' && flow.language === 'yaml' && (typeof value !== 'object' || value === null)
      ? scalar(value, at)
      : flowText(value, style, indent);
  page.splice(at.start, at.end, at.start === at.end ? ` ${text}` : text);
  return undefined;
}

type Fresh = Extract<Draft, { is: 'fresh' }>;

/** Nothing is spelt without the blank that what stands there has been given. */
function spell(spelling: string, at: Located, { page }: Where): void {
  const blank = spelling === '' && page.text[at.start - 1] === ' ' ? 1 : 0;
  page.splice(at.start - blank, at.end, spelling);
}

function isBelowKey({ child, column }: Where): boolean {
  return column >= 0 && child?.key !== undefined;
}

/** In the quotes that are there: what is put back later is then written as it was. */
function scalar(value: unknown, { form }: LocatedScalar): string {
  const quotes: Quotes = form === 'single' || form === 'double' ? form : 'plain';
  return scalarText(value, quotes);
}

/** A collection in lines that becomes nothing, or a word: `key:` as it was before lines came below it. */
function replaceLines(value: unknown, at: Located, { page, child, flow }: Where): TextFault | undefined {
  if (child === undefined || !page.beginsLine(at.start) || !page.endsLine(at.end)) {
    return { message: 'shares its line with something else and cannot be replaced', offset: at.start };
  }
  page.removeLines(page.lineStart(at.start), page.nextLine(at.end));
  if (value !== null) page.splice(child.behindMark, child.behindMark, ` ${flowText(value, flow)}`);
  return undefined;
}
