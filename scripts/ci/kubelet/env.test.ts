import { expect, test } from 'vitest';
import { type EnvFacts, environmentOf, expand } from './env.ts';
import type { Container, Pod } from './pod-spec.ts';

const container = (env: Container['env']): Container => ({
  name: 'a',
  image: 'i',
  ...(env !== undefined && { env }),
  resources: { limits: { memory: '256Mi', cpu: '1500m' } },
});
const pod: Pod = { metadata: { name: 'p', namespace: 'shop', labels: { app: 'orders' } }, spec: { containers: [] } };
const facts: EnvFacts = {
  pod,
  podIp: '10.0.0.7',
  nodeIp: '10.0.0.1',
  keysOf: (kind, name) => (kind === 'secret' && name === 's' ? { token: 'abc' } : undefined),
};

test('values, over those of the image; later ones may name earlier ones', () => {
  const env = [
    { name: 'A', value: 'a' },
    { name: 'B', value: '$(A)-$(PATH)-$(C)' },
    { name: 'C', value: '$$(A) $$ $' },
    { name: 'PATH', value: '/bin' },
    { name: 'EMPTY' },
  ];
  expect(environmentOf(container(env), { PATH: '/usr/local/bin', HOME: '/' }, facts)).toEqual({
    HOME: '/',
    PATH: '/bin',
    A: 'a',
    B: 'a-$(PATH)-$(C)',
    C: '$(A) $ $',
    EMPTY: '',
  });
  expect(expand('$(A)', {})).toBe('$(A)');
});

test('fields of the pod, resources, keys of Secrets', () => {
  const env: Container['env'] = [
    ...[
      'metadata.name',
      'metadata.namespace',
      "metadata.labels['app']",
      "metadata.annotations['none']",
      'status.podIP',
      'status.hostIP',
    ].map((fieldPath, i) => ({ name: `F${i}`, valueFrom: { fieldRef: { fieldPath } } })),
    { name: 'M', valueFrom: { resourceFieldRef: { resource: 'limits.memory', divisor: '1Mi' } } },
    { name: 'C', valueFrom: { resourceFieldRef: { resource: 'limits.cpu' } } },
    { name: 'S', valueFrom: { secretKeyRef: { name: 's', key: 'token' } } },
    { name: 'N', valueFrom: { secretKeyRef: { name: 's', key: 'none', optional: true } } },
  ];
  expect(Object.values(environmentOf(container(env), {}, facts))).toEqual([
    'p',
    'shop',
    'orders',
    '',
    '10.0.0.7',
    '10.0.0.1',
    '256',
    '2',
    'abc',
  ]);
});

test.each([
  ['a field that is not played', { fieldRef: { fieldPath: 'spec.hostname' } }, 'fieldRef spec.hostname'],
  ['a key that is not there', { configMapKeyRef: { name: 'c', key: 'k' } }, 'configMap c has no key k'],
  ['a resource that is not said', { resourceFieldRef: { resource: 'requests.cpu' } }, 'no requests.cpu'],
  ['nothing', {}, 'valueFrom has nothing'],
])('%s is refused', (_, valueFrom, message) => {
  expect(() => environmentOf(container([{ name: 'A', valueFrom }]), {}, facts)).toThrow(message);
});
