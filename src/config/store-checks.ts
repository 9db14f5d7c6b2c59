import type { Issues } from '../core/schema.ts';
import { isMapping } from '../core/schema/object.ts';
import type { Configuration } from './schema.ts';

type Kind = Configuration['store']['kind'];

const OF_KIND: Readonly<Record<Kind, readonly string[]>> = { memory: ['maxBytes'], redis: ['url', 'timeout', 'prefix', 'replicas'] };

/** A key of the other kind would be read and do nothing. */
export function checkStore({ store }: Configuration, root: unknown, issues: Issues): void {
  const written = isMapping(root) && isMapping(root['store']) ? root['store'] : undefined;
  if (written === undefined || issues.touches(['store', 'kind'])) return;
  for (const [kind, keys] of Object.entries(OF_KIND)) {
    if (kind === store.kind) continue;
    for (const key of keys) {
      if (!Object.hasOwn(written, key)) continue;
      issues.error(['store', key], { code: 'not_with_kind', message: `belongs to \`kind: ${kind}\`, and this is ${store.kind}` }, 'key');
    }
  }
  if (store.kind === 'redis' && !Object.hasOwn(written, 'url')) {
    issues.error(['store', 'url'], { code: 'missing_key', message: 'is required where `kind` is redis' }, 'key');
  }
}
