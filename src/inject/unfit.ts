import { isMapping } from '../core/schema/object.ts';
import { CONFIG_VOLUME, STATE_VOLUME } from './names.ts';
import { type Mapping, type PodView, place } from './pod.ts';
import { type Refused, refused } from './result.ts';

/** Pods that no sidecar of ours can stand in. */
export function unfit({ spec, volumes }: PodView): Refused | undefined {
  if (isSet(spec.hostNetwork)) {
    return refused(
      'host_network',
      'spec.hostNetwork: its ports are those of the node, and another pod there may have the ones that Plumbline needs',
    );
  }
  if (isOnWindows(spec)) return refused('windows', 'it runs on Windows, and the image of Plumbline on Linux alone');
  if (isSet(spec.resources)) {
    return refused('pod_resources', 'spec.resources is a limit for the whole pod, in which no room for a sidecar was planned');
  }
  const taken = volumes.find(({ name }) => name === CONFIG_VOLUME || name === STATE_VOLUME);
  if (taken !== undefined)
    return refused('name_taken', `${place(taken.path)} is called ${taken.name}, which is the name of Plumbline's own`);
  return undefined;
}

/** By what its nodes must be called, or by options that only Windows has. The label with `beta` is that of old manifests. */
function isOnWindows({ os, nodeSelector, securityContext }: Mapping): boolean {
  return (
    (isMapping(os) && os.name === 'windows') ||
    (isMapping(nodeSelector) && [nodeSelector['kubernetes.io/os'], nodeSelector['beta.kubernetes.io/os']].includes('windows')) ||
    (isMapping(securityContext) && isMapping(securityContext.windowsOptions))
  );
}

function isSet(value: unknown): boolean {
  return value !== undefined && value !== null && value !== false;
}
