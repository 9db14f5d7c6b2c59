/** Recording rules: whose a thing is, and sums over pods and operations, so that the windows of three days read few series. */
import type { RecordingRule, RuleGroup } from './rule.ts';
import type { Windows } from './window.ts';

export function recordingGroups(w: Windows): RuleGroup[] {
  return [
    { name: 'plumbline.owners', rules: owners(w) },
    { name: 'plumbline.counts', rules: [...counts(w), ...contractWindows(w), ...slaWindows(w), ...authorization(w)] },
  ];
}

const OWNED = 'namespace, job, api';

/**
 * Who is told: one series at most for each api, whatever is in force: two would make every join fail. While a rollout has two owners for one api that of
 * more pods counts; of as many the one that was told before, else alerts would change hands from one evaluation to the next. What is recorded stays
 * while the targets are there and do not answer, or answer and have the contract without a version that they can use. Gateways that answer and name
 * nobody, or do not have the api any more, take it away: else an owner of long ago would be told for ever.
 */
function owners(w: Windows): RecordingRule[] {
  return [
    {
      record: 'plumbline:api_owner:info',
      expr: `${elected(OWNED, 'plumbline:api_owner:info', 'plumbline_contract_info{owner!=""}')}
or on (${OWNED})
(
  (
    plumbline:api_owner:info and on (${OWNED}) plumbline_contract_reload_success
    or
    plumbline:api_owner:info and on (namespace, job) up unless on (namespace, job) plumbline_build_info
  )
  unless on (${OWNED}) plumbline_contract_info
)`,
    },
    {
      // What a gateway calls belongs to others: only what it serves says whose it is.
      record: 'plumbline:gateway_owner:info',
      expr: `${elected(
        'namespace, job',
        'plumbline:gateway_owner:info',
        `plumbline:api_owner:info and on (${OWNED}) plumbline_requests_in_flight{direction="ingress"}`,
      )}
or on (namespace, job)
(plumbline:gateway_owner:info and on (namespace, job) up unless on (namespace, job) plumbline_build_info)`,
    },
    {
      // Jobs whose targets are gateways: remembered while they have targets, so that one of which nothing answers is still known for one.
      record: 'plumbline:gateways:info',
      expr: `group by (namespace, job) (plumbline_build_info)
or on (namespace, job)
(group by (namespace, job) (last_over_time(plumbline:gateways:info[${w('1h')}])) and on (namespace, job) up)`,
    },
  ];
}

/** The owner of most `votes` for each `of`; `before` has half a vote, and breaks a tie. */
function elected(of: string, before: string, votes: string): string {
  const counted = `count by (${of}, owner) (${votes})`;
  return `group by (${of}, owner) (
  topk by (${of}) (1,
    ${counted} + on (${of}, owner) 0.5 * ${before}
    or
    ${counted}
  )
)`;
}

const API = 'namespace, job, direction, api';
const SIDE = `${API}, side`;

/** Increases over five minutes, of all pods and operations together. */
function counts(w: Windows): RecordingRule[] {
  const sum = (by: string, selector: string) => `sum by (${by}) (increase(${selector}[${w('5m')}]))`;
  const judged = (outcome: string) => sum(SIDE, `plumbline_contract_checks_total{outcome=~"${outcome}",operation!="_unmatched"}`);
  return [
    { record: 'plumbline:requests:increase5m', expr: sum(API, 'plumbline_requests_total') },
    // A path that is nowhere in the contract is no broken promise of anybody: strangers ask for those all night. SchemaDriftNew tells of them.
    { record: 'plumbline:contract_checks:increase5m', expr: judged('valid|invalid') },
    {
      record: 'plumbline:contract_checks_invalid:increase5m',
      expr: `${judged('invalid')}\nor\n0 * plumbline:contract_checks:increase5m`,
    },
    // `body` is an upload that stalls and `exhausted` a caller that came too late: neither says anything of the upstream.
    { record: 'plumbline:timeouts:increase5m', expr: sum(API, 'plumbline_timeouts_total{phase=~"connect|headers|total"}') },
    {
      record: 'plumbline:auth_failures:increase5m',
      expr: `${sum(API, 'plumbline_requests_total{status_code=~"401|403",code!="HOST_DENIED"}')}\nor\n0 * plumbline:requests:increase5m`,
    },
    // Of the gateway and, where they say so, of callers.
    {
      record: 'plumbline:repeats:increase5m',
      expr: `sum by (${OWNED}) (
  increase(plumbline_retries_total[${w('5m')}])
  or
  increase(plumbline_client_retries_total[${w('5m')}])
)`,
    },
    {
      record: 'plumbline:tries:increase5m',
      expr: `sum by (${OWNED}) (
  increase(plumbline_requests_total[${w('5m')}])
  or
  increase(plumbline_retries_total[${w('5m')}])
)`,
    },
  ];
}

/** A sum over `window` of increases over 5 minutes, read once a step: each counts for step / 5 min of it. Time without data counts for nothing. */
function summed(record: string, window: string, step: '1m' | '5m', w: Windows): string {
  return `sum_over_time(${record}[${w(window)}:${w(step)}])${step === '1m' ? ' / 5' : ''}`;
}

/** Series for each operation are too many to read three days of: these are made of the sums. */
function contractWindows(w: Windows): RecordingRule[] {
  const steps = { '30m': '1m', '1h': '1m', '6h': '1m', '3d': '5m' } as const;
  return Object.entries(steps).flatMap(([window, step]) =>
    ['plumbline:contract_checks', 'plumbline:contract_checks_invalid'].map((name) => ({
      record: `${name}:increase${window}`,
      expr: summed(`${name}:increase5m`, window, step, w),
    })),
  );
}

/** What was promised, and how often it was not kept. There are four series for each api: no sums in between are needed. */
function slaWindows(w: Windows): RecordingRule[] {
  const windows: ReadonlyArray<readonly [objective: string, window: string]> = [
    ...['5m', '30m', '1h', '6h', '3d'].map((window) => ['availability', window] as const),
    ...['5m', '1h'].map((window) => ['latency', window] as const),
  ];
  const increase = (objective: string, window: string, bad: string) =>
    `sum by (${OWNED}) (increase(plumbline_sla_requests_total{objective="${objective}"${bad}}[${w(window)}]))`;
  return [
    { record: 'plumbline:sla_availability:budget', expr: `1 - max by (${OWNED}) (plumbline_sla_objective_ratio)` },
    { record: 'plumbline:sla_latency:budget', expr: `1 - max by (${OWNED}) (plumbline_sla_latency_objective_ratio)` },
    ...windows.flatMap(([objective, window]) => [
      { record: `plumbline:sla_${objective}:increase${window}`, expr: increase(objective, window, '') },
      { record: `plumbline:sla_${objective}_bad:increase${window}`, expr: increase(objective, window, ',good="false"') },
    ]),
  ];
}

/** The share of 401 and 403 on the day that ended an hour ago; absent where that day had too little to compare with. */
function authorization(w: Windows): RecordingRule[] {
  const day = (name: string) => `sum_over_time(plumbline:${name}:increase5m[${w('1d')}:${w('5m')}] offset ${w('1h')})`;
  return [{ record: 'plumbline:auth_failures:share_before', expr: `${day('auth_failures')} / (${day('requests')} >= 100)` }];
}
