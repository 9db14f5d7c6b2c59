import { at, containersOf, isRecord, listAt } from './manifest.ts';

const VOLUMES = ['name', 'configMap', 'csi', 'downwardAPI', 'emptyDir', 'ephemeral', 'persistentVolumeClaim', 'projected', 'secret'];
const SECCOMP = ['RuntimeDefault', 'Localhost'];
const SYSCTLS =
  /^(kernel\.shm_rmid_forced|net\.ipv4\.(ip_local_port_range|ip_unprivileged_port_start|tcp_syncookies|ping_group_range|ip_local_reserved_ports|tcp_keepalive_time|tcp_fin_timeout|tcp_keepalive_intvl|tcp_keepalive_probes))$/;

/**
 * What the Pod Security Standard "restricted" has against a pod, with all of "baseline": the controls of the page "Pod Security Standards" of
 * Kubernetes' documentation, for Linux. Empty: it may run in a namespace with `pod-security.kubernetes.io/enforce: restricted`.
 */
export function restricted(pod: unknown): string[] {
  const problems: string[] = [];
  for (const key of ['hostNetwork', 'hostPID', 'hostIPC']) if (at(pod, 'spec', key) === true) problems.push(`spec.${key} is true`);
  for (const volume of listAt(pod, 'spec', 'volumes')) {
    const other = isRecord(volume) ? Object.keys(volume).find((key) => !VOLUMES.includes(key)) : undefined;
    if (other !== undefined) problems.push(`volume ${String(at(volume, 'name'))} is of type ${other}`);
  }
  for (const sysctl of listAt(pod, 'spec', 'securityContext', 'sysctls')) {
    if (!SYSCTLS.test(String(at(sysctl, 'name')))) problems.push(`sysctl ${String(at(sysctl, 'name'))}`);
  }
  if (at(pod, 'spec', 'securityContext', 'runAsUser') === 0) problems.push('spec.securityContext.runAsUser is 0');
  if (containersOf(pod).length === 0) problems.push('there is no container');
  for (const container of containersOf(pod)) {
    problems.push(
      ...containerProblems(container, at(pod, 'spec', 'securityContext')).map(
        (text) => `container ${String(at(container, 'name'))}: ${text}`,
      ),
    );
  }
  return problems;
}

function containerProblems(container: unknown, ofPod: unknown): string[] {
  const own = at(container, 'securityContext');
  const problems: string[] = [];
  const inherited = (...path: string[]): unknown => at(own, ...path) ?? at(ofPod, ...path);
  if (at(own, 'privileged') === true) problems.push('privileged');
  if (at(own, 'allowPrivilegeEscalation') !== false) problems.push('allowPrivilegeEscalation is not false');
  if (inherited('runAsNonRoot') !== true) problems.push('runAsNonRoot is not true');
  if (inherited('runAsUser') === 0) problems.push('runAsUser is 0');
  if (!SECCOMP.includes(String(inherited('seccompProfile', 'type'))))
    problems.push('seccompProfile is neither RuntimeDefault nor Localhost');
  if (!listAt(own, 'capabilities', 'drop').includes('ALL')) problems.push('capabilities are not dropped (ALL)');
  const added = listAt(own, 'capabilities', 'add').filter((name) => name !== 'NET_BIND_SERVICE');
  if (added.length > 0) problems.push(`capabilities are added: ${added.join(', ')}`);
  if (![undefined, 'Default'].includes(at(own, 'procMount') as string | undefined)) problems.push('procMount is not Default');
  if (listAt(container, 'ports').some((port) => ![undefined, 0].includes(at(port, 'hostPort') as number | undefined)))
    problems.push('hostPort');
  return problems;
}
