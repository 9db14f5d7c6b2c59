import assert from 'node:assert/strict';
import { parse } from 'yaml';
import { at, listAt } from '../checks/manifest.ts';
import { type Case, type Found, OPENAPI } from './case.ts';

const NAME = 'billing';
const consumer = 'example';
const config = {
  probes: {},
  listeners: { ingress: { port: 7080 }, partners: { direction: 'egress', host: '127.0.0.1', port: 7081 } },
  routes: [{ name: 'dns', listener: 'partners', upstream: 'http://dns.example' }],
};

const spec = (found: Found): unknown => at(found.pod(NAME), 'spec');
const sidecar = (found: Found): unknown => found.container(NAME, 'plumbline');
const made = (found: Found): unknown =>
  parse(
    String(
      listAt(sidecar(found), 'env')
        .map((one) => at(one, 'value'))
        .at(-1),
    ),
  );
const namesOf = (list: readonly unknown[]): unknown[] => list.map((one) => at(one, 'name'));

export const sidecarCases: readonly Case[] = [
  {
    name: 'a native sidecar, by default',
    consumer,
    values: {},
    holds: (found) => {
      assert.deepEqual(namesOf(listAt(spec(found), 'initContainers')), ['plumbline']);
      assert.equal(at(sidecar(found), 'restartPolicy'), 'Always');
      assert.deepEqual(namesOf(listAt(spec(found), 'containers')), ['billing']);
      assert.deepEqual(
        listAt(found.container(NAME, 'billing'), 'ports').map((port) => [at(port, 'name'), at(port, 'containerPort')]),
        [
          ['http-app', 3000],
          ['http', 7080],
        ],
      );
      assert.equal(at(found.get('Service', NAME), 'spec', 'ports', 0, 'targetPort'), 'http');
      assert.equal(at(found.pod(NAME), 'metadata', 'labels', 'plumbline.dev/inject'), 'disabled');
      assert.equal(at(made(found), 'contracts', 'billing', 'onError'), 'proxy');
      assert.equal(at(spec(found), 'volumes', 0, 'configMap', 'optional'), true);
    },
  },
  {
    name: 'a plain container before 1.29, which goes on accepting at its end',
    consumer,
    kube: '1.28.0',
    values: {},
    holds: (found) => {
      assert.deepEqual(listAt(spec(found), 'initContainers'), []);
      assert.deepEqual(namesOf(listAt(spec(found), 'containers')), ['billing', 'plumbline']);
      assert.equal(at(sidecar(found), 'restartPolicy'), undefined);
      assert.deepEqual(at(made(found), 'drain'), { delay: '5s', grace: '23s' });
    },
  },
  {
    name: 'the form that the values name, whatever the cluster',
    consumer,
    kube: '1.28.0',
    values: { plumbline: { sidecar: { form: 'native' } } },
    holds: (found) => assert.deepEqual(namesOf(listAt(spec(found), 'initContainers')), ['plumbline']),
  },
  {
    name: 'taken out: the pod is as it was before',
    consumer,
    values: { image: 'registry.example/billing:1.4.2', plumbline: { sidecar: { enabled: false } } },
    holds: (found) => {
      assert.deepEqual(Object.keys(spec(found) as object).sort(), ['automountServiceAccountToken', 'containers', 'securityContext']);
      assert.deepEqual(listAt(spec(found), 'containers', 0, 'ports'), [{ name: 'http', containerPort: 3000 }]);
      assert.deepEqual(at(found.pod(NAME), 'metadata', 'labels'), { 'app.kubernetes.io/name': 'billing' });
      assert.ok(!JSON.stringify(found.pod(NAME)).includes('plumbline'));
    },
  },
  {
    name: 'enforced: the pod does not start without the contract',
    consumer,
    values: { plumbline: { sidecar: { enforce: 'response' } } },
    holds: (found) => {
      assert.equal(at(spec(found), 'volumes', 0, 'configMap', 'optional'), undefined);
      assert.equal(at(made(found), 'contracts', 'billing', 'onError'), 'exit');
      assert.deepEqual(at(made(found), 'routes', 0, 'policies', 'contract'), { request: 'report', response: 'enforce' });
    },
  },
  {
    name: 'a contract from values becomes a ConfigMap of the release',
    consumer: 'bare',
    values: { plumbline: { contracts: { billing: { openapi: OPENAPI } } } },
    holds: (found) => {
      assert.equal(at(spec(found), 'volumes', 0, 'configMap', 'name'), 'demo-plumbline-contract-billing');
      assert.equal(at(found.get('ConfigMap', 'demo-plumbline-contract-billing'), 'data', 'openapi.yaml'), OPENAPI);
      assert.equal(at(sidecar(found), 'volumeMounts', 0, 'mountPath'), '/etc/plumbline/contracts/billing');
    },
  },
  {
    name: 'another port of the application, ports that it has itself, and what it is given',
    consumer,
    values: {
      plumbline: {
        sidecar: {
          port: 7080,
          portName: 'a-port-of-ours',
          ports: { traffic: 7180, probes: 7191, admin: 7190 },
          resources: { limits: { cpu: '1', memory: '512Mi' } },
        },
      },
    },
    holds: (found) => {
      assert.deepEqual(namesOf(listAt(found.container(NAME, 'billing'), 'ports')), ['a-port-of-o-app', 'a-port-of-ours']);
      assert.deepEqual(at(made(found), 'admin'), { port: 7190 });
      assert.deepEqual(at(made(found), 'probes'), { port: 7191 });
      assert.equal(at(made(found), 'routes', 0, 'upstream'), 'http://127.0.0.1:7080');
      assert.equal(at(sidecar(found), 'ports', 0, 'containerPort'), 7191);
      assert.deepEqual(at(sidecar(found), 'resources', 'limits'), { cpu: '1', memory: '512Mi' });
    },
  },
  {
    name: 'a pod that ends quickly: the sidecar drains within its time',
    consumer,
    values: { plumbline: { sidecar: { terminationGracePeriodSeconds: 10 } } },
    holds: (found) => assert.deepEqual(at(made(found), 'drain'), { delay: '0s', grace: '8s' }),
  },
  {
    name: 'a configuration of your own, in values, with the contract beside it in one volume',
    consumer,
    values: { plumbline: { sidecar: { config, owner: '', env: { DNS: 'x' } } } },
    holds: (found) => {
      assert.deepEqual(found.config('demo-plumbline-sidecar'), config);
      assert.deepEqual(listAt(sidecar(found), 'env'), [{ name: 'DNS', value: 'x' }]);
      assert.equal(at(sidecar(found), 'args'), undefined);
      assert.equal(at(sidecar(found), 'volumeMounts', 0, 'mountPath'), '/etc/plumbline');
      const sources = listAt(spec(found), 'volumes', 0, 'projected', 'sources');
      assert.deepEqual(
        sources.map((source) => at(source, 'configMap', 'name')),
        ['demo-plumbline-sidecar', 'billing-contract'],
      );
    },
  },
  {
    name: 'the same as a plain container: it goes on accepting at its end, unless the configuration says how it ends',
    consumer,
    values: { plumbline: { sidecar: { config, owner: '', form: 'legacy' } } },
    holds: (found) => assert.deepEqual(found.config('demo-plumbline-sidecar'), { ...config, drain: { delay: '5s', grace: '23s' } }),
  },
  {
    name: 'a configuration that is in a ConfigMap already',
    consumer: 'bare',
    values: { plumbline: { sidecar: { configFrom: { configMap: 'mine' } } } },
    holds: (found) => assert.deepEqual(at(spec(found), 'volumes', 0), { name: 'plumbline-config', configMap: { name: 'mine' } }),
  },
  {
    name: 'owner, log and peers, and a variable',
    consumer,
    values: {
      plumbline: {
        sidecar: { owner: '#billing: a "team"', log: 'off', trustedPeers: ['10.0.0.0/8'], env: { NODE_OPTIONS: '--enable-source-maps' } },
      },
    },
    holds: (found) => {
      assert.equal(at(made(found), 'contracts', 'billing', 'owner', 'team'), '#billing: a "team"');
      assert.equal(at(made(found), 'telemetry', 'accessLog'), 'off');
      assert.deepEqual(at(made(found), 'trust', 'peers'), ['10.0.0.0/8']);
      assert.deepEqual(namesOf(listAt(sidecar(found), 'env')), ['NODE_OPTIONS', 'PLUMBLINE_CONFIG_YAML']);
    },
  },
  {
    name: 'sidecar, scraping and rules in the chart of one service',
    consumer,
    values: { plumbline: { podMonitor: { enabled: true, anyNamespace: false }, prometheusRule: { enabled: true } } },
    holds: (found) => {
      assert.deepEqual(found.names('PodMonitor'), ['demo-plumbline']);
      assert.deepEqual(found.names('PrometheusRule'), ['demo-plumbline']);
    },
  },
  {
    name: 'a CronJob whose sidecar ends with it',
    consumer: 'job',
    values: { plumbline: { sidecar: { config } } },
    holds: (found) => {
      const pod = at(found.get('CronJob', 'settle'), 'spec', 'jobTemplate', 'spec', 'template', 'spec');
      assert.equal(at(pod, 'initContainers', 0, 'restartPolicy'), 'Always');
      assert.deepEqual(namesOf(listAt(pod, 'volumes')), ['plumbline-config', 'plumbline-state']);
    },
  },
];

/** Values of a service's chart that its templates refuse. */
export const sidecarRefusals: readonly (Omit<Case, 'holds'> & { readonly words: readonly RegExp[] })[] = [
  {
    name: 'a Job with a plain container never completes',
    consumer: 'job',
    kube: '1.28.0',
    values: { plumbline: { sidecar: { config } } },
    words: [/a Job with a plain container as sidecar never completes/, /1\.29/],
  },
  { name: 'no port of the application', consumer, values: { plumbline: { sidecar: { port: 0 } } }, words: [/sidecar\.port is not set/] },
  {
    name: 'the same port twice',
    consumer,
    values: { plumbline: { sidecar: { port: 7080 } } },
    words: [/sidecar\.port is 7080, which is one of sidecar\.ports/],
  },
  {
    name: 'two of the sidecar on one port',
    consumer,
    values: { plumbline: { sidecar: { ports: { probes: 7080 } } } },
    words: [/sidecar\.ports has a number twice/],
  },
  {
    name: 'a slip under the name of the dependency',
    consumer,
    values: { plumbline: { sidecar: { ports: 3000 } } },
    words: [/plumbline:/, /\/sidecar\/ports'/],
  },
];
