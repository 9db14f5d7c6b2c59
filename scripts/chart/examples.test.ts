/** The manifests that docs/kubernetes.md applies: as they are, and with the sidecar. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import manifest from '../../package.json' with { type: 'json' };
import { parseConfiguration } from '../../src/config/parse.ts';
import { applyEdits } from '../../src/inject/edit.ts';
import { DEFAULT_IMAGE } from '../../src/inject/image.ts';
import { type PodLike, injectPod } from '../../src/inject/inject.ts';
import { DEFAULT_SETTINGS } from '../../src/inject/settings.ts';
import { root } from '../lint/tree.ts';
import { type Manifest, at, listAt, podOf } from './checks/manifest.ts';
import { invalid } from './checks/models.ts';
import { restricted } from './checks/restricted.ts';
import { CONFIGURATION, EXAMPLE_MANIFESTS, exampleManifests } from './consumers.ts';

const found = exampleManifests();
const manifests = found.flatMap((one) => one.manifests);
const named = (kind: string): Manifest => manifests.find((one) => one.kind === kind) as Manifest;

/** The pod with its sidecar. */
function injected(of: Manifest): unknown {
  const pod = podOf(of) as PodLike;
  const result = injectPod(pod, { kind: of.kind, name: of.metadata.name, namespace: 'shop', isJob: of.kind === 'Job' }, DEFAULT_SETTINGS);
  expect(result).toMatchObject({ is: 'injected' });
  return result.is === 'injected' ? applyEdits(pod, result.edits) : undefined;
}

test('they are what Kubernetes takes, in the restricted Pod Security Standard, with the image of this version', async () => {
  expect(found.flatMap(({ faults }) => faults)).toEqual([]);
  expect(manifests.map(({ kind }) => kind).sort()).toEqual(['Deployment', 'Job', 'Service']);
  for (const one of manifests) expect(await invalid(one)).toEqual([]);
  for (const pod of [podOf(named('Deployment')), podOf(named('Job'))]) {
    expect(restricted(pod)).toEqual([]);
    expect(at(pod, 'spec', 'containers', 0, 'image')).toBe(DEFAULT_IMAGE);
  }
});

test('the service gets its sidecar in front of its port, and its Service leads there', () => {
  const pod = injected(named('Deployment'));
  expect(restricted(pod)).toEqual([]);
  const ports = listAt(pod, 'spec', 'containers', 0, 'ports').map((port) => [at(port, 'name'), at(port, 'containerPort')]);
  expect(ports).toEqual([
    ['http-app', 3000],
    [at(named('Service'), 'spec', 'ports', 0, 'targetPort'), 7080],
  ]);
  expect(at(pod, 'spec', 'containers', 0, 'readinessProbe', 'httpGet', 'port')).toBe('http-app');
});

test('the Job gets a sidecar that ends with it, and its configuration is one', () => {
  const pod = injected(named('Job'));
  expect(restricted(pod)).toEqual([]);
  expect(at(pod, 'spec', 'initContainers', 0, 'restartPolicy')).toBe('Always');
  const text = readFileSync(join(EXAMPLE_MANIFESTS, CONFIGURATION), 'utf8');
  const { problems, settings } = parseConfiguration({ text, file: CONFIGURATION, dir: '/etc/plumbline', env: {} });
  expect(problems.filter(({ severity }) => severity === 'error')).toEqual([]);
  expect(settings?.probes).toMatchObject({ port: 7091 });
});

test('the page and the examples name this version', () => {
  const page = readFileSync(join(root, 'docs/kubernetes.md'), 'utf8');
  const tags = [...page.matchAll(/plumbline\/plumbline:(\S+?)\b(?=[\s`])/g)].map(([, tag]) => tag);
  expect(tags.length).toBeGreaterThan(2);
  expect(new Set(tags)).toEqual(new Set([manifest.version]));
  expect(page).toContain(`name: plumbline, version: ${manifest.version}`);
});
