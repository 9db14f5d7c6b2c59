import { parseConfiguration } from '../../src/config/parse.ts';
import { type PodLike, injectPod } from '../../src/inject/inject.ts';
import { ANNOTATIONS, INJECT_LABEL, PREFIX } from '../../src/inject/names.ts';
import { DEFAULT_SETTINGS } from '../../src/inject/settings.ts';
import { VERSION } from '../../src/inject/image.ts';
import { type Manifest, at, isRecord, listAt, podOf } from '../chart/checks/manifest.ts';
import { invalid } from '../chart/checks/models.ts';
import { root } from '../lint/tree.ts';
import type { Example } from './examples.ts';
import { wrongValues } from './values.ts';

/** What is wrong with an example, by the judgement of whoever would read it; Prometheus' configuration is left to promtool. */
export async function judge(example: Example): Promise<readonly string[]> {
  const problems = await problemsOf(example);
  return problems.map((problem) => `${example.place}: ${problem}`);
}

async function problemsOf({ kind, value, text }: Example): Promise<readonly string[]> {
  if (kind === 'manifest') return problemsOfManifest(value as Manifest);
  if (kind === 'container') return invalid(podWith(value));
  if (kind === 'values') return wrongValues(value);
  if (kind === 'values-of-parent') return wrongValues(at(value, 'plumbline'));
  if (kind === 'chart') return wrongDependency(value);
  if (kind === 'annotations') return wrongNames(value);
  if (kind === 'plumbline') {
    const { problems } = parseConfiguration({ text, file: 'plumbline.yaml', dir: root, env: {} });
    return problems.map(({ pointer, message }) => `${pointer} ${message}`);
  }
  if (kind === 'prometheus') return isRecord(value) ? [] : ['no configuration'];
  return ['a block that nobody judges: say in its first line what it is'];
}

async function problemsOfManifest(manifest: Manifest): Promise<readonly string[]> {
  const { labels, annotations } = (at(podOf(manifest), 'metadata') ?? {}) as Manifest['metadata'];
  return [
    ...(manifest.apiVersion.startsWith('kustomize.config.k8s.io/') ? wrongKustomization(manifest) : await invalid(manifest)),
    ...[labels, annotations].flatMap((names) => wrongNames(names ?? {})),
    ...(labels?.[INJECT_LABEL] === 'enabled' ? notInjected(manifest) : []),
    ...VALUES.flatMap((path) => at(manifest, ...path) ?? []).flatMap(wrongValues),
  ];
}

/** Where objects of GitOps tools have the values of a chart. */
const VALUES: readonly (readonly string[])[] = [
  ['spec', 'values'],
  ['spec', 'source', 'helm', 'valuesObject'],
];

/** The smallest pod that has a container with such parts. */
function podWith(parts: unknown): Manifest {
  const container = { name: 'app', image: 'app', ...(parts as object) };
  return { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'pod' }, spec: { containers: [container] } };
}

/** What asks for a sidecar gets one. */
function notInjected(manifest: Manifest): readonly string[] {
  const { kind, metadata } = manifest;
  const where = { kind, name: metadata.name, namespace: metadata.namespace, isJob: kind.endsWith('Job') };
  const result = injectPod(podOf(manifest) as PodLike, where, DEFAULT_SETTINGS);
  return result.is === 'injected' ? [] : [result.is === 'refused' ? result.reason : result.why];
}

/** A chart that depends on ours names the version of this checkout. */
function wrongDependency(value: unknown): readonly string[] {
  const ours = listAt(value, 'dependencies').find((one) => at(one, 'name') === 'plumbline');
  const version = at(ours, 'version');
  return version === VERSION ? [] : [`depends on plumbline ${String(version)}, and this is ${VERSION}`];
}

const KNOWN: ReadonlySet<string> = new Set([INJECT_LABEL, ...Object.values(ANNOTATIONS)]);

/** Labels or annotations: texts, and of ours only such as there are. */
function wrongNames(value: unknown): readonly string[] {
  if (!isRecord(value)) return ['no mapping'];
  return Object.entries(value).flatMap(([name, of]) => {
    if (typeof of !== 'string') return [`${name} is to be a text, in quotes`];
    return name.startsWith(PREFIX) && !KNOWN.has(name) ? [`there is no ${name}`] : [];
  });
}

const KUSTOMIZATION: Readonly<Record<string, (value: unknown) => boolean>> = {
  apiVersion: (value) => value === 'kustomize.config.k8s.io/v1beta1',
  kind: (value) => value === 'Kustomization',
  resources: isTexts,
  configMapGenerator: (value) =>
    Array.isArray(value) && value.every((one) => typeof at(one, 'name') === 'string' && isTexts(at(one, 'files'))),
};

/** Of Kustomize's own file there are no published models: what our pages say in one (kubectl.docs.kubernetes.io/references/kustomize). */
function wrongKustomization(manifest: Manifest): readonly string[] {
  return Object.entries(manifest).flatMap(([key, of]) => (KUSTOMIZATION[key]?.(of) === true ? [] : [`${key} is not known here`]));
}

function isTexts(value: unknown): boolean {
  return Array.isArray(value) && value.length > 0 && value.every((one) => typeof one === 'string');
}
