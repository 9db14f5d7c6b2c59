/** What a board is, before it is Grafana's: data, so that the same expressions are drawn, linted and held against a real Prometheus. */
import type { FilterVariable } from './promql.ts';

/** What a run switches on, one at a time; `docs/dashboards.md` has the same table. */
export const FAULTS = {
  drift:
    'The provider answers other than its contract says, on at least two operations, and a consumer sends what the contract forbids. Findings stay until they are acknowledged.',
  slow: 'The provider takes longer than the latency objective, and for some requests longer than their deadline.',
  failing:
    'A provider answers 5xx, or not at all, often enough that its circuit opens; another, without a circuit breaker, so that requests are tried again.',
  limits: 'A consumer sends more than its rate limit lets through, and an outbound limit with a queue is used up.',
  reload: 'Contract and configuration are replaced by versions that cannot be used.',
} as const;

export type Fault = keyof typeof FAULTS;

/** What the configuration of a run needs besides a contract with an owner, where a panel would have no value without. */
export const NEEDS = {
  sla: 'a contract with `sla.availability` and a latency objective',
  sunset: 'an operation that its contract calls deprecated and gives a sunset',
  quota: 'an outbound rate limit with `mode: queue`',
  limit: 'a concurrency limit',
  circuit: 'a circuit breaker',
} as const;

export type Need = keyof typeof NEEDS;

type Range = readonly [min: number, max: number];

export interface Expectation {
  /** Every value of every target is in it, and each target has one, under a steady load and, where `fault` is set, while that is on. */
  readonly load: Range;
  readonly fault?: Fault;
  /** While `fault` is off: every value is in it, or there is none. */
  readonly quiet?: Range;
  readonly needs?: Need;
}

export interface Target {
  /** With Grafana's variables. */
  readonly expr: string;
  /** With `{{label}}`; of a table, the heading of its column. */
  readonly legend: string;
  /** Of a table's column, where it is not the panel's. */
  readonly unit?: Unit;
  readonly thresholds?: Thresholds;
}

/** Units by Grafana's names for them. `none` is a plain number. */
export type Unit = 'reqps' | 'cps' | 'percentunit' | 's' | 'bytes' | 'Bps' | 'none' | 'short' | 'suffix: cores' | 'suffix:×';

/** From which value on something is to be looked at, and from which it is broken; the other way round where `look` is the larger. */
export interface Thresholds {
  readonly look: number;
  readonly broken: number;
}

interface PanelBase {
  /** Of the board; kept for good, as links name it. */
  readonly id: number;
  readonly title: string;
  /** What it says, and what to do where it is bad. */
  readonly description: string;
  readonly unit: Unit;
  /** Columns of the grid, of 24. */
  readonly w: number;
  readonly targets: readonly Target[];
  readonly expect: Expectation;
  /** Shown where there is no value. */
  readonly noValue?: string;
  /** Alerts that fire where it is bad: the panel leads to their runbooks. */
  readonly alerts?: readonly string[];
}

interface Stat extends PanelBase {
  readonly kind: 'stat';
  readonly thresholds?: Thresholds;
}

interface Lines extends PanelBase {
  readonly kind: 'lines';
  /** One upon the other; only where their sum means something. */
  readonly stacked?: true;
  /** Colours of series that are known by name. Others get shades of one. */
  readonly colours?: Readonly<Record<string, string>>;
}

interface Table extends PanelBase {
  readonly kind: 'table';
  /** Labels that are columns, in order, before the values. */
  readonly labels: readonly string[];
  /** Headings to sort by, the worst first. */
  readonly sortBy: readonly string[];
  /** Which values are worst; the largest where it is not said. */
  readonly worst?: 'smallest';
  /** Where a cell of that label leads, and what is there. */
  readonly links?: Readonly<Record<string, { readonly title: string; readonly url: string }>>;
}

interface Timeline extends PanelBase {
  readonly kind: 'timeline';
  readonly states: ReadonlyArray<{ readonly value: number; readonly text: string; readonly colour: string }>;
}

export type BoardPanel = Stat | Lines | Table | Timeline;

export type PanelOfKind<K extends BoardPanel['kind']> = Extract<BoardPanel, { kind: K }>;

export interface BoardRow {
  /** What the row answers. The first has none: it is what one sees first. */
  readonly title?: string;
  /** Of its panels, in units of the grid (30 px). */
  readonly h: number;
  readonly panels: readonly BoardPanel[];
}

export interface Board {
  readonly uid: string;
  /** In `dashboards/`. */
  readonly file: string;
  readonly title: string;
  readonly description: string;
  readonly variables: readonly FilterVariable[];
  readonly rows: readonly BoardRow[];
  /** Those of all rows. */
  readonly panels: readonly BoardPanel[];
}

export function board(parts: Omit<Board, 'panels'>): Board {
  return { ...parts, panels: parts.rows.flatMap((row) => row.panels) };
}
