import { expect, test } from 'vitest';
import { RETIRE_COMMAND } from '../../../src/inject/image.ts';
import { ownImageAt } from './images.ts';
import { podsOf, readPod } from './readable.ts';

const pod = (spec: object): object => ({ metadata: { name: 'p' }, spec: { containers: [{ name: 'a', image: 'i' }], ...spec } });

test('a pod of known parts is taken as it is', () => {
  const full = pod({
    volumes: [{ name: 'v', emptyDir: {} }],
    initContainers: [
      { name: 's', image: 'i', restartPolicy: 'Always', startupProbe: { httpGet: { path: '/', port: 'x' }, periodSeconds: 1 } },
    ],
  });
  expect(readPod(full)).toBe(full);
});

test.each([
  ['spec.hostNetwork', { hostNetwork: true }],
  [
    'spec.containers.0.lifecycle.postStart.exec.command.0',
    { containers: [{ name: 'a', lifecycle: { postStart: { exec: { command: ['x'] } } } }] },
  ],
  ['spec.volumes.0.hostPath.path', { volumes: [{ name: 'v', hostPath: { path: '/' } }] }],
  ['spec.volumes.0.emptyDir.medium', { volumes: [{ name: 'v', emptyDir: { medium: 'Memory' } }] }],
  ['spec.containers.0.resources.limits.hugepages', { containers: [{ name: 'a', resources: { limits: { hugepages: 1 } } }] }],
])('%s must not pass as played', (place, spec) => {
  expect(() => readPod(pod(spec))).toThrow(`not played here: ${place}`);
});

test('what is no pod is refused', () => {
  for (const value of [{}, { metadata: { name: 'p' } }, { metadata: { name: 'p' }, spec: {} }])
    expect(() => readPod(value)).toThrow('no Pod');
});

test('pods are read out of YAML: of workloads, and by themselves', () => {
  const template = 'template: { metadata: { labels: { a: b } }, spec: { containers: [{ name: a, image: i }] } }';
  const yaml = `
kind: Service
metadata: { name: s }
spec: { ports: [] }
---
kind: Deployment
metadata: { name: d, namespace: shop }
spec: { ${template} }
---
---
kind: Pod
metadata: { name: p }
spec: { containers: [{ name: a, image: i }] }
`;
  const pods = podsOf(yaml);
  expect([...pods.keys()]).toEqual(['d', 'p']);
  expect(pods.get('d')?.metadata).toEqual({ name: 'd', namespace: 'shop', labels: { a: 'b' } });
});

test('the hook that `inject` writes is the entry point of the image', () => {
  const { entrypoint } = ownImageAt('/nowhere').config;
  expect(RETIRE_COMMAND).toEqual([...entrypoint, 'retire']);
});
