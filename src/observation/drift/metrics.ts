import type { MetricSpec } from '../../core/ports.ts';

/** What the traffic and its contract differ in. */
export const driftMetrics = {
  findings: {
    type: 'gauge',
    name: 'drift_findings',
    help: 'Distinct findings at the moment, by the operation in which each was seen first: new ones, and those that somebody or the baseline file of the contract has acknowledged. Resolved ones are in neither.',
    labels: ['direction', 'api', 'operation', 'kind', 'state'],
  },
  observations: {
    type: 'counter',
    name: 'drift_observations_total',
    help: 'Times that something was seen which is not as the contract says, by kind of finding.',
    labels: ['direction', 'api', 'operation', 'kind'],
  },
} as const satisfies Record<string, MetricSpec>;

/** How findings outlive the process. Only where there is a `state.dir`, or a store that replicas share. */
export const keepingMetrics = {
  keptAge: {
    type: 'gauge',
    name: 'findings_kept_age_seconds',
    help: 'Seconds since all drift findings were last kept, by where: state_dir (written), store (exchanged with the other replicas). Below 5 where all is well; what is younger is in memory alone.',
    labels: ['where'],
  },
  failures: {
    type: 'counter',
    name: 'findings_keep_failures_total',
    help: 'Times that drift findings could not be kept, by where: state_dir, store. They go on in memory, and are tried again within 5 seconds.',
    labels: ['where'],
  },
} as const satisfies Record<string, MetricSpec>;
