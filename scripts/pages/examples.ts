import { parseAllDocuments } from 'yaml';
import { isRecord } from '../chart/checks/manifest.ts';
import { fencesOf } from '../lint/markdown.ts';
import type { Sources } from '../lint/tree.ts';

/** One YAML document of a page. */
export interface Example {
  /** `docs/kubernetes/gitops.md:19`, of the block that it is in. */
  readonly place: string;
  readonly kind: Kind;
  readonly text: string;
  readonly value: unknown;
}

/** What a block is: an object with `apiVersion`, part of a container, or what its first line says in a comment. */
export type Kind =
  | 'manifest'
  | 'container'
  | 'values'
  | 'values-of-parent'
  | 'chart'
  | 'prometheus'
  | 'plumbline'
  | 'annotations'
  | 'unknown';

const MARKS: ReadonlyArray<readonly [RegExp, Kind]> = [
  [/^# values of helm\/plumbline\b/, 'values'],
  [/^# values\.yaml\b/, 'values-of-parent'],
  [/^# Chart\.yaml\b/, 'chart'],
  [/^# prometheus\.yml\b/, 'prometheus'],
  [/^# plumbline\.yaml\b/, 'plumbline'],
  [/^# annotations of the pod template\b/, 'annotations'],
];

/** Pages of which every YAML block is judged. In others only what is a manifest. */
export const isStrict = (page: string): boolean => /^docs\/kubernetes(?:\/.*)?\.md$/.test(page);

/** The YAML in `pages`, document by document, and what is not even YAML. A block with an ellipsis is a sketch, one with `{{` a template of Helm: both are left out. */
export function examplesIn(pages: Sources): { readonly examples: readonly Example[]; readonly faults: readonly string[] } {
  const examples: Example[] = [];
  const faults: string[] = [];
  for (const [page, text] of Object.entries(pages)) {
    for (const block of fencesOf(text)) {
      if (!/^ya?ml$/.test(block.language) || /…|\{\{/.test(block.text)) continue;
      const place = `${page}:${block.line}`;
      const mark = MARKS.find(([pattern]) => pattern.test(block.text))?.[1];
      for (const document of parseAllDocuments(block.text, { uniqueKeys: true })) {
        if (document.errors.length > 0) faults.push(...document.errors.map(({ message }) => `${place}: ${message}`));
        const value: unknown = document.toJS();
        const kind = mark ?? kindOf(value);
        if (kind === 'unknown' && !isStrict(page)) continue;
        examples.push({ place, kind, text: block.text, value });
      }
    }
  }
  return { examples, faults };
}

const OF_CONTAINERS = new Set([
  'lifecycle',
  'resources',
  'ports',
  'env',
  'args',
  'startupProbe',
  'readinessProbe',
  'livenessProbe',
  'securityContext',
]);

function kindOf(value: unknown): Kind {
  if (!isRecord(value)) return 'unknown';
  if (typeof value['apiVersion'] === 'string' && typeof value['kind'] === 'string') return 'manifest';
  return Object.keys(value).every((key) => OF_CONTAINERS.has(key)) ? 'container' : 'unknown';
}
