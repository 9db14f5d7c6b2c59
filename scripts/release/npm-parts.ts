import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { type Component, type Hash, type Part, licensesOf, purl } from './cyclonedx.ts';

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly description?: string;
  readonly license?: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

/** What package-lock.json says of a package, by its folder from the checkout. */
export type Locked = Readonly<Record<string, { readonly integrity?: string }>>;

/**
 * The packages in `folders` (absolute, below `checkout`), each with those others of them that it uses, found as Node finds them: from its own folder
 * upwards. Hashes are those of the packages as they were published, by which the lock installs them. Sorted by reference.
 * @throws where a package names no licence, or the lock has no hash for it: nobody could tell what it is.
 */
export function npmParts(folders: readonly string[], checkout: string, locked: Locked): readonly Part[] {
  const known = new Set(folders);
  // One that is installed in two places is the same package.
  const parts = new Map(folders.map((folder) => partOf(folder, checkout, locked, known)).map((part) => [refOf(part), part]));
  return [...parts.values()].sort((a, b) => (refOf(a) < refOf(b) ? -1 : 1));
}

const refOf = ({ component }: Part) => component['bom-ref'];

function partOf(folder: string, checkout: string, locked: Locked, known: ReadonlySet<string>): Part {
  const manifest = manifestOf(folder);
  const { name, version, description, license } = manifest;
  const label = `${name}@${version}`;
  if (typeof license !== 'string') throw new Error(`${label} names no licence`);
  const place = relative(checkout, folder).split(sep).join('/');
  const [group, own] = name.startsWith('@') ? name.split('/') : [undefined, name];
  const component: Component = {
    type: 'library',
    'bom-ref': bomRef(manifest),
    ...(group !== undefined && { group }),
    name: own as string,
    version,
    ...(description !== undefined && { description }),
    hashes: [hashOf(locked[place]?.integrity, label)],
    licenses: licensesOf(license),
    purl: bomRef(manifest),
  };
  const wanted = Object.keys({ ...manifest.dependencies, ...manifest.optionalDependencies });
  const used = wanted.flatMap((other) => {
    const found = resolve(other, folder, checkout);
    return found !== undefined && known.has(found) ? [bomRef(manifestOf(found))] : [];
  });
  return { component, dependsOn: [...new Set(used)].sort() };
}

/** References of those `names` that the checkout itself asks for and that are among `folders`. */
export function directly(names: readonly string[], folders: readonly string[], checkout: string): readonly string[] {
  const own = names.map((name) => join(checkout, 'node_modules', name)).filter((folder) => folders.includes(folder));
  return own.map((folder) => bomRef(manifestOf(folder))).sort();
}

function bomRef({ name, version }: Manifest): string {
  return purl('npm', name.split('/'), version);
}

export function manifestOf(folder: string): Manifest {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest;
}

function resolve(name: string, from: string, checkout: string): string | undefined {
  for (let folder = from; folder.startsWith(checkout); folder = dirname(folder)) {
    const candidate = join(folder, 'node_modules', name);
    if (existsSync(join(candidate, 'package.json'))) return candidate;
  }
  return undefined;
}

/** Of `sha512-<base64>` (Subresource Integrity), in hexadecimal. */
export function hashOf(integrity: string | undefined, label: string): Hash {
  const base64 = /^sha512-([\w+/]{86}==)$/.exec(integrity ?? '')?.[1];
  if (base64 === undefined) throw new Error(`the lock has no SHA-512 for ${label}: ${integrity}`);
  return { alg: 'SHA-512', content: Buffer.from(base64, 'base64').toString('hex') };
}
