import type { Issues, Path } from '../core/schema.ts';
import { isMapping } from '../core/schema/object.ts';

/** What flags and environment variables can say over a file. */
export interface Override {
  readonly key: 'host' | 'port' | 'adminHost' | 'adminPort' | 'adminToken' | 'accessLog';
  /** As given; the schema of the key reads it. */
  readonly value: string;
  /** Where it was given: `--port` or `PLUMBLINE_PORT`. */
  readonly origin: string;
}

/** A value that does not come from the file, by place. */
export interface Origin {
  readonly path: Path;
  readonly origin: string;
}

type Tree = Record<string, unknown>;

const PLACES: Readonly<Record<Exclude<Override['key'], 'host' | 'port'>, readonly [string, string]>> = {
  adminHost: ['admin', 'host'],
  adminPort: ['admin', 'port'],
  adminToken: ['admin', 'token'],
  accessLog: ['telemetry', 'accessLog'],
};

/** Writes the overrides into the tree, which is the caller's own. */
export function applyOverrides(root: unknown, overrides: readonly Override[], issues: Issues): readonly Origin[] {
  if (!isMapping(root)) return [];
  const origins: Origin[] = [];
  for (const { key, value, origin } of overrides) {
    const path = key === 'host' || key === 'port' ? onlyListener(root, key) : PLACES[key];
    if (path === undefined) {
      issues.error([origin], { code: 'ambiguous_flag', message: 'needs a file with exactly one listener; say it in the file' });
      origins.push({ path: [origin], origin });
    } else if (put(root as Tree, path, value)) origins.push({ path, origin });
  }
  return origins;
}

function onlyListener(root: Readonly<Tree>, key: string): readonly string[] | undefined {
  const listeners = Object.hasOwn(root, 'listeners') ? root.listeners : undefined;
  const names = isMapping(listeners) ? Object.keys(listeners) : [];
  return names.length === 1 ? ['listeners', names[0] as string, key] : undefined;
}

/** False where the file has something there that is no mapping; the schema reports it. */
function put(root: Tree, path: readonly string[], value: string): boolean {
  let tree = root;
  for (const part of path.slice(0, -1)) {
    const below = Object.hasOwn(tree, part) ? tree[part] : undefined;
    if (below === undefined || below === null) tree[part] = Object.create(null) as Tree;
    else if (!isMapping(below)) return false;
    tree = tree[part] as Tree;
  }
  tree[path.at(-1) as string] = value;
  return true;
}
