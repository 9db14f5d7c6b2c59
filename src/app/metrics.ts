import type { GaugeSpec } from '../core/ports.ts';

export const appMetrics = {
  contractInfo: {
    type: 'gauge',
    name: 'contract_info',
    help: 'Always 1; which contract is in force, and whose it is.',
    labels: ['api', 'contract_version', 'digest', 'owner'],
  },
  reloadSuccess: {
    type: 'gauge',
    name: 'contract_reload_success',
    help: '1 where the newest version of a contract is in force, 0 where it could not be loaded.',
    labels: ['api'],
  },
} as const satisfies Record<string, GaugeSpec>;
