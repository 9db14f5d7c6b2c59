import { Registry, collectDefaultMetrics } from '@prometheus-io/client';

/**
 * The metrics of process and runtime that are exported: those of the client library's defaults that `promtool check metrics`
 * accepts, by name, so that an update of the library adds nothing unseen. They keep the library's names.
 */
export const PROCESS_METRICS: readonly string[] = [
  'process_cpu_user_seconds_total',
  'process_cpu_system_seconds_total',
  'process_cpu_seconds_total',
  'process_start_time_seconds',
  'process_resident_memory_bytes',
  'process_virtual_memory_bytes',
  'process_heap_bytes',
  'process_open_fds',
  'process_max_fds',
  'nodejs_eventloop_lag_seconds',
  'nodejs_eventloop_lag_min_seconds',
  'nodejs_eventloop_lag_max_seconds',
  'nodejs_eventloop_lag_mean_seconds',
  'nodejs_eventloop_lag_stddev_seconds',
  'nodejs_eventloop_lag_p50_seconds',
  'nodejs_eventloop_lag_p90_seconds',
  'nodejs_eventloop_lag_p99_seconds',
  'nodejs_active_handles',
  'nodejs_active_requests',
  'nodejs_active_resources',
  'nodejs_heap_size_total_bytes',
  'nodejs_heap_size_used_bytes',
  'nodejs_external_memory_bytes',
  'nodejs_heap_space_size_total_bytes',
  'nodejs_heap_space_size_used_bytes',
  'nodejs_heap_space_size_available_bytes',
  'nodejs_version_info',
  'nodejs_gc_duration_seconds',
];

/** Lines that they take in a scrape, at most; some have a series for each kind of handle, heap space and collection. */
export const PROCESS_LINES = 250;

/** The lag's metrics are read in steps of it, and contain one: half as often as the library's default wakes half as often at rest. */
const LAG_RESOLUTION_MS = 20;

/** Longest timer that Node has (24.8 days). */
const NEVER_MS = 0x7fffffff;

/**
 * Adds the process metrics of that name to the registry. A name that the library does not have on this platform is left out
 * (`process_open_fds` off Linux).
 */
export function addProcessMetrics(registry: Registry, names: readonly string[]): void {
  if (names.length === 0) return;
  const all = new Registry(Registry.OPENMETRICS_CONTENT_TYPE);
  const settings = {
    register: all,
    // Its two metrics have names that promtool refuses; without this their sampling would wake an idle process ten times a second.
    eventLoopUtilizationTimeout: NEVER_MS,
    eventLoopMonitoringPrecision: LAG_RESOLUTION_MS,
  };
  collectDefaultMetrics(settings);
  for (const name of names) {
    const metric = all.getSingleMetric<string>(name);
    if (metric !== undefined) registry.registerMetric(metric);
  }
}
