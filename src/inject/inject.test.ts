import fc from 'fast-check';
import { Pod } from 'kubernetes-models/v1/Pod';
import { describe, expect, test } from 'vitest';
import { somePod } from '../../test/kit/pods.ts';
import { type Path, applyEdits } from './edit.ts';
import { injectPod } from './inject.ts';
import { DEPLOYMENT, type Loose, annotated, injected, podOf, refusal, settings } from './testing/inject.ts';
import { faultsOf } from './testing/pod-rules.ts';
import { uninjectPod } from './uninject.ts';

describe('an injection', () => {
  test('leads the name of the port to the sidecar, and gives the app another', () => {
    const { pod, takeover, warnings } = injected(podOf());
    expect(pod.spec.containers[0].ports).toEqual([
      { name: 'http-app', containerPort: 8080 },
      { name: 'http', containerPort: 7080, protocol: 'TCP' },
    ]);
    expect(takeover).toEqual({
      app: { container: 'web', number: 8080, name: 'http-app' },
      traffic: { name: 'http', number: 7080 },
      renamed: true,
    });
    expect(warnings).toEqual([]);
  });

  test('puts the native sidecar behind the init containers that are there', () => {
    const { pod, sidecar } = injected(podOf({}, { spec: { initContainers: [{ name: 'proxy', image: 'p', restartPolicy: 'Always' }] } }));
    expect(pod.spec.initContainers.map(({ name }: Loose) => name)).toEqual(['proxy', 'plumbline']);
    expect(pod.spec.containers).toHaveLength(1);
    expect(sidecar.restartPolicy).toBe('Always');
  });

  test('puts the legacy one behind the containers, which end at the same time', () => {
    const { pod, sidecar, warnings } = injected(podOf(), settings({ contract: 'c', form: 'legacy' }));
    expect(pod.spec.containers.map(({ name }: Loose) => name)).toEqual(['web', 'plumbline']);
    expect(pod.spec.initContainers).toBeUndefined();
    expect(sidecar).not.toHaveProperty('restartPolicy');
    expect(sidecar.env[0].value).toContain('drain: { delay: 5s, grace: 23s }');
    expect(warnings).toEqual(['web is told to end when Plumbline is: with a preStop hook that waits 8 s it answers what still comes']);
    const hooked = podOf({ lifecycle: { preStop: { exec: { command: ['sleep', '5'] } } } });
    expect(injected(hooked, settings({ contract: 'c', form: 'legacy' })).warnings).toEqual([]);
  });

  test('has probes and hooks of that container follow the name; numbers and other containers stay', () => {
    const named = { httpGet: { path: '/healthz', port: 'http' } };
    const numeric = { tcpSocket: { port: 8080 } };
    const web = {
      startupProbe: { tcpSocket: { port: 'http' } },
      readinessProbe: named,
      livenessProbe: numeric,
      lifecycle: { postStart: named, preStop: { tcpSocket: { port: 'http' } } },
    };
    const worker = { name: 'worker', image: 'w', readinessProbe: { httpGet: { port: 'http' } } };
    const pod = podOf(web);
    pod.spec.containers.push(worker);
    const [after, other] = injected(pod).pod.spec.containers;
    expect(after).toMatchObject({
      startupProbe: { tcpSocket: { port: 'http-app' } },
      readinessProbe: { httpGet: { path: '/healthz', port: 'http-app' } },
      livenessProbe: numeric,
      lifecycle: { postStart: { httpGet: { port: 'http-app' } }, preStop: { tcpSocket: { port: 'http-app' } } },
    });
    expect(other).toEqual(worker);
  });

  test('of an injected pod changes nothing', () => {
    const { pod } = injected(podOf());
    expect(injectPod(pod, DEPLOYMENT, settings())).toEqual({ is: 'unchanged', why: 'injected' });
  });

  test('is not done where the label says so', () => {
    const labelled = (value: unknown): Loose => podOf({}, { metadata: { labels: { 'plumbline.dev/inject': value } } });
    expect(injectPod(labelled('disabled'), DEPLOYMENT, settings())).toEqual({ is: 'unchanged', why: 'disabled' });
    expect(injectPod(labelled('enabled'), DEPLOYMENT, settings()).is).toBe('injected');
    expect(refusal(labelled(true)).reason).toBe('the label plumbline.dev/inject is true; it may be enabled or disabled');
  });

  test('names the volume to the cluster autoscaler, beside what is named already', () => {
    const key = 'cluster-autoscaler.kubernetes.io/safe-to-evict-local-volumes';
    const of = (value?: unknown): unknown => injected(annotated(value === undefined ? {} : { [key]: value })).pod.metadata.annotations[key];
    expect([of(), of('data'), of('data,plumbline-state'), of(null)]).toEqual([
      'plumbline-state',
      'data,plumbline-state',
      'data,plumbline-state',
      null,
    ]);
  });

  test('warns of what it cannot lead to the sidecar', () => {
    const hostPort = podOf(
      { ports: [{ name: 'http', containerPort: 8080, hostPort: 80 }] },
      { spec: { securityContext: { appArmorProfile: {} } } },
    );
    expect(injected(hostPort).warnings).toEqual([
      'hostPort 80 of web leads to the app itself, past Plumbline',
      'spec.securityContext.appArmorProfile holds for Plumbline too: it must let it listen, connect and read its files',
    ]);
    const even = { limits: { cpu: 1, memory: '1Gi' }, requests: { cpu: '1000m' } };
    expect(injected(podOf({ resources: even })).warnings).toEqual([
      'the pod is no longer of the QoS class Guaranteed: plumbline.dev/cpu-request and its like can say limits that are the requests',
    ]);
    const same = { requests: { cpu: '100m', memory: '200Mi' }, limits: { cpu: '0.1', memory: '200Mi' } };
    expect(injected(podOf({ resources: even }), settings({ contract: 'c', resources: same })).warnings).toEqual([]);
    expect(injected(podOf({ resources: { limits: { cpu: 1 } } })).warnings).toEqual([]);
    const short = podOf({}, { spec: { terminationGracePeriodSeconds: 10 } });
    expect(injected(short, settings({ config: 'own' })).warnings).toEqual([
      'the pod ends within 10 s: the ConfigMap own should say drain: { delay: 0s, grace: 8s }',
    ]);
  });
});

