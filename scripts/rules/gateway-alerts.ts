/** Alerts on the gateway itself: gone, slow, or not seeing what it should. */
import type { AlertSpec } from './rule.ts';
import type { Thresholds } from './thresholds.ts';
import type { Windows } from './window.ts';
import { GATEWAYS, JOB, SHARE, minutes, percent } from './words.ts';

export function gatewayAlerts(t: Thresholds, w: Windows): AlertSpec[] {
  return [...down(t), ...slow(t, w), ...kept(t, w), config(t), store(t)].map((alert) => ({ ...alert, ownedBy: 'gateway' as const }));
}

type Unowned = Omit<AlertSpec, 'ownedBy'>;

function down({ GatewayDown: t }: Thresholds): Unowned[] {
  const share = 'count by (namespace, job) (up == 0) / count by (namespace, job) (up)';
  const ours = 'and on (namespace, job) plumbline:gateways:info';
  return [
    {
      alert: 'GatewayDown',
      severity: 'page',
      expr: `${share} >= ${t.ratio}\n${ours}`,
      forSeconds: t.forSeconds,
      board: 'gateway-health',
      condition: `at least ${percent(t.ratio)} of the gateways of a job cannot be scraped`,
      summary: `${JOB}: ${SHARE} of its gateways do not answer`,
      description: `${SHARE} of the gateways of ${JOB} have not answered a scrape for ${minutes(t.forSeconds)}. Traffic goes through the gateway: where it is down, so is the service behind it.`,
    },
    {
      alert: 'GatewayDown',
      severity: 'ticket',
      expr: `${share} < ${t.ratio}\n${ours}`,
      forSeconds: t.oneForSeconds,
      board: 'gateway-health',
      condition: `some, but less than ${percent(t.ratio)}, of the gateways of a job cannot be scraped`,
      summary: `${JOB}: ${SHARE} of its gateways do not answer`,
      description: `${SHARE} of the gateways of ${JOB} have not answered a scrape for ${minutes(t.oneForSeconds)}; the others do.`,
    },
  ];
}

function slow({ GatewayOverheadHigh: overhead, EventLoopLag: lag }: Thresholds, w: Windows): Unowned[] {
  const buckets = `sum by (namespace, job, direction, le) (rate(plumbline_gateway_overhead_seconds_bucket[${w('5m')}]))`;
  return [
    {
      alert: 'GatewayOverheadHigh',
      severity: 'ticket',
      expr: `histogram_quantile(0.99, ${buckets}) > ${overhead.seconds}
and sum by (namespace, job, direction) (increase(plumbline_gateway_overhead_seconds_count[${w('5m')}])) >= ${overhead.atLeast}`,
      forSeconds: overhead.forSeconds,
      board: 'gateway-health',
      condition: `1% of the requests are held up by the gateway itself for longer than ${overhead.seconds * 1000} ms, of at least ${overhead.atLeast} in 5 min`,
      summary: `${JOB}: the gateway adds {{ $value | humanizeDuration }} to one request in a hundred ({{ $labels.direction }})`,
      description: `One request in a hundred waits for {{ $value | humanizeDuration }} or longer in the gateways of ${JOB} ({{ $labels.direction }}), the upstream, queues and pauses between tries not counted.`,
    },
    {
      alert: 'EventLoopLag',
      severity: 'page',
      // Every program in Node may have this metric: only those count that are gateways.
      expr: `max by (namespace, job, pod, instance) (
  nodejs_eventloop_lag_p99_seconds and on (namespace, job, instance) plumbline_build_info
) > ${lag.seconds}`,
      forSeconds: lag.forSeconds,
      board: 'gateway-health',
      condition: `the event loop of a gateway is late by more than ${lag.seconds * 1000} ms in one turn of a hundred`,
      summary: `${JOB}: the event loop of {{ or $labels.pod $labels.instance }} is late by {{ $value | humanizeDuration }}`,
      description: `Everything in the gateway {{ or $labels.pod $labels.instance }} of ${JOB} waits for its event loop, which is late by {{ $value | humanizeDuration }} (p99): all of its traffic is held up.`,
    },
  ];
}

function kept({ CardinalityOverflow: overflow, ObservationDropped: dropped }: Thresholds, w: Windows): Unowned[] {
  const lost = (metric: string, reason: string) =>
    `label_replace(sum by (namespace, job) (increase(${metric}[${w('15m')}])), "reason", "${reason}", "", "") > 0`;
  return [
    {
      alert: 'CardinalityOverflow',
      severity: 'ticket',
      expr: `sum by (namespace, job, label) (increase(plumbline_label_overflow_total[${w('1h')}])) >= ${overflow.atLeast}`,
      forSeconds: overflow.forSeconds,
      board: 'gateway-health',
      condition: `at least ${overflow.atLeast} lookups in 1 h found the limit of a label, or of the lines of a scrape, reached`,
      summary: `${JOB}: values of the label {{ $labels.label }} are folded to _other`,
      description:
        `{{ $value | humanize }} lookups within ${w('1h')} in ${JOB} were folded to _other: the limit of {{ $labels.label }} (telemetry.limits) is reached. Dashboards and alerts ` +
        'do not name what came later.',
    },
    {
      alert: 'ObservationDropped',
      severity: 'ticket',
      expr: `sum by (namespace, job, reason) (increase(plumbline_observation_dropped_total[${w('15m')}])) > 0
or
${lost('plumbline_outcomes_dropped_total', 'outcomes')}
or
${lost('plumbline_state_write_failures_total', 'state')}
or
label_replace(sum by (namespace, job, where) (increase(plumbline_findings_keep_failures_total[${w('15m')}])), "reason", "findings_$1", "where", "(.*)") > 0`,
      forSeconds: dropped.forSeconds,
      board: 'gateway-health',
      condition:
        'lines of the log, findings or unknown outcomes are given up, or cannot be written into state.dir, for longer than a moment',
      summary: `${JOB}: what is observed is lost ({{ $labels.reason }})`,
      description: `{{ $value | humanize }} times within ${w('15m')} the gateways of ${JOB} could not keep or write what they observed: {{ $labels.reason }}. The traffic goes on.`,
    },
  ];
}

function config({ ConfigReloadFailed: t }: Thresholds): Unowned {
  return {
    alert: 'ConfigReloadFailed',
    severity: 'ticket',
    expr: 'count by (namespace, job) (plumbline_config_reload_success == 0)',
    forSeconds: t.forSeconds,
    board: 'gateway-health',
    condition: 'the configuration as it lies in its files was refused: an older one is in force, and a restart would fail',
    summary: `${JOB}: the newest configuration was refused`,
    description: `An older configuration is in force in ${GATEWAYS}: the one in the files was refused, and a restart with it would fail. The log names file, line and key.`,
  };
}

function store({ SharedStoreDown: t }: Thresholds): Unowned {
  return {
    alert: 'SharedStoreDown',
    severity: 'page',
    expr: 'count by (namespace, job) (plumbline_store_up == 0)',
    forSeconds: t.forSeconds,
    board: 'gateway-health',
    condition: 'a gateway cannot reach the store that it shares with the others',
    summary: `${JOB}: the shared store does not answer`,
    description: `The shared store cannot be reached from ${GATEWAYS}: limits hold for each replica alone, operations that require an idempotency key are refused, others run without its protection.`,
  };
}
