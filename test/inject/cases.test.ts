import { loadAll, YAML11_SCHEMA } from 'js-yaml';
import * as apps from 'kubernetes-models/apps/v1';
import * as autoscaling from 'kubernetes-models/autoscaling/v2';
import * as batch from 'kubernetes-models/batch/v1';
import * as networking from 'kubernetes-models/networking.k8s.io/v1';
import * as core from 'kubernetes-models/v1';
import { describe, expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { CASES, fileOf, flagsOf, injectText, outcomeOf } from './case.ts';

interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly items?: readonly Manifest[];
}

interface Model {
  validate(): void;
}

const MODELS: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  v1: core,
  'apps/v1': apps,
  'batch/v1': batch,
  'autoscaling/v2': autoscaling,
  'networking.k8s.io/v1': networking,
};

/** Of somebody else's definitions, which are not at hand. */
const FOREIGN = ['argoproj.io/v1alpha1', 'serving.knative.dev/v1', 'apps.openshift.io/v1', 'postgresql.cnpg.io/v1'];

/** As another reader sees them, of YAML 1.1 as Kubernetes' tools are. */
function manifests(text: string): Manifest[] {
  const documents = loadAll(text.replace(/^\ufeff/, ''), { schema: YAML11_SCHEMA }).filter(
    (one) => one !== null && one !== undefined,
  ) as Manifest[];
  return documents.flatMap(itemsOf);
}

/** Of lists in lists, too. */
function itemsOf(one: Manifest): Manifest[] {
  return one.items?.flatMap(itemsOf) ?? [one];
}

function validate(manifest: Manifest): void {
  if (FOREIGN.includes(manifest.apiVersion)) return;
  const model = MODELS[manifest.apiVersion]?.[manifest.kind] as (new (data: unknown) => Model) | undefined;
  if (model === undefined) throw new Error(`no model of ${manifest.apiVersion} ${manifest.kind}`);
  new model(manifest).validate();
}

test('there are as many cases as were written', () => {
  expect(CASES.length).toBeGreaterThanOrEqual(30);
});

describe.each(CASES)('%s', (name) => {
  test('gives the manifests and the notes that stand beside it', async () => {
    const made = await outcomeOf(name);
    expect(made['notes.txt']).toBe(fileOf(name, 'notes.txt'));
    expect(made['out.yaml']).toBe(fileOf(name, 'out.yaml'));
  });

  test('injected once more it is the same', async () => {
    const { out } = await injectText(fileOf(name, 'out.yaml'), flagsOf(name));
    expect(out).toBe(fileOf(name, 'out.yaml'));
  });

  test('uninjected it is what it was, byte for byte', async () => {
    const { out, code } = await injectText(fileOf(name, 'out.yaml'), ['--uninject']);
    expect(code).toBe(0);
    expect(out).toBe(fileOf(name, 'in.yaml'));
  });

  test('every manifest is one that Kubernetes takes, and readers of YAML 1.1 and 1.2 read the same', () => {
    const text = fileOf(name, 'out.yaml');
    const read = manifests(text);
    expect(read.length).toBeGreaterThan(0);
    for (const manifest of read) validate(manifest);
    const other = parseAllDocuments(text.replace(/^\ufeff/, ''), { merge: true }) as { toJS(): Manifest | null }[];
    expect(read).toEqual(other.map((one) => one.toJS()).flatMap((one) => (one === null ? [] : itemsOf(one))));
  });
});
