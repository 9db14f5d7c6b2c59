import type { GaugeSpec } from '../../core/ports.ts';

export const stateMetrics = {
  setAside: {
    type: 'gauge',
    name: 'state_file_set_aside',
    help: '1 where the state file could not be read at the start of this process, was set aside, and a new one was begun; else 0. Only where state.dir is set.',
    labels: [],
  },
} as const satisfies Record<string, GaugeSpec>;
