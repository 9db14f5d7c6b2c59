import { isMapping } from '../core/schema/object.ts';
import { show } from '../core/schema/show.ts';
import type { Path } from './edit.ts';
import { type Refused, refused } from './result.ts';
import { PORT_NAME } from './settings-values.ts';

/** A pod, or a pod template: `metadata` and `spec`, both as they came. Anything may be wrong in it. */
export type PodLike = Readonly<Record<string, unknown>>;

export type Mapping = Readonly<Record<string, unknown>>;

export interface Port {
  readonly path: Path;
  /** Undefined where it has none. */
  readonly name: string | undefined;
  /** 1 to 65535. */
  readonly number: number;
  readonly protocol: string;
  readonly hostPort: unknown;
}

export interface Container {
  readonly path: Path;
  readonly kind: 'container' | 'init';
  readonly name: string;
  readonly value: Mapping;
  readonly ports: readonly Port[];
}

/** What is read of a pod, once, with all that could be wrong in it looked at. */
export interface PodView {
  readonly pod: PodLike;
  readonly metadata: Mapping | undefined;
  readonly annotations: Readonly<Record<string, unknown>>;
  readonly labels: Readonly<Record<string, unknown>>;
  readonly spec: Mapping;
  /** Those of `containers` first, each in its order. */
  readonly containers: readonly Container[];
  readonly volumes: readonly Named[];
}

export interface Named {
  readonly name: string;
  readonly path: Path;
}

/** More than any honest pod: the etcd object limit is 1.5 MB, and what is quadratic in containers must stay small. */
const MAX_ITEMS = 1000;

class Malformed extends Error {}

/** What cannot be read is a refusal that names the place. */
export function viewPod(pod: PodLike): PodView | Refused {
  try {
    const metadata = optionalMapping(pod.metadata, 'metadata');
    const spec = mapping(pod.spec, 'spec');
    return {
      pod,
      metadata,
      annotations: optionalMapping(metadata?.annotations, 'metadata.annotations') ?? {},
      labels: optionalMapping(metadata?.labels, 'metadata.labels') ?? {},
      spec,
      containers: [...containers(spec.containers, 'containers'), ...containers(spec.initContainers, 'initContainers')],
      volumes: list(spec.volumes, 'spec.volumes').map((volume, i) => {
        const path = ['spec', 'volumes', i];
        return { name: nameIn(mapping(volume, place(path)).name, [...path, 'name'], DNS_LABEL), path };
      }),
    };
  } catch (error) {
    if (error instanceof Malformed) return refused('malformed_pod', error.message);
    throw error;
  }
}

function containers(value: unknown, key: 'containers' | 'initContainers'): Container[] {
  const items = list(value, `spec.${key}`);
  if (key === 'containers' && items.length === 0) throw new Malformed('spec.containers is empty');
  return items.map((item, i) => {
    const path = ['spec', key, i];
    const container = mapping(item, place(path));
    return {
      path,
      kind: key === 'containers' ? 'container' : 'init',
      name: nameIn(container.name, [...path, 'name'], DNS_LABEL),
      value: container,
      ports: list(container.ports, place([...path, 'ports'])).map((port, at) => portOf(port, [...path, 'ports', at])),
    };
  });
}

function portOf(value: unknown, path: Path): Port {
  const { name, containerPort, protocol, hostPort } = mapping(value, place(path));
  if (typeof containerPort !== 'number' || !Number.isInteger(containerPort) || containerPort < 1 || containerPort > 65_535) {
    throw new Malformed(`${place([...path, 'containerPort'])} is ${show(containerPort)}, not a port number`);
  }
  return {
    path,
    name: name === undefined || name === null ? undefined : nameIn(name, [...path, 'name'], PORT_NAME),
    number: containerPort,
    protocol: protocol === undefined || protocol === null ? 'TCP' : nameIn(protocol, [...path, 'protocol'], PROTOCOL),
    hostPort,
  };
}

/** `spec.containers[0].ports`: a place as people write it. */
export function place(path: Path): string {
  return path.map((part, i) => (typeof part === 'number' ? `[${part}]` : i === 0 ? part : `.${part}`)).join('');
}

function mapping(value: unknown, at: string): Mapping {
  if (isMapping(value)) return value;
  throw new Malformed(`${at} is ${show(value)}, not a mapping`);
}

/** A key with nothing under it counts as left out, as the API server reads it. */
function optionalMapping(value: unknown, at: string): Mapping | undefined {
  return value === undefined || value === null ? undefined : mapping(value, at);
}

function list(value: unknown, at: string): readonly unknown[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw new Malformed(`${at} is ${show(value)}, not a list`);
  if (value.length > MAX_ITEMS) throw new Malformed(`${at} has more than ${MAX_ITEMS} items`);
  return value;
}

/** RFC 1123: what containers and volumes are called. */
const DNS_LABEL = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;
const PROTOCOL = /^(?:TCP|UDP|SCTP)$/;

/** Checked, as names go into messages, and what the API server would refuse should not be injected first. */
function nameIn(value: unknown, path: Path, form: RegExp): string {
  if (typeof value === 'string' && form.test(value)) return value;
  throw new Malformed(`${place(path)} is ${show(value)}, not a ${path.at(-1) as string} that Kubernetes takes`);
}
