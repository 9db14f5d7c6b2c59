import { type Manifest, at, containersOf, isRecord, listAt, podOf } from './manifest.ts';

/** What an entry of a list is told apart by when it is applied server-side (`x-kubernetes-list-map-keys` of the API), by the list's place. */
const CONTAINER_LISTS: Readonly<Record<string, readonly string[]>> = {
  env: ['name'],
  ports: ['containerPort', 'protocol'],
  volumeMounts: ['mountPath'],
  volumeDevices: ['devicePath'],
};
const POD_LISTS: Readonly<Record<string, readonly string[]>> = {
  volumes: ['name'],
  imagePullSecrets: ['name'],
  topologySpreadConstraints: ['topologyKey', 'whenUnsatisfiable'],
};

/** Entries that server-side apply would refuse or merge into one; and names of containers and ports, which the API server refuses twice. */
export function duplicates(manifest: Manifest): string[] {
  const pod = podOf(manifest);
  const problems: string[] = [];
  const look = (where: string, entries: readonly unknown[], keys: readonly string[]) => {
    const seen = new Set<string>();
    for (const entry of entries) {
      if (keys.some((key) => at(entry, key) === undefined && key !== 'protocol')) continue;
      const id = keys.map((key) => String(at(entry, key) ?? 'TCP')).join('/');
      if (seen.has(id)) problems.push(`${where} has ${id} twice`);
      seen.add(id);
    }
  };
  if (isRecord(pod)) {
    for (const [list, keys] of Object.entries(POD_LISTS)) look(list, listAt(pod, 'spec', list), keys);
    look('containers', containersOf(pod), ['name']);
    for (const container of containersOf(pod)) {
      for (const [list, keys] of Object.entries(CONTAINER_LISTS))
        look(`${String(at(container, 'name'))}.${list}`, listAt(container, list), keys);
      look(`${String(at(container, 'name'))}.ports`, listAt(container, 'ports'), ['name']);
    }
    // A Service or probe that names a port must find one container's.
    look(
      'ports of all containers',
      containersOf(pod).flatMap((container) => listAt(container, 'ports')),
      ['name'],
    );
  }
  if (manifest.kind === 'Service') {
    look('ports', listAt(manifest, 'spec', 'ports'), ['port', 'protocol']);
    look('ports', listAt(manifest, 'spec', 'ports'), ['name']);
  }
  if (manifest.kind === 'MutatingWebhookConfiguration') look('webhooks', listAt(manifest, 'webhooks'), ['name']);
  return problems;
}
