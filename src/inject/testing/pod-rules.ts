import type { Loose } from './inject.ts';

/**
 * What the API server would refuse, or warn of, that the schema of a Pod does not say (k8s.io/kubernetes pkg/apis/core/validation, `ValidatePodSpec` and what it
 * calls): names of containers, volumes and mounts, ports and what refers to them.
 */
export function faultsOf({ metadata, spec }: Loose): string[] {
  const all = [...spec.containers, ...(spec.initContainers ?? [])] as Loose[];
  const volumes = ((spec.volumes ?? []) as Loose[]).map(({ name }) => name);
  return [
    ...twice(
      all.map(({ name }) => name),
      'container',
    ),
    ...twice(volumes, 'volume'),
    ...Object.entries(metadata?.annotations ?? {}).flatMap(([name, value]) => (typeof value === 'string' ? [] : [`annotation ${name}`])),
    ...all.flatMap((container) => ofContainer(container, volumes)),
    ...listening(all),
  ];
}

const IANA_SVC_NAME = /^(?=.*[a-z])(?!.*--)[a-z0-9](?:[a-z0-9-]{0,13}[a-z0-9])?$/;

function ofContainer({ name: container, ports, volumeMounts, env, lifecycle, ...rest }: Loose, volumes: readonly string[]): string[] {
  const declared = (ports ?? []) as Loose[];
  const names = declared.map(({ name }) => name).filter((name) => name !== undefined);
  const handlers = [rest.startupProbe, rest.readinessProbe, rest.livenessProbe, lifecycle?.postStart, lifecycle?.preStop];
  const referred = handlers
    .flatMap((handler) => [handler?.httpGet?.port, handler?.tcpSocket?.port])
    .filter((port) => typeof port === 'string');
  const mounts = (volumeMounts ?? []) as Loose[];
  return [
    ...twice(names, `port of ${container}`),
    ...names.filter((name) => !IANA_SVC_NAME.test(name)).map((name) => `port name ${name}`),
    ...twice(
      declared.map(({ containerPort, protocol = 'TCP' }) => `${containerPort}/${protocol}`),
      `port number of ${container}`,
    ),
    ...referred.filter((name) => !names.includes(name)).map((name) => `${container} has no port ${name}`),
    ...mounts.filter(({ name }) => !volumes.includes(name)).map(({ name }) => `no volume ${name} for ${container}`),
    ...twice(
      mounts.map(({ mountPath }) => mountPath),
      `mount of ${container}`,
    ),
    ...twice(
      ((env ?? []) as Loose[]).map(({ name }) => name),
      `variable of ${container}`,
    ),
  ];
}

/** Two containers cannot listen on one port of their pod; Services find the first of two TCP ports with one name. */
function listening(all: readonly Loose[]): string[] {
  const tcp = all.flatMap(({ ports }) => ((ports ?? []) as Loose[]).filter(({ protocol = 'TCP' }) => protocol === 'TCP'));
  return [
    ...twice(
      tcp.map(({ containerPort }) => containerPort),
      'number in the pod',
    ),
    ...twice(
      tcp.map(({ name }) => name).filter((name) => name !== undefined),
      'name in the pod',
    ),
  ];
}

function twice(values: readonly unknown[], what: string): string[] {
  return values.filter((value, i) => values.indexOf(value) !== i).map((value) => `${what} twice: ${String(value)}`);
}
