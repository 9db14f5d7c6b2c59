/** docs/alerts.md: what each alert says, in words and with the numbers that it is made of. */
import type { AlertSpec } from './rule.ts';
import { minutes } from './words.ts';

export function alertsPage(specs: readonly AlertSpec[]): string {
  const rows = specs.map(row);
  return HEAD.replace(
    '<!-- table -->',
    `| alert | severity | fires when, and for how long | goes to |\n|---|---|---|---|\n${rows.join('\n')}`,
  );
}

function row({ alert, severity, labels, condition, forSeconds, ownedBy }: AlertSpec): string {
  const which = labels?.['burn'] === undefined ? '' : ` (\`burn="${labels['burn']}"\`)`;
  const to = ownedBy === 'api' ? 'owner of the API' : 'owner of what the gateway serves';
  return `| [${alert}](runbooks/${alert}.md)${which} | ${severity} | ${condition.replaceAll('|', '\\|')}; ${minutes(forSeconds)} | ${to} |`;
}

const HEAD = `# Alerts

<!-- Generated from scripts/rules by scripts/generate-rules.ts: change it there, then run npm run generate. -->

Rules for Prometheus 2.42 and later: [recording](../config/prometheus/plumbline.recording.yaml) and
[alerting](../config/prometheus/plumbline.alerts.yaml). Both files go together into \`rule_files\`; Prometheus must scrape \`/metrics\` of the admin
or the probes listener every 15 s to a minute. Series are told apart by \`namespace\`, \`job\` and the labels of [the metrics](metrics.md); pods of one job are taken
together. A job must scrape gateways and nothing else.

- **page**: users are hurt now, or will be within the hour. Somebody gets up.
- **ticket**: nothing gets worse by waiting for the morning, but it does not go away by itself.

<!-- table -->

Alerts for webhooks, dead letters and the inbox come with those contracts: one that can never fire is not shipped.

## Whose it is

The label \`owner\` is the \`owner.team\` of the contract (configuration, or \`info.x-plumbline\` of the document), as \`plumbline_contract_info\` has it. Alerts of the gateway itself
have the owner of what it serves: of the contracts of its ingress routes. Where nobody is named, or the route has no contract, the alert fires all the same, without the label. While a
rollout changes an owner, the one that more pods name is told. Where nothing answers, or a restart finds no version of the contract that it can use, the owner of before is told; gateways
that answer and name nobody take it away.

\`\`\`yaml
# alertmanager.yml
route:
  receiver: platform # no owner, or one that has no route below
  group_by: [alertname, namespace, job, api]
  routes:
    - matchers: [owner="billing"]
      receiver: billing-tickets
      routes:
        - matchers: [severity="page"]
          receiver: billing-oncall
          group_wait: 10s
inhibit_rules:
  # While a gateway is down, what it cannot know is no news.
  - source_matchers: [alertname="GatewayDown", severity="page"]
    target_matchers: [alertname=~"EventLoopLag|GatewayOverheadHigh|SharedStoreDown"]
    equal: [namespace, job]
  # What burns fast burns slowly, too.
  - source_matchers: [burn="fast"]
    target_matchers: [burn="slow"]
    equal: [alertname, namespace, job, api]
receivers: # the contact of each: owner.oncall of the contract
  - name: platform
  - name: billing-tickets
  - name: billing-oncall
\`\`\`

## Annotations

\`summary\` fits on the screen of a phone. \`description\` says who and what: API, operation or consumer, the share or the count, and where to look. \`runbook_url\` and \`dashboard_url\` are
paths in this repository; with addresses of your own:

\`\`\`sh
node scripts/rules/render.ts --out DIR --runbooks https://wiki.example/plumbline/ --grafana https://grafana.example
\`\`\`

The boards' links then choose namespace, job, API, operation and consumer of the alert.

## What keeps them quiet

- Ratios have a least count beside them: one bad request of two is not 50%. At one request a minute nothing but an upstream that has failed for ten requests fires.
- Counters may begin anew (deploy, crash): increases are taken for each pod before they are summed. A counter that is born at 1 has no increase, and wakes nobody; what must be seen at the
  first time (SchemaDriftNew) is a gauge.
- Burn rates look at a long window and a short one (SRE workbook, chapter 5): a fire that is out stops the alert within the short one.
- The budget of ContractErrorBudgetBurn is 1% of the verdicts on each side; requests that no operation of the contract is meant by are not in it. Availability and latency have the
  budget that the contract promises (\`sla\`); without a promise there is no UpstreamSlaBurn and no UpstreamLatencySla.
- Every number stands in [one file](../scripts/rules/thresholds.ts).

## Tests

Each alert has tests that fire it and tests of the near miss that must stay silent, in \`config/prometheus/tests\`:

\`\`\`sh
promtool test rules config/prometheus/tests/*.test.yaml
node scripts/ci/rules.ts    # these, and again with every threshold moved: some test must see it
\`\`\`
`;
