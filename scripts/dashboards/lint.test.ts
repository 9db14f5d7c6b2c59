import { beforeAll, describe, expect, it } from 'vitest';
import { boards } from './boards.ts';
import { type Catalogue, readCatalogue } from './catalogue.ts';
import type { BoardJson, GrafanaPanel } from './grafana.ts';
import { lintBoards } from './lint.ts';
import { boardJson } from './render.ts';

let catalogue: Catalogue;
beforeAll(async () => {
  catalogue = await readCatalogue();
});

interface Broken {
  readonly all: BoardJson[];
  readonly board: BoardJson;
  readonly panel: GrafanaPanel;
}

/** The rules that see what `change` does to fresh boards; `panel` is the first of the first. */
function seen(change: (broken: Broken) => void): string[] {
  const all = boards.map(boardJson);
  const board = all[0] as BoardJson;
  change({ all, board, panel: board.panels[0] as GrafanaPanel });
  return [...new Set(lintBoards(all, catalogue).map(({ rule }) => rule))];
}

/** The panel shows all, not the worst. */
function showAll(board: BoardJson, title: string): void {
  const panel = board.panels.find((one) => one.title === title) as GrafanaPanel;
  for (const target of panel.targets) target.expr = target.expr.replace('topk(5, ', '(');
}

const ask = (expr: string) => seen(({ panel }) => void Object.assign(panel.targets[0] as object, { expr }));
const SCOPE = 'namespace=~"$namespace",job=~"$job",pod=~"$pod"';

describe('the rules for boards', () => {
  it('hold, without exceptions', () => {
    expect(boards).toHaveLength(5);
    expect(lintBoards(boards.map(boardJson), catalogue)).toEqual([]);
  });

  it.each<[string, string]>([
    ['metric', `sum(plumbline_nothing{${SCOPE}})`],
    ['metric', 'vector(0)'],
    ['metric', `sum(plumbline_request_duration_seconds{${SCOPE}})`],
    ['label', `sum(plumbline_buffered_bytes{${SCOPE},api=~"$api"})`],
    ['label', `sum(rate(plumbline_requests_total{${SCOPE},consumer=~"$api"}[$__rate_interval]))`],
    ['label', `sum by (consumer) (rate(plumbline_requests_total{${SCOPE}}[$__rate_interval]))`],
    ['type', `sum(plumbline_requests_total{${SCOPE}})`],
    ['type', `sum(rate(plumbline_buffered_bytes{${SCOPE}}[$__rate_interval]))`],
    ['type', `sum(increase(process_resident_memory_bytes{${SCOPE}}[$__rate_interval]))`],
    ['range', `sum(rate(plumbline_requests_total{${SCOPE}}[5m]))`],
    ['range', `max(max_over_time(plumbline_buffered_bytes{${SCOPE}}[1h]))`],
    ['quantile', `histogram_quantile(0.95, sum by (api) (rate(plumbline_request_duration_seconds_bucket{${SCOPE}}[$__rate_interval])))`],
    ['replicas', `plumbline_buffered_bytes{${SCOPE}}`],
    ['scope', 'sum(plumbline_buffered_bytes)'],
    ['scope', 'sum(plumbline_buffered_bytes{namespace=~"$namespace",job="plumbline",pod=~"$pod"})'],
    ['scope', 'sum(plumbline_buffered_bytes{namespace="$namespace",job=~"$job",pod=~"$pod"})'],
    ['scope', 'count(ALERTS{namespace=~"$namespace"})'],
    ['variable', `sum(rate(plumbline_consumer_requests_total{${SCOPE},consumer=~"$consumer"}[$__rate_interval]))`],
  ])('%s: %s', (rule, expr) => {
    expect(ask(expr)).toEqual([rule]);
  });

  it.each<[string, string, (broken: Broken) => void]>([
    ['words', 'no title', ({ panel }) => void Object.assign(panel, { title: ' ' })],
    ['words', 'no description', ({ panel }) => void Object.assign(panel, { description: '' })],
    ['words', 'a board without a description', ({ board }) => void Object.assign(board, { description: '' })],
    ['unit', 'no unit', ({ panel }) => void delete panel.fieldConfig.defaults.unit],
    ['legend', 'no legend', ({ panel }) => void Object.assign(panel.targets[0] as object, { legendFormat: '' })],
    ['legend', 'a legend of what is not there', ({ panel }) => void Object.assign(panel.targets[0] as object, { legendFormat: '{{pod}}' })],
    ['lines', 'a line for each api', ({ board }) => void showAll(board, 'Error ratio by api')],
    ['metric', 'no query', ({ panel }) => void Object.assign(panel, { targets: [] })],
    [
      'datasource',
      'a panel with its own data source',
      ({ panel }) => void Object.assign(panel, { datasource: { type: 'prometheus', uid: 'P1' } }),
    ],
    ['datasource', 'a query with its own', ({ panel }) => void Object.assign(panel.targets[0] as object, { datasource: { uid: 'P1' } })],
    [
      'datasource',
      'a variable with its own',
      ({ board }) => void Object.assign(board.templating.list[1] as object, { datasource: { uid: 'P1' } }),
    ],
    ['grid', 'over the edge', ({ panel }) => void Object.assign(panel.gridPos, { w: 25 })],
    ['grid', 'one over the other', ({ board }) => void Object.assign((board.panels[1] as GrafanaPanel).gridPos, { x: 0 })],
    ['grid', 'a gap', ({ board }) => void board.panels.splice(0, 1)],
    ['id', 'an id twice', ({ board, panel }) => void Object.assign(board.panels[1] as GrafanaPanel, { id: panel.id })],
    ['uid', 'a uid twice', ({ all }) => void all.push(structuredClone(all[0] as BoardJson))],
    ['crosshair', 'no shared crosshair', ({ board }) => void Object.assign(board, { graphTooltip: 0 })],
    ['variable', 'a variable that nothing uses', ({ board }) => void board.templating.list.push({ name: 'nobody', type: 'textbox' })],
    ['variable', 'all jobs of Prometheus', ({ board }) => void Object.assign(board.templating.list[2] as object, { allValue: '.*' })],
    ['link', 'a link to nowhere', ({ board }) => void Object.assign(board.links?.[0] as object, { url: '/d/plumbline-nothing' })],
    ['link', 'a link that loses the time', ({ board }) => void Object.assign(board.links?.[0] as object, { keepTime: false })],
    ['link', 'a board that nothing leads to', ({ board }) => void board.links?.pop()],
  ])('%s: %s', (rule, _what, change) => {
    expect(seen(change)).toEqual([rule]);
  });

  it('a board without panels, and a cell that leads to no board', () => {
    expect(seen(({ board }) => void Object.assign(board, { panels: [] }))).toContain('panels');
    const leads = seen(({ board, panel }) => void Object.assign(panel, { description: `${board.description} /d/plumbline-nothing` }));
    expect(leads).toEqual(['link']);
  });

  it('annotations are read too', () => {
    expect(seen(({ board }) => void Object.assign(board.annotations.list[0]?.target as object, { expr: 'up' }))).toContain('scope');
  });
});
