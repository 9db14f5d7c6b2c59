import assert from 'node:assert/strict';
import { at, listAt } from '../checks/manifest.ts';
import { type Case, OPENAPI } from './case.ts';

const standalone = { enabled: true, upstream: 'http://billing.shop.svc:8080' };

/** Names that Helm and Kubernetes allow, and that are more than one expects. */
export const nameCases: readonly Case[] = [
  {
    name: 'names of 53 and more characters stay below 63, and apart',
    release: 'a-release-with-a-name-as-long-as-helm-ever-allows-abc',
    values: {
      contracts: { [`billing-${'x'.repeat(55)}`]: { openapi: OPENAPI }, [`billing-${'x'.repeat(54)}`]: { openapi: OPENAPI } },
      standalone: { ...standalone, api: `billing-${'x'.repeat(54)}` },
    },
    holds: (found) => {
      assert.equal(new Set(found.names('ConfigMap')).size, 3);
      assert.equal(found.names('Deployment')[0]?.length, 40);
    },
  },
  {
    name: 'a release with a dot in its name, a namespace and names that are digits',
    release: 'my.release',
    namespace: '1234',
    values: {
      nameOverride: '123',
      contracts: { billing: { fromConfigMap: { name: '456' } } },
      standalone: { ...standalone, priorityClassName: '789', serviceAccount: { create: false, name: '1e3' } },
      injection: { kind: 'webhook', webhook: { certificates: { from: 'secret', secretName: '42', caBundle: 'TUlJ' } } },
    },
    holds: (found) => {
      const spec = at(found.pod('my-release-123'), 'spec');
      assert.equal(at(spec, 'priorityClassName'), '789');
      assert.equal(at(spec, 'serviceAccountName'), '1e3');
      assert.equal(at(spec, 'volumes', 0, 'projected', 'sources', 1, 'configMap', 'name'), '456');
      assert.equal(at(found.pod('my-release-123-injector'), 'spec', 'volumes', 1, 'secret', 'secretName'), '42');
      const webhooks = found.get('MutatingWebhookConfiguration', 'my-release-123-injector');
      assert.equal(at(listAt(webhooks, 'webhooks'), 0, 'clientConfig', 'service', 'namespace'), '1234');
      for (const { metadata } of found.manifests) assert.ok(['1234', undefined].includes(metadata.namespace), metadata.name);
    },
  },
];
