import { CONFIG_VOLUME, STATE_VOLUME } from './names.ts';
import { type PodView, place } from './pod.ts';
import { type Refused, refused } from './result.ts';
import { volumeUsers } from './volume-users.ts';
import { isOnWindows } from './windows.ts';

/** Pods that no sidecar of ours can stand in. */
export function unfit(view: PodView): Refused | undefined {
  const { spec, volumes } = view;
  if (isSet(spec.hostNetwork)) {
    return refused(
      'host_network',
      'spec.hostNetwork: its ports are those of the node, and another pod there may have the ones that Plumbline needs',
    );
  }
  if (isOnWindows(view)) return refused('windows', 'it runs on Windows, and the image of Plumbline on Linux alone');
  if (isSet(spec.resources)) {
    return refused('pod_resources', 'spec.resources is a limit for the whole pod, in which no room for a sidecar was planned');
  }
  const taken = volumes.find(({ name }) => name === CONFIG_VOLUME || name === STATE_VOLUME);
  if (taken !== undefined)
    return refused('name_taken', `${place(taken.path)} is called ${taken.name}, which is the name of Plumbline's own`);
  const [user] = volumeUsers(view, [CONFIG_VOLUME, STATE_VOLUME]);
  if (user !== undefined)
    return refused('name_taken', `the container ${user.container} mounts ${user.volume}, which is the name of Plumbline's own volume`);
  return undefined;
}

function isSet(value: unknown): boolean {
  return value !== undefined && value !== null && value !== false;
}
