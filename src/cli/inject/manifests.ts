import { isMapping } from '../../core/schema/object.ts';
import type { Path } from '../../inject/edit.ts';
import type { Mapping } from '../../inject/pod.ts';

interface Named {
  /** From the document down: `[]`, or `['items', 3]`. */
  readonly at: Path;
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly namespace: string | undefined;
  readonly value: Mapping;
}

export interface Workload extends Named {
  readonly is: 'workload';
  /** From the object down. */
  readonly podAt: Path;
  readonly isJob: boolean;
}

export interface ServiceManifest extends Named {
  readonly is: 'service';
}

/** Of a kind that is not known, with containers in it. */
export interface Stranger extends Named {
  readonly is: 'stranger';
}

export type Manifest = Workload | ServiceManifest | Stranger;

interface Kind {
  /** API groups; `''`: the core. */
  readonly groups: readonly string[];
  readonly podAt: Path;
  readonly isJob: boolean;
}

const TEMPLATE = ['spec', 'template'];
const APPS: Kind = { groups: ['apps', 'extensions'], podAt: TEMPLATE, isJob: false };

const KINDS: Readonly<Record<string, Kind | undefined>> = {
  Deployment: APPS,
  StatefulSet: APPS,
  DaemonSet: APPS,
  ReplicaSet: APPS,
  ReplicationController: { groups: [''], podAt: TEMPLATE, isJob: false },
  Job: { groups: ['batch'], podAt: TEMPLATE, isJob: true },
  CronJob: { groups: ['batch'], podAt: ['spec', 'jobTemplate', 'spec', 'template'], isJob: true },
  Pod: { groups: [''], podAt: [], isJob: false },
};

/** Kinds of a document that is looked into: those above, what holds them, and what leads to them. */
const LOOKED_INTO = new Set([...Object.keys(KINDS), 'Service']);

const KIND_LINE = /(?<![^\n])kind:[ \t]+([A-Za-z]+)[ \t\r]*(?:#[^\n]*)?(?![^\n])/;
/** Large, and without pods of their own; what looks like one in them is their data. */
const NEVER = new Set(['ConfigMap', 'Secret', 'CustomResourceDefinition']);

/**
 * Whether a document can be of interest, by a look at its text: one whose kind stands on a line of its own and has nothing to do with pods is
 * not read as YAML at all, so that whatever is in it cannot be in the way.
 */
export function isOfInterest(text: string): boolean {
  const kind = KIND_LINE.exec(text)?.[1];
  if (kind === undefined) return /\S/.test(text);
  if (LOOKED_INTO.has(kind) || kind.endsWith('List')) return true;
  return !NEVER.has(kind) && /\bcontainers\b/.test(text);
}

/** The objects of a document that are of interest, those of a list one by one, and of a list in a list. None where there are more than `most`. */
export function manifestsOf(value: unknown, most: number): { readonly found: readonly Manifest[]; readonly objects: number } {
  const found: Manifest[] = [];
  let objects = 0;
  const look = (one: unknown, at: Path): void => {
    const items = itemsOf(one);
    if (items === undefined) {
      objects += 1;
      if (isMapping(one)) found.push(...manifestOf(one, at));
    } else if (objects + items.length > most) objects += items.length;
    else for (const [i, item] of items.entries()) look(item, [...at, 'items', i]);
  };
  look(value, []);
  return { found: objects > most ? [] : found, objects };
}

function itemsOf(value: unknown): readonly unknown[] | undefined {
  if (!isMapping(value)) return undefined;
  const { kind, items } = value;
  return typeof kind === 'string' && kind.endsWith('List') && Array.isArray(items) ? items : undefined;
}

function manifestOf(value: Mapping, at: Path): Manifest[] {
  const { apiVersion, kind, metadata } = value;
  if (typeof apiVersion !== 'string' || typeof kind !== 'string') return [];
  const group = apiVersion.includes('/') ? apiVersion.slice(0, apiVersion.indexOf('/')) : '';
  const { name, generateName, namespace } = isMapping(metadata) ? metadata : ({} as Mapping);
  const named: Named = {
    at,
    apiVersion,
    kind,
    name: [name, generateName].find((one) => typeof one === 'string') ?? '',
    namespace: typeof namespace === 'string' && namespace !== '' ? namespace : undefined,
    value,
  };
  const known = Object.hasOwn(KINDS, kind) ? KINDS[kind] : undefined;
  if (known?.groups.includes(group) === true) return [{ ...named, is: 'workload', podAt: known.podAt, isJob: known.isJob }];
  if (kind === 'Service' && group === '') return [{ ...named, is: 'service' }];
  return hasContainers(value) && !NEVER.has(kind) ? [{ ...named, is: 'stranger' }] : [];
}

/** A pod template where controllers have it. */
function hasContainers({ spec }: Mapping): boolean {
  if (!isMapping(spec) || !isMapping(spec.template)) return false;
  const inside = spec.template.spec;
  return isMapping(inside) && Array.isArray(inside.containers);
}

/** What stands at a path; undefined where nothing does. */
export function below(value: unknown, path: Path): unknown {
  return path.reduce<unknown>((at, part) => (isMapping(at) && Object.hasOwn(at, String(part)) ? at[String(part)] : undefined), value);
}
