import assert from 'node:assert/strict';
import { at, listAt } from '../checks/manifest.ts';
import { type Case, OPENAPI, contracts } from './case.ts';

const standalone = { enabled: true, upstream: 'http://billing.shop.svc:8080' };
const NAME = 'demo-plumbline';
const config = {
  probes: {},
  contracts: { billing: { openapi: 'contracts/billing/openapi.yaml', onError: 'proxy' } },
  listeners: { ingress: { port: 7080, maxConnections: 1_000_000 } },
  routes: [{ name: 'billing', listener: 'ingress', upstream: `\${BILLING_URL}`, contract: 'billing' }],
};

export const standaloneCases: readonly Case[] = [
  {
    name: 'a gateway in front of a service: report, no contract keeps it from starting',
    values: { contracts, standalone },
    holds: (found) => {
      const made = found.config(`${NAME}-standalone`);
      assert.equal(at(made, 'routes', 0, 'upstream'), standalone.upstream);
      assert.equal(at(made, 'contracts', 'billing', 'onError'), 'proxy');
      assert.equal(at(made, 'contracts', 'billing', 'openapi'), 'contracts/billing/openapi.yaml');
      assert.equal(at(made, 'drain', 'delay'), '5s');
      assert.deepEqual(found.names('ServiceAccount'), [NAME]);
      assert.equal(at(found.pod(NAME), 'spec', 'automountServiceAccountToken'), false);
      assert.equal(at(found.get('ConfigMap', `${NAME}-contract-billing`), 'data', 'openapi.yaml'), OPENAPI);
    },
  },
  {
    name: 'a gateway that enforces does not start without its contract',
    values: { contracts: { billing: { fromConfigMap: { name: 'mine' } } }, standalone: { ...standalone, enforce: 'both' } },
    holds: (found) => {
      const made = found.config(`${NAME}-standalone`);
      assert.equal(at(made, 'contracts', 'billing', 'onError'), 'exit');
      assert.deepEqual(at(made, 'routes', 0, 'policies', 'contract'), { request: 'enforce', response: 'enforce' });
      const sources = listAt(found.pod(NAME), 'spec', 'volumes', 0, 'projected', 'sources');
      assert.equal(at(sources, 1, 'configMap', 'optional'), undefined);
    },
  },
  {
    name: 'one side is enforced, the other reported',
    values: { contracts, standalone: { ...standalone, enforce: 'request' } },
    holds: (found) =>
      assert.deepEqual(at(found.config(`${NAME}-standalone`), 'routes', 0, 'policies', 'contract'), {
        request: 'enforce',
        response: 'report',
      }),
  },
  {
    name: "a contract in somebody's ConfigMap, under another key and with files",
    values: { contracts: { billing: { fromConfigMap: { name: 'apis', key: 'billing.yaml', files: ['common.yaml'] } } }, standalone },
    holds: (found) => {
      assert.deepEqual(found.names('ConfigMap'), [`${NAME}-standalone`]);
      const source = at(found.pod(NAME), 'spec', 'volumes', 0, 'projected', 'sources', 1, 'configMap');
      assert.deepEqual(source, {
        name: 'apis',
        optional: true,
        items: [
          { key: 'billing.yaml', path: 'contracts/billing/billing.yaml' },
          { key: 'common.yaml', path: 'contracts/billing/common.yaml' },
        ],
      });
      assert.equal(at(found.config(`${NAME}-standalone`), 'contracts', 'billing', 'openapi'), 'contracts/billing/billing.yaml');
    },
  },
  {
    name: 'several contracts, one chosen; a name that is no name of Kubernetes',
    values: {
      contracts: { ...contracts, Orders_v2: { openapi: OPENAPI, files: { 'types.json': '{}' } } },
      standalone: { ...standalone, api: 'Orders_v2' },
    },
    holds: (found) => {
      assert.equal(at(found.config(`${NAME}-standalone`), 'routes', 0, 'contract'), 'Orders_v2');
      const named = found.names('ConfigMap').find((name) => name.includes('orders-v2'));
      assert.match(String(named), /^demo-plumbline-contract-orders-v2-[0-9a-f]{8}$/);
      assert.deepEqual(Object.keys(at(found.get('ConfigMap', String(named)), 'data') as object), ['openapi.yaml', 'types.json']);
    },
  },
  {
    name: 'a configuration of your own is taken as it is, with an end that the pod has time for, and variables from a Secret',
    values: {
      contracts,
      standalone: { enabled: true, config, env: { BILLING_URL: { secretKeyRef: { name: 'billing', key: 'url' } }, GREETING: 'yes' } },
    },
    holds: (found) => {
      assert.deepEqual(found.config(`${NAME}-standalone`), { ...config, drain: { delay: '5s', grace: '28s' } });
      assert.deepEqual(at(found.container(NAME, 'plumbline'), 'env'), [
        { name: 'BILLING_URL', valueFrom: { secretKeyRef: { name: 'billing', key: 'url' } } },
        { name: 'GREETING', value: 'yes' },
      ]);
    },
  },
  {
    name: 'its own end, where a configuration says one',
    values: { contracts, standalone: { enabled: true, config: { ...config, drain: { delay: '1s' } } } },
    holds: (found) => assert.deepEqual(found.config(`${NAME}-standalone`), { ...config, drain: { delay: '1s' } }),
  },
  {
    name: 'a pod that ends quickly: it drains within that',
    values: { contracts, standalone: { ...standalone, terminationGracePeriodSeconds: 10 } },
    holds: (found) => assert.deepEqual(at(found.config(`${NAME}-standalone`), 'drain'), { delay: '2s', grace: '6s' }),
  },
  {
    name: 'long answers are waited for as long as the pod may',
    values: { contracts, standalone: { ...standalone, terminationGracePeriodSeconds: 3600 } },
    holds: (found) => assert.deepEqual(at(found.config(`${NAME}-standalone`), 'drain'), { delay: '5s', grace: '3593s' }),
  },
  {
    name: 'a configuration that is in a ConfigMap already',
    values: { standalone: { enabled: true, configFrom: { configMap: 'gateway-config' } } },
    holds: (found) => {
      assert.deepEqual(found.names('ConfigMap'), []);
      assert.equal(at(found.pod(NAME), 'spec', 'volumes', 0, 'projected', 'sources', 0, 'configMap', 'name'), 'gateway-config');
    },
  },
  {
    name: 'one pod has no disruption budget, which would keep its node from being drained',
    values: { contracts, standalone: { ...standalone, replicas: 1 } },
    holds: (found) => {
      assert.equal(at(found.get('Deployment', NAME), 'spec', 'replicas'), 1);
      assert.deepEqual(found.names('PodDisruptionBudget'), []);
    },
  },
  {
    name: 'two pods have one, and it leaves pods that are not ready to be taken away',
    values: { contracts, standalone },
    holds: (found) => {
      assert.equal(at(found.get('PodDisruptionBudget', NAME), 'spec', 'maxUnavailable'), 1);
      assert.equal(at(found.get('PodDisruptionBudget', NAME), 'spec', 'unhealthyPodEvictionPolicy'), 'AlwaysAllow');
    },
  },
  {
    name: 'the same for a cluster that does not know that field',
    kube: '1.26.0',
    values: { contracts, standalone },
    holds: (found) => assert.equal(at(found.get('PodDisruptionBudget', NAME), 'spec', 'unhealthyPodEvictionPolicy'), undefined),
  },
  {
    name: 'scaled by CPU: no replicas that an upgrade would set back',
    values: { contracts, standalone: { ...standalone, autoscaling: { enabled: true, minReplicas: 3 } } },
    holds: (found) => {
      assert.equal(at(found.get('Deployment', NAME), 'spec', 'replicas'), undefined);
      assert.equal(at(found.get('HorizontalPodAutoscaler', NAME), 'spec', 'minReplicas'), 3);
      assert.equal(at(found.get('HorizontalPodAutoscaler', NAME), 'spec', 'scaleTargetRef', 'name'), NAME);
    },
  },
  {
    name: "a LoadBalancer keeps the client's address, and probes are not behind it",
    values: { contracts, standalone: { ...standalone, service: { type: 'LoadBalancer', port: 8080 } } },
    holds: (found) => {
      assert.equal(at(found.get('Service', NAME), 'spec', 'externalTrafficPolicy'), 'Local');
      assert.deepEqual(
        listAt(found.get('Service', NAME), 'spec', 'ports').map((port) => at(port, 'targetPort')),
        ['http'],
      );
      assert.equal(at(found.get('Service', `${NAME}-probes`), 'spec', 'type'), 'ClusterIP');
    },
  },
  {
    name: 'nobody is trusted but whom the values name',
    values: { contracts, standalone: { ...standalone, trustedPeers: ['10.1.2.0/24'], owner: 'billing', log: 'off', preserveHost: false } },
    holds: (found) => {
      const made = found.config(`${NAME}-standalone`);
      assert.deepEqual(at(made, 'trust', 'peers'), ['10.1.2.0/24']);
      assert.equal(at(made, 'contracts', 'billing', 'owner', 'team'), 'billing');
      assert.equal(at(made, 'telemetry', 'accessLog'), 'off');
      assert.equal(at(made, 'routes', 0, 'upstream', 'preserveHost'), false);
    },
  },
  {
    name: 'where pods go, and under which account',
    values: {
      contracts,
      imagePullSecrets: [{ name: 'regcred' }],
      standalone: {
        ...standalone,
        nodeSelector: { 'kubernetes.io/arch': 'amd64' },
        tolerations: [{ key: 'edge', operator: 'Exists', effect: 'NoSchedule' }],
        affinity: {
          podAntiAffinity: {
            preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 1, podAffinityTerm: { topologyKey: 'kubernetes.io/hostname' } }],
          },
        },
        priorityClassName: 'high',
        serviceAccount: { create: false, name: 'edge' },
      },
    },
    holds: (found) => {
      const spec = at(found.pod(NAME), 'spec');
      assert.deepEqual(found.names('ServiceAccount'), []);
      assert.equal(at(spec, 'serviceAccountName'), 'edge');
      assert.equal(at(spec, 'priorityClassName'), 'high');
      assert.deepEqual(at(spec, 'imagePullSecrets'), [{ name: 'regcred' }]);
      assert.equal(at(spec, 'tolerations', 0, 'key'), 'edge');
      assert.equal(at(spec, 'topologySpreadConstraints', 1, 'labelSelector', 'matchLabels', 'app.kubernetes.io/component'), 'gateway');
    },
  },
  {
    name: "labels and annotations everywhere; a selector's own are not to be overwritten",
    values: {
      contracts,
      labels: { team: 'edge', 'app.kubernetes.io/component': 'mine', 'plumbline.dev/inject': 'enabled' },
      annotations: { 'example.com/cost': '42' },
      standalone: { ...standalone, podLabels: { tier: 'front' }, podAnnotations: { 'example.com/pod': 'yes' } },
    },
    holds: (found) => {
      for (const manifest of found.manifests) assert.equal(manifest.metadata.labels?.team, 'edge', manifest.kind);
      const pod = found.pod(NAME);
      assert.equal(at(pod, 'metadata', 'labels', 'tier'), 'front');
      assert.equal(at(pod, 'metadata', 'labels', 'app.kubernetes.io/component'), 'gateway');
      assert.equal(at(pod, 'metadata', 'labels', 'plumbline.dev/inject'), 'disabled');
      assert.equal(at(pod, 'metadata', 'annotations', 'example.com/pod'), 'yes');
      assert.equal(found.get('Service', NAME).metadata.annotations?.['example.com/cost'], '42');
    },
  },
  {
    name: 'an image by digest, from a registry of your own',
    values: {
      contracts,
      standalone,
      image: {
        repository: 'registry.example:5000/tools/plumbline',
        tag: 'ignored',
        digest: `sha256:${'a'.repeat(64)}`,
        pullPolicy: 'Always',
      },
    },
    holds: (found) => {
      const container = found.container(NAME, 'plumbline');
      assert.equal(at(container, 'image'), `registry.example:5000/tools/plumbline@sha256:${'a'.repeat(64)}`);
      assert.equal(at(container, 'imagePullPolicy'), 'Always');
    },
  },
  {
    name: 'NetworkPolicies: traffic from one namespace, metrics from another, and the test of the release',
    values: {
      contracts,
      standalone,
      networkPolicy: {
        enabled: true,
        trafficFrom: [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'edge' } } }],
        metricsFrom: [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'monitoring' } } }],
      },
    },
    holds: (found) => {
      const rules = listAt(found.get('NetworkPolicy', NAME), 'spec', 'ingress');
      assert.deepEqual(
        rules.map((rule) => at(rule, 'ports', 0, 'port')),
        ['http', 'plumbline', 'plumbline'],
      );
      assert.equal(at(rules, 0, 'from', 0, 'namespaceSelector', 'matchLabels', 'kubernetes.io/metadata.name'), 'edge');
      assert.equal(at(rules, 2, 'from', 0, 'podSelector', 'matchLabels', 'app.kubernetes.io/component'), 'test');
    },
  },
  {
    name: '`helm test` asks the probes of the gateway, and goes when it is done',
    values: { contracts, standalone },
    holds: (found) => {
      const test = found.get('Pod', `${NAME}-test-gateway`);
      assert.equal(test.metadata.annotations?.['helm.sh/hook'], 'test');
      assert.deepEqual(at(test, 'spec', 'containers', 0, 'args'), ['health', '--admin-host', `${NAME}-probes`, '--admin-port', '7091']);
      assert.equal(at(found.get('Service', `${NAME}-probes`), 'spec', 'ports', 0, 'port'), 7091);
    },
  },
  {
    name: 'lists and mappings with nothing behind them are empty',
    values: {
      contracts,
      labels: null,
      annotations: null,
      standalone: {
        ...standalone,
        podLabels: null,
        podAnnotations: null,
        tolerations: null,
        topologySpreadConstraints: null,
        resources: null,
      },
      injection: { kind: 'webhook', webhook: { namespaceSelector: null, objectSelector: null, podAnnotations: null } },
      prometheusRule: { enabled: true, alertLabels: null, disabled: null },
      dashboards: { enabled: true, annotations: null },
    },
    holds: (found) => {
      assert.equal(at(found.pod(NAME), 'spec', 'topologySpreadConstraints'), undefined);
      assert.deepEqual(at(found.container(NAME, 'plumbline'), 'resources'), {});
      assert.equal(listAt(found.get('MutatingWebhookConfiguration', `${NAME}-injector`), 'webhooks').length, 2);
    },
  },
  {
    name: 'nothing is switched on: nothing is made',
    values: {},
    holds: (found) => assert.deepEqual(found.manifests, []),
  },
];
