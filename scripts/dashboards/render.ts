/** A board as the file that Grafana reads: schema 42, every field set that Grafana would otherwise choose by its version. */
import { drawn } from './draw.ts';
import type { BoardJson } from './grafana.ts';
import { linksFrom } from './links.ts';
import type { Board } from './model.ts';
import { appMetrics } from '../../src/app/metrics.ts';
import { Queries, sum } from './promql.ts';
import { DATASOURCE, variablesOf } from './variables.ts';

const GRID_COLUMNS = 24;
const HEADING_HEIGHT = 1;
/** Headings of rows are panels too; panels of boards have smaller numbers. */
const FIRST_HEADING_ID = 1000;

export function boardJson(board: Board): BoardJson {
  return {
    uid: board.uid,
    title: board.title,
    description: board.description,
    tags: ['plumbline'],
    schemaVersion: 42,
    version: 1,
    editable: true,
    // Shared crosshair: the same moment on all panels.
    graphTooltip: 1,
    fiscalYearStartMonth: 0,
    preload: false,
    liveNow: false,
    refresh: '30s',
    time: { from: 'now-1h', to: 'now' },
    timepicker: {},
    timezone: 'browser',
    weekStart: '',
    links: linksFrom(board.uid),
    annotations: { list: [reloads(board)] },
    templating: { list: variablesOf(board) },
    panels: placed(board),
  };
}

/** Rows below each other, panels beside each other, in the order of the board. */
function placed(board: Board): BoardJson['panels'] {
  const panels: BoardJson['panels'] = [];
  let y = 0;
  for (const [i, row] of board.rows.entries()) {
    if (row.title !== undefined) {
      const gridPos = { x: 0, y, w: GRID_COLUMNS, h: HEADING_HEIGHT };
      panels.push({ id: FIRST_HEADING_ID + i, type: 'row', title: row.title, collapsed: false, gridPos, panels: [] });
      y += HEADING_HEIGHT;
    }
    let x = 0;
    for (const panel of row.panels) {
      panels.push(drawn(panel, { x, y, w: panel.w, h: row.h }));
      x += panel.w;
    }
    y += row.h;
  }
  return panels;
}

/** A mark in every panel where a contract came into force, or was refused. */
function reloads(board: Board): BoardJson['annotations']['list'][number] {
  const q = new Queries(...board.variables);
  return {
    name: 'Contract reloads',
    datasource: DATASOURCE,
    enable: true,
    hide: false,
    iconColor: 'purple',
    target: { refId: 'Anno', expr: `${sum(q.increase(appMetrics.contractReloads), ['api', 'outcome']).text} > 0`, interval: '15s' },
    titleFormat: 'Contract {{outcome}}',
    textFormat: '{{api}}',
    tagKeys: 'api,outcome',
  };
}
