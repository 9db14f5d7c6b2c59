import { isMapping } from '../core/schema/object.ts';
import { CONTAINER } from './names.ts';
import type { PodView } from './pod.ts';

/** Containers other than ours that use one of these volumes: removed, the API server would refuse the pod. */
export function volumeUsers(
  { containers }: PodView,
  volumes: readonly string[],
): readonly { readonly container: string; readonly volume: string }[] {
  return containers
    .filter(({ name }) => name !== CONTAINER)
    .flatMap(({ name, value: { volumeMounts } }) =>
      (Array.isArray(volumeMounts) ? volumeMounts : []).flatMap((mount: unknown) => {
        const volume = isMapping(mount) ? mount.name : undefined;
        return typeof volume === 'string' && volumes.includes(volume) ? [{ container: name, volume }] : [];
      }),
    );
}
