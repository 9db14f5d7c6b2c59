import type { MetricSpec } from '../core/ports.ts';

/** What observation itself could not keep. */
export const observationMetrics = {
  dropped: {
    type: 'counter',
    name: 'observation_dropped_total',
    help: 'What was observed and could not be kept or written, by reason (access_log, log: lines given up because the destination is full, broken or too slow; findings: drift, or what else would be a finding, seen when there was no room for a new one; finding_lines: lines of findings beyond what is written at a time).',
    labels: ['reason'],
  },
} as const satisfies Record<string, MetricSpec>;

export const outcomeMetrics = {
  found: {
    type: 'counter',
    name: 'unknown_outcomes_total',
    help: 'Mutations entered into the ledger of unknown outcomes, by why nobody knows whether the upstream carried them out: a code of the error model, or LOCK_LAPSED.',
    labels: ['api', 'operation', 'reason'],
  },
  dropped: {
    type: 'counter',
    name: 'outcomes_dropped_total',
    help: 'Entries that the ledger of unknown outcomes had to give up because there were too many: the oldest settled ones, then the oldest.',
    labels: [],
  },
  writeFailures: {
    type: 'counter',
    name: 'state_write_failures_total',
    help: 'Times that the ledger of unknown outcomes could not be written into state.dir; it goes on in memory, and is written whole when that works again.',
    labels: [],
  },
} as const satisfies Record<string, MetricSpec>;
