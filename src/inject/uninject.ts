import { isMapping } from '../core/schema/object.ts';
import { CONFIG_VOLUME, CONTAINER, EVICTABLE_VOLUMES, INJECTED, STATE_VOLUME } from './names.ts';
import type { Path } from './edit.ts';
import { Plan } from './plan.ts';
import { type Container, type PodLike, type PodView, type Port, viewPod } from './pod.ts';
import { referencesTo } from './port-references.ts';
import { type InjectionRecord, type Parent, readRecord } from './record.ts';
import { type Refused, type Unchanged, type Uninjected, refused } from './result.ts';
import { volumeUsers } from './volume-users.ts';

/**
 * Takes back what `injectPod` did, and that alone: the pod is then what it was before, but for what people have changed in it meanwhile. Pure; never
 * throws. Refused, and nothing is changed, where that cannot be told apart or would leave something that names what is gone.
 */
export function uninjectPod(pod: PodLike): Uninjected | Unchanged | Refused {
  // What else may be wrong with a pod that nothing was put into is not for us to say.
  if (!isSaid(pod)) return { is: 'unchanged', why: 'not_injected' };
  const view = viewPod(pod);
  if ('is' in view) return view;
  const written = view.annotations[INJECTED];
  const record = readRecord(written);
  if (typeof record === 'string') return refused('cannot_undo', `${INJECTED} ${record}`);
  const owner = portOwner(view, record);
  const found = obstacle(view, record, owner);
  if (found !== undefined) return refused('cannot_undo', found);
  const plan = new Plan();
  // Ports first: taking a container out moves those behind it.
  if (owner !== undefined) giveBackPort(plan, record, owner);
  const sidecar = view.containers.find(({ name }) => name === CONTAINER);
  if (sidecar !== undefined)
    drop(plan, record, sidecar.kind === 'init' ? 'initContainers' : 'containers', listOf(view, sidecar), [sidecar.path]);
  const volumes = view.volumes.filter(({ name }) => OURS.includes(name));
  drop(
    plan,
    record,
    'volumes',
    view.volumes.length,
    volumes.map(({ path }) => path),
  );
  unannotate(plan, record, view);
  const { app, traffic, renamed } = record;
  const warnings = sidecar === undefined ? [`there was no container ${CONTAINER} any more`] : [];
  return { is: 'uninjected', edits: plan.edits, takeover: { app, traffic, renamed }, warnings };
}

function isSaid({ metadata }: PodLike): boolean {
  return isMapping(metadata) && isMapping(metadata.annotations) && metadata.annotations[INJECTED] !== undefined;
}

const OURS: readonly string[] = [CONFIG_VOLUME, STATE_VOLUME];

/** The container whose port was taken over: by its name, or, where somebody has renamed it, by the port that it was given. */
function portOwner({ containers }: PodView, record: InjectionRecord): Container | undefined {
  const others = containers.filter(({ name }) => name !== CONTAINER);
  return (
    others.find(({ name }) => name === record.app.container) ?? others.find((container) => trafficPort(container, record) !== undefined)
  );
}

function trafficPort({ ports }: Container, { traffic }: InjectionRecord): Port | undefined {
  return ports.find(({ name, number }) => name === traffic.name && number === traffic.number);
}

function appPort({ ports }: Container, { app }: InjectionRecord): Port | undefined {
  return ports.find(({ name }) => name === app.name);
}

/** Why it cannot be undone, for people. */
function obstacle(view: PodView, record: InjectionRecord, owner: Container | undefined): string | undefined {
  const { app, traffic, renamed } = record;
  if (view.containers.filter(({ name }) => name === CONTAINER).length > 1) return `there are two containers called ${CONTAINER}`;
  const user = volumeUsers(view, OURS)[0];
  if (user !== undefined) return `the container ${user.container} mounts ${user.volume}, which would be gone`;
  if (!renamed) return undefined;
  if (owner === undefined) return `the container ${app.container} is gone, whose port ${app.name} was called ${traffic.name}`;
  if (appPort(owner, record) === undefined) return `the port ${app.name} of ${owner.name} is gone, which was called ${traffic.name}`;
  const ours = trafficPort(owner, record);
  const twin = view.containers.find((container) =>
    container.ports.some((port) => port.name === traffic.name && port !== ours && (port.protocol === 'TCP' || container === owner)),
  );
  if (twin !== undefined) return `another port of ${twin.name} is called ${traffic.name} by now, which is the name to be given back`;
  return undefined;
}

function giveBackPort(plan: Plan, record: InjectionRecord, owner: Container): void {
  const { app, traffic, renamed } = record;
  const own = renamed ? appPort(owner, record) : undefined;
  if (own !== undefined && app.name !== undefined) {
    plan.replace([...own.path, 'name'], traffic.name);
    for (const path of referencesTo(app.name, owner)) plan.replace(path, traffic.name);
  }
  const ours = trafficPort(owner, record);
  if (ours !== undefined) drop(plan, record, 'ports', owner.ports.length, [ours.path]);
}

function listOf({ containers }: PodView, { kind }: Container): number {
  return containers.filter((other) => other.kind === kind).length;
}

/** Takes items out of a list, and the list itself where it was made for them and nobody has put anything else into it. */
function drop(plan: Plan, record: InjectionRecord, parent: Parent | 'containers', length: number, items: readonly Path[]): void {
  const first = items[0];
  if (first === undefined) return;
  if (items.length === length && undone(plan, record, parent, first.slice(0, -1))) return;
  // From behind, so that each is still where it was found.
  for (const path of items.toReversed()) plan.remove(path);
}

/** Whether the parent went as it had come. */
function undone(plan: Plan, { made, empty }: InjectionRecord, parent: Parent | 'containers', path: Path): boolean {
  if (made.some((each) => each === parent)) plan.remove(path);
  else if (empty.some((each) => each === parent)) plan.replace(path, null);
  else return false;
  return true;
}

function unannotate(plan: Plan, record: InjectionRecord, { metadata = {}, annotations }: PodView): void {
  const volumes = record.evictable ? annotations[EVICTABLE_VOLUMES] : undefined;
  const before = typeof volumes === 'string' ? withoutOurs(volumes) : volumes;
  const gone = [INJECTED, ...(volumes !== undefined && before === undefined ? [EVICTABLE_VOLUMES] : [])];
  const at = ['metadata', 'annotations'];
  if (gone.length === Object.keys(annotations).length) {
    const isLast = Object.keys(metadata).length === 1;
    if (isLast && undone(plan, record, 'metadata', ['metadata'])) return;
    if (undone(plan, record, 'annotations', at)) return;
  }
  for (const name of gone) plan.remove([...at, name]);
  if (before !== undefined && before !== volumes) plan.replace([...at, EVICTABLE_VOLUMES], before);
}

/** Undefined: nothing but ours was in it. */
function withoutOurs(volumes: string): string | undefined {
  if (volumes === STATE_VOLUME) return undefined;
  return volumes
    .split(',')
    .filter((name) => name !== STATE_VOLUME)
    .join(',');
}
