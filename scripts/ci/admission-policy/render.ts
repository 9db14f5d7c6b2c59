import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { parse } from 'yaml';
import { Helm, type Rendered } from '../../chart/helm.ts';
import { root } from '../../lint/tree.ts';

const TEST = join(root, 'test', 'admission-policy');
/** What Helm rendered last. */
export const COMMITTED: string = join(TEST, 'recorded');

const FILES = ['policy.yaml', 'settings.yaml'] as const;

/** The values that are rendered, by name. */
export function setNames(): string[] {
  return readdirSync(join(TEST, 'values'))
    .filter((file) => file.endsWith('.yaml'))
    .map((file) => basename(file, '.yaml'))
    .sort();
}

/**
 * For each file of values a folder: the policy with its bindings, and the settings that the webhook would read, of the same values. What went wrong, for
 * people; `no helm` where it is not installed.
 */
export function renderAll(folder: string): string | undefined {
  const helm = new Helm();
  try {
    if (helm.available() === undefined) return 'no helm';
    for (const name of setNames()) {
      const problem = renderSet(helm, name, join(folder, name));
      if (problem !== undefined) return `${name}: ${problem}`;
    }
    return undefined;
  } finally {
    helm.end();
  }
}

interface Values extends Readonly<Record<string, unknown>> {
  readonly injection?: Readonly<Record<string, unknown>>;
}

function renderSet(helm: Helm, name: string, folder: string): string | undefined {
  const values = (parse(readFileSync(join(TEST, 'values', `${name}.yaml`), 'utf8')) ?? {}) as Values;
  const as = (kind: string): Rendered => helm.template({ values: { ...values, injection: { ...values.injection, kind } }, kube: '1.36.0' });
  const [policy, webhook] = [as('policy'), as('webhook')];
  for (const { ok, said } of [policy, webhook]) if (!ok) return said;
  const documents = policy.text.split(/^---$/m).filter((document) => /^kind: MutatingAdmissionPolicy/m.test(document));
  const settings = settingsIn(webhook);
  if (settings === undefined) return 'there is no ConfigMap with the settings of the injector';
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'policy.yaml'), `${documents.map((document) => document.trim()).join('\n---\n')}\n`);
  writeFileSync(join(folder, 'settings.yaml'), settings);
  return undefined;
}

function settingsIn({ manifests }: Rendered): string | undefined {
  const texts = manifests.map(({ kind, data }) => (kind === 'ConfigMap' ? (data as Record<string, unknown>)['injector.yaml'] : undefined));
  return texts.find((text): text is string => typeof text === 'string');
}

/** Files that differ from what is committed. */
export function stale(folder: string): string[] {
  return setNames()
    .flatMap((name) => FILES.map((file) => join(name, file)))
    .filter((file) => textOf(join(folder, file)) !== textOf(join(COMMITTED, file)));
}

function textOf(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
