import type { Colours } from '../../config/render.ts';
import { printable } from '../../core/schema/show.ts';
import type { FindingItem } from '../../core/views.ts';

export interface FindingsTextOptions {
  readonly colours: Colours;
  /** How many findings of one state are written out; the rest is a number. */
  readonly most: number;
}

const STATES: readonly FindingItem['state'][] = ['new', 'acknowledged', 'resolved'];

/** Findings for people: who differs from what, where, how often and for whom, and what would mend the contract. Ends with a line end. */
export function findingsText(items: readonly FindingItem[], { colours, most }: FindingsTextOptions): string {
  const lines: string[] = [];
  for (const state of STATES) {
    const of = items.filter((item) => item.state === state);
    if (of.length === 0) continue;
    lines.push(colours.strong(`${of.length} ${state}`), '');
    for (const item of of.slice(0, most)) lines.push(...findingLines(item, colours), '');
    if (of.length > most) lines.push(`and ${of.length - most} more ${state}: --all shows them`, '');
  }
  return lines.map((line) => `${line}\n`).join('');
}

function findingLines(item: FindingItem, colours: Colours): string[] {
  const { id, api, side, acknowledgement } = item;
  const seen = `${times(item.count)}, ${item.firstSeen.slice(0, 16).replace('T', ' ')} to ${item.lastSeen.slice(0, 16).replace('T', ' ')}`;
  const lines = [
    `${colours.strong(printable(titleOf(item)))}  ${colours.dim(id)}`,
    `  ${printable(`${operationsOf(item)} (${side}, ${api} ${item.contractVersion})`.trimEnd())}`,
    `  ${seen}; ${printable(consumersOf(item))}`,
    `  ${printable(item.proposal)}`,
  ];
  if (acknowledgement !== undefined)
    lines.push(
      colours.dim(`  acknowledged${acknowledgement.by === 'baseline' ? ' in the baseline' : ''}${printable(noteOf(acknowledgement.note))}`),
    );
  return lines;
}

/** `undocumented field nickname at /items/*` */
function titleOf({ kind, name, pointer, evidence, location }: FindingItem): string {
  const what = kind.replaceAll('_', ' ');
  const at = pointer === '' || pointer === `/${name}` ? '' : ` at ${pointer}`;
  const where = location === 'query' || location === 'header' || location === 'cookie' || location === 'path' ? ` in the ${location}` : '';
  const types = [...evidence.types, ...evidence.formats];
  return `${what} ${name}`.trimEnd() + where + at + (types.length === 0 ? '' : ` (${types.join(', ')})`);
}

function operationsOf({ operation, operations }: FindingItem): string {
  const others = operations.filter((one) => one !== operation).length;
  return others === 0 ? operation : `${operation} and ${others} more`;
}

const SHOWN_CONSUMERS = 3;

function consumersOf({ consumers }: FindingItem): string {
  const names = consumers.slice(0, SHOWN_CONSUMERS).map(({ name, count }) => `${name} ×${count}`);
  const more = consumers.length - names.length;
  return `for ${names.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}

function times(count: number): string {
  return count === 1 ? 'once' : `${count} times`;
}

function noteOf(note: string): string {
  return note === '' ? '' : `: ${note}`;
}
