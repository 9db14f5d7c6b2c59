import assert from 'node:assert/strict';
import { DEFAULT_SETTINGS } from '../../../src/inject/settings.ts';
import { type InjectorSettings, readSettings } from '../../../src/injector/settings-in-force.ts';
import { at, listAt } from '../checks/manifest.ts';
import type { Case, Found } from './case.ts';

const NAME = 'demo-plumbline-injector';
const webhook = { kind: 'webhook' };

/** The settings that the injector reads, by the code that reads them. */
function settingsOf(found: Found): InjectorSettings {
  const read = readSettings(String(at(found.get('ConfigMap', NAME), 'data', 'injector.yaml')));
  if ('problems' in read) throw new Error(read.problems.join('; '));
  return read.settings;
}

const argsOf = (found: Found): readonly unknown[] => listAt(found.container(NAME, 'injector'), 'args');
const kinds = ['Certificate', 'Issuer', 'Role', 'ClusterRole', 'ClusterRoleBinding', 'RoleBinding', 'Secret'];

export const injectionCases: readonly Case[] = [
  {
    name: 'a webhook with a certificate of its own: what it may do, and no more',
    values: { injection: webhook },
    holds: (found) => {
      assert.deepEqual(at(found.get('Role', NAME), 'rules'), [
        { apiGroups: [''], resources: ['secrets'], resourceNames: [`${NAME}-tls`], verbs: ['get', 'patch'] },
      ]);
      assert.deepEqual(at(found.get('ClusterRole', NAME), 'rules'), [
        {
          apiGroups: ['admissionregistration.k8s.io'],
          resources: ['mutatingwebhookconfigurations'],
          resourceNames: [NAME],
          verbs: ['get', 'patch'],
        },
      ]);
      // Under GitOps a key or certificate that is rendered would be another one each time.
      assert.deepEqual(Object.keys(found.get('Secret', `${NAME}-tls`)).sort(), ['apiVersion', 'kind', 'metadata', 'type']);
      assert.ok(argsOf(found).includes(`--secret=${NAME}-tls`) && argsOf(found).includes('--namespace=shop'));
      assert.equal(at(found.pod(NAME), 'spec', 'automountServiceAccountToken'), true);
      assert.equal(at(found.get('ServiceAccount', NAME), 'automountServiceAccountToken'), false);
      for (const hook of listAt(found.get('MutatingWebhookConfiguration', NAME), 'webhooks'))
        assert.equal(at(hook, 'clientConfig', 'caBundle'), undefined);
    },
  },
  {
    name: 'which pods the API server asks about: a namespace that is labelled, or a pod; never one that says no',
    values: { injection: webhook },
    holds: (found) => {
      const [namespaces, pods] = listAt(found.get('MutatingWebhookConfiguration', NAME), 'webhooks');
      const of = (hook: unknown, selector: string) =>
        listAt(hook, selector, 'matchExpressions').map((one) => [at(one, 'key'), at(one, 'operator'), at(one, 'values')]);
      const excluded = ['kubernetes.io/metadata.name', 'NotIn', ['kube-system', 'kube-node-lease', 'kube-public']];
      assert.deepEqual(of(namespaces, 'namespaceSelector'), [['plumbline.dev/inject', 'In', ['enabled']], excluded]);
      assert.deepEqual(of(namespaces, 'objectSelector'), [['plumbline.dev/inject', 'NotIn', ['disabled']]]);
      assert.deepEqual(of(pods, 'namespaceSelector'), [['plumbline.dev/inject', 'NotIn', ['enabled']], excluded]);
      assert.deepEqual(of(pods, 'objectSelector'), [['plumbline.dev/inject', 'In', ['enabled']]]);
      for (const hook of [namespaces, pods]) {
        assert.equal(at(hook, 'failurePolicy'), 'Ignore');
        assert.equal(at(hook, 'sideEffects'), 'None');
        assert.deepEqual(at(hook, 'clientConfig', 'service'), { name: NAME, namespace: 'shop', path: '/inject', port: 443 });
        assert.deepEqual(at(hook, 'rules'), [
          { apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['pods'], scope: 'Namespaced' },
        ]);
      }
    },
  },
  {
    name: 'narrower still, by selectors of your own; and pods do not start without',
    values: {
      injection: {
        ...webhook,
        excludeNamespaces: [],
        webhook: {
          failurePolicy: 'Fail',
          onRefused: 'deny',
          timeoutSeconds: 2,
          reinvocationPolicy: 'Never',
          namespaceSelector: { matchLabels: { env: 'prod' } },
          objectSelector: { matchExpressions: [{ key: 'batch', operator: 'DoesNotExist' }] },
        },
      },
    },
    holds: (found) => {
      const hook = listAt(found.get('MutatingWebhookConfiguration', NAME), 'webhooks')[0];
      assert.deepEqual(at(hook, 'namespaceSelector'), {
        matchLabels: { env: 'prod' },
        matchExpressions: [{ key: 'plumbline.dev/inject', operator: 'In', values: ['enabled'] }],
      });
      assert.deepEqual(
        listAt(hook, 'objectSelector', 'matchExpressions').map((one) => at(one, 'key')),
        ['plumbline.dev/inject', 'batch'],
      );
      assert.equal(at(hook, 'failurePolicy'), 'Fail');
      assert.equal(at(hook, 'timeoutSeconds'), 2);
      assert.equal(settingsOf(found).onRefused, 'deny');
      assert.equal(at(hook, 'reinvocationPolicy'), 'Never');
      // A webhook that waits for itself would never start.
      assert.equal(at(found.pod(NAME), 'metadata', 'labels', 'plumbline.dev/inject'), 'disabled');
    },
  },
  {
    name: 'certificates by cert-manager, of an authority of the release: no rights, no token',
    values: { injection: { ...webhook, webhook: { certificates: { from: 'cert-manager' } } } },
    apis: ['cert-manager.io/v1'],
    holds: (found) => {
      assert.deepEqual(found.names('Certificate'), [`${NAME}-ca`, `${NAME}-cert`]);
      // That of `self-signed` is Helm's: one that cert-manager has left there would keep the release from going back.
      assert.equal(at(found.get('Certificate', `${NAME}-cert`), 'spec', 'secretName'), `${NAME}-cert`);
      assert.deepEqual(found.names('Issuer'), [`${NAME}-ca`, `${NAME}-root`]);
      const certificate = found.get('Certificate', `${NAME}-cert`);
      assert.ok(listAt(certificate, 'spec', 'dnsNames').includes(`${NAME}.shop.svc`));
      assert.deepEqual(at(certificate, 'spec', 'issuerRef'), { kind: 'Issuer', name: `${NAME}-ca` });
      const configuration = found.get('MutatingWebhookConfiguration', NAME);
      assert.equal(configuration.metadata.annotations?.['cert-manager.io/inject-ca-from'], `shop/${NAME}-cert`);
      for (const kind of ['Role', 'ClusterRole', 'Secret']) assert.deepEqual(found.names(kind), []);
      assert.equal(at(found.pod(NAME), 'spec', 'automountServiceAccountToken'), false);
      assert.ok(argsOf(found).includes('--cert-dir=/etc/plumbline-tls'));
      assert.equal(at(found.pod(NAME), 'spec', 'volumes', 1, 'secret', 'secretName'), `${NAME}-cert`);
    },
  },
  {
    name: 'certificates of an issuer that is there',
    values: {
      injection: {
        ...webhook,
        webhook: { certificates: { from: 'cert-manager', issuerRef: { name: 'corporate', kind: 'ClusterIssuer' } } },
      },
    },
    holds: (found) => {
      assert.deepEqual(found.names('Issuer'), []);
      assert.deepEqual(at(found.get('Certificate', `${NAME}-cert`), 'spec', 'issuerRef'), { kind: 'ClusterIssuer', name: 'corporate' });
    },
  },
  {
    name: 'a certificate that you bring',
    values: { injection: { ...webhook, webhook: { certificates: { from: 'secret', secretName: 'mine', caBundle: 'TUlJ' } } } },
    holds: (found) => {
      for (const kind of kinds) assert.deepEqual(found.names(kind), [], kind);
      assert.equal(at(found.pod(NAME), 'spec', 'volumes', 1, 'secret', 'secretName'), 'mine');
      assert.equal(at(listAt(found.get('MutatingWebhookConfiguration', NAME), 'webhooks'), 1, 'clientConfig', 'caBundle'), 'TUlJ');
    },
  },
  {
    name: 'the settings of injected pods are those that the injector reads',
    values: {
      image: { tag: '9.9.9', pullPolicy: 'Always' },
      injection: {
        ...webhook,
        settings: {
          contract: 'openapi/v2.yaml',
          enforce: 'request',
          owner: 'shop',
          resources: { limits: { cpu: '500m', memory: '512Mi' } },
        },
      },
    },
    holds: (found) => {
      const settings = settingsOf(found).inject;
      assert.equal(settings.image, 'ghcr.io/plumbline/plumbline:9.9.9');
      assert.equal(settings.imagePullPolicy, 'Always');
      assert.equal(settings.enforce, 'request');
      assert.deepEqual(settings.contract, { configMap: 'openapi', key: 'v2.yaml' });
      assert.deepEqual(settings.resources, { requests: { cpu: '50m', memory: '128Mi' }, limits: { cpu: '500m', memory: '512Mi' } });
    },
  },
  {
    name: 'without settings they are the defaults of the command line',
    values: { injection: webhook },
    holds: (found) => assert.deepEqual(settingsOf(found), { inject: DEFAULT_SETTINGS, onRefused: 'allow' }),
  },
  {
    name: 'before 1.29 injected sidecars are plain containers',
    kube: '1.28.9',
    values: { injection: webhook },
    holds: (found) => assert.equal(settingsOf(found).inject.form, 'legacy'),
  },
  {
    name: 'a cluster with a vendor suffix in its version has native sidecars',
    kube: 'v1.29.0-gke.1381000',
    values: { injection: webhook },
    holds: (found) => assert.equal(settingsOf(found).inject.form, 'native'),
  },
  {
    name: 'one injector alone: no budget; its tests, metrics and policy of the network',
    values: { injection: { ...webhook, webhook: { replicas: 1 } }, networkPolicy: { enabled: true } },
    holds: (found) => {
      assert.deepEqual(found.names('PodDisruptionBudget'), []);
      assert.deepEqual(
        listAt(found.get('NetworkPolicy', NAME), 'spec', 'ingress').map((rule) => at(rule, 'ports', 0, 'port')),
        ['webhook', 'plumbline'],
      );
      assert.ok(listAt(found.get('Pod', 'demo-plumbline-test-injector'), 'spec', 'containers', 0, 'args').includes(`${NAME}-probes`));
    },
  },
  {
    name: 'gateway and injector in one release: their pods, services and budgets are apart',
    values: {
      contracts: { billing: { fromConfigMap: { name: 'billing' } } },
      standalone: { enabled: true, upstream: 'http://billing.shop.svc' },
      injection: webhook,
      networkPolicy: { enabled: true },
    },
    holds: (found) => {
      const components = found.all('Deployment').map((one) => at(one, 'spec', 'selector', 'matchLabels', 'app.kubernetes.io/component'));
      assert.deepEqual(components.sort(), ['gateway', 'injector']);
      assert.equal(found.names('PodDisruptionBudget').length, 2);
      assert.equal(found.names('Pod').length, 2);
    },
  },
  {
    name: 'injection by policy: no server of ours',
    kube: '1.36.0',
    apis: ['admissionregistration.k8s.io/v1/MutatingAdmissionPolicy'],
    values: { injection: { kind: 'policy' } },
    holds: (found) => {
      assert.deepEqual(found.names('Deployment'), []);
      assert.deepEqual(found.names('MutatingWebhookConfiguration'), []);
      assert.equal(found.all('MutatingAdmissionPolicy').length, 1);
      assert.equal(found.all('MutatingAdmissionPolicyBinding').length, 2);
    },
  },
];
