import { describe, expect, it } from 'vitest';
import { workloadOf } from './workload.ts';

const owner = (kind: string, name: string, controller: unknown = true) => ({ apiVersion: 'x/v1', kind, name, uid: 'u', controller });
const pod = (metadata: object, spec: object = {}) => ({ metadata, spec });

describe('a pod is that of', () => {
  it.each<[string, object, object]>([
    [
      'the Deployment that made its ReplicaSet',
      pod({ generateName: 'web-7d9f6c-', labels: { 'pod-template-hash': '7d9f6c' }, ownerReferences: [owner('ReplicaSet', 'web-7d9f6c')] }),
      { kind: 'Deployment', name: 'web', isJob: false },
    ],
    [
      'an Argo Rollout',
      pod({ labels: { 'rollouts-pod-template-hash': 'abc' }, ownerReferences: [owner('ReplicaSet', 'web-abc')] }),
      { kind: 'Rollout', name: 'web' },
    ],
    ['a ReplicaSet of nobody', pod({ ownerReferences: [owner('ReplicaSet', 'web')] }), { kind: 'ReplicaSet', name: 'web' }],
    [
      'a ReplicaSet whose name does not end in the hash',
      pod({ labels: { 'pod-template-hash': 'x' }, ownerReferences: [owner('ReplicaSet', 'web-y')] }),
      { kind: 'ReplicaSet', name: 'web-y' },
    ],
    [
      'a ReplicaSet that is called as its hash',
      pod({ labels: { 'pod-template-hash': 'x' }, ownerReferences: [owner('ReplicaSet', '-x')] }),
      { kind: 'ReplicaSet', name: '-x' },
    ],
    [
      'a StatefulSet',
      pod({ name: 'db-0', ownerReferences: [owner('StatefulSet', 'db')] }),
      { kind: 'StatefulSet', name: 'db', isJob: false },
    ],
    ['a Job', pod({ ownerReferences: [owner('Job', 'report')] }), { kind: 'Job', name: 'report', isJob: true }],
    ['a CronJob', pod({ ownerReferences: [owner('Job', 'report-29384751')] }), { kind: 'CronJob', name: 'report', isJob: true }],
    [
      'the owner that manages it',
      pod({ ownerReferences: [owner('Node', 'n', false), owner('DaemonSet', 'd')] }),
      { kind: 'DaemonSet', name: 'd' },
    ],
    [
      'something that must come to an end',
      pod({ ownerReferences: [owner('TaskRun', 't')] }, { restartPolicy: 'Never' }),
      { kind: 'TaskRun', name: 't', isJob: true },
    ],
    ['itself', pod({ name: 'shell' }, { restartPolicy: 'Never' }), { kind: 'Pod', name: 'shell', isJob: false }],
    ['itself, without a name yet', pod({ generateName: 'shell-' }), { kind: 'Pod', name: 'shell' }],
    ['nobody who is known', pod({ ownerReferences: [owner('ReplicaSet', 'r', 'true')] }), { kind: 'Pod', name: '' }],
  ])('%s', (_, given, expected) => {
    expect(workloadOf(given, '', 'ns')).toMatchObject({ namespace: 'ns', ...expected });
  });

  it('the name of the review, where it has one', () => {
    expect(workloadOf(pod({ generateName: 'a-' }), 'a-x1', '')).toEqual({ kind: 'Pod', name: 'a-x1', namespace: undefined, isJob: false });
  });
});

it('a name of a million characters costs no more than reading it', () => {
  const [dashes, beganMs] = ['-'.repeat(1_000_000), performance.now()];
  const named = (metadata: object): number => workloadOf(pod(metadata), '', 'ns').name.length;
  expect(named({ generateName: `${dashes}x` })).toBe(1_000_001);
  expect(named({ generateName: dashes })).toBe(0);
  expect(named({ ownerReferences: [owner('Job', `${dashes}12345678x`)] })).toBe(1_000_009);
  expect(named({ ownerReferences: [owner('Job', `-${'1'.repeat(1_000_000)}x`)] })).toBe(1_000_002);
  expect(performance.now() - beganMs).toBeLessThan(1000);
});

it.each([
  undefined,
  null,
  7,
  [],
  { metadata: 7 },
  pod({ ownerReferences: 'x' }),
  pod({ ownerReferences: [null, 7, { controller: true }] }),
])('of %j nothing is known, and nothing breaks', (given) => {
  expect(workloadOf(given, '', 'ns')).toEqual({ kind: 'Pod', name: '', namespace: 'ns', isJob: false });
});
