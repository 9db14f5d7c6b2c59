/** Alerts on what the gateway asks: upstreams, partners, promises. */
import { type Pair, burns } from './burn.ts';
import type { AlertSpec } from './rule.ts';
import type { Thresholds } from './thresholds.ts';
import type { Windows } from './window.ts';
import { API, GATEWAYS, JOB, SHARE, most, percent } from './words.ts';

export function upstreamAlerts(t: Thresholds, w: Windows): AlertSpec[] {
  return [...slaAlerts(t, w), ...retryAlerts(t, w), timeouts(t, w), circuit(t, w), quota(t, w)];
}

const OF_API = ['namespace', 'job', 'api'];

function slaAlerts({ UpstreamSlaBurn: t, UpstreamLatencySla: latency }: Thresholds, w: Windows): AlertSpec[] {
  const availability = {
    all: 'plumbline:sla_availability',
    bad: 'plumbline:sla_availability_bad',
    where: '',
    budget: 'plumbline:sla_availability:budget',
    atLeast: t.atLeast,
  };
  const fast: Pair[] = [
    { long: '1h', short: '5m', rate: t.hour },
    { long: '6h', short: '30m', rate: t.quarterDay },
  ];
  const slow: Pair[] = [{ long: '3d', short: '6h', rate: t.days }];
  const worst = most('operation', 'plumbline_requests_total', 'status_code=~"5.."', OF_API, w('1h'), ', most of them of operation %');
  const description = (over: string) =>
    `${SHARE} of the exchanges of ${API} (${JOB}) failed over ${over}${worst}. ` +
    'Promised: {{ with printf `max(plumbline_sla_objective_ratio{namespace=%q,job=%q,api=%q})` $labels.namespace $labels.job $labels.api | query }}' +
    '{{ . | first | value | humanizePercentage }}{{ end }} good.';
  const shared = { alert: 'UpstreamSlaBurn', ownedBy: 'api', board: 'upstreams-and-sla' } as const;
  const share = 'plumbline:sla_latency_bad';
  const latencyOver = (window: string) =>
    `${share}:increase${window} / plumbline:sla_latency:increase${window} > ${latency.burn} * plumbline:sla_latency:budget`;
  return [
    {
      ...shared,
      severity: 'page',
      labels: { burn: 'fast' },
      expr: burns(availability, fast),
      forSeconds: t.forSeconds,
      condition: `share of failed exchanges over 1 h and 5 min above ${t.hour} times, or over 6 h and 30 min above ${t.quarterDay} times what the promised availability leaves, at least ${t.atLeast} failed`,
      summary: `${API}: ${SHARE} of the exchanges fail; the promised availability is being used up fast`,
      description: description(`${w('1h')} or ${w('6h')}`),
    },
    {
      ...shared,
      severity: 'ticket',
      labels: { burn: 'slow' },
      expr: burns(availability, slow),
      forSeconds: t.slowForSeconds,
      condition: `share of failed exchanges over 3 d and 6 h above what the promised availability leaves, at least ${t.atLeast} failed`,
      summary: `${API}: ${SHARE} of the exchanges have failed for days; the promised availability is not kept`,
      description: description(w('3d')),
    },
    {
      alert: 'UpstreamLatencySla',
      severity: 'ticket',
      expr: `${latencyOver('1h')}
and ${latencyOver('5m')}
and ${share}:increase1h >= ${latency.atLeast}`,
      forSeconds: latency.forSeconds,
      ownedBy: 'api',
      board: 'upstreams-and-sla',
      condition: `share of answers slower than promised over 1 h and 5 min above ${latency.burn} times what the promised percentile leaves, at least ${latency.atLeast} slow ones`,
      summary: `${API}: ${SHARE} of the answers are slower than promised`,
      description:
        `${SHARE} of the answers of ${API} (${JOB}) over ${w('1h')} were slower than promised ` +
        '({{ with printf `max by (percentile) (plumbline_sla_latency_objective_seconds{namespace=%q,job=%q,api=%q})` $labels.namespace $labels.job $labels.api | query }}' +
        '{{ range $i, $o := . }}{{ if $i }}, {{ end }}{{ $o.Labels.percentile }} {{ $o.Value | humanizeDuration }}{{ end }}{{ end }}).',
    },
  ];
}

