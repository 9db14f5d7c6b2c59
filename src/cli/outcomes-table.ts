import type { Colours } from '../config/render.ts';
import { printable } from '../core/schema/show.ts';
import type { OutcomeItem } from '../core/views.ts';

export interface TableOptions {
  /** Of each: not worth a column where all are open. */
  readonly state: 'shown' | 'hidden';
  /** Columns of the terminal; Infinity: nothing is cut. */
  readonly width: number;
  readonly colours: Colours;
}

interface Column {
  readonly title: string;
  /** May be cut, down to this many characters; undefined: must be readable whole. */
  readonly least?: number;
  /** Left out where not all fit: the lowest number first; undefined: never. */
  readonly leave?: number;
  readonly text: (item: OutcomeItem) => string;
}

const COLUMNS: readonly Column[] = [
  { title: 'ID', text: ({ id }) => id },
  { title: 'WHEN', text: ({ at }) => at.replace('T', ' ').replace(/\.\d+/, '') },
  { title: 'API', least: 6, leave: 1, text: ({ api }) => api },
  { title: 'OPERATION', least: 12, text: operationOf },
  { title: 'CONSUMER', least: 8, leave: 3, text: ({ consumer: { name, version } }) => `${name} ${version}`.trimEnd() },
  { title: 'REASON', least: 12, leave: 4, text: ({ reason }) => reason },
];
const STATE_COLUMNS: readonly Column[] = [
  { title: 'STATE', text: stateOf },
  { title: 'NOTE', least: 8, leave: 2, text: ({ note }) => note ?? '' },
];
/** Between two columns. */
const GAP = '  ';

/** Where the contract knows no operation, the request itself says more. */
function operationOf({ operation, method, path }: OutcomeItem): string {
  return operation.startsWith('_') ? `${method} ${path}` : operation;
}

/** In the words that `--as` takes. */
export function stateOf({ settledAs }: OutcomeItem): string {
  return settledAs?.replace('_', '-') ?? 'open';
}

/** Lines for people: a head and one for each item. Ends with a line end. */
export function outcomesTable(items: readonly OutcomeItem[], { state, width, colours }: TableOptions): string {
  const wanted = state === 'shown' ? [...COLUMNS, ...STATE_COLUMNS] : COLUMNS;
  const columns = fitted(
    wanted.map((column) => {
      const cells = items.map((item) => printable(column.text(item)));
      return { ...column, cells, width: cells.reduce((most, { length }) => Math.max(most, length), column.title.length) };
    }),
    width,
  );
  const line = (text: (column: Filled) => string): string =>
    columns
      .map((column) => cut(text(column), column.width).padEnd(column.width))
      .join(GAP)
      .trimEnd();
  const lines = [colours.dim(line(({ title }) => title)), ...items.map((_, i) => line(({ cells }) => cells[i] as string))];
  return lines.map((text) => `${text}\n`).join('');
}

interface Filled extends Column {
  readonly cells: readonly string[];
  width: number;
}

/** Those that can be shown in this width: some left out where even cut they do not all fit, then the widest cut. */
function fitted(all: readonly Filled[], width: number): readonly Filled[] {
  const sum = (of: readonly Filled[], each: (column: Filled) => number): number =>
    of.reduce((total, column) => total + each(column) + GAP.length, -GAP.length);
  let columns = all;
  while (sum(columns, ({ least, width: whole }) => Math.min(least ?? whole, whole)) > width) {
    const next = Math.min(...columns.map(({ leave }) => leave ?? Number.POSITIVE_INFINITY));
    if (next === Number.POSITIVE_INFINITY) break;
    columns = columns.filter(({ leave }) => leave !== next);
  }
  for (let over = sum(columns, (column) => column.width) - width; over > 0; over--) {
    const widest = columns
      .filter((column) => column.least !== undefined && column.width > column.least)
      .reduce<Filled | undefined>((most, column) => (most === undefined || column.width > most.width ? column : most), undefined);
    if (widest === undefined) break;
    widest.width -= 1;
  }
  return columns;
}

function cut(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, Math.max(width - 1, 0))}…`;
}
