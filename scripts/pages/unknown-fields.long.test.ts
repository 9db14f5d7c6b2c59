/** Fields that the API does not know, in the manifests of our pages: it takes the compiler some seconds. */
import { expect, test } from 'vitest';
import { isPage } from '../check-readme.ts';
import { unknownFields } from '../chart/checks/as-types.ts';
import type { Manifest } from '../chart/checks/manifest.ts';
import { readTree } from '../lint/tree.ts';
import { examplesIn } from './examples.ts';

const { examples } = examplesIn(readTree(isPage));
const manifests = examples
  .filter(({ kind }) => kind === 'manifest')
  .map(({ value }) => value as Manifest)
  .filter(({ apiVersion }) => !apiVersion.startsWith('kustomize.config.k8s.io/'));

test('no manifest in the pages has a field that its API does not know', () => {
  expect(manifests.length).toBeGreaterThan(5);
  expect(unknownFields(manifests)).toEqual([]);
}, 60_000);

test('one that has is told', () => {
  const [first] = manifests;
  expect(unknownFields([{ ...(first as Manifest), spek: {} }]).join('\n')).toMatch(/'?spek'?/);
}, 60_000);
