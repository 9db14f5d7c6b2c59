/** Rules for the boards as Grafana reads them: what a person would stumble over, and what an import would not tell. */
import type { Catalogue } from './catalogue.ts';
import type { BoardJson, GrafanaPanel } from './grafana.ts';
import { type Fault, lintExpression } from './lint-expression.ts';
import { namesIn } from './promql-names.ts';

export interface BoardFault extends Fault {
  readonly board: string;
  /** Title, of the panel that is meant. */
  readonly panel?: string;
}

const COLUMNS = 24;
/** Labels with so few values that a line for each is readable. */
const FEW_VALUES = ['status_class', 'outcome', 'side', 'phase', 'state', 'kind', 'decision', 'space'];
/** Grafana's own; they need no variable. */
const BUILT_IN = ['__rate_interval', '__url_time_range', '__value.text'];

export function lintBoards(boards: readonly BoardJson[], catalogue: Catalogue): BoardFault[] {
  const uids = boards.map(({ uid }) => uid);
  const twice = uids.filter((uid, i) => uids.indexOf(uid) !== i);
  return [
    ...boards.flatMap((board) => lintBoard(board, catalogue, uids).map((fault) => ({ ...fault, board: board.uid }))),
    ...twice.map((uid) => ({ board: uid, rule: 'uid', message: 'two boards have it' })),
  ];
}

type Local = Omit<BoardFault, 'board'>;

function lintBoard(board: BoardJson, catalogue: Catalogue, uids: readonly string[]): Local[] {
  const panels = board.panels.filter(isPanel);
  const ids = board.panels.map(({ id }) => id);
  const faults: Local[] = [
    ...panels.flatMap((panel) => lintPanel(panel, catalogue).map((fault) => ({ ...fault, panel: panel.title }))),
    ...lintGrid(board),
    ...lintVariables(board),
    ...lintLinks(board, uids),
    ...board.annotations.list.flatMap(({ target }) => lintExpression(target?.expr ?? '', catalogue)),
  ];
  const add = (rule: string, message: string): void => void faults.push({ rule, message });
  if (panels.length === 0) add('panels', 'there are none');
  if (!/^[a-z-]{8,40}$/.test(board.uid)) add('uid', `${board.uid} is not 8 to 40 small letters and dashes`);
  if (blank(board.title) || blank(board.description)) add('words', 'title or description is missing');
  for (const id of new Set(ids)) if (ids.filter((other) => other === id).length > 1) add('id', `two panels have ${id}`);
  if (board.graphTooltip !== 1) add('crosshair', 'it is not shared');
  return faults;
}

function lintPanel(panel: GrafanaPanel, catalogue: Catalogue): Fault[] {
  const faults = panel.targets.flatMap(({ expr }) => lintExpression(expr, catalogue));
  const add = (rule: string, message: string): void => void faults.push({ rule, message });
  if (blank(panel.title) || blank(panel.description)) add('words', 'title or description is missing');
  if (blank(panel.fieldConfig.defaults.unit)) add('unit', 'it is missing');
  if (panel.targets.length === 0) add('metric', 'nothing is asked for');
  if (panel.targets.some(({ legendFormat }) => blank(legendFormat))) add('legend', 'a query has none');
  for (const { expr, legendFormat } of panel.targets) {
    const { groupings, calls, made } = namesIn(expr);
    const named = panel.type === 'table' ? [] : [...legendFormat.matchAll(/\{\{(\w+)\}\}/g)].map(([, label]) => label ?? '');
    for (const label of named) if (![...groupings, ...made].includes(label)) add('legend', `${label} is not in the answer`);
    const open = named.filter((label) => !FEW_VALUES.includes(label));
    const isShort = calls.some(({ name }) => name === 'topk' || name === 'bottomk');
    if (panel.type === 'timeseries' && open.length > 0 && !isShort) add('lines', `as many as there are values of ${open}; take the topk`);
  }
  for (const { uid } of [panel.datasource, ...panel.targets.map(({ datasource }) => (datasource as { uid?: string } | undefined) ?? {})]) {
    if (uid !== `\${datasource}`) add('datasource', `${uid} is not the one that is chosen`);
  }
  return faults;
}

