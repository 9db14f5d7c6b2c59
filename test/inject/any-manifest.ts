import fc from 'fast-check';
import { type Draw, Spelling } from './any-spelling.ts';

const APP = { app: 'web' };

/** Workloads and Services of one application, in one stream of YAML. */
export const anyManifests: fc.Arbitrary<string> = fc.gen().map((gen) => {
  const draw: Draw = <T>(of: readonly T[]): T => of[gen(fc.nat, of.length - 1)] as T;
  const isOdd = draw([true, true, false]);
  const documents = Array.from({ length: draw([1, 1, 2, 3]) }, () => {
    const value = draw([service, workload, workload])(draw);
    const spelling = new Spelling(draw, isOdd);
    if (draw([...Array.from({ length: 8 }, () => false), true])) return jsonOrFlow(draw, spelling, value);
    return spelling.mapping(draw([true, true, true, true, false]) ? value : listOf(draw, value), 0).join('\n');
  });
  const head = draw(['', '', '', '---\n', '# made by hand\n---\n', '%YAML 1.2\n---\n', '\n']);
  const text =
    documents.join(draw(['\n---\n', '\n--- # next\n', '\n...\n---\n', '\n\n---\n'])) +
    draw(['\n', '\n', '', '\n\n', '\n...\n', '\n# end\n']);
  return draw(['', '', '', '\ufeff']) + (draw([true, true, false]) ? head + text : (head + text).replaceAll('\n', '\r\n'));
});

function jsonOrFlow(draw: Draw, spelling: Spelling, value: object): string {
  return draw([JSON.stringify(value), JSON.stringify(value, null, 2), JSON.stringify(value, null, '\t'), spelling.flow(value, 0)]);
}

function listOf(draw: Draw, item: object): object {
  return { apiVersion: 'v1', kind: 'List', items: draw([[item], [item, service(draw)], [workload(draw), item]]) };
}

function service(draw: Draw): object {
  const name = draw(['web', 'web-internal']);
  const ports = draw([
    [{ port: 80, targetPort: 8080 }],
    [{ port: 80, targetPort: 'http', name: 'http' }],
    [
      { port: 8080, name: 'a', protocol: 'TCP' },
      { name: 'b', port: 9090, targetPort: 9090 },
    ],
    [{ port: 8080, targetPort: null }],
  ]);
  return { apiVersion: 'v1', kind: 'Service', metadata: { name, ...noted(draw, ['some/note']) }, spec: { selector: APP, ports } };
}

function workload(draw: Draw): object {
  const kind = draw(['Deployment', 'StatefulSet', 'DaemonSet', 'CronJob', 'Pod']);
  const pod = { metadata: draw([{ labels: APP, ...noted(draw, NOTES) }, { labels: APP }]), spec: podSpec(draw) };
  const metadata = { name: draw(['web', 'web-2']) };
  if (kind === 'Pod') return { apiVersion: 'v1', kind, ...pod, metadata: { ...metadata, ...pod.metadata } };
  if (kind === 'CronJob')
    return { apiVersion: 'batch/v1', kind, metadata, spec: { schedule: '0 * * * *', jobTemplate: { spec: { template: pod } } } };
  return { apiVersion: 'apps/v1', kind, metadata, spec: { selector: { matchLabels: APP }, template: pod } };
}

const VOLUMES = 'cluster-autoscaler.kubernetes.io/safe-to-evict-local-volumes';
const NOTES = ['some/note', 'plumbline.dev/owner', VOLUMES];

function noted(draw: Draw, names: readonly string[]): object {
  const name = draw(names);
  return draw([{}, {}, { annotations: null }, { annotations: {} }, { annotations: { [name]: 'cache' } }]);
}

function podSpec(draw: Draw): object {
  const named = draw(['http', 'http', 'web', 'y', 'on', 'n1']);
  const port = draw([{ name: named, containerPort: 8080 }, { containerPort: 8080 }, { name: named, containerPort: 8080, protocol: 'TCP' }]);
  const probe = { httpGet: { path: '/ready', port: draw([port.name ?? 8080, 8080]) } };
  const app = {
    name: 'app',
    image: 'registry.example/app:1',
    ports: [port],
    ...draw([{}, { env: [{ name: 'MODE', value: 'yes' }] }, { args: ['--a', 'b: c'] }, { env: null }]),
    ...draw([{}, { readinessProbe: probe }, { readinessProbe: probe, livenessProbe: probe }]),
    ...draw([{}, { lifecycle: { preStop: { tcpSocket: { port: port.name ?? 8080 } } } }]),
  };
  const other = { name: 'other', image: 'o', command: ['sh', '-c', 'sleep 1 # really'] };
  return {
    ...draw([{}, {}, { initContainers: null }, { initContainers: [] }, { initContainers: [other] }]),
    containers: draw([[app], [app, other], [other, app]]),
    ...draw([{}, {}, { volumes: null }, { volumes: [] }, { volumes: [{ name: 'cache', emptyDir: {} }] }]),
    ...draw([{}, { restartPolicy: 'OnFailure' }, { terminationGracePeriodSeconds: 40 }, { nodeSelector: {} }]),
  };
}
