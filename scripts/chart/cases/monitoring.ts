import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { root } from '../../lint/tree.ts';
import { at, listAt } from '../checks/manifest.ts';
import type { Case, Found } from './case.ts';

const NAME = 'demo-plumbline';
const shipped = ['recording', 'alerts'].flatMap((kind) =>
  listAt(parse(readFileSync(join(root, 'config/prometheus', `plumbline.${kind}.yaml`), 'utf8')) as unknown, 'groups'),
);
const rulesOf = (found: Found): readonly unknown[] =>
  listAt(found.get('PrometheusRule', NAME), 'spec', 'groups').flatMap((group) => listAt(group, 'rules'));
const alertsOf = (found: Found): readonly unknown[] => rulesOf(found).filter((rule) => at(rule, 'alert') !== undefined);

export const monitoringCases: readonly Case[] = [
  {
    name: 'every pod of every namespace with the port is scraped, and its name is the job',
    values: { podMonitor: { enabled: true } },
    holds: (found) => {
      const spec = at(found.get('PodMonitor', NAME), 'spec');
      assert.deepEqual(at(spec, 'namespaceSelector'), { any: true });
      assert.deepEqual(at(spec, 'selector'), {});
      assert.equal(at(spec, 'jobLabel'), 'app.kubernetes.io/name');
      assert.deepEqual(at(spec, 'podMetricsEndpoints'), [{ port: 'plumbline', path: '/metrics', interval: '30s' }]);
    },
  },
  {
    name: 'some pods of one namespace, for a Prometheus that asks for labels',
    values: {
      podMonitor: {
        enabled: true,
        anyNamespace: false,
        namespace: 'monitoring',
        selector: { matchLabels: { tier: 'front' } },
        interval: '',
        scrapeTimeout: '5s',
        labels: { release: 'prometheus' },
      },
    },
    holds: (found) => {
      const monitor = found.get('PodMonitor', NAME);
      assert.equal(monitor.metadata.namespace, 'monitoring');
      assert.equal(monitor.metadata.labels?.release, 'prometheus');
      assert.deepEqual(at(monitor, 'spec', 'namespaceSelector'), { matchNames: ['shop'] });
      assert.deepEqual(at(monitor, 'spec', 'podMetricsEndpoints'), [{ port: 'plumbline', path: '/metrics', scrapeTimeout: '5s' }]);
    },
  },
  {
    name: 'the rules are those of config/prometheus, word for word',
    values: { prometheusRule: { enabled: true } },
    holds: (found) => {
      assert.deepEqual(at(found.get('PrometheusRule', NAME), 'spec', 'groups'), shipped);
      assert.ok(alertsOf(found).length >= 20);
    },
  },
  {
    name: 'without an alert, with labels for all, and links that lead somewhere',
    values: {
      prometheusRule: {
        enabled: true,
        disabled: ['CardinalityOverflow'],
        alertLabels: { cluster: 'prod-1' },
        labels: { role: 'alert-rules' },
        runbookUrl: 'https://runbooks.example/plumbline/',
        dashboardUrl: 'https://grafana.example',
      },
    },
    holds: (found) => {
      const alerts = alertsOf(found);
      const all = shipped.flatMap((group) => listAt(group, 'rules'));
      assert.equal(rulesOf(found).length, all.length - all.filter((rule) => at(rule, 'alert') === 'CardinalityOverflow').length);
      assert.ok(alerts.length > 0 && alerts.every((alert) => at(alert, 'alert') !== 'CardinalityOverflow'));
      for (const alert of alerts) {
        assert.equal(at(alert, 'labels', 'cluster'), 'prod-1');
        assert.match(String(at(alert, 'labels', 'severity')), /^(page|ticket)$/);
        assert.equal(at(alert, 'annotations', 'runbook_url'), `https://runbooks.example/plumbline/${String(at(alert, 'alert'))}.md`);
        assert.match(String(at(alert, 'annotations', 'dashboard_url')), /^https:\/\/grafana\.example\/d\/plumbline-[a-z-]+$/);
      }
      assert.equal(found.get('PrometheusRule', NAME).metadata.labels?.role, 'alert-rules');
    },
  },
  {
    name: 'boards, a ConfigMap each, byte for byte',
    values: { dashboards: { enabled: true } },
    holds: (found) => {
      const boards = readdirSync(join(root, 'dashboards'));
      assert.equal(found.names('ConfigMap').length, boards.length);
      for (const board of boards) {
        const map = found.get('ConfigMap', `${NAME}-dashboard-${board.replace('.json', '')}`);
        assert.equal(map.metadata.labels?.grafana_dashboard, '1');
        assert.equal(`${String(at(map, 'data', `plumbline-${board}`))}\n`, readFileSync(join(root, 'dashboards', board), 'utf8'));
      }
    },
  },
  {
    name: "boards in a folder, in Grafana's namespace, with runbooks that are published",
    values: {
      dashboards: {
        enabled: true,
        namespace: 'monitoring',
        folder: 'APIs',
        label: 'board',
        labelValue: 'yes',
        runbookUrl: 'https://runbooks.example/',
      },
    },
    holds: (found) => {
      for (const map of found.all('ConfigMap')) {
        assert.equal(map.metadata.namespace, 'monitoring');
        assert.equal(map.metadata.labels?.board, 'yes');
        assert.equal(map.metadata.annotations?.grafana_folder, 'APIs');
        const board = JSON.parse(String(Object.values(at(map, 'data') as object)[0])) as {
          templating: { list: { name: string; query: string }[] };
        };
        assert.equal(board.templating.list.find(({ name }) => name === 'runbooks')?.query, 'https://runbooks.example/');
      }
      assert.ok(found.all('ConfigMap').length > 0);
    },
  },
];
