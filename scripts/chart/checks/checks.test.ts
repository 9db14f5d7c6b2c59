import { expect, test } from 'vitest';
import { unknownFields } from './as-types.ts';
import { configurations } from './configurations.ts';
import { documents } from './documents.ts';
import { duplicates } from './duplicates.ts';
import type { Manifest } from './manifest.ts';
import { invalid } from './models.ts';
import { naming } from './names.ts';

const labels = { 'app.kubernetes.io/name': 'a' };
const deployment = (spec: object, more: object = {}): Manifest => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'a' },
  spec: {
    selector: { matchLabels: labels },
    template: { metadata: { labels }, spec: { containers: [{ name: 'app', image: 'a' }], ...spec } },
    ...more,
  },
});

test('documents: empty ones are left out, a key that stands twice and what is no manifest are faults', () => {
  expect(documents('---\n# nothing\n---\napiVersion: v1\nkind: Service\nmetadata: { name: a }\n')).toMatchObject({
    manifests: [{ kind: 'Service' }],
    faults: [],
  });
  expect(documents('apiVersion: v1\nkind: Service\nmetadata: { name: a }\nkind: Pod\n').faults).toHaveLength(1);
  expect(documents('a: 1\n').faults[0]).toContain('no manifest');
});

test('models: what an API refuses, and kinds that nobody knows', async () => {
  expect(await invalid(deployment({}))).toEqual([]);
  expect((await invalid(deployment({ containers: [{ image: 'a' }] }))).join()).toContain('name');
  expect((await invalid(deployment({}, { replicas: 'two' }))).join()).toContain('replicas');
  expect(await invalid({ ...deployment({}), kind: 'Deploiment' })).toEqual(['kubernetes-models/apps/v1 knows no Deploiment']);
  expect(await invalid({ ...deployment({}), apiVersion: 'example.com' })).toEqual(['apiVersion example.com: no models of it']);
  const monitor = { apiVersion: 'monitoring.coreos.com/v1', kind: 'PodMonitor', metadata: { name: 'a' } };
  expect((await invalid({ ...monitor, spec: {} })).join()).toContain('selector');
});

test('types: a field that the API does not know is named, with the manifest', { timeout: 60_000 }, () => {
  const service: Manifest = {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 's' },
    spec: { ports: [{ port: 80, targetport: 'http' }] },
  };
  const said = unknownFields([deployment({}), service]);
  expect(said).toHaveLength(1);
  expect(said[0]).toMatch(/^Service s: .*targetport/);
});

test('duplicates: what server-side apply would merge or refuse', () => {
  expect(duplicates(deployment({}))).toEqual([]);
  const twice = (container: object) => duplicates(deployment({ containers: [{ name: 'app', ...container }] }));
  expect(
    twice({
      env: [
        { name: 'A', value: '1' },
        { name: 'A', value: '2' },
      ],
    }),
  ).toEqual(['app.env has A twice']);
  expect(
    twice({
      volumeMounts: [
        { name: 'a', mountPath: '/x' },
        { name: 'b', mountPath: '/x' },
      ],
    }),
  ).toEqual(['app.volumeMounts has /x twice']);
  expect(twice({ ports: [{ containerPort: 1 }, { containerPort: 1, protocol: 'TCP' }] })).toEqual(['app.ports has 1/TCP twice']);
  expect(twice({ ports: [{ containerPort: 1 }, { containerPort: 1, protocol: 'UDP' }] })).toEqual([]);
  expect(duplicates(deployment({ initContainers: [{ name: 'app' }] }))).toEqual(['containers has app twice']);
  expect(duplicates(deployment({ volumes: [{ name: 'a' }, { name: 'a' }] }))).toEqual(['volumes has a twice']);
});

test('names: length, labels, and selectors that an upgrade would break', () => {
  expect(naming(deployment({}))).toEqual([]);
  expect(naming({ ...deployment({}), metadata: { name: 'a'.repeat(64) } })).toEqual(['the name has 64 characters']);
  expect(naming({ ...deployment({}), metadata: { name: 'A' } })).toEqual(['A is no name']);
  expect(naming({ ...deployment({}), metadata: { name: 'a', labels: { team: 'the shop' } } })).toEqual(['label team is "the shop"']);
  expect(naming(deployment({}, { selector: { matchLabels: { ...labels, 'helm.sh/chart': 'plumbline-1' } } })).join()).toContain(
    'helm.sh/chart, which changes',
  );
  expect(naming(deployment({}, { selector: { matchLabels: { 'app.kubernetes.io/name': 'b' } } })).join()).toContain('is not on the pods');
  expect(naming(deployment({}, { selector: {} }))).toEqual(['a selector is empty']);
});

test('configurations: what Plumbline has against them, wherever they are', () => {
  const map = (data: object): Manifest => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' }, data });
  const fine = `listeners: { a: {} }\nroutes: [{ name: a, listener: a, upstream: "\${URL}" }]\n`;
  expect(configurations(map({ 'plumbline.yaml': fine }))).toEqual([]);
  expect(configurations(map({ 'plumbline.yaml': fine.replace('listener: a', 'listener: b') })).join()).toContain('/routes/0/listener');
  expect(configurations(map({ 'injector.yaml': 'enforce: never' })).join()).toContain('settings: enforce');
  const env = [{ name: 'PLUMBLINE_CONFIG_YAML', value: 'listeners: {}' }];
  expect(configurations(deployment({ containers: [{ name: 'app', env }] })).length).toBeGreaterThan(0);
});
