import { bytesOf, milliOf } from './quantity.ts';
import type { Container, EnvVar, KeyRef, Pod } from './pod-spec.ts';

/** What the variables of a container may ask for. */
export interface EnvFacts {
  readonly pod: Pod;
  readonly podIp: string;
  readonly nodeIp: string;
  /** ConfigMaps and Secrets: their keys; undefined where there is none of the name. */
  keysOf(kind: 'configMap' | 'secret', name: string): Readonly<Record<string, string>> | undefined;
}

/** The environment of a container, over that of its image. @throws where a value cannot be had. */
export function environmentOf(container: Container, image: Readonly<Record<string, string>>, facts: EnvFacts): Record<string, string> {
  const given: Record<string, string> = {};
  for (const one of container.env ?? []) {
    const value = valueGiven(one, container, facts);
    if (value !== undefined) given[one.name] = one.valueFrom === undefined ? expand(value, given) : value;
  }
  return { ...image, ...given };
}

/** `$(NAME)` of a variable that was given before; `$$` is one `$`; what is not known stays as it is written. */
export function expand(text: string, variables: Readonly<Record<string, string>>): string {
  return text.replace(/\$(?:(\$)|\(([^)]*)\))/g, (whole, dollar: string | undefined, name: string | undefined) =>
    dollar !== undefined ? '$' : (variables[name ?? ''] ?? whole),
  );
}

function valueGiven({ name, value, valueFrom }: EnvVar, container: Container, facts: EnvFacts): string | undefined {
  if (valueFrom === undefined) return value ?? '';
  const { fieldRef, resourceFieldRef, configMapKeyRef, secretKeyRef } = valueFrom;
  if (fieldRef !== undefined) return field(fieldRef.fieldPath, facts);
  if (configMapKeyRef !== undefined) return keyOf('configMap', configMapKeyRef, facts);
  if (secretKeyRef !== undefined) return keyOf('secret', secretKeyRef, facts);
  if (resourceFieldRef === undefined) throw new Error(`env ${name}: valueFrom has nothing`);
  const [kind = '', resource = ''] = resourceFieldRef.resource.split('.');
  const quantity = container.resources?.[kind as 'limits' | 'requests']?.[resource];
  if (quantity === undefined) throw new Error(`env ${name}: the container says no ${resourceFieldRef.resource}`);
  const divisor = resourceFieldRef.divisor ?? 1;
  const [whole, part] = resource === 'cpu' ? [milliOf(quantity), milliOf(divisor)] : [bytesOf(quantity), bytesOf(divisor)];
  return String(Math.ceil(whole / part));
}

function field(path: string, { pod, podIp, nodeIp }: EnvFacts): string {
  const { name, namespace = 'default', labels, annotations } = pod.metadata;
  const named = /^metadata\.(labels|annotations)\['(.+)'\]$/.exec(path);
  if (named !== null) return (named[1] === 'labels' ? labels : annotations)?.[named[2] as string] ?? '';
  const known: Readonly<Record<string, string>> = {
    'metadata.name': name,
    'metadata.namespace': namespace,
    'metadata.uid': `uid-of-${name}`,
    'spec.nodeName': 'played',
    'spec.serviceAccountName': pod.spec.serviceAccountName ?? 'default',
    'status.podIP': podIp,
    'status.podIPs': podIp,
    'status.hostIP': nodeIp,
  };
  const value = known[path];
  if (value === undefined) throw new Error(`fieldRef ${path} is not played here`);
  return value;
}

function keyOf(kind: 'configMap' | 'secret', { name, key, optional }: KeyRef, { keysOf }: EnvFacts): string | undefined {
  const value = keysOf(kind, name)?.[key];
  if (value === undefined && optional !== true) throw new Error(`${kind} ${name} has no key ${key}`);
  return value;
}
