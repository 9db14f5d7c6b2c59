/** From what an alert is about to the rule: its owner joined, its addresses written out. */
import { boardUrl } from './boards.ts';
import type { AlertSpec, AlertingRule, RuleOptions } from './rule.ts';
import { duration } from './window.ts';

/**
 * With the owner where one is known, without one where not: an alert must not vanish because nobody owns the thing. `or on` leaves out what the join has
 * found already.
 */
function owned(expr: string, ownedBy: AlertSpec['ownedBy']): string {
  const on = ownedBy === 'api' ? 'on (namespace, job, api)' : 'on (namespace, job)';
  const block = `(\n${expr.replaceAll(/^/gm, '  ')}\n)`;
  return `${block} * ${on} group_left (owner) plumbline:${ownedBy}_owner:info\nor ${on}\n${block}`;
}

export function alertingRule(spec: AlertSpec, { windowScale, runbookBase = 'docs/runbooks/', grafana }: RuleOptions): AlertingRule {
  const { alert, severity, labels, expr, forSeconds, ownedBy, summary, description, board } = spec;
  return {
    alert,
    expr: owned(expr, ownedBy),
    for: duration((forSeconds * 1000) / windowScale),
    labels: { severity, ...labels },
    annotations: {
      summary,
      description: `${description} Owner: {{ with $labels.owner }}{{ . }}{{ else }}nobody is named{{ end }}.`,
      runbook_url: `${runbookBase}${alert}.md`,
      dashboard_url: boardUrl(board, grafana),
    },
  };
}
