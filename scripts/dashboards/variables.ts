/** The variables of a board, each offering only what the ones before it leave. */
import type { BoardJson } from './grafana.ts';
import { RUNBOOKS } from './links.ts';
import type { Board } from './model.ts';
import type { FilterVariable } from './promql.ts';

type Variable = BoardJson['templating']['list'][number];

export const DATASOURCE = { type: 'prometheus', uid: `\${datasource}` } as const;

/** Every board has these. */
const SCRAPE = ['namespace', 'job', 'pod'] as const;

interface Choice {
  readonly label: string;
  readonly description: string;
  /** A metric that has the label from the start, of everything there is. */
  readonly of: string;
}

const CHOICES: Readonly<Record<(typeof SCRAPE)[number] | FilterVariable, Choice>> = {
  namespace: { label: 'Namespace', description: 'Empty outside of Kubernetes.', of: 'plumbline_build_info' },
  job: { label: 'Job', description: 'The scrape jobs of gateways.', of: 'plumbline_build_info' },
  pod: { label: 'Pod', description: 'One replica. Empty outside of Kubernetes.', of: 'plumbline_build_info' },
  direction: { label: 'Direction', description: 'ingress: what is served; egress: what is called.', of: 'plumbline_requests_in_flight' },
  api: { label: 'API', description: 'The name of the contract, without one the route’s.', of: 'plumbline_requests_in_flight' },
  operation: {
    label: 'Operation',
    description: 'Of the contract. Panels whose metrics know no operation do not change.',
    of: 'plumbline_requests_total',
  },
  consumer: {
    label: 'Consumer',
    description: 'Who asked. Panels whose metrics know no consumer do not change.',
    of: 'plumbline_consumer_requests_total',
  },
};

export function variablesOf(board: Board): Variable[] {
  const names = [...SCRAPE, ...board.variables];
  return [datasource(), ...names.map((name, i) => labelValues(name, filtersOf(names.slice(0, i), CHOICES[name].of))), runbooks()];
}

function datasource(): Variable {
  return {
    name: 'datasource',
    label: 'Prometheus',
    description: 'The data source that scrapes the gateways.',
    type: 'datasource',
    query: 'prometheus',
    hide: 0,
    includeAll: false,
    multi: false,
    options: [],
    refresh: 1,
    regex: '',
    skipUrlSync: false,
  };
}

/** No choice: a place to set once where the boards are imported. */
function runbooks(): Variable {
  return {
    name: 'runbooks',
    label: 'Runbooks',
    description: 'Address of the runbooks of this version, with a slash at its end.',
    type: 'constant',
    query: RUNBOOKS,
    current: { selected: false, text: RUNBOOKS, value: RUNBOOKS },
    options: [],
    hide: 2,
    includeAll: false,
    multi: false,
    skipUrlSync: true,
  };
}

/**
 * Of the variables before it those that the metric has as labels. A pod does not narrow what an api or a consumer may be: one that is
 * gone would leave nothing to choose.
 */
function filtersOf(before: readonly string[], metric: string): string {
  const known = metric === 'plumbline_build_info' ? ['namespace', 'job'] : ['namespace', 'job', 'direction', 'api'];
  const filters = before.filter((name) => known.includes(name)).map((name) => `${name}=~"$${name}"`);
  return filters.length === 0 ? metric : `${metric}{${filters.join(',')}}`;
}

/**
 * `All` is `.*`, which a missing label matches too: there is no namespace and no pod outside of Kubernetes. But all jobs are those that are offered: `up`,
 * `ALERTS` and what runtimes tell of themselves are there for every target of Prometheus, and others' are none of ours.
 */
function labelValues(name: keyof typeof CHOICES, series: string): Variable {
  const { label, description } = CHOICES[name];
  return {
    name,
    label,
    description,
    type: 'query',
    datasource: DATASOURCE,
    // 1 is the data source's number for label_values().
    query: { qryType: 1, query: `label_values(${series}, ${name})`, refId: 'PrometheusVariableQueryEditor-VariableQuery' },
    current: { selected: true, text: ['All'], value: ['$__all'] },
    ...(name === 'job' ? {} : { allValue: '.*' }),
    includeAll: true,
    multi: true,
    hide: 0,
    options: [],
    refresh: 2,
    regex: '',
    skipUrlSync: false,
    sort: 1,
  };
}
