import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import type { Commit } from './commit.ts';
import { type Locked, directly, hashOf, manifestOf, npmParts } from './npm-parts.ts';
import { type Library, NODE_REF, type NodeProgram, platformParts } from './platform-parts.ts';
import { sbomText } from './sbom.ts';

export interface BillOptions {
  readonly checkout: string;
  readonly commit: Commit;
  /** Folders of the packages in the bundle. */
  readonly packages: readonly string[];
  /** The system's, in an image; without them this Node is not part of what is listed either. */
  readonly libraries?: readonly Library[];
}

/** The bill of materials of the bundle, or of the whole image, as text. */
export function billOf({ checkout, commit, packages, libraries }: BillOptions): string {
  const { name, version, description, license, dependencies } = JSON.parse(readFileSync(join(checkout, 'package.json'), 'utf8')) as {
    readonly [key in 'name' | 'version' | 'description' | 'license']: string;
  } & { readonly dependencies: Readonly<Record<string, string>> };
  const lock = JSON.parse(readFileSync(join(checkout, 'package-lock.json'), 'utf8')) as { readonly packages: Locked };
  const platform = libraries === undefined ? [] : platformParts(thisNode(checkout, lock.packages), libraries);
  const used = [...directly(Object.keys(dependencies), packages, checkout), ...(libraries === undefined ? [] : [NODE_REF])];
  const subject = { name, version, description, license, commit, dependsOn: used };
  return sbomText(subject, [...npmParts(packages, checkout, lock.packages), ...platform]);
}

/** The Node that runs this, which is the one that goes into the image. */
function thisNode(checkout: string, locked: Locked): NodeProgram {
  const path = process.execPath;
  const folder = dirname(dirname(path));
  if (!folder.startsWith(join(checkout, 'node_modules')) || !existsSync(join(folder, 'package.json'))) {
    return { path, versions: process.versions, npm: undefined };
  }
  const { name, version } = manifestOf(folder);
  const hash = hashOf(locked[relative(checkout, folder)]?.integrity, `${name}@${version}`);
  return { path, versions: process.versions, npm: { name, version, hash } };
}