/** Terms of a required node affinity, each of expressions like `key In value`. */
function onNodes(...terms: readonly string[][]): object {
  const nodeSelectorTerms = terms.map((expressions) => ({
    matchExpressions: expressions.map((text) => {
      const [key, operator, ...values] = text.split(' ');
      return { key, operator, ...(values.length > 0 && { values }) };
    }),
  }));
  return { affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms } } } };
}

describe('a pod is refused', () => {
  const volumes = [{ name: 'plumbline-state', emptyDir: {} }];
  const sidecar = { name: 'plumbline', image: 'x' };
  const JOB = { kind: 'Job', name: 'nightly', namespace: undefined, isJob: true };
  const legacy = settings({ contract: 'c', form: 'legacy' });

  test.each([
    ['host_network', podOf({}, { spec: { hostNetwork: true } }), /^spec\.hostNetwork: its ports are those of the node/],
    ['windows', podOf({}, { spec: { os: { name: 'windows' } } }), /^it runs on Windows/],
    ['windows', podOf({}, { spec: { nodeSelector: { 'kubernetes.io/os': 'windows' } } }), /^it runs on Windows/],
    ['windows', podOf({}, { spec: { nodeSelector: { 'beta.kubernetes.io/os': 'windows' } } }), /^it runs on Windows/],
    ['windows', podOf({}, { spec: { nodeSelector: { 'node.kubernetes.io/windows-build': '10.0.20348' } } }), /^it runs on Windows/],
    ['windows', podOf({ securityContext: { windowsOptions: { hostProcess: true } } }), /^it runs on Windows/],
    ['windows', podOf({}, { spec: onNodes(['kubernetes.io/os In windows']) }), /^it runs on Windows/],
    ['windows', podOf({}, { spec: onNodes(['beta.kubernetes.io/os NotIn linux']) }), /^it runs on Windows/],
    [
      'windows',
      podOf({}, { spec: onNodes(['zone In a', 'kubernetes.io/os In windows'], ['node.kubernetes.io/windows-build Exists']) }),
      /^it runs on Windows/,
    ],
    ['name_taken', podOf({ volumeMounts: [{ name: 'plumbline-state', mountPath: '/s' }] }), /^the container web mounts plumbline-state/],
    ['windows', podOf({}, { spec: { securityContext: { windowsOptions: { runAsUserName: 'ContainerUser' } } } }), /^it runs on Windows/],
    ['pod_resources', podOf({}, { spec: { resources: { limits: { cpu: '1' } } } }), /^spec\.resources is a limit for the whole pod/],
    ['name_taken', podOf({}, { spec: { volumes } }), /^spec\.volumes\[0\] is called plumbline-state/],
    ['name_taken', podOf({}, { spec: { initContainers: [sidecar] } }), /^there is a container called plumbline, and no injection/],
    ['half_injected', annotated({ 'plumbline.dev/injected': '{"v":1}' }), /but there is no container plumbline: uninject it first$/],
    ['malformed_pod', podOf({}, { spec: { terminationGracePeriodSeconds: '30' } }), /^spec\.terminationGracePeriodSeconds is "30"/],
    ['malformed_pod', {}, /^spec is nothing, not a mapping$/],
    ['malformed_pod', { spec: { containers: [] } }, /^spec\.containers is empty$/],
    ['malformed_pod', { spec: { containers: {} } }, /^spec\.containers is a mapping, not a list$/],
    ['malformed_pod', { spec: { containers: [{ name: 7 }] } }, /^spec\.containers\[0\]\.name is 7, not a name that Kubernetes takes$/],
    ['malformed_pod', podOf({ ports: ['http'] }), /^spec\.containers\[0\]\.ports\[0\] is "http", not a mapping$/],
    [
      'malformed_pod',
      podOf({ ports: [{ containerPort: '80' }] }),
      /^spec\.containers\[0\]\.ports\[0\]\.containerPort is "80", not a port number$/,
    ],
    ['malformed_pod', podOf({ ports: [{ containerPort: 70_000 }] }), /is 70000, not a port number$/],
    ['malformed_pod', podOf({}, { metadata: { annotations: [] } }), /^metadata\.annotations is a list, not a mapping$/],
    ['malformed_pod', podOf({}, { spec: { volumes: Array(1001).fill({ name: 'x' }) } }), /^spec\.volumes has more than 1000 items$/],
  ])('%s: %j', (code, pod, reason) => {
    expect(refusal(pod)).toEqual({ is: 'refused', code, reason: expect.stringMatching(reason) });
  });

  test.each([
    ['linux by affinity', onNodes(['kubernetes.io/os In linux'])],
    ['either', onNodes(['kubernetes.io/os In windows linux'])],
    ['either, by two terms', onNodes(['kubernetes.io/os In windows'], ['kubernetes.io/os In linux'])],
    ['not on Windows', onNodes(['kubernetes.io/os NotIn windows'])],
    ['no term at all', { affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [] } } } }],
    ['rather on Windows', { affinity: { nodeAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 1 }] } } }],
    ['tolerates Windows', { tolerations: [{ key: 'os', value: 'windows' }] }],
  ])('but not where it may run on Linux: %s', (_, spec) => {
    expect(injected(podOf({}, { spec })).takeover.renamed).toBe(true);
  });

  test('where the sidecar would keep a Job from ending', () => {
    expect(refusal(podOf(), legacy, JOB).code).toBe('legacy_job');
    expect(injected(podOf(), settings(), JOB).sidecar.restartPolicy).toBe('Always');
  });

  test.each(['Never', 'OnFailure'])('where it would keep any other pod from ending: restartPolicy %s', (restartPolicy) => {
    const ends = podOf({}, { spec: { restartPolicy } });
    expect(refusal(ends, legacy)).toMatchObject({
      code: 'legacy_job',
      reason: expect.stringContaining(`spec.restartPolicy is ${restartPolicy}`),
    });
    expect(injected(ends).sidecar.restartPolicy).toBe('Always');
    expect(injected(podOf({}, { spec: { restartPolicy: 'Always' } }), legacy).sidecar).not.toHaveProperty('restartPolicy');
  });

  describe('where the proxy of a mesh would start after it, and nobody could ask it until then', () => {
    const beside = (proxy: string, annotations: object = {}, kind: 'containers' | 'initContainers' = 'containers'): Loose => {
      const pod = podOf({}, { metadata: { annotations } });
      pod.spec[kind] = [...(pod.spec[kind] ?? []), { name: proxy, image: 'p' }];
      return pod;
    };
    const ISTIO = 'traffic.sidecar.istio.io/excludeInboundPorts';
    const LINKERD = 'config.linkerd.io/skip-inbound-ports';

    test.each([
      ['istio-proxy', ISTIO],
      ['linkerd-proxy', LINKERD],
    ])('%s', (proxy, annotation) => {
      expect(refusal(beside(proxy))).toMatchObject({ code: 'mesh', reason: expect.stringContaining(`annotate ${annotation}: "7091"`) });
      expect(refusal(beside(proxy, { [annotation]: '17091,70,91' })).code).toBe('mesh');
      expect(injected(beside(proxy, { [annotation]: '9102, 7091' })).takeover.renamed).toBe(true);
      expect(injected(beside(proxy, {}, 'initContainers')).takeover.renamed).toBe(true);
      expect(injected(beside(proxy), legacy).takeover.renamed).toBe(true);
    });
  });

  test('where nobody says what the API is called', () => {
    const nameless = { ...DEPLOYMENT, name: '' };
    expect(refusal(podOf(), settings(), nameless)).toEqual({
      is: 'refused',
      code: 'no_name',
      reason: 'the workload has no name: annotate plumbline.dev/api: <name>',
    });
    expect(refusal(podOf(), settings(), { ...DEPLOYMENT, name: 'x'.repeat(64) }).reason).toMatch(/^"x+…" cannot name an API: annotate/);
    expect(injected(annotated({ 'plumbline.dev/api': 'billing' }), settings(), nameless).sidecar.env[0].value).toContain('"billing"');
  });
});

