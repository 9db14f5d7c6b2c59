/** What the pages show must be what the tools take, or it rots. */
import { describe, expect, test } from 'vitest';
import { isPage } from '../check-readme.ts';
import { type Manifest, at } from '../chart/checks/manifest.ts';
import { readTree } from '../lint/tree.ts';
import { type Kind, examplesIn } from './examples.ts';
import { judge } from './judge.ts';
import { type Labels, type Relabelling, relabel } from './relabel.ts';

const pages = readTree(isPage);
const { examples, faults } = examplesIn(pages);
const of = (kind: Kind) => examples.filter((example) => example.kind === kind);
const planted = async (block: string, page = 'docs/kubernetes/a.md'): Promise<readonly string[]> => {
  const found = examplesIn({ [page]: `# A\n\n- b\n\n  \`\`\`yaml\n${block.replace(/^/gm, '  ')}\n  \`\`\`\n` });
  return [...found.faults, ...(await Promise.all(found.examples.map(judge))).flat()];
};

test('every example is taken by the tool that it is for', async () => {
  expect(faults).toEqual([]);
  expect((await Promise.all(examples.map(judge))).flat()).toEqual([]);
  const kinds = new Set(of('manifest').map(({ value }) => (value as Manifest).kind));
  for (const kind of ['Application', 'HelmRelease', 'Kustomization', 'PodMonitor', 'Deployment', 'ClusterRole'])
    expect(kinds).toContain(kind);
}, 60_000);

describe('each judgement is seen to fail', () => {
  test.each([
    ['a: [', /docs\/kubernetes\/a\.md:5: /],
    ['a: 1', /a\.md:5: a block that nobody judges/],
    ['# prometheus.yml\n- 1', /no configuration/],
    ['# plumbline.yaml\nlisteners: { a: { prot: 1 } }', /prot/],
    ['# values of helm/plumbline\npodMonitor: { enable: true }', /enable/],
    ['lifecycle: { preStop: { sleep: { seconds: long } } }', /seconds/],
    ['# values.yaml\nplumbline: { sidecar: { prot: 3000 } }', /prot/],
    ['# Chart.yaml\ndependencies: [{ name: plumbline, version: 0.0.1 }]', /depends on plumbline 0\.0\.1/],
    ['# annotations of the pod template\nplumbline.dev/injekt: enabled', /there is no plumbline\.dev\/injekt/],
    ['# annotations of the pod template\na: 7091', /a is to be a text/],
    ['apiVersion: nowhere.example/v1\nkind: A\nmetadata: { name: a }', /knows no A/],
    ['apiVersion: monitoring.coreos.com/v1\nkind: PodMonitor\nmetadata: { name: a }\nspec: { selector: 1 }', /selector/],
    [
      'apiVersion: v1\nkind: Pod\nmetadata: { name: a, labels: { plumbline.dev/inject: enabled } }\nspec: { containers: [{ name: a, image: a }] }',
      /no contract is named/,
    ],
    ['apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresource: [a.yaml]', /resource is not known/],
    [
      'apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: { name: a }\nspec: { interval: 1m, values: { nothing: 1 } }',
      /nothing/,
    ],
  ])('%s', async (block, message) => {
    expect((await planted(block)).join('\n')).toMatch(message);
  });

  test('in other pages what is no manifest is not for this test', async () => {
    expect(await planted('a: 1', 'docs/a.md')).toEqual([]);
  });
});

describe('what a Prometheus of one’s own scrapes', () => {
  const [example] = of('prometheus');
  const steps = at(example?.value, 'scrape_configs', 0, 'relabel_configs') as readonly Relabelling[];
  const pod: Labels = {
    __address__: '10.0.0.7:7091',
    __meta_kubernetes_namespace: 'shop',
    __meta_kubernetes_pod_name: 'billing-5d9',
    __meta_kubernetes_pod_phase: 'Running',
    __meta_kubernetes_pod_container_port_name: 'plumbline',
    __meta_kubernetes_pod_container_init: 'true',
    job: 'plumbline',
  };

  test.each<[string, Labels, Labels | undefined]>([
    ['a native sidecar', pod, { namespace: 'shop', pod: 'billing-5d9', job: 'plumbline' }],
    ['with an app label', { ...pod, __meta_kubernetes_pod_label_app: 'a' }, { namespace: 'shop', pod: 'billing-5d9', job: 'a' }],
    [
      'with both labels',
      { ...pod, __meta_kubernetes_pod_label_app: 'a', __meta_kubernetes_pod_label_app_kubernetes_io_name: 'billing' },
      { namespace: 'shop', pod: 'billing-5d9', job: 'billing' },
    ],
    ['a port of the service', { ...pod, __meta_kubernetes_pod_container_port_name: 'http' }, undefined],
    ['a port without a name', { ...pod, __meta_kubernetes_pod_container_port_name: '' }, undefined],
    ['a Job that is over', { ...pod, __meta_kubernetes_pod_phase: 'Succeeded' }, undefined],
  ])('%s', (_, target, labels) => {
    expect(relabel(target, steps)).toEqual(labels);
  });

  test('relabelling that is not known here is not passed over', () => {
    expect(() => relabel(pod, [{ action: 'labelmap', regex: '__meta_(.+)' }])).toThrow(/labelmap is not known/);
  });
});
