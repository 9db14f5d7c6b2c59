import { isMapping } from '../../core/schema/object.ts';
import { INJECTED } from '../../inject/names.ts';
import type { Edit } from '../../inject/edit.ts';
import { below, type ServiceManifest } from './manifests.ts';
import type { Note } from './note.ts';
import type { PodIndex, Pods } from './pods.ts';
import { type PortChange, type ServiceRecord, readServiceRecord, writeServiceRecord } from './service-record.ts';

export interface ServicePlan {
  readonly edits: readonly Edit[];
  readonly notes: readonly Pick<Note, 'level' | 'message'>[];
}

const NOTHING: ServicePlan = { edits: [], notes: [] };

interface Target {
  readonly index: number;
  readonly port: number;
  readonly protocol: string;
  /** As it is written; where that is nothing the port's own number counts. */
  readonly written: unknown;
  readonly number: number;
}

/**
 * What a Service must say so that its traffic passes the sidecars of the pods that it selects: a number that is the app's becomes the name of
 * Plumbline's port. By name, because the name leads to the right port of every pod, whichever number its sidecar has. Where some of its pods have no
 * sidecar, nothing is changed: their traffic would find nobody.
 */
export function planService(service: ServiceManifest, pods: PodIndex): ServicePlan {
  const selected = pods.select(service.namespace, below(service.value, ['spec', 'selector']));
  if (selected.every(({ takeover }) => takeover === undefined)) return NOTHING;
  if (!canRecord(service))
    return { edits: [], notes: [{ level: 'warning', message: 'stays as it is: its annotations cannot be written to' }] };
  const notes: ServicePlan['notes'][number][] = [];
  const changes: PortChange[] = [];
  const edits: Edit[] = [];
  for (const { index, port, protocol, written, number } of targetsOf(service)) {
    const taken = selected.filter(({ takeover }) => takeover?.app.number === number);
    const name = taken[0]?.takeover?.traffic.name;
    if (name === undefined) continue;
    const other = selected.find(({ takeover }) => takeover?.app.number !== number || takeover.traffic.name !== name);
    if (other !== undefined) {
      notes.push({
        level: 'warning',
        message: `port ${port}: targetPort stays ${number}, and its traffic passes by Plumbline: ${whyNot(other)}`,
      });
      continue;
    }
    edits.push({ op: written === undefined ? 'add' : 'replace', path: ['spec', 'ports', index, 'targetPort'], value: name });
    changes.push({ port, protocol, was: written as number | null | undefined, is: name });
    notes.push({ level: 'done', message: `port ${port}: targetPort ${number} is now ${name}${later(taken)}` });
  }
  if (changes.length === 0) return { edits, notes };
  return { edits: [...edits, ...recordEdits(service, changes)], notes };
}

/** What `planService` has changed, as it was. What somebody has changed since stays. */
export function unplanService(service: ServiceManifest): ServicePlan {
  const annotations = below(service.value, ['metadata', 'annotations']);
  const written = isMapping(annotations) && Object.hasOwn(annotations, INJECTED) ? annotations[INJECTED] : undefined;
  if (written === undefined) return NOTHING;
  const record = readServiceRecord(written);
  if (record === undefined) return { edits: [], notes: [{ level: 'refused', message: `${INJECTED} is no record of an injection` }] };
  const notes: ServicePlan['notes'][number][] = [];
  const edits: Edit[] = [];
  for (const { port, protocol, was, is } of record.ports) {
    const found = portsOf(service).findIndex((one) => isMapping(one) && one.port === port && protocolOf(one) === protocol);
    const at = below(service.value, ['spec', 'ports']);
    const now = found === -1 ? undefined : ((at as readonly unknown[])[found] as Readonly<Record<string, unknown>>).targetPort;
    if (now !== is) {
      notes.push({ level: 'warning', message: `port ${port}: targetPort is not ${is} any more, and stays as it is` });
      continue;
    }
    const path = ['spec', 'ports', found, 'targetPort'];
    edits.push(was === undefined ? { op: 'remove', path } : { op: 'replace', path, value: was });
    notes.push({ level: 'done', message: `port ${port}: targetPort is ${was ?? port} again` });
  }
  return { edits: [...edits, ...unrecordEdits(annotations as object, record)], notes };
}

function targetsOf(service: ServiceManifest): Target[] {
  return portsOf(service).flatMap((one, index): Target[] => {
    if (!isMapping(one) || protocolOf(one) !== 'TCP' || typeof one.port !== 'number') return [];
    const { port, targetPort: written } = one;
    // A text is a name.
    const number = written ?? port;
    return typeof number === 'number' ? [{ index, port, protocol: 'TCP', written, number }] : [];
  });
}

function portsOf(service: ServiceManifest): readonly unknown[] {
  const ports = below(service.value, ['spec', 'ports']);
  return Array.isArray(ports) ? ports : [];
}

function protocolOf({ protocol }: Readonly<Record<string, unknown>>): string {
  return typeof protocol === 'string' ? protocol : 'TCP';
}

function whyNot({ who, takeover }: Pods): string {
  return takeover === undefined
    ? `it selects ${who} too, which has no sidecar`
    : `it selects ${who} too, whose app has port ${takeover.app.number} and whose sidecar is called ${takeover.traffic.name}`;
}

/** Until the last pod without a sidecar is gone, its port must be found as well. */
function later(taken: readonly Pods[]): string {
  const fresh = taken.some(({ takeover, isNew }) => isNew && takeover?.renamed === false);
  return fresh ? '; pods that run already have no port of that name: apply the Service when the new ones are ready' : '';
}

/** Whether there is a place for the record, and no other than ours stands there. */
function canRecord({ value: { metadata } }: ServiceManifest): boolean {
  if (!isMapping(metadata)) return false;
  const { annotations = null } = metadata;
  if (annotations === null) return true;
  return isMapping(annotations) && (!Object.hasOwn(annotations, INJECTED) || readServiceRecord(annotations[INJECTED]) !== undefined);
}

function recordEdits({ value }: ServiceManifest, changes: readonly PortChange[]): Edit[] {
  const metadata = value.metadata;
  const annotations = isMapping(metadata) ? metadata.annotations : undefined;
  const at = ['metadata', 'annotations'];
  if (isMapping(annotations)) {
    const before = readServiceRecord(annotations[INJECTED]);
    const record: ServiceRecord =
      before === undefined ? { ports: changes, annotations: 'kept' } : { ...before, ports: [...before.ports, ...changes] };
    return [{ op: 'add', path: [...at, INJECTED], value: writeServiceRecord(record) }];
  }
  const isEmpty = annotations === null;
  const record = { [INJECTED]: writeServiceRecord({ ports: changes, annotations: isEmpty ? 'empty' : 'made' }) };
  return [{ op: isEmpty ? 'replace' : 'add', path: at, value: record }];
}

function unrecordEdits(annotations: object, { annotations: were }: ServiceRecord): Edit[] {
  const path = ['metadata', 'annotations'];
  const alone = Object.keys(annotations).length === 1;
  if (alone && were === 'made') return [{ op: 'remove', path }];
  if (alone && were === 'empty') return [{ op: 'replace', path, value: null }];
  return [{ op: 'remove', path: [...path, INJECTED] }];
}
