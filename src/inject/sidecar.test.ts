import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseConfiguration } from '../config/parse.ts';
import { type Configured, configurationText } from './configuration.ts';
import { drainWithin } from './drain.ts';
import { RETIRE_COMMAND } from './image.ts';
import { PRIVATE_PEERS, type SidecarResources } from './settings.ts';
import { type Loose, annotated, injected, podOf, settings } from './testing/inject.ts';

const read = (text: string) => parseConfiguration({ text, file: 'PLUMBLINE_CONFIG_YAML', dir: '/', env: {} });
const textOf = (pod: Loose, written: Readonly<Record<string, unknown>> = { contract: 'c' }): string =>
  injected(pod, settings(written)).sidecar.env[0].value;

describe('the configuration', () => {
  test('is one that the gateway reads without a word', () => {
    expect(textOf(podOf())).toBe(`service: { name: "billing" }
probes: {}
trust: { peers: ["127.0.0.0/8", "::1/128", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "fc00::/7"] }
state: { dir: /var/lib/plumbline }
contracts:
  "billing":
    openapi: /etc/plumbline/contracts/billing/openapi.yaml
    onError: proxy
listeners:
  ingress: { direction: ingress, port: 7080 }
routes:
  - name: "billing"
    listener: ingress
    upstream: http://127.0.0.1:8080
    contract: "billing"
`);
    const { settings: read1, problems } = read(textOf(podOf()));
    expect(problems).toEqual([]);
    expect(read1).toMatchObject({
      service: { name: 'billing' },
      admin: { host: '127.0.0.1', port: 7090 },
      probes: { host: undefined, port: 7091 },
      drain: { delayMs: 0, graceMs: 25_000 },
      trust: { peers: PRIVATE_PEERS },
      telemetry: { accessLog: 'stdout' },
      state: { dir: '/var/lib/plumbline' },
      contracts: { billing: { path: '/etc/plumbline/contracts/billing/openapi.yaml', onError: 'proxy', owner: undefined } },
      listeners: [{ name: 'ingress', direction: 'ingress', host: undefined, port: 7080 }],
      routes: [{ name: 'billing', contract: 'billing', upstream: { url: 'http://127.0.0.1:8080' }, match: { path: '/' } }],
    });
  });

  test('is closed where something is enforced: without its contract nothing could be', () => {
    const pod = annotated({ 'plumbline.dev/enforce': 'request', 'plumbline.dev/owner': 'payments & risk', 'plumbline.dev/log': 'off' });
    expect(read(textOf(pod)).settings).toMatchObject({
      telemetry: { accessLog: 'off' },
      contracts: { billing: { onError: 'exit', owner: { team: 'payments & risk' } } },
      routes: [{ policies: { contract: { request: 'enforce', response: 'report' } } }],
    });
  });

  test.each([
    ['none', 'report', 'report'],
    ['response', 'report', 'enforce'],
    ['both', 'enforce', 'enforce'],
  ])('enforce %s', (enforce, request, response) => {
    const { settings: read1 } = read(textOf(podOf(), { contract: 'c', enforce }));
    expect(read1?.routes[0]?.policies.contract).toMatchObject({ request, response });
  });

  test('says what was asked for, whatever that is, and nothing that is a variable', () => {
    const api = fc.oneof(
      fc.constantFrom('true', 'null', '1e3', '12', '1.10', 'a.b-c_d', 'no'),
      fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/),
    );
    const asked: fc.Arbitrary<Configured> = fc.record({
      api,
      contract: fc.record({ configMap: fc.constant('c'), key: fc.stringMatching(/^[A-Za-z0-9_-][A-Za-z0-9._-]{0,20}[A-Za-z0-9_-]$/) }),
      appNumber: fc.integer({ min: 1, max: 6000 }),
      numbers: fc.constantFrom({ traffic: 7080, probes: 7091, admin: 7090 }, { traffic: 7180, probes: 7291, admin: 7190 }),
      drain: fc.option(fc.record({ delay: fc.nat(5), grace: fc.nat(3600) }), { nil: undefined }),
      enforce: fc.constantFrom('none', 'request', 'response', 'both'),
      owner: fc.option(fc.stringMatching(/^[\p{L}\p{N}@#][\p{L}\p{N} ._@/#+:&()-]{0,99}$/u), { nil: undefined }),
      log: fc.constantFrom('stdout', 'off'),
      trustedPeers: fc.subarray(PRIVATE_PEERS),
    });
    fc.assert(
      fc.property(asked, (how) => {
        const text = configurationText(how);
        const { settings: told, problems } = read(text);
        expect([text.includes('$'), problems]).toEqual([false, []]);
        expect(told).toMatchObject({
          admin: { port: how.numbers.admin },
          probes: { port: how.numbers.probes },
          drain: { delayMs: (how.drain?.delay ?? 0) * 1000, graceMs: (how.drain?.grace ?? 25) * 1000 },
          trust: { peers: how.trustedPeers },
          telemetry: { accessLog: how.log },
          listeners: [{ port: how.numbers.traffic }],
          routes: [{ name: how.api, contract: how.api, upstream: { url: new URL(`http://127.0.0.1:${how.appNumber}`).origin } }],
        });
        const contract = told?.contracts[how.api];
        expect(contract?.path).toBe(`/etc/plumbline/contracts/${how.api}/${how.contract.key}`);
        expect(contract?.owner?.team).toBe(how.owner);
      }),
    );
  });
});

test.each([
  [30, 'native', undefined],
  [27, 'native', undefined],
  [26, 'native', { delay: 0, grace: 24 }],
  [0, 'native', { delay: 0, grace: 0 }],
  [30, 'legacy', { delay: 5, grace: 23 }],
  [600, 'legacy', { delay: 5, grace: 593 }],
  [10, 'legacy', { delay: 2, grace: 6 }],
  [1, 'legacy', { delay: 0, grace: 0 }],
  [1e9, 'legacy', { delay: 5, grace: 3595 }],
] as const)('a pod that ends within %i s leaves a %s sidecar %j', (period, form, drain) => {
  expect(drainWithin(period, form)).toEqual(drain);
});

describe('the container', () => {
  test('has its configuration in one variable, and runs with it', () => {
    const { sidecar, pod } = injected(podOf());
    expect(sidecar).toMatchObject({ args: ['run'], env: [{ name: 'PLUMBLINE_CONFIG_YAML' }] });
    expect(sidecar).not.toHaveProperty('command');
    expect(sidecar.volumeMounts).toEqual([
      { name: 'plumbline-config', mountPath: '/etc/plumbline/contracts/billing', readOnly: true },
      { name: 'plumbline-state', mountPath: '/var/lib/plumbline' },
    ]);
    expect(pod.spec.volumes).toEqual([
      { name: 'plumbline-config', configMap: { name: 'billing-openapi', optional: true } },
      { name: 'plumbline-state', emptyDir: { sizeLimit: '64Mi' } },
    ]);
  });

  test('has the configuration of the user’s own as the image reads it, and waits for it', () => {
    const { sidecar, pod } = injected(podOf(), settings({ config: 'own' }));
    expect([sidecar.args, sidecar.env]).toEqual([undefined, undefined]);
    expect(sidecar.volumeMounts[0]).toEqual({ name: 'plumbline-config', mountPath: '/etc/plumbline', readOnly: true });
    expect(pod.spec.volumes[0]).toEqual({ name: 'plumbline-config', configMap: { name: 'own' } });
  });

  test('waits for the contract where it is enforced, and only there', () => {
    const volume = (enforce: string): unknown => injected(podOf(), settings({ contract: 'c', enforce })).pod.spec.volumes[0].configMap;
    expect([volume('none'), volume('response')]).toEqual([{ name: 'c', optional: true }, { name: 'c' }]);
  });

  test('has the resources that were asked for', () => {
    const of = (resources: object): SidecarResources => injected(podOf(), settings({ contract: 'c', resources })).sidecar.resources;
    expect(of({})).toEqual({ requests: { cpu: '50m', memory: '128Mi' }, limits: { memory: '256Mi' } });
    expect(of({ limits: { cpu: '2' } }).limits).toEqual({ cpu: '2', memory: '256Mi' });
  });

  test('lets callers go when the pod begins to end; a legacy one is told of that by SIGTERM', () => {
    const command = (written: Readonly<Record<string, unknown>>): readonly string[] | undefined =>
      injected(podOf(), settings(written)).sidecar.lifecycle?.preStop.exec.command;
    expect(command({ contract: 'c' })).toEqual([...RETIRE_COMMAND]);
    expect(command({ config: 'own' })).toEqual([...RETIRE_COMMAND, '--config', '/etc/plumbline/plumbline.yaml']);
    expect(command({ contract: 'c', form: 'legacy' })).toBeUndefined();
  });

  test('has an image, and a policy for pulling it where one is said', () => {
    expect(injected(podOf(), settings({ contract: 'c', image: 'x/y:1', imagePullPolicy: 'Never' })).sidecar).toMatchObject({
      image: 'x/y:1',
      imagePullPolicy: 'Never',
    });
    expect(injected(podOf()).sidecar).not.toHaveProperty('imagePullPolicy');
  });

  test('is asked on its own port by number, patiently before a restart; scrapers find that port by its name', () => {
    const elsewhere = podOf({ ports: [{ name: 'http', containerPort: 7091 }] });
    const { ports, startupProbe, readinessProbe, livenessProbe } = injected(elsewhere).sidecar;
    expect(ports).toEqual([{ name: 'plumbline', containerPort: 7191, protocol: 'TCP' }]);
    expect([startupProbe, readinessProbe, livenessProbe].map(({ httpGet }) => httpGet)).toEqual([
      { path: '/startupz', port: 7191 },
      { path: '/readyz', port: 7191 },
      { path: '/healthz', port: 7191 },
    ]);
    expect(livenessProbe.periodSeconds * livenessProbe.failureThreshold).toBeGreaterThanOrEqual(60);
    expect(startupProbe.periodSeconds).toBe(1);
  });
});

/** https://kubernetes.io/docs/concepts/security/pod-security-standards/, "Restricted" and with it "Baseline": every field that it names for a container, or for what we add to a pod. */
describe('the restricted Pod Security Standard', () => {
  const privileged = podOf(
    {},
    { spec: { securityContext: { runAsUser: 0, runAsNonRoot: false, seccompProfile: { type: 'Unconfined' } } } },
  );
  const { sidecar, pod } = injected(privileged, settings({ contract: 'c' }));
  const { securityContext: own } = sidecar;

  test.each([
    [
      'host namespaces: nothing is asked of the node',
      [pod.spec.hostNetwork, pod.spec.hostPID, pod.spec.hostIPC],
      [undefined, undefined, undefined],
    ],
    ['privileged containers', own.privileged, undefined],
    ['capabilities: all are dropped, none is added', own.capabilities, { drop: ['ALL'] }],
    [
      'hostPath volumes, and volume types: configMap and emptyDir are allowed',
      pod.spec.volumes.map((v: Loose) => Object.keys(v)[1]),
      ['configMap', 'emptyDir'],
    ],
    [
      'host ports',
      sidecar.ports.concat(pod.spec.containers[0].ports).map((port: Loose) => port.hostPort),
      [undefined, undefined, undefined],
    ],
    [
      'host probes: the pod itself is asked',
      [sidecar.startupProbe, sidecar.readinessProbe, sidecar.livenessProbe].map((p: Loose) => p.httpGet.host),
      [undefined, undefined, undefined],
    ],
    ['AppArmor', own.appArmorProfile, undefined],
    ['SELinux', own.seLinuxOptions, undefined],
    ['/proc mount type', own.procMount, undefined],
    ['seccomp', own.seccompProfile, { type: 'RuntimeDefault' }],
    ['sysctls: the pod’s own stay as they are', pod.spec.securityContext, privileged.spec.securityContext],
    ['privilege escalation', own.allowPrivilegeEscalation, false],
    ['running as non-root', own.runAsNonRoot, true],
    ['running as non-root user', [own.runAsUser, own.runAsGroup], [65_532, 65_532]],
    ['Windows host process', own.windowsOptions, undefined],
    ['and beyond it: a root that is not written to', own.readOnlyRootFilesystem, true],
  ])('%s', (_, found, expected) => expect(found).toEqual(expected));

  test.each(['openshift.io/scc', 'openshift.io/required-scc'])('on OpenShift (%s) its user is for the cluster to say', (annotation) => {
    const of = (securityContext: object): Loose =>
      injected(podOf({}, { metadata: { annotations: { [annotation]: 'restricted-v2' } }, spec: { securityContext } })).sidecar
        .securityContext;
    expect(of({})).toEqual({ ...own, runAsUser: undefined, runAsGroup: undefined });
    expect(of({})).not.toHaveProperty('runAsUser');
    expect(of({ runAsUser: 0 })).toEqual(own);
  });

  test('nothing else is in the security context', () => {
    expect(Object.keys(own).sort()).toEqual([
      'allowPrivilegeEscalation',
      'capabilities',
      'readOnlyRootFilesystem',
      'runAsGroup',
      'runAsNonRoot',
      'runAsUser',
      'seccompProfile',
    ]);
  });
});
