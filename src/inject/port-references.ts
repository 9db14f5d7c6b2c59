import { isMapping } from '../core/schema/object.ts';
import type { Path } from './edit.ts';
import type { Container } from './pod.ts';

export const PROBES = ['startupProbe', 'readinessProbe', 'livenessProbe'] as const;
const HOOKS = ['postStart', 'preStop'] as const;
/** Handlers that can name a port; `grpc` takes numbers only, `exec` and `sleep` none. */
const HANDLERS = ['httpGet', 'tcpSocket'] as const;

/** Where probes and hooks of a container name one of its ports: the kubelet looks such a name up among the ports of that container alone. */
export function referencesTo(name: string, { value, path }: Container): Path[] {
  return PLACES.filter((place) => at(value, place) === name).map((place) => [...path, ...place]);
}

/** All names that they say, whether a port has them or not. */
export function namesIn({ value }: Container): Set<unknown> {
  return new Set(PLACES.map((place) => at(value, place)));
}

const PLACES: readonly (readonly string[])[] = [...PROBES.map((probe) => [probe]), ...HOOKS.map((hook) => ['lifecycle', hook])].flatMap(
  (parents) => HANDLERS.map((handler) => [...parents, handler, 'port']),
);

function at(value: unknown, place: readonly string[]): unknown {
  return place.reduce<unknown>((here, key) => (isMapping(here) && Object.hasOwn(here, key) ? here[key] : undefined), value);
}
