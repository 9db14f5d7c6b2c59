import { appMetrics } from '../../../src/app/metrics.ts';
import { driftMetrics } from '../../../src/observation/drift/metrics.ts';
import { contractMetrics } from '../../../src/policies/contract/metrics.ts';
import { deprecationMetrics } from '../../../src/policies/deprecation/metrics.ts';
import { GREY, LOOK, SKY } from '../colours.ts';
import { BOARDS, narrowed } from '../links.ts';
import { board } from '../model.ts';
import { count, equals, expression, max, min, orNone, orZero, Queries, share, sum, top } from '../promql.ts';
import { findings, invalid, withOwner } from '../questions.ts';
import { checking } from './contract-checking.ts';

const q = new Queries('direction', 'api', 'operation', 'consumer');
const { checks, violations } = contractMetrics;
const KEPT = ['datasource', 'namespace', 'job', 'pod', 'direction', 'api', 'operation', 'consumer'];

const judged = q.rate(checks, { outcome: '!=skipped' });
/** Seconds until an operation goes away. */
const left = expression<'api' | 'operation'>(`${min(q.gauge(deprecationMetrics.sunset), ['namespace', 'api', 'operation']).text} - time()`);
const findingsByOperation = max(q.gauge(driftMetrics.findings), ['namespace', 'api', 'operation', 'direction', 'kind', 'state']);

