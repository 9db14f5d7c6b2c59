import { VERSION } from './image.ts';
import { EVICTABLE_VOLUMES, INJECTED, STATE_VOLUME } from './names.ts';
import type { Plan } from './plan.ts';
import type { PodView } from './pod.ts';
import { writeRecord } from './record.ts';
import type { Takeover } from './result.ts';

/** What a pod must say of itself from now on. It comes last: the record names all parents that were made, its own too. */
export function annotate(plan: Plan, { pod, metadata, annotations }: PodView, takeover: Takeover): void {
  const volumesBefore = annotations[EVICTABLE_VOLUMES];
  const evictable = isWithoutOurs(volumesBefore);
  const isBare = metadata?.annotations === undefined || metadata.annotations === null;
  if (metadata === undefined) plan.note('metadata', pod.metadata);
  if (isBare) plan.note('annotations', metadata?.annotations);
  const added = {
    ...(volumesBefore === undefined && { [EVICTABLE_VOLUMES]: STATE_VOLUME }),
    [INJECTED]: writeRecord({ ...takeover, version: VERSION, made: plan.made, empty: plan.empty, evictable }),
  };
  if (metadata === undefined) plan.set(['metadata'], pod.metadata, { annotations: added });
  else if (isBare) plan.set(AT, metadata.annotations, added);
  else {
    if (typeof volumesBefore === 'string' && evictable) plan.replace([...AT, EVICTABLE_VOLUMES], `${volumesBefore},${STATE_VOLUME}`);
    for (const [name, value] of Object.entries(added)) plan.add([...AT, name], value);
  }
}

const AT = ['metadata', 'annotations'] as const;

/** What is no list of names is nobody's but its owner's. */
function isWithoutOurs(volumes: unknown): boolean {
  return volumes === undefined || (typeof volumes === 'string' && !volumes.split(',').includes(STATE_VOLUME));
}
