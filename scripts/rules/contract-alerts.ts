/** Alerts on contracts: broken, drifting, deprecated, not in force. */
import { type Pair, burns } from './burn.ts';
import type { AlertSpec } from './rule.ts';
import type { Thresholds } from './thresholds.ts';
import type { Windows } from './window.ts';
import { API, GATEWAYS, JOB, SHARE, minutes, most, percent } from './words.ts';

export function contractAlerts(t: Thresholds, w: Windows): AlertSpec[] {
  return [...burnAlerts(t, w), ...driftAlerts(t, w), ...inForce(t), skipped(t, w)];
}

const OF_SIDE = ['namespace', 'job', 'direction', 'api', 'side'];

function burnAlerts({ ContractErrorBudgetBurn: t }: Thresholds, w: Windows): AlertSpec[] {
  const fast: Pair[] = [
    { long: '1h', short: '5m', rate: t.hour },
    { long: '6h', short: '30m', rate: t.quarterDay },
  ];
  const slow: Pair[] = [{ long: '3d', short: '6h', rate: t.days }];
  const expr = (pairs: readonly Pair[], where: string) =>
    burns(
      {
        all: 'plumbline:contract_checks',
        bad: 'plumbline:contract_checks_invalid',
        where,
        budget: `${t.budget}`,
        atLeast: t.atLeast,
      },
      pairs,
    );
  const worst = most('operation', 'plumbline_contract_violations_total', '', OF_SIDE, w('1h'), ', most of them of operation %');
  const rule = most('rule', 'plumbline_contract_violations_total', '', OF_SIDE, w('1h'), ', most often the rule %');
  const description = (over: string) =>
    `${SHARE} of the {{ $labels.side }}s of ${API} ({{ $labels.direction }}, ${JOB}) broke the contract over ${over}${worst}${rule}; ${percent(t.budget)} is the ` +
    `budget. Who and where: GET /api/violations?api=${API}&side={{ $labels.side }} of a gateway.`;
  const words = (pairs: string) => `share of invalid verdicts ${pairs} the budget of ${percent(t.budget)}, at least ${t.atLeast} invalid`;
  const shared = { alert: 'ContractErrorBudgetBurn', ownedBy: 'api', board: 'contracts-and-drift' } as const;
  const acute = { ...shared, labels: { burn: 'fast' }, forSeconds: t.forSeconds };
  const acutely = words(`over 1 h and 5 min above ${t.hour} times, or over 6 h and 30 min above ${t.quarterDay} times,`);
  return [
    {
      ...acute,
      severity: 'page',
      expr: expr(fast, '{side="response"}'),
      condition: `Responses: ${acutely}`,
      summary: `${API}: ${SHARE} of its responses break the contract`,
      description: description(`${w('1h')} or ${w('6h')}`),
    },
    {
      // In report mode they hurt nobody, and the owner of the API cannot mend its callers at night.
      ...acute,
      severity: 'ticket',
      expr: expr(fast, '{side="request"}'),
      condition: `Requests: ${acutely}`,
      summary: `${API}: ${SHARE} of the requests that it gets break the contract`,
      description: description(`${w('1h')} or ${w('6h')}`),
    },
    {
      ...shared,
      labels: { burn: 'slow' },
      forSeconds: t.slowForSeconds,
      severity: 'ticket',
      expr: expr(slow, ''),
      condition: `Either side: ${words(`over 3 d and 6 h above ${t.days === 1 ? '' : `${t.days} times `}`)}`.replace(/ {2,}/g, ' '),
      summary: `${API}: ${SHARE} of its {{ $labels.side }}s have broken the contract for days`,
      description: description(w('3d')),
    },
  ];
}

