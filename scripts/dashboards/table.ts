/** A table: a line for each set of labels, a column for each query. */
import { decimals, frame, type Place, queries, steps } from './frame.ts';
import type { TablePanel } from './grafana.ts';
import type { PanelOfKind, Target } from './model.ts';

const HEADINGS: Readonly<Record<string, string>> = {
  api: 'API',
  contract_version: 'Version',
  consumer_version: 'Version',
  alertname: 'Alert',
};

/** Columns that come with every answer, or only keep series of several places apart. */
const UNASKED = ['Time', 'namespace', 'job', 'pod', 'instance'];

type Override = TablePanel['fieldConfig']['overrides'][number];

export function drawnTable(panel: PanelOfKind<'table'>, gridPos: Place): TablePanel {
  const { targets, labels } = panel;
  // Several queries are merged by the labels that all of them have; their values come out numbered by query.
  const values = targets.length === 1 ? ['Value'] : targets.map((_, i) => `Value #${String.fromCharCode(65 + i)}`);
  const columns = [...labels, ...values];
  const headings = [...labels.map(heading), ...targets.map(({ legend }) => legend)];
  return {
    ...frame(panel, gridPos),
    type: 'table',
    targets: queries(panel, 'its end'),
    transformations: [
      { id: 'merge', options: {} },
      {
        id: 'organize',
        options: {
          excludeByName: Object.fromEntries(UNASKED.filter((name) => !labels.includes(name)).map((name) => [name, true])),
          includeByName: {},
          indexByName: Object.fromEntries(columns.map((column, i) => [column, i])),
          renameByName: Object.fromEntries(columns.map((column, i) => [column, headings[i]])),
        },
      },
    ],
    fieldConfig: {
      defaults: {
        unit: panel.unit,
        ...decimals(panel.unit),
        color: { mode: 'thresholds' },
        thresholds: steps(undefined),
        mappings: [],
        ...(panel.noValue === undefined ? {} : { noValue: panel.noValue }),
        custom: { align: 'auto', cellOptions: { type: 'auto' }, filterable: false, inspect: false },
      },
      overrides: [...targets.flatMap(overridden), ...links(panel)],
    },
    options: {
      cellHeight: 'sm',
      frameIndex: 0,
      showHeader: true,
      sortBy: panel.sortBy.map((displayName) => ({ displayName, desc: panel.worst !== 'smallest' })),
    },
  };
}

export function heading(label: string): string {
  return HEADINGS[label] ?? `${label.charAt(0).toUpperCase()}${label.slice(1)}`;
}

/** What a column has of its own: its unit, and colour where a value is to be looked at. */
function overridden({ legend, unit, thresholds }: Target): Override[] {
  const properties: Override['properties'] = [];
  if (unit !== undefined) {
    properties.push({ id: 'unit', value: unit }, ...Object.entries(decimals(unit)).map(([id, value]) => ({ id, value })));
  }
  if (thresholds !== undefined) {
    properties.push(
      { id: 'thresholds', value: steps(thresholds) },
      { id: 'custom.cellOptions', value: { type: 'color-background', mode: 'basic' } },
    );
  }
  return properties.length === 0 ? [] : [{ matcher: { id: 'byName', options: legend }, properties }];
}

function links({ links: all = {} }: PanelOfKind<'table'>): Override[] {
  return Object.entries(all).map(([label, { title, url }]) => ({
    matcher: { id: 'byName', options: heading(label) },
    properties: [{ id: 'links', value: [{ title, url, targetBlank: false }] }],
  }));
}
