/** The bill of materials, against the schema that CycloneDX publishes. */
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { root } from '../lint/tree.ts';
import { billOf } from './bill.ts';
import { faultsOf } from './conforms.ts';
import type { Bom, Part } from './cyclonedx.ts';
import { ownerOf } from './debian.ts';
import { platformParts } from './platform-parts.ts';
import { sbom, sbomText } from './sbom.ts';

const commit = { revision: 'abc', epochSeconds: 1_700_000_000 };
const subject = {
  name: 'plumbline',
  version: '1.2.3',
  description: 'd',
  license: 'Apache-2.0',
  commit,
  dependsOn: [] as readonly string[],
};
const part = (name: string, dependsOn: readonly string[] = []): Part => ({
  component: { type: 'library', 'bom-ref': name, name },
  dependsOn,
});

test('what is in the image conforms to CycloneDX 1.6: packages, Node and what is in it, libraries', () => {
  const packages = ['fastify', '@fastify/error', 'yaml'].map((name) => join(root, 'node_modules', name));
  const libraries = [
    { path: join(root, 'LICENSE'), owner: { name: 'libc6', version: '2.36-9+deb12u1', architecture: 'amd64', release: 'debian-12' } },
    { path: join(root, 'README.md'), owner: undefined },
  ];
  const bom = JSON.parse(billOf({ checkout: root, commit, packages, libraries })) as Bom;
  expect(faultsOf(bom)).toBe('');
  const refs = bom.components.map((component) => component['bom-ref']);
  expect(refs).toEqual([
    expect.stringMatching(/^pkg:npm\/%40fastify\/error@\d/),
    expect.stringMatching(/^pkg:npm\/fastify@\d/),
    expect.stringMatching(/^pkg:npm\/yaml@\d/),
    'node',
    'README.md',
    'pkg:deb/debian/libc6@2.36-9%2Bdeb12u1?arch=amd64&distro=debian-12',
  ]);
  const uses = new Map(bom.dependencies.map(({ ref, dependsOn }) => [ref, dependsOn]));
  expect(uses.get(refs[1] as string)).toEqual([refs[0]]);
  expect(uses.get('node')).toEqual(refs.slice(4));
  const [node] = bom.components.slice(3);
  expect(node).toMatchObject({ cpe: `cpe:2.3:a:nodejs:node.js:${process.versions.node}:*:*:*:*:*:*:*`, version: process.versions.node });
  expect(node?.components?.map(({ name }) => name)).toEqual(expect.arrayContaining(['openssl', 'uv', 'v8', 'undici']));
  expect(bom.metadata).toMatchObject({ timestamp: '2023-11-14T22:13:20Z', component: { name: 'plumbline' } });
});

test('the schema is seen to refuse', () => {
  const bom = sbom(subject, [part('a')]);
  expect(faultsOf(bom)).toBe('');
  expect(faultsOf({ ...bom, specVersion: 6 })).not.toBe('');
  expect(faultsOf({ ...bom, components: [{ type: 'thing', name: 'a' }] })).not.toBe('');
  expect(
    faultsOf(sbom(subject, [{ ...part('a'), component: { ...part('a').component, licenses: [{ license: { id: 'Mine' } }] } }])),
  ).not.toBe('');
});

test('the same parts give the same bytes, and other parts another number', () => {
  const parts = [part('a', ['b']), part('b')];
  const text = sbomText(subject, parts);
  expect(sbomText(subject, structuredClone(parts))).toBe(text);
  expect(text).toMatch(/"serialNumber": "urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"/);
  expect(sbom(subject, [part('a')]).serialNumber).not.toBe(sbom(subject, [part('c')]).serialNumber);
  expect(sbom({ ...subject, commit: { ...commit, epochSeconds: 1 } }, parts).serialNumber).not.toBe(sbom(subject, parts).serialNumber);
});

test('a reference that is not there, or there twice, stops the build', () => {
  expect(() => sbom(subject, [part('a', ['b'])])).toThrow('b is used, and not listed');
  expect(() => sbom(subject, [part('a'), part('a')])).toThrow('two components are called a');
});

test('Node from elsewhere than npm is told as such', () => {
  const [node] = platformParts(
    { path: join(root, 'LICENSE'), versions: { node: '26.1.0', v8: '14.6', napi: '10', nghttp3: '' }, npm: undefined },
    [],
  );
  expect(node?.component).toMatchObject({ purl: 'pkg:generic/node@26.1.0', components: [{ name: 'v8', purl: 'pkg:generic/v8@14.6' }] });
});

test('what no package owns has no owner', () => {
  expect(ownerOf(join(root, 'LICENSE'))).toBeUndefined();
});