function lintGrid({ panels }: BoardJson): Local[] {
  const places = panels.map(({ gridPos, title = '' }) => ({ x: 0, y: 0, w: 0, h: 0, ...gridPos, title }));
  const faults: Local[] = [];
  for (const [i, a] of places.entries()) {
    if (a.w < 1 || a.h < 1 || a.x < 0 || a.x + a.w > COLUMNS)
      faults.push({ rule: 'grid', panel: a.title, message: `is outside of ${COLUMNS} columns` });
    const over = places.slice(i + 1).find((b) => a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h);
    if (over !== undefined) faults.push({ rule: 'grid', panel: a.title, message: `lies over ${over.title}` });
  }
  // A row of the grid that is not filled is an empty place on the screen.
  for (const y of new Set(places.map((place) => place.y))) {
    const width = places.filter((place) => place.y === y).reduce((sum, { w }) => sum + w, 0);
    if (width < COLUMNS) faults.push({ rule: 'grid', message: `the row at ${y} has ${width} of ${COLUMNS} columns` });
  }
  return faults;
}

/** All that is written `$name`, `${name}` or `${name:format}` in the file, and all variables that the file has. */
function lintVariables(board: BoardJson): Local[] {
  const variables = board.templating.list;
  const known = variables.map(({ name }) => name);
  const usesOf = (value: unknown): string[] =>
    [...JSON.stringify(value).matchAll(/\$(?:\{([\w.]+)[^}]*\}|(\w+))/g)].map(([, braced, plain]) => braced ?? plain ?? '');
  const shown = usesOf([board.panels, board.annotations]);
  const unknown = [...new Set([...shown, ...usesOf([variables.map(({ query }) => query), board.links])])].filter(
    (name) => !known.includes(name) && !BUILT_IN.includes(name),
  );
  return [
    ...unknown.map((name) => ({ rule: 'variable', message: `$${name} is none of the board’s variables` })),
    ...known
      .filter((name) => !shown.includes(name))
      .map((name) => ({ rule: 'variable', message: `${name} is chosen, and nothing changes` })),
    ...variables
      .filter(({ name, allValue }) => name === 'job' && allValue !== undefined)
      .map(() => ({ rule: 'variable', message: 'all jobs are the jobs of gateways, not those of everything that Prometheus scrapes' })),
    ...variables
      .filter(({ type, datasource }) => type === 'query' && datasource?.uid !== `\${datasource}`)
      .map(({ name }) => ({ rule: 'datasource', message: `${name} does not ask the one that is chosen` })),
  ];
}

function lintLinks(board: BoardJson, uids: readonly string[]): Local[] {
  const faults: Local[] = [];
  const add = (message: string): void => void faults.push({ rule: 'link', message });
  for (const { url = '', includeVars, keepTime } of board.links ?? []) {
    if (!uids.some((uid) => url === `/d/${uid}` && uid !== board.uid)) add(`${url} is no other board`);
    if (!includeVars || !keepTime) add(`${url} loses variables or time`);
  }
  for (const [, uid = ''] of JSON.stringify(board.panels).matchAll(/\/d\/([\w-]+)/g)) if (!uids.includes(uid)) add(`/d/${uid} is no board`);
  const missing = uids.filter((uid) => uid !== board.uid && !board.links?.some(({ url }) => url === `/d/${uid}`));
  for (const uid of missing) add(`nothing leads to ${uid}`);
  return faults;
}

const isPanel = (panel: BoardJson['panels'][number]): panel is GrafanaPanel => panel.type !== 'row';

const blank = (text: string | undefined): boolean => text === undefined || text.trim() === '';