export const contracts = board({
  uid: 'plumbline-contracts-and-drift',
  file: 'contracts-and-drift.json',
  title: `Plumbline / ${BOARDS['plumbline-contracts-and-drift']}`,
  description: 'Whether traffic and contracts agree: which rule is broken where, what is new, what is not checked, what goes away.',
  variables: ['direction', 'api', 'operation', 'consumer'],
  rows: [
    {
      h: 4,
      panels: [
        {
          id: 1,
          kind: 'stat',
          title: 'Valid',
          description: 'Share of the messages judged that keep to their contract. What was skipped is not in it.',
          unit: 'percentunit',
          w: 4,
          alerts: ['ContractErrorBudgetBurn'],
          thresholds: { look: 0.9999, broken: 0.99 },
          targets: [{ expr: share(sum(q.rate(checks, { outcome: '=valid' })), sum(judged)).text, legend: 'valid' }],
          expect: { load: [0, 0.999], fault: 'drift', quiet: [1, 1] },
          noValue: 'nothing judged',
        },
        {
          id: 2,
          kind: 'stat',
          title: 'New findings',
          description:
            'Distinct findings that nobody has acknowledged and no baseline lists. SchemaDriftNew fires for each until one of them is so.',
          unit: 'none',
          w: 4,
          alerts: ['SchemaDriftNew'],
          thresholds: { look: 1, broken: 10 },
          targets: [{ expr: orZero(sum(findings(q, 'new'))).text, legend: 'new' }],
          expect: { load: [2, 1000], fault: 'drift', quiet: [0, 0] },
        },
        {
          id: 3,
          kind: 'stat',
          title: 'Acknowledged findings',
          description: 'Known differences that still stand: a contract to be mended, or a provider.',
          unit: 'none',
          w: 4,
          targets: [{ expr: orZero(sum(findings(q, 'acknowledged'))).text, legend: 'acknowledged' }],
          expect: { load: [0, 1000] },
        },
        {
          id: 4,
          kind: 'stat',
          title: 'Not checked',
          description: 'Share of the messages for which no verdict was given. Why stands below; an overload or an encoding can be helped.',
          unit: 'percentunit',
          w: 4,
          alerts: ['ValidationSkipped'],
          thresholds: { look: 0.5, broken: 0.9 },
          targets: [{ expr: share(sum(q.rate(checks, { outcome: '=skipped' })), sum(q.rate(checks))).text, legend: 'skipped' }],
          expect: { load: [0, 0.9] },
          noValue: 'no traffic',
        },
        {
          id: 5,
          kind: 'stat',
          title: 'Refused contracts',
          description:
            'Contracts, a replica each, whose newest version cannot be used: an older one serves on. The log names file, line and reason.',
          unit: 'none',
          w: 4,
          alerts: ['ContractReloadFailed'],
          thresholds: { look: 1, broken: 1 },
          targets: [{ expr: orZero(sum(equals(q.gauge(appMetrics.reloadSuccess), 0))).text, legend: 'refused' }],
          expect: { load: [1, 100], fault: 'reload', quiet: [0, 0] },
        },
        {
          id: 6,
          kind: 'stat',
          title: 'Go away in 30 days',
          description: 'Operations of contracts in force whose sunset is less than 30 days off, or past.',
          unit: 'none',
          w: 4,
          alerts: ['DeprecatedNearSunset'],
          thresholds: { look: 1, broken: 5 },
          targets: [{ expr: orZero(count(expression(`${left.text} < 30 * 86400`))).text, legend: 'operations' }],
          expect: { load: [0, 1000] },
        },
      ],
    },
    {
      title: 'What is new',
      h: 8,
      panels: [
        {
          id: 7,
          kind: 'table',
          title: 'New findings, and whose they are',
          description:
            'Where contract and traffic differ. The field stands in the findings API and in the log, never in a label: plumbline drift report, or GET /api/findings.',
          unit: 'none',
          w: 16,
          alerts: ['SchemaDriftNew'],
          labels: ['namespace', 'api', 'owner', 'operation', 'direction', 'kind'],
          sortBy: ['Findings'],
          links: { api: narrowed('plumbline-overview', 'api', KEPT) },
          targets: [
            {
              expr: withOwner(
                q,
                expression(
                  `${max(q.gauge(driftMetrics.findings, { state: '=new' }), ['namespace', 'api', 'operation', 'direction', 'kind']).text} > 0`,
                ),
              ).text,
              legend: 'Findings',
              thresholds: { look: 1, broken: 10 },
            },
          ],
          expect: { load: [1, 1000], fault: 'drift', quiet: [0, 0] },
          noValue: 'none',
        },
        {
          id: 8,
          kind: 'lines',
          title: 'Findings by state',
          description:
            'Distinct findings. A step up is a release, of the provider or of a caller; a step down an acknowledgement or a new contract.',
          unit: 'none',
          w: 8,
          colours: { new: LOOK, acknowledged: SKY, none: GREY },
          targets: [{ expr: orNone(sum(findingsByOperation, ['state']), 'state').text, legend: '{{state}}' }],
          expect: { load: [0, 1000] },
        },
      ],
    },
    {
      title: 'What is broken, how often',
      h: 8,
      panels: [
        {
          id: 9,
          kind: 'lines',
          title: 'Broken rules',
          description: 'The eight rules broken most often, and where in the message. docs/openapi.md tells what each means.',
          unit: 'cps',
          w: 8,
          targets: [
            {
              expr: orNone(top(8, sum(q.rate(violations), ['side', 'location', 'rule'])), 'rule').text,
              legend: '{{side}} {{location}} {{rule}}',
            },
          ],
          expect: { load: [0, 5000], fault: 'drift', quiet: [0, 0] },
        },
        {
          id: 10,
          kind: 'lines',
          title: 'Invalid messages by operation',
          description: 'The five operations with most. request: a caller’s fault; response: the provider’s.',
          unit: 'cps',
          w: 8,
          targets: [
            { expr: orNone(top(5, invalid(q, ['api', 'operation', 'side'])), 'operation').text, legend: '{{api}} {{operation}} {{side}}' },
          ],
          expect: { load: [0, 2000], fault: 'drift', quiet: [0, 0] },
        },
        {
          id: 11,
          kind: 'lines',
          title: 'Drift seen, by kind',
          description: 'How often what a finding tells of was seen. The eight most frequent kinds.',
          unit: 'cps',
          w: 8,
          targets: [{ expr: orNone(top(8, sum(q.rate(driftMetrics.observations), ['kind'])), 'kind').text, legend: '{{kind}}' }],
          expect: { load: [0, 5000], fault: 'drift', quiet: [0, 0] },
        },
      ],
    },
    ...checking,
  ],
});
