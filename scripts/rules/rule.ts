/** Rules as Prometheus reads them (configuration/recording_rules and alerting_rules of its documentation). Pure data. */
import type { Board } from './boards.ts';
import type { Thresholds } from './thresholds.ts';

export interface RecordingRule {
  readonly record: string;
  readonly expr: string;
}

export interface AlertingRule {
  readonly alert: string;
  readonly expr: string;
  readonly for: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

/** All rules of a group are evaluated one after the other, at one instant. */
export interface RuleGroup {
  readonly name: string;
  readonly rules: ReadonlyArray<RecordingRule | AlertingRule>;
}

export interface RuleOptions {
  /** What every window, `offset`, `for` and step of a subquery is divided by: 1 for use, 60 where a test has minutes instead of hours. Counts stay. */
  readonly windowScale: number;
  readonly thresholds?: Thresholds;
  /** What stands before `<alert>.md`. Left out: the path in this repository. */
  readonly runbookBase?: string;
  /** Address of a Grafana, without a slash at the end. Left out: the file of the board in this repository. */
  readonly grafana?: string;
}

/**
 * `page`: users are hurt now, or will be within the hour; somebody gets up. `ticket`: nothing gets worse by waiting for the morning, but it does not go
 * away by itself.
 */
export type Severity = 'page' | 'ticket';

/** An alert before its owner is joined and its addresses are known. */
export interface AlertSpec {
  readonly alert: string;
  readonly severity: Severity;
  readonly labels?: Readonly<Record<string, string>>;
  /** Without the owner. Its series have the labels `namespace`, `job` and, where the owner is that of an API, `api`. */
  readonly expr: string;
  readonly forSeconds: number;
  /** Whose it is: the owner of the contract called like the label `api`, or of what the gateway serves. */
  readonly ownedBy: 'api' | 'gateway';
  /** In words, for docs/alerts.md. */
  readonly condition: string;
  readonly summary: string;
  readonly description: string;
  readonly board: Board;
}