function retryAlerts({ RetryStorm: storm, RetryBudgetExhausted: budget }: Thresholds, w: Windows): AlertSpec[] {
  const suppressed = `sum by (namespace, job, api) (increase(plumbline_retries_suppressed_total{reason="budget"}[${w('5m')}]))`;
  return [
    {
      alert: 'RetryStorm',
      severity: 'ticket',
      expr: `plumbline:repeats:increase5m / plumbline:tries:increase5m > ${storm.ratio}
and plumbline:repeats:increase5m >= ${storm.atLeast}`,
      forSeconds: storm.forSeconds,
      ownedBy: 'api',
      board: 'upstreams-and-sla',
      condition: `more than ${percent(storm.ratio)} of all tries are repetitions, of the gateway or of callers, at least ${storm.atLeast} in 5 min`,
      summary: `${API}: ${SHARE} of all tries are repetitions`,
      description:
        `${SHARE} of the tries at ${API} (${JOB}) are repetitions, of the gateway or of callers` +
        `${most('reason', 'plumbline_retries_total', '', OF_API, w('5m'), ', most of them after %')}` +
        `${most('operation', 'plumbline_retries_total', '', OF_API, w('5m'), ', of operation %')}: load on an upstream that fails already.`,
    },
    {
      alert: 'RetryBudgetExhausted',
      severity: 'page',
      expr: `${suppressed} / sum by (namespace, job, api) (plumbline:requests:increase5m) > ${budget.ratio}
and ${suppressed} >= ${budget.atLeast}`,
      forSeconds: budget.forSeconds,
      ownedBy: 'api',
      board: 'upstreams-and-sla',
      condition: `more than ${percent(budget.ratio)} of the exchanges were not tried again because the retry budget is spent, at least ${budget.atLeast} in 5 min`,
      summary: `${API}: the retry budget is spent, and failures reach the callers`,
      description:
        `${SHARE} of the exchanges of ${API} (${JOB}) failed and were not tried again because the retry budget is spent` +
        `${most('operation', 'plumbline_retries_suppressed_total', 'reason="budget"', OF_API, w('5m'), ', most of them of operation %')}: so much fails that repetitions would only add to it.`,
    },
  ];
}

function timeouts({ TimeoutRatio: t }: Thresholds, w: Windows): AlertSpec {
  const of = ['namespace', 'job', 'direction', 'api'];
  return {
    alert: 'TimeoutRatio',
    severity: 'page',
    expr: `plumbline:timeouts:increase5m / plumbline:requests:increase5m > ${t.ratio}
and plumbline:timeouts:increase5m >= ${t.atLeast}`,
    forSeconds: t.forSeconds,
    ownedBy: 'api',
    board: 'upstreams-and-sla',
    condition: `more than ${percent(t.ratio)} of the exchanges ran out of time at the upstream (phase connect, headers or total), at least ${t.atLeast} in 5 min`,
    summary: `${API}: ${SHARE} of the exchanges run out of time`,
    description:
      `${SHARE} of the exchanges of ${API} ({{ $labels.direction }}, ${JOB}) ran out of time` +
      `${most('phase', 'plumbline_timeouts_total', 'phase=~"connect|headers|total"', of, w('5m'), ', most of them in phase %')}` +
      `${most('operation', 'plumbline_timeouts_total', 'phase=~"connect|headers|total"', of, w('5m'), ', of operation %')}.`,
  };
}

function circuit({ CircuitOpen: t }: Thresholds, w: Windows): AlertSpec {
  return {
    alert: 'CircuitOpen',
    severity: 'page',
    // Not `state="open"`: a circuit that stays open is half open in between. Nor without traffic: nobody closes a circuit that nobody asks.
    expr: `count by (namespace, job, api, upstream) (plumbline_circuit_state{state="closed"} == 0)
and on (namespace, job, api) (
  sum by (namespace, job, api) (increase(plumbline_circuit_transitions_total[${w('5m')}])) > 0
  or
  sum by (namespace, job, api) (increase(plumbline_requests_total{code="CIRCUIT_OPEN"}[${w('5m')}])) > 0
)`,
    forSeconds: t.forSeconds,
    ownedBy: 'api',
    board: 'upstreams-and-sla',
    condition: 'a circuit is not closed, open and half open in turns, while requests come',
    summary: `${API}: the circuit to {{ $labels.upstream }} is open`,
    description:
      `Requests of ${API} are refused, or answered with a fallback, by ${GATEWAYS}: too much failed at {{ $labels.upstream }}, and the probes ` +
      'since then failed too.',
  };
}

function quota({ OutboundQuotaNearExhausted: t }: Thresholds, w: Windows): AlertSpec {
  const of = 'namespace, job, api, policy';
  return {
    alert: 'OutboundQuotaNearExhausted',
    severity: 'ticket',
    // What a partner has announced last stands there until somebody asks again.
    expr: `min by (${of}) (plumbline_quota_remaining / (plumbline_quota_limit > 0)) < ${t.left}
and sum by (${of}) (increase(plumbline_rate_limit_decisions_total[${w('15m')}])) > 0`,
    forSeconds: t.forSeconds,
    ownedBy: 'api',
    board: 'upstreams-and-sla',
    condition: `less than ${percent(t.left)} of an outbound quota is left, while it is used`,
    summary: `${API}: ${SHARE} of the quota {{ $labels.policy }} is left`,
    description:
      `${SHARE} of the outbound quota {{ $labels.policy }} of ${API} (${JOB}) is left` +
      `${most('consumer', 'plumbline_rate_limit_decisions_total', '', ['namespace', 'job', 'api', 'policy'], w('1h'), '; most of it went to %')}. When it is used up requests wait, and are then refused.`,
  };
}
