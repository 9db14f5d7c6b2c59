import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { type Component, type Hash, type Licence, type Part, purl } from './cyclonedx.ts';

/** A library as it lies in the image, and the Debian package that it is from; undefined on another system. */
export interface Library {
  readonly path: string;
  readonly owner: DebianPackage | undefined;
}

export interface DebianPackage {
  readonly name: string;
  readonly version: string;
  readonly architecture: string;
  /** `debian-12` */
  readonly release: string;
}

/** Node as it lies in the image. */
export interface NodeProgram {
  readonly path: string;
  /** `process.versions` of that very program. */
  readonly versions: Readonly<Record<string, string | undefined>>;
  /** The npm package that it was installed from, with the hash that the lock has for it; undefined where it was not. */
  readonly npm: { readonly name: string; readonly version: string; readonly hash: Hash } | undefined;
}

/** Numbers of interfaces and of tables, which are no software. */
const NO_SOFTWARE = new Set(['node', 'modules', 'napi', 'unicode', 'cldr', 'tz']);

/** Debian's copyright files name licences in words. These are the packages that Node is linked with. */
const DEBIAN_LICENCES: ReadonlyArray<readonly [RegExp, string]> = [
  [/^libc6$/, 'LGPL-2.1-or-later'],
  [/^lib(?:stdc\+\+6|gcc-s1|atomic1)$/, 'GPL-3.0-or-later WITH GCC-exception-3.1'],
];

/** Node, what it brings in itself, and the system's libraries that it is linked with. */
export function platformParts(node: NodeProgram, libraries: readonly Library[]): readonly Part[] {
  const system = systemParts(libraries);
  return [{ component: nodeComponent(node), dependsOn: system.map(({ component }) => component['bom-ref']) }, ...system];
}

/** By which everything else says that it needs it. */
export const NODE_REF = 'node';

function nodeComponent({ path, versions, npm }: NodeProgram): Component {
  const version = versions['node'] ?? '';
  const inside = Object.entries(versions).flatMap(([name, of]): Component[] => {
    if (of === undefined || of === '' || NO_SOFTWARE.has(name)) return [];
    return [{ type: 'library', 'bom-ref': `node/${name}`, name, version: of, purl: purl('generic', [name], of) }];
  });
  return {
    type: 'platform',
    'bom-ref': NODE_REF,
    supplier: { name: 'OpenJS Foundation' },
    name: 'node',
    version,
    description: 'JavaScript runtime; its own parts are below it',
    hashes: [hashOfFile(path), ...(npm === undefined ? [] : [npm.hash])],
    licenses: [{ license: { id: 'MIT' } }],
    cpe: `cpe:2.3:a:nodejs:node.js:${version}:*:*:*:*:*:*:*`,
    purl: npm === undefined ? purl('generic', ['node'], version) : purl('npm', npm.name.split('/'), npm.version),
    components: inside.sort((a, b) => (a.name < b.name ? -1 : 1)),
  };
}

function systemParts(libraries: readonly Library[]): Part[] {
  const groups = Map.groupBy(libraries, ({ path, owner }) => (owner === undefined ? basename(path) : debianPurl(owner)));
  const parts = [...groups].map(([ref, files]): Part => {
    const { owner } = files[0] as Library;
    const component: Component = {
      type: 'library',
      'bom-ref': ref,
      ...(owner === undefined ? { name: ref } : { supplier: { name: 'Debian' }, name: owner.name, version: owner.version }),
      ...(owner !== undefined && licenceOf(owner) !== undefined && { licenses: [licenceOf(owner) as Licence] }),
      ...(owner !== undefined && { purl: ref }),
      components: files.map(fileComponent).sort((a, b) => (a.name < b.name ? -1 : 1)),
    };
    return { component, dependsOn: [] };
  });
  return parts.sort((a, b) => (a.component['bom-ref'] < b.component['bom-ref'] ? -1 : 1));
}

function fileComponent({ path }: Library): Component {
  return { type: 'file', 'bom-ref': path, name: path, hashes: [hashOfFile(path)] };
}

function debianPurl({ name, version, architecture, release }: DebianPackage): string {
  return purl('deb', ['debian', name], version, { arch: architecture, distro: release });
}

function licenceOf({ name }: DebianPackage): Licence | undefined {
  const expression = DEBIAN_LICENCES.find(([pattern]) => pattern.test(name))?.[1];
  return expression === undefined ? undefined : { expression };
}

function hashOfFile(path: string): Hash {
  return { alg: 'SHA-256', content: createHash('sha256').update(readFileSync(path)).digest('hex') };
}
