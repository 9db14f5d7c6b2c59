import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { somePod } from '../../test/kit/pods.ts';
import { applyEdits } from './edit.ts';
import { injectPod } from './inject.ts';
import { DEPLOYMENT, type Loose, injected, podOf, settings } from './testing/inject.ts';
import { uninjectPod } from './uninject.ts';

const RECORD = 'plumbline.dev/injected';
const forms = fc.constantFrom(settings(), settings({ contract: 'c', form: 'legacy' }));

/** @throws where there is nothing to undo, or it is refused. */
function uninjected(pod: Loose): Loose {
  const result = uninjectPod(pod);
  if (result.is !== 'uninjected') throw new Error(JSON.stringify(result));
  return applyEdits(pod, result.edits);
}

/** As people change a pod: what they say is there afterwards, whatever was there before. */
const CHANGES: Readonly<Record<string, (pod: Loose) => void>> = {
  label: (pod) => {
    pod.metadata = { ...pod.metadata, labels: { ...pod.metadata?.labels, tier: 'web' } };
  },
  annotation: (pod) => {
    pod.metadata = { ...pod.metadata, annotations: { note: 'seen', ...pod.metadata?.annotations } };
  },
  'first container': (pod) => pod.spec.containers.unshift({ name: 'first', image: 'f' }),
  'last container': (pod) => pod.spec.containers.push({ name: 'last', image: 'l', ports: [{ containerPort: 1234 }] }),
  'init container': (pod) => {
    pod.spec.initContainers = [{ name: 'before', image: 'b' }, ...(pod.spec.initContainers ?? [])];
  },
  volume: (pod) => {
    pod.spec.volumes = [{ name: 'more', emptyDir: {} }, ...(pod.spec.volumes ?? [])];
  },
  port: (pod) => {
    pod.spec.containers[0].ports = [{ name: 'debug', containerPort: 9229 }, ...(pod.spec.containers[0].ports ?? [])];
  },
  image: (pod) => {
    pod.spec.containers[0].image = 'example/app:2';
  },
  period: (pod) => {
    pod.spec.terminationGracePeriodSeconds = 77;
  },
};

describe('of any pod', () => {
  test('what was injected is taken out without a trace: values, order of keys and of items', () => {
    let count = 0;
    fc.assert(
      fc.property(somePod, forms, (pod, how) => {
        const result = injectPod(pod, DEPLOYMENT, how);
        if (result.is !== 'injected') return;
        const after = applyEdits(pod, result.edits);
        expect(JSON.stringify(uninjected(after))).toBe(JSON.stringify(pod));
        expect(uninjectPod(after as Loose)).toMatchObject({ takeover: result.takeover, warnings: [] });
        count += 1;
      }),
      { numRuns: 1200 },
    );
    expect(count).toBeGreaterThan(80);
  });

  test('what people changed in between stays, and nothing else', () => {
    let count = 0;
    const changes = fc.uniqueArray(fc.constantFrom(...Object.keys(CHANGES)), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(somePod, forms, changes, (pod, how, names) => {
        const result = injectPod(pod, DEPLOYMENT, how);
        if (result.is !== 'injected') return;
        const change = (value: unknown): Loose => {
          const changed = structuredClone(value) as Loose;
          for (const name of names) CHANGES[name]?.(changed);
          return changed;
        };
        expect(uninjected(change(applyEdits(pod, result.edits)))).toEqual(change(pod));
        count += 1;
      }),
      { numRuns: 1200 },
    );
    expect(count).toBeGreaterThan(80);
  });

  test('what is wrong with a pod that is not injected is not said', () => {
    for (const pod of [{}, { spec: 7 }, { metadata: { annotations: [] }, spec: { containers: {} } }]) {
      expect(uninjectPod(pod)).toEqual({ is: 'unchanged', why: 'not_injected' });
    }
    expect(uninjectPod({ metadata: { annotations: { [RECORD]: '{}' } }, spec: 7 })).toMatchObject({ is: 'refused', code: 'malformed_pod' });
  });

  test('what is not injected is left alone', () => {
    fc.assert(
      fc.property(somePod, (pod) => {
        expect(uninjectPod(pod)).toEqual({ is: 'unchanged', why: 'not_injected' });
      }),
    );
  });
});

