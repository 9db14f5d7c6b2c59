/** Alerts on who asks: consumers over their limits, credentials that are suddenly refused. */
import type { AlertSpec } from './rule.ts';
import type { Thresholds } from './thresholds.ts';
import type { Windows } from './window.ts';
import { API, JOB, SHARE, minutes, most, percent } from './words.ts';

export function callerAlerts(t: Thresholds, w: Windows): AlertSpec[] {
  return [limited(t, w), ...credentials(t, w)];
}

function limited({ RateLimitedConsumer: t }: Thresholds, w: Windows): AlertSpec {
  const counted = (matcher: string) =>
    `sum by (namespace, job, api, policy, consumer) (increase(plumbline_rate_limit_decisions_total${matcher}[${w('5m')}]))`;
  const rejected = counted('{decision="rejected"}');
  return {
    alert: 'RateLimitedConsumer',
    severity: 'ticket',
    expr: `${rejected} / ${counted('')} > ${t.ratio}
and ${rejected} >= ${t.atLeast}`,
    forSeconds: t.forSeconds,
    ownedBy: 'api',
    board: 'consumers',
    condition: `a limit refuses more than ${percent(t.ratio)} of a consumer's requests, at least ${t.atLeast} in 5 min`,
    summary: `${API}: {{ $labels.consumer }} has ${SHARE} of its requests refused by the limit {{ $labels.policy }}`,
    description: `The limit {{ $labels.policy }} of ${API} (${JOB}) has refused requests of {{ $labels.consumer }} for ${minutes(t.forSeconds)}, ${SHARE} of them in the last ${w('5m')}.`,
  };
}

function credentials({ AuthorizationFailuresRise: t }: Thresholds, w: Windows): AlertSpec[] {
  const of = ['namespace', 'job', 'direction', 'api'];
  const expr = (direction: string) => {
    const share = `plumbline:auth_failures:increase5m${direction} / plumbline:requests:increase5m${direction}`;
    return `${share} > ${t.ratio}
and ${share} > ${t.rise} * plumbline:auth_failures:share_before${direction}
and plumbline:auth_failures:increase5m${direction} >= ${t.atLeast}`;
  };
  const condition = `more than ${percent(t.ratio)} of the answers are 401 or 403, and more than ${t.rise} times the share of the day before, at least ${t.atLeast} in 5 min`;
  const description =
    `${SHARE} of the answers of ${API} ({{ $labels.direction }}, ${JOB}) are 401 or 403; the day before it was ` +
    '{{ with printf `plumbline:auth_failures:share_before{namespace=%q,job=%q,direction=%q,api=%q}` $labels.namespace $labels.job $labels.direction $labels.api | query }}' +
    '{{ . | first | value | humanizePercentage }}{{ end }}' +
    `${most('operation', 'plumbline_requests_total', 'status_code=~"401|403"', of, w('5m'), '. Most of them: operation %')}` +
    `${most('consumer', 'plumbline_consumer_requests_total', 'status_class="4xx"', of, w('5m'), '; most answers with 4xx: consumer %')}.`;
  const shared = { alert: 'AuthorizationFailuresRise', forSeconds: t.forSeconds, ownedBy: 'api', board: 'consumers', description } as const;
  return [
    {
      ...shared,
      severity: 'page',
      expr: expr('{direction="egress"}'),
      condition: `Egress, our own credentials: ${condition}`,
      summary: `${API}: our credentials are refused, ${SHARE} of the answers are 401 or 403`,
    },
    {
      ...shared,
      severity: 'ticket',
      expr: expr('{direction="ingress"}'),
      condition: `Ingress: ${condition}`,
      summary: `${API}: ${SHARE} of the answers are 401 or 403, suddenly`,
    },
  ];
}
