/** Panels of a board as Grafana's. */
import { WELL } from './colours.ts';
import type { GrafanaPanel, StatPanel, TimelinePanel, TimeSeriesPanel } from './grafana.ts';
import { decimals, frame, type Place, queries, steps } from './frame.ts';
import { drawnTable } from './table.ts';
import type { BoardPanel, PanelOfKind } from './model.ts';

export function drawn(panel: BoardPanel, gridPos: Place): GrafanaPanel {
  switch (panel.kind) {
    case 'stat':
      return drawnStat(panel, gridPos);
    case 'lines':
      return drawnLines(panel, gridPos);
    case 'timeline':
      return drawnTimeline(panel, gridPos);
    case 'table':
      return drawnTable(panel, gridPos);
  }
}

function drawnStat(panel: PanelOfKind<'stat'>, gridPos: Place): StatPanel {
  return {
    ...frame(panel, gridPos),
    type: 'stat',
    targets: queries(panel, 'all of the time'),
    fieldConfig: {
      defaults: {
        unit: panel.unit,
        ...decimals(panel.unit),
        color: { mode: 'thresholds' },
        thresholds: steps(panel.thresholds),
        mappings: [],
        min: 0,
        ...(panel.noValue === undefined ? {} : { noValue: panel.noValue }),
      },
      overrides: [],
    },
    options: {
      // What is judged is coloured as a whole: a wall of blue is well.
      colorMode: panel.thresholds === undefined ? 'value' : 'background_solid',
      graphMode: 'area',
      justifyMode: 'auto',
      orientation: 'auto',
      percentChangeColorMode: 'standard',
      showPercentChange: false,
      textMode: 'value',
      wideLayout: true,
      reduceOptions: { calcs: ['lastNotNull'], fields: '', values: false },
    },
  };
}

function drawnLines(panel: PanelOfKind<'lines'>, gridPos: Place): TimeSeriesPanel {
  const colours = Object.entries(panel.colours ?? {});
  return {
    ...frame(panel, gridPos),
    type: 'timeseries',
    targets: queries(panel, 'all of the time'),
    fieldConfig: {
      defaults: {
        unit: panel.unit,
        ...decimals(panel.unit),
        // Series whose names nobody knows beforehand: lighter and darker of one colour can be told apart whatever one's eyes.
        color: { mode: 'shades', fixedColor: WELL },
        thresholds: steps(undefined),
        mappings: [],
        min: 0,
        ...(panel.noValue === undefined ? {} : { noValue: panel.noValue }),
        custom: {
          drawStyle: 'line',
          lineInterpolation: 'linear',
          lineWidth: 1,
          fillOpacity: panel.stacked === undefined ? 0 : 60,
          gradientMode: 'none',
          showPoints: 'never',
          spanNulls: false,
          insertNulls: false,
          stacking: { group: 'A', mode: panel.stacked === undefined ? 'none' : 'normal' },
          axisBorderShow: false,
          axisColorMode: 'text',
          axisLabel: '',
          axisPlacement: 'auto',
          scaleDistribution: { type: 'linear' },
          hideFrom: { legend: false, tooltip: false, viz: false },
          thresholdsStyle: { mode: 'off' },
        },
      },
      overrides: colours.map(([name, colour]) => ({
        matcher: { id: 'byName', options: name },
        properties: [{ id: 'color', value: { mode: 'fixed', fixedColor: colour } }],
      })),
    },
    options: {
      legend: {
        showLegend: true,
        displayMode: 'table',
        placement: 'bottom',
        calcs: ['lastNotNull', 'max'],
        sortBy: 'Last *',
        sortDesc: true,
      },
      tooltip: { mode: 'multi', sort: 'desc', hideZeros: false },
    },
  };
}

function drawnTimeline(panel: PanelOfKind<'timeline'>, gridPos: Place): TimelinePanel {
  const options = Object.fromEntries(panel.states.map(({ value, text, colour }, index) => [String(value), { text, color: colour, index }]));
  return {
    ...frame(panel, gridPos),
    type: 'state-timeline',
    targets: queries(panel, 'all of the time'),
    fieldConfig: {
      defaults: {
        unit: panel.unit,
        color: { mode: 'thresholds' },
        thresholds: steps(undefined),
        mappings: [{ type: 'value', options }],
        ...(panel.noValue === undefined ? {} : { noValue: panel.noValue }),
        custom: { fillOpacity: 80, lineWidth: 0, hideFrom: { legend: false, tooltip: false, viz: false } },
      },
      overrides: [],
    },
    options: {
      alignValue: 'left',
      mergeValues: true,
      rowHeight: 0.8,
      showValue: 'auto',
      legend: { showLegend: true, displayMode: 'list', placement: 'bottom', calcs: [] },
      tooltip: { mode: 'multi', sort: 'none' },
    },
  };
}
