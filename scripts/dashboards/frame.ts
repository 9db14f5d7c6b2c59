/** What panels of all kinds have: place, links, queries, and how values are written and coloured. */
import { BROKEN, LOOK, WELL } from './colours.ts';
import type { GrafanaPanel, StatPanel, TimeSeriesPanel } from './grafana.ts';
import { runbook } from './links.ts';
import type { BoardPanel, Thresholds, Unit } from './model.ts';
import { DATASOURCE } from './variables.ts';

export type Place = StatPanel['gridPos'];

type Defaults = TimeSeriesPanel['fieldConfig']['defaults'];

export function frame(panel: BoardPanel, gridPos: Place) {
  return {
    id: panel.id,
    title: panel.title,
    description: panel.description,
    datasource: DATASOURCE,
    gridPos,
    links: (panel.alerts ?? []).map((alert) => ({
      title: `Runbook of ${alert}`,
      url: runbook(alert),
      type: 'link' as const,
      icon: 'doc',
      tooltip: '',
      tags: [],
      asDropdown: false,
      includeVars: false,
      keepTime: false,
      targetBlank: true,
    })),
  };
}

export function queries(panel: BoardPanel, shown: 'all of the time' | 'its end'): GrafanaPanel['targets'] {
  return panel.targets.map(({ expr, legend }, i) => ({
    refId: String.fromCharCode(65 + i),
    datasource: DATASOURCE,
    expr,
    legendFormat: legend,
    format: shown === 'its end' ? 'table' : 'time_series',
    editorMode: 'code',
    range: shown !== 'its end',
    instant: shown === 'its end',
  }));
}

const DECIMALS: Readonly<Partial<Record<Unit, number>>> = {
  reqps: 1,
  cps: 2,
  percentunit: 2,
  s: 1,
  bytes: 1,
  Bps: 1,
  none: 0,
  'suffix: cores': 2,
  'suffix:×': 1,
};

export function decimals(unit: Unit): { decimals?: number } {
  const known = DECIMALS[unit];
  return known === undefined ? {} : { decimals: known };
}

/** One step at all where nothing is to be said of a value. */
export function steps(thresholds: Thresholds | undefined): NonNullable<Defaults['thresholds']> {
  const first = { color: WELL, value: null };
  if (thresholds === undefined) return { mode: 'absolute', steps: [first] };
  const { look, broken } = thresholds;
  if (broken === look) return { mode: 'absolute', steps: [first, { color: BROKEN, value: broken }] };
  const rising = [first, { color: LOOK, value: look }, { color: BROKEN, value: broken }];
  const falling = [
    { color: BROKEN, value: null },
    { color: LOOK, value: broken },
    { color: WELL, value: look },
  ];
  return { mode: 'absolute', steps: look < broken ? rising : falling };
}
