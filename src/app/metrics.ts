import type { CounterSpec, GaugeSpec } from '../core/ports.ts';

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
    help: '1 where the newest version of a contract is in force, 0 where it cannot be used: an older one serves on, or none.',
    labels: ['api'],
  },
  contractReloads: {
    type: 'counter',
    name: 'contract_reloads_total',
    help: 'Changed contracts that were read. outcome: taken, refused.',
    labels: ['api', 'outcome'],
  },
  contractFetches: {
    type: 'counter',
    name: 'contract_fetches_total',
    help: 'Times that a document of a contract was asked for over the network. outcome: fetched, not_modified, failed.',
    labels: ['api', 'outcome'],
  },
  fetchSuccess: {
    type: 'gauge',
    name: 'contract_fetch_success',
    help: '1 where every document of a contract that comes over the network could be had when it was last asked for, else 0: what was fetched before stays. Only of contracts with such documents.',
    labels: ['api'],
  },
  configSuccess: {
    type: 'gauge',
    name: 'config_reload_success',
    help: '1 where the configuration as it lies in its files is in force, 0 where it was refused and an older one serves on.',
    labels: [],
  },
  configReloads: {
    type: 'counter',
    name: 'config_reloads_total',
    help: 'Times that changed files, or a SIGHUP, had the configuration read again. outcome: taken, refused, unchanged.',
    labels: ['outcome'],
  },
  upstreamConnections: {
    type: 'gauge',
    name: 'upstream_connections',
    help: 'Connections to an upstream by state: busy (being made, too) or idle; at most `connections` for each pool. Upgraded ones are not counted.',
    labels: ['upstream', 'state'],
  },
  upstreamWaiting: {
    type: 'gauge',
    name: 'upstream_waiting',
    help: 'Requests that wait for a connection to an upstream: the limit `connections` is reached, or one is being made.',
    labels: ['upstream'],
  },
} as const satisfies Record<string, CounterSpec | GaugeSpec>;
