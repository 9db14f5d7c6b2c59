import type { Manifest } from './manifest.ts';

/** Where the published models of an API group are; undefined: nobody has told us of this group. */
export function moduleOf(apiVersion: string): string | undefined {
  if (apiVersion === 'v1') return 'kubernetes-models/v1';
  const [group = '', version = ''] = apiVersion.split('/');
  if (group === 'monitoring.coreos.com') return `@kubernetes-models/prometheus-operator/${group}/${version}`;
  if (group === 'cert-manager.io') return `@kubernetes-models/cert-manager/${group}/${version}`;
  if (group === 'argoproj.io') return `@kubernetes-models/argo-cd/${group}/${version}`;
  if (group.endsWith('.toolkit.fluxcd.io')) return `@kubernetes-models/flux-cd/${group}/${version}`;
  return version === '' ? undefined : `kubernetes-models/${group}/${version}`;
}

interface Model {
  validate(): void;
}

/**
 * What the schema of the object's own API says of it: the OpenAPI description of Kubernetes, and the CRDs of Prometheus Operator and cert-manager, compiled. A
 * field that they do not know is no error of theirs: `as-types.ts` looks for those.
 */
export async function invalid(manifest: Manifest): Promise<string[]> {
  const path = moduleOf(manifest.apiVersion);
  if (path === undefined) return [`apiVersion ${manifest.apiVersion}: no models of it`];
  // One kind and not all of its group: half a second of schemas that nobody asks for.
  const one = /^[A-Za-z]+$/.test(manifest.kind) ? `${path}/${manifest.kind}` : path;
  const models = (await import(one).catch(() => ({}))) as Readonly<Record<string, (new (data: unknown) => Model) | undefined>>;
  const Kind = models[manifest.kind];
  if (Kind === undefined) return [`${path} knows no ${manifest.kind}`];
  try {
    new Kind(manifest).validate();
    return [];
  } catch (error) {
    return [error instanceof Error ? error.message : String(error)];
  }
}
