/** Boards that an alert may point to: the names of the files in `dashboards/`, and with `plumbline-` before them the UIDs in Grafana. */
export type Board = 'overview' | 'contracts-and-drift' | 'consumers' | 'upstreams-and-sla' | 'gateway-health';

/** Variables of every board that are labels of alerts. An alert without the label leaves its variable as it is. */
const VARIABLES = ['namespace', 'job', 'direction', 'api', 'operation', 'consumer'] as const;

/** The file of a board in this repository, or its page in a Grafana with what the alert is about already chosen. A template of Prometheus. */
export function boardUrl(board: Board, grafana: string | undefined): string {
  if (grafana === undefined) return `dashboards/${board}.json`;
  const chosen = VARIABLES.map((name) => `{{ with $labels.${name} }}&var-${name}={{ . | urlquery }}{{ end }}`);
  return `${grafana}/d/plumbline-${board}?from=now-6h&to=now${chosen.join('')}`;
}