describe('after people had their hands in it', () => {
  const fresh = (): Loose => structuredClone(injected(podOf({ readinessProbe: { httpGet: { path: '/', port: 'http' } } })).pod);
  const original = podOf({ readinessProbe: { httpGet: { path: '/', port: 'http' } } });

  test('a sidecar that is gone already is said, and the rest goes', () => {
    const pod = fresh();
    delete pod.spec.initContainers;
    delete pod.spec.volumes;
    pod.spec.containers[0].ports.pop();
    const result = uninjectPod(pod);
    expect(result).toMatchObject({ is: 'uninjected', warnings: ['there was no container plumbline any more'] });
    expect(uninjected(pod)).toEqual(original);
  });

  test('the container is found under another name, by the port that it was given', () => {
    const pod = fresh();
    pod.spec.containers[0].name = 'renamed';
    expect(uninjected(pod)).toEqual(podOf({ ...original.spec.containers[0], name: 'renamed' }));
  });

  test('a probe that names the new name of the port follows it back', () => {
    const pod = fresh();
    pod.spec.containers[0].livenessProbe = { tcpSocket: { port: 'http-app' } };
    expect(uninjected(pod).spec.containers[0].livenessProbe).toEqual({ tcpSocket: { port: 'http' } });
  });

  test('volumes that the cluster autoscaler was told of meanwhile stay', () => {
    const key = 'cluster-autoscaler.kubernetes.io/safe-to-evict-local-volumes';
    const pod = fresh();
    pod.metadata.annotations[key] = 'plumbline-state,cache';
    expect(uninjected(pod).metadata.annotations).toEqual({ [key]: 'cache' });
  });

  const cannot: ReadonlyArray<readonly [string, (pod: Loose) => void, string | RegExp]> = [
    ['the record is no JSON', (pod) => (pod.metadata.annotations[RECORD] = '{'), `${RECORD} is no record of an injection`],
    ['the record is no text', (pod) => (pod.metadata.annotations[RECORD] = {}), `${RECORD} is no record of an injection`],
    ['half a record', (pod) => (pod.metadata.annotations[RECORD] = '{"v":1}'), `${RECORD} is no record of an injection`],
    [
      'another form of it',
      (pod) => (pod.metadata.annotations[RECORD] = '{"v":2}'),
      `${RECORD} was written by another version of Plumbline, which has to undo it`,
    ],
    ['the app is gone', (pod) => (pod.spec.containers = [{ name: 'x' }]), 'the container web is gone, whose port http-app was called http'],
    ['its port is gone', (pod) => pod.spec.containers[0].ports.shift(), 'the port http-app of web is gone, which was called http'],
    [
      'the name is taken',
      (pod) => pod.spec.containers.push({ name: 'x', ports: [{ name: 'http', containerPort: 1 }] }),
      'another port of x is called http by now, which is the name to be given back',
    ],
    [
      'a volume is used',
      (pod) => (pod.spec.containers[0].volumeMounts = [{ name: 'plumbline-state', mountPath: '/s' }]),
      'the container web mounts plumbline-state, which would be gone',
    ],
    ['there are two', (pod) => pod.spec.containers.push({ name: 'plumbline' }), 'there are two containers called plumbline'],
  ];
  test.each(cannot)('it is refused where %s', (_, change, reason) => {
    const pod = fresh();
    change(pod);
    expect(uninjectPod(pod)).toEqual({ is: 'refused', code: 'cannot_undo', reason });
  });

  test('records of every kind are read or refused', () => {
    const good = JSON.parse(fresh().metadata.annotations[RECORD]) as Record<string, unknown>;
    fc.assert(
      fc.property(fc.constantFrom(...Object.keys(good)), fc.jsonValue({ maxDepth: 2 }), (key, value) => {
        const pod = fresh();
        pod.metadata.annotations[RECORD] = JSON.stringify({ ...good, [key]: value });
        const result = uninjectPod(pod);
        if (result.is === 'uninjected') applyEdits(pod, result.edits);
        else expect(result.is).toBe('refused');
      }),
    );
  });
});
