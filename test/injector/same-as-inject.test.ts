/** One code path: what the webhook makes of a pod is what `plumbline inject` writes into the manifest that the pod is made of. */
import { describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { admissionReview, operationsOf, patched, rolloutPod } from '../kit/admission.ts';
import { RecordingLog } from '../kit/log.ts';
import { RecordingMeter } from '../kit/meter.ts';
import { DEFAULT_SETTINGS, type InjectSettings } from '../../src/inject/settings.ts';
import { Reviewer } from '../../src/injector/reviewer.ts';
import { injectSettings } from '../../src/cli/inject/settings.ts';
import { CASES, fileOf, flagsOf } from '../inject/case.ts';
import { transform } from '../../src/cli/inject/stream.ts';

type Mapping = Record<string, unknown>;

interface Template {
  readonly kind: string;
  readonly name: string;
  readonly namespace: string | undefined;
  readonly pod: Mapping;
}

const mapping = (value: unknown): Mapping => (typeof value === 'object' && value !== null ? (value as Mapping) : {});
const below = (value: unknown, ...keys: string[]): Mapping => keys.reduce((at, key) => mapping(at[key]), mapping(value));

/** The pods and pod templates of a stream, in its order. */
function templatesOf(text: string): Template[] {
  const objects = parseAllDocuments(text, { merge: true }).map((document) => mapping(document.toJS({ maxAliasCount: 1000 })));
  return objects
    .flatMap((object) => (Array.isArray(object.items) ? object.items.map(mapping) : [object]))
    .flatMap((object): Template[] => {
      const kind = String(object.kind);
      const pod = TEMPLATES[kind]?.(object);
      const { name, namespace } = mapping(object.metadata);
      const isWhole = pod?.spec !== undefined && typeof name === 'string';
      return isWhole ? [{ kind, name, namespace: typeof namespace === 'string' ? namespace : undefined, pod }] : [];
    });
}

const TEMPLATES: Readonly<Record<string, (object: Mapping) => Mapping>> = {
  Pod: (object) => object,
  CronJob: (object) => below(object, 'spec', 'jobTemplate', 'spec', 'template'),
  ...Object.fromEntries(
    ['Deployment', 'StatefulSet', 'DaemonSet', 'Job'].map((kind) => [kind, (object) => below(object, 'spec', 'template')]),
  ),
};

/** What a controller adds to its template when it makes a pod of it. */
function madeBy({ kind, name, pod }: Template): Mapping {
  if (kind === 'Pod') return pod;
  const metadata = mapping(pod.metadata);
  const owner = (of: string, called: string): Mapping => ({ apiVersion: 'v1', kind: of, name: called, uid: 'u', controller: true });
  const [ownerReference, labels] =
    kind === 'Deployment'
      ? [owner('ReplicaSet', `${name}-6d4cf5`), { 'pod-template-hash': '6d4cf5' }]
      : kind === 'CronJob'
        ? [owner('Job', `${name}-29384751`), {}]
        : [owner(kind, name), {}];
  return {
    ...pod,
    metadata: {
      ...metadata,
      generateName: `${name}-`,
      labels: { ...mapping(metadata.labels), ...labels },
      ownerReferences: [ownerReference],
    },
  };
}

/** What is the same whoever made it: without names, and without what the controller has added. */
function comparable(pod: unknown): unknown {
  const { spec, metadata } = mapping(pod);
  const { 'pod-template-hash': _, ...labels } = below(metadata, 'labels');
  return { spec, labels, annotations: below(metadata, 'annotations') };
}

/** What the webhook makes of it. */
function reviewed(template: Template, inject: InjectSettings): { outcome: string; pod: unknown } {
  const reviewer = new Reviewer({
    settings: () => ({ inject, onRefused: 'allow' }),
    meter: new RecordingMeter(),
    logger: new RecordingLog(),
  });
  const pod = madeBy(template);
  const { name, namespace } = template;
  const review = admissionReview(pod, { ...(template.kind === 'Pod' && { name }), namespace: namespace ?? '' });
  const { outcome, body } = reviewer.review(Buffer.from(JSON.stringify(review)));
  return { outcome, pod: patched(JSON.parse(JSON.stringify(pod)), operationsOf(body as Parameters<typeof operationsOf>[0])) };
}

const contract = `annotations: { plumbline.dev/contract: orders }`;
const web = `{ name: web, image: web:1, ports: [{ name: http, containerPort: 8080 }], env: [{ name: A, value: "1" }] }`;
const template = (more = '', labels = 'app: web') =>
  `{ metadata: { labels: { ${labels} }, ${contract} }, spec: { containers: [${web}]${more} } }`;
const workload = (kind: string, name: string, spec: string) =>
  `apiVersion: ${/Job/.test(kind) ? 'batch' : 'apps'}/v1\nkind: ${kind}\nmetadata: { name: ${name}, namespace: shop }\nspec: ${spec}\n`;

const STREAM = [
  workload('Deployment', 'web', `{ template: ${template()} }`),
  workload('StatefulSet', 'db', `{ template: ${template(', initContainers: [{ name: init, image: i }]')} }`),
  workload('DaemonSet', 'agent', `{ template: ${template(', volumes: [{ name: v, emptyDir: {} }], securityContext: { runAsUser: 1 }')} }`),
  workload('Job', 'report', `{ template: ${template(', restartPolicy: Never')} }`),
  workload('CronJob', 'nightly', `{ jobTemplate: { spec: { template: ${template(', restartPolicy: OnFailure')} } } }`),
  `apiVersion: v1\nkind: Pod\nmetadata: { name: shell, namespace: shop, ${contract} }\nspec: { containers: [${web}] }\n`,
  workload('Deployment', 'host', `{ template: ${template(', hostNetwork: true')} }`),
  workload('Deployment', 'off', `{ template: ${template('', 'plumbline.dev/inject: disabled')} }`),
  JSON.stringify({
    ...rolloutPod(),
    metadata: { ...rolloutPod().metadata, name: 'orders', namespace: 'shop', ownerReferences: undefined },
  }),
].join('---\n');

const FORMS: readonly InjectSettings['form'][] = ['native', 'legacy'];

describe.each(FORMS)('%s: the webhook makes of a pod what inject writes', (form) => {
  const settings = { ...DEFAULT_SETTINGS, form };
  const before = templatesOf(STREAM);
  const after = templatesOf(transform([{ file: 'stream.yaml', text: STREAM }], { is: 'inject', settings }).texts[0] as string);

  it.each(before.map((one, i) => [`${one.kind} ${one.name}`, one, after[i] as Template] as const))('%s', (_, one, written) => {
    expect(comparable(reviewed(one, settings).pod)).toEqual(comparable(JSON.parse(JSON.stringify(written.pod))));
  });

  it('and most of them have a sidecar then', () => {
    expect(before.map((one) => reviewed(one, settings).outcome)).toEqual([
      ...Array(3).fill('injected'),
      ...Array(2).fill(form === 'native' ? 'injected' : 'refused'),
      'injected',
      'refused',
      'opted_out',
      'injected',
    ]);
  });
});

/** What a webhook cannot see: it has values and no text, and a pod and no Deployment. */
const UNSEEN: Readonly<Record<string, string>> = {
  twins: 'an alias of YAML, which cannot be changed in one place alone',
  borrowed: 'an alias of YAML',
  'left-out-too': 'the label of the Deployment itself, which its pods do not have',
};

/** The settings of a golden case, as its command line says them. */
function settingsOf(name: string): InjectSettings {
  const words = flagsOf(name);
  const flags = words.flatMap((word, i): [string, string | true][] => {
    if (!word.startsWith('--')) return [];
    const next = words[i + 1];
    const key = word.slice(2).replace(/-(.)/g, (_, letter: string) => letter.toUpperCase());
    return [[key, next === undefined || next.startsWith('--') ? true : next]];
  });
  const output = { write: () => true };
  return injectSettings(Object.fromEntries(flags), { stdout: output, stderr: output, env: {}, cwd: '/' });
}

describe('of the golden manifests', () => {
  const outcomes: string[] = [];

  it.each(CASES)('%s', (name) => {
    const settings = settingsOf(name);
    const text = fileOf(name, 'in.yaml');
    const written = transform([{ file: 'in.yaml', text }], { is: 'inject', settings }).texts[0] as string;
    const [before, after] = [templatesOf(text), templatesOf(written)];
    expect(after.map(({ kind, name: of }) => [kind, of])).toEqual(before.map(({ kind, name: of }) => [kind, of]));
    for (const [i, one] of before.entries()) {
      if (Object.hasOwn(UNSEEN, one.name)) continue;
      const { outcome, pod } = reviewed(one, settings);
      outcomes.push(outcome);
      // A template may have no metadata at all; a pod always has. So what was made for it is not the same.
      const hasMetadata = one.pod.metadata !== undefined;
      const compared = (which: unknown): unknown => (hasMetadata ? comparable(which) : mapping(which).spec);
      expect(compared(pod)).toEqual(compared(JSON.parse(JSON.stringify(after[i]?.pod))));
    }
  });

  it('most are injected', () => {
    expect(outcomes.filter((outcome) => outcome === 'injected').length).toBeGreaterThanOrEqual(20);
    expect(outcomes).not.toContain('failed');
  });
});