describe('of any pod', () => {
  const forms = fc.constantFrom(settings(), settings({ contract: 'c', form: 'legacy', enforce: 'both' }));

  test('what comes out is a pod that the API server takes, but for what was wrong in it before', () => {
    let count = 0;
    fc.assert(
      fc.property(somePod, forms, (pod, how) => {
        const result = injectPod(pod, DEPLOYMENT, how);
        if (result.is !== 'injected') return;
        const after = applyEdits(pod, result.edits) as Loose;
        const before = faultsOf(pod);
        expect(faultsOf(after).filter((fault) => !before.includes(fault))).toEqual([]);
        new Pod({ apiVersion: 'v1', kind: 'Pod', ...after }).validate();
        expect(injectPod(after, DEPLOYMENT, how)).toEqual({ is: 'unchanged', why: 'injected' });
        count += 1;
      }),
      { numRuns: 700 }, // not one in five is injected: 128 of them, give or take 30
    );
    expect(count).toBeGreaterThan(60);
  });

  test('nothing is thrown, whatever stands in one of its places, and a refusal is one short line', () => {
    const anything = fc.constantFrom(null, 0, -1, 1.5, true, '', 'http', 'x\ny', 'x'.repeat(10_000), [], {}, [null], [[]], [{}], {
      a: { port: {} },
    });
    const seen = new Set<string>();
    fc.assert(
      fc.property(somePod, fc.nat(), anything, (pod, at, value) => {
        const places = placesIn(pod);
        const broken = applyEdits(pod, [{ op: 'replace', path: places[at % places.length] as Path, value }]) as Loose;
        const result = injectPod(broken, DEPLOYMENT, settings());
        seen.add(result.is === 'refused' ? result.code : result.is);
        if (result.is === 'refused') expect(result.reason).toMatch(/^[^\n]{1,500}$/);
        else if (result.is === 'injected') applyEdits(broken, result.edits);
        uninjectPod(broken);
      }),
      { numRuns: 500 },
    );
    expect([...seen]).toEqual(expect.arrayContaining(['injected', 'malformed_pod', 'no_port']));
  });
});

function placesIn(value: unknown, path: Path = []): Path[] {
  if (typeof value !== 'object' || value === null) return [path];
  const below = Array.isArray(value) ? [...value.entries()] : Object.entries(value);
  return [...(path.length === 0 ? [] : [path]), ...below.flatMap(([key, item]) => placesIn(item, [...path, key]))];
}
