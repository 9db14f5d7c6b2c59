import { parseAllDocuments } from 'yaml';
import type { Pod } from './pod-spec.ts';

/** What is understood, by its place; `*` is any name or index. What is not must not pass as played. */
const HANDLER = ['httpGet.path', 'httpGet.port', 'httpGet.scheme', 'httpGet.host', 'tcpSocket.port', 'exec.command.*', 'sleep.seconds'];
const PROBE = [...HANDLER, 'initialDelaySeconds', 'periodSeconds', 'timeoutSeconds', 'successThreshold', 'failureThreshold'];
const SECURITY = [
  ...['runAsNonRoot', 'runAsUser', 'runAsGroup', 'readOnlyRootFilesystem', 'allowPrivilegeEscalation'],
  ...['capabilities.drop.*', 'seccompProfile.type'],
];
const FILES = ['optional', 'defaultMode', 'items.*.key', 'items.*.path'];
const ENV = [
  ...['name', 'value', 'valueFrom.fieldRef.fieldPath', 'valueFrom.fieldRef.apiVersion'],
  ...['resource', 'divisor', 'containerName'].map((key) => `valueFrom.resourceFieldRef.${key}`),
  ...['configMapKeyRef', 'secretKeyRef'].flatMap((ref) => ['name', 'key', 'optional'].map((key) => `valueFrom.${ref}.${key}`)),
];
const within = (place: string, keys: readonly string[]): string[] => keys.map((key) => `${place}.${key}`);
const CONTAINER = [
  ...['name', 'image', 'imagePullPolicy', 'restartPolicy', 'command.*', 'args.*', 'terminationMessagePolicy'],
  ...within('env.*', ENV),
  ...within('ports.*', ['name', 'containerPort', 'protocol']),
  ...within('volumeMounts.*', ['name', 'mountPath', 'readOnly']),
  ...['limits', 'requests'].flatMap((kind) => within(`resources.${kind}`, ['cpu', 'memory'])),
  ...within('securityContext', SECURITY),
  ...['startupProbe', 'readinessProbe', 'livenessProbe'].flatMap((probe) => within(probe, PROBE)),
  ...within('lifecycle.preStop', HANDLER),
];
const KNOWN = [
  ...['apiVersion', 'kind', 'metadata.name', 'metadata.namespace', 'metadata.labels.*', 'metadata.annotations.*'],
  ...within('spec', ['restartPolicy', 'terminationGracePeriodSeconds', 'serviceAccountName', 'automountServiceAccountToken']),
  ...within('spec.securityContext', [...SECURITY, 'fsGroup']),
  ...['initContainers', 'containers'].flatMap((kind) => within(`spec.${kind}.*`, CONTAINER)),
  ...within('spec.volumes.*', ['name', 'emptyDir.sizeLimit', ...within('configMap', ['name', ...FILES])]),
  ...within('spec.volumes.*.secret', ['secretName', ...FILES]),
].map((place) => place.split('.'));

/** @throws where the value has anything that is not played here, with its place. */
export function readPod(value: unknown): Pod {
  const strange = leaves(value, []).filter((place) => !KNOWN.some((known) => fits(known, place)));
  if (strange.length > 0) throw new Error(`not played here: ${strange.map((place) => place.join('.')).join(', ')}`);
  const pod = value as Pod;
  if (pod.metadata?.name === undefined || !Array.isArray(pod.spec?.containers)) throw new Error('no Pod: a name and containers are needed');
  return pod;
}

/** The Pods that the workloads of a YAML stream would have, by the workload's name: of a Pod itself, of Deployments, StatefulSets and Jobs. */
export function podsOf(yaml: string): ReadonlyMap<string, Pod> {
  const pods = new Map<string, Pod>();
  for (const document of parseAllDocuments(yaml)) {
    const one = document.toJS() as {
      kind?: string;
      metadata?: Pod['metadata'];
      spec?: { template?: Omit<Pod, 'metadata'> & Partial<Pod> };
    };
    const name = one?.metadata?.name;
    if (name === undefined) continue;
    if (one.kind === 'Pod') pods.set(name, readPod(one));
    else if (one.spec?.template?.spec?.containers !== undefined) {
      const { metadata, spec } = one.spec.template;
      pods.set(name, readPod({ metadata: { name, ...one.metadata, ...metadata }, spec }));
    }
  }
  return pods;
}

/** An empty mapping or list is a leaf: `emptyDir: {}` says something. */
function leaves(value: unknown, place: readonly string[]): string[][] {
  if (typeof value !== 'object' || value === null || Object.keys(value).length === 0) return value === undefined ? [] : [[...place]];
  return Object.entries(value).flatMap(([key, one]) => leaves(one, [...place, key]));
}

/** What is known may go on where the value ends: there it is empty. */
function fits(known: readonly string[], place: readonly string[]): boolean {
  return place.length <= known.length && place.every((key, i) => known[i] === '*' || known[i] === key);
}

/** The ConfigMaps of a YAML stream: their keys, by name. */
export function configMapsOf(yaml: string): ReadonlyMap<string, Readonly<Record<string, string>>> {
  const maps = new Map<string, Readonly<Record<string, string>>>();
  for (const document of parseAllDocuments(yaml)) {
    const one = document.toJS() as { kind?: string; metadata?: { name?: string }; data?: Readonly<Record<string, string>> } | null;
    if (one?.kind === 'ConfigMap' && one.metadata?.name !== undefined) maps.set(one.metadata.name, one.data ?? {});
  }
  return maps;
}