function driftAlerts({ SchemaDriftNew, DeprecatedNearSunset }: Thresholds, w: Windows): AlertSpec[] {
  const usage = 'sum by (namespace, job, api, operation, consumer)';
  const used = 'plumbline_deprecated_usage_total{element="operation"}';
  const sunset = 'max by (namespace, job, api, operation) (plumbline_deprecation_sunset_timestamp_seconds)';
  return [
    {
      alert: 'SchemaDriftNew',
      severity: 'ticket',
      // The gauge, not the counter: one that is born at 1 has an increase of 0.
      expr: 'max by (namespace, job, api, operation, kind) (plumbline_drift_findings{state="new"}) > 0',
      forSeconds: SchemaDriftNew.forSeconds,
      ownedBy: 'api',
      board: 'contracts-and-drift',
      condition:
        'a finding of this kind on this operation is new: nobody has acknowledged it, no baseline lists it, the contract still does not know it',
      summary: `${API}: traffic of {{ $labels.operation }} shows what the contract does not ({{ $labels.kind }})`,
      description:
        `{{ $value }} new finding{{ if gt $value 1.0 }}s{{ end }} of kind {{ $labels.kind }} on {{ $labels.operation }} of ${API} (${JOB}). The log line drift.finding with ` +
        'this api, operation and kind has id, pointer, consumer and evidence; so has GET /api/findings. Mend the service, change the contract, or acknowledge: ' +
        'POST /api/findings/ID/acknowledge.',
    },
    {
      alert: 'DeprecatedNearSunset',
      severity: 'ticket',
      // A consumer that asked once has a counter that was born at 1, and no increase: that it was not there a day ago says the same. Six hours more are
      // looked at, so that yesterday's gap in the scrapes is nobody's birth.
      expr: `0 * ${usage} (
  increase(${used}[${w('1d')}]) > 0
  or
  (${used} unless last_over_time(${used}[${w('6h')}] offset ${w('1d')})) > 0
)
+ on (namespace, job, api, operation) group_left ()
(${sunset} - time())
< ${DeprecatedNearSunset.withinDays} * 86400`,
      forSeconds: DeprecatedNearSunset.forSeconds,
      ownedBy: 'api',
      board: 'consumers',
      condition: `an operation whose sunset is less than ${DeprecatedNearSunset.withinDays} days away, or over, was used by this consumer within a day`,
      summary: `${API}: {{ $labels.consumer }} still uses {{ $labels.operation }}, {{ if gt $value 0.0 }}which goes away in {{ $value | humanizeDuration }}{{ else }}whose sunset is over{{ end }}`,
      description:
        `{{ $labels.consumer }} has used the deprecated operation {{ $labels.operation }} of ${API} (${JOB}) within ${w('1d')}; its sunset ` +
        '{{ if gt $value 0.0 }}is in {{ $value | humanizeDuration }}{{ else }}is over ({{ $value | humanizeDuration }}){{ end }}. Tell the consumer, or move the date in the contract.',
    },
  ];
}

function inForce({ ContractReloadFailed, ContractSkew }: Thresholds): AlertSpec[] {
  return [
    {
      alert: 'ContractReloadFailed',
      severity: 'ticket',
      expr: 'count by (namespace, job, api) (plumbline_contract_reload_success == 0)',
      forSeconds: ContractReloadFailed.forSeconds,
      ownedBy: 'api',
      board: 'contracts-and-drift',
      condition: 'the newest version of the contract cannot be used: an older one is in force, or none',
      summary: `${API}: the newest contract was refused`,
      description:
        `The newest contract of ${API} cannot be used by ${GATEWAYS}: an older one is in force, or none. The log line of the reload, and ` +
        'GET /api/contracts, say why.',
    },
    {
      alert: 'ContractSkew',
      severity: 'ticket',
      expr: 'count by (namespace, job, api) (count by (namespace, job, api, digest) (plumbline_contract_info)) > 1',
      forSeconds: ContractSkew.forSeconds,
      ownedBy: 'api',
      board: 'contracts-and-drift',
      condition: 'the gateways of one job hold the traffic of one API against different contracts',
      summary: `${API}: {{ $value }} different contracts are in force in ${JOB}`,
      description: `The gateways of ${JOB} have {{ $value }} different contracts of ${API} in force for longer than a rollout takes: each judges its share of the traffic by another one.`,
    },
  ];
}

function skipped({ ValidationSkipped: t }: Thresholds, w: Windows): AlertSpec {
  // The others are as somebody wanted it: a sample, or what the contract does not describe.
  const unwanted = 'outcome="skipped",reason=~"overload|no_contract|too_large|encoding|unverified"';
  const of = 'namespace, job, direction, api';
  const counted = (by: string, matcher: string) => `sum by (${by}) (increase(plumbline_contract_checks_total{${matcher}}[${w('5m')}]))`;
  return {
    alert: 'ValidationSkipped',
    severity: 'ticket',
    expr: `${counted(`${of}, reason`, unwanted)} / on (${of}) group_left ()
${counted(of, 'reason!="sampled"')} > ${t.ratio}
and ${counted(`${of}, reason`, unwanted)} >= ${t.atLeast}`,
    forSeconds: t.forSeconds,
    ownedBy: 'api',
    board: 'contracts-and-drift',
    condition: `more than ${percent(t.ratio)} of the messages, at least ${t.atLeast} in 5 min, could not be judged for one of: overload, no_contract, too_large, encoding, unverified`,
    summary: `${API}: ${SHARE} of the traffic is not held against the contract ({{ $labels.reason }})`,
    description:
      `${SHARE} of the messages of ${API} ({{ $labels.direction }}, ${JOB}) have not been judged for ${minutes(t.forSeconds)}: {{ $labels.reason }}` +
      `${most('operation', 'plumbline_contract_checks_total', 'outcome="skipped"', ['namespace', 'job', 'direction', 'api', 'reason'], w('1h'), ', most of them of operation %')}. ` +
      'What is broken there is not seen, unless it is refused.',
  };
}
