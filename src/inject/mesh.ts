import type { PodView } from './pod.ts';
import { type Refused, refused } from './result.ts';
import type { InjectSettings } from './settings.ts';

/** Proxies of meshes have ports that nobody means. */
export const MESH: ReadonlySet<string> = new Set(['istio-proxy', 'linkerd-proxy']);

/** Ports that Istio and Linkerd do not lead to their proxy, separated by commas. */
const LEFT_ALONE = ['traffic.sidecar.istio.io/excludeInboundPorts', 'config.linkerd.io/skip-inbound-ports'];

/**
 * A mesh's proxy that is an ordinary container starts after all init containers, a native sidecar of ours among them, while the redirection to it is in
 * force before: nobody would answer the kubelet's question whether Plumbline has started, and the pod would never start. It does where the port is left alone.
 */
export function behindUs({ containers, annotations }: PodView, form: InjectSettings['form'], probes: number): Refused | undefined {
  const proxy = containers.find(({ kind, name }) => kind === 'container' && MESH.has(name));
  if (proxy === undefined || form === 'legacy') return undefined;
  const isLeftAlone = LEFT_ALONE.some((name) => {
    const ports = annotations[name];
    return typeof ports === 'string' && ports.split(',').some((port) => port.trim() === String(probes));
  });
  if (isLeftAlone) return undefined;
  const annotation = LEFT_ALONE[proxy.name === 'istio-proxy' ? 0 : 1] as string;
  return refused(
    'mesh',
    `${proxy.name} is no native sidecar: it starts after Plumbline and keeps the kubelet from asking it; make it one, or annotate ${annotation}: "${probes}"`,
  );
}
