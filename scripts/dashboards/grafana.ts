/**
 * A dashboard as Grafana's own types (`@grafana/schema`) describe it, schema 42, as it stands in a file: those types have enums where
 * the file has their values, and leave open what belongs to a kind of panel or to a data source.
 */
import type {
  AnnotationQuery,
  Dashboard,
  DataQuery,
  DataSourceRef,
  FieldConfig,
  FieldConfigSource,
  GridPos,
  Panel,
  RowPanel,
  TableFieldOptions,
  TableOptions,
} from '@grafana/schema';
import type { Options as StatOptions } from '@grafana/schema/dist/esm/raw/composable/stat/panelcfg/x/StatPanelCfg_types.gen';
import type {
  Options as TimelineOptions,
  FieldConfig as TimelineField,
} from '@grafana/schema/dist/esm/raw/composable/statetimeline/panelcfg/x/StateTimelinePanelCfg_types.gen';
import type {
  Options as TimeSeriesOptions,
  FieldConfig as TimeSeriesField,
} from '@grafana/schema/dist/esm/raw/composable/timeseries/panelcfg/x/TimeSeriesPanelCfg_types.gen';

/** What `T` looks like in JSON: an enum is one of its values. */
export type Json<T> = unknown extends T
  ? T
  : T extends string
    ? `${T}`
    : T extends readonly (infer E)[]
      ? Json<E>[]
      : T extends object
        ? { [K in keyof T]: Json<T[K]> }
        : T;

/** A query of the Prometheus data source. `@grafana/schema` has no type of it since that data source is a plugin of its own. */
export interface PrometheusQuery extends DataQuery {
  expr: string;
  legendFormat: string;
  format: 'time_series' | 'table';
  editorMode: 'code';
  /** One of them: all of the time shown, or its end. */
  range: boolean;
  instant: boolean;
}

/** Texts of an event are the Prometheus data source's own addition; it reads them beside the query. */
interface PrometheusAnnotation extends AnnotationQuery<PrometheusAnnotationQuery> {
  titleFormat: string;
  textFormat: string;
  tagKeys: string;
}

interface PrometheusAnnotationQuery extends DataQuery {
  expr: string;
  /** Distance of two looks. */
  interval: string;
}

interface PanelOf<Type extends string, Options, Field> extends Omit<Panel, 'type' | 'options' | 'targets' | 'fieldConfig'> {
  type: Type;
  id: number;
  title: string;
  description: string;
  datasource: DataSourceRef;
  gridPos: GridPos;
  options: Options;
  targets: PrometheusQuery[];
  fieldConfig: Omit<FieldConfigSource, 'defaults'> & { defaults: Omit<FieldConfig, 'custom'> & { custom?: Field } };
}

export type StatPanel = Json<PanelOf<'stat', StatOptions, never>>;
export type TimeSeriesPanel = Json<PanelOf<'timeseries', TimeSeriesOptions, TimeSeriesField>>;
export type TablePanel = Json<PanelOf<'table', TableOptions, TableFieldOptions>>;
export type TimelinePanel = Json<PanelOf<'state-timeline', TimelineOptions, TimelineField>>;
export type GrafanaPanel = StatPanel | TimeSeriesPanel | TablePanel | TimelinePanel;
export type GrafanaRow = Json<RowPanel>;

/** The whole file: nothing else stands in it. */
export interface BoardJson extends Omit<Json<Dashboard>, 'panels' | 'annotations' | 'templating'> {
  uid: string;
  title: string;
  description: string;
  panels: (GrafanaPanel | GrafanaRow)[];
  annotations: { list: Json<PrometheusAnnotation>[] };
  templating: { list: Json<NonNullable<NonNullable<Dashboard['templating']>['list']>[number]>[] };
}
