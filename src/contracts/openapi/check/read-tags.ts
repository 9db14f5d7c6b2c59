import type { Node } from '../document/documents.ts';
import { member } from '../document/pointer.ts';
import type { CheckContext } from './context.ts';

/** The list of tags: names once each, and since 3.2 a hierarchy (3.2.0 §4.22: "Circular references … MUST NOT be used"). No verdict rests on it. */
export function readTags(root: Node, context: CheckContext): void {
  const { problems, version } = context;
  const parents = new Map<string, Node>();
  for (const at of context.items(context.at(root, 'tags'), 'tags')) {
    const name = member(at.value, 'name');
    if (typeof name !== 'string') {
      problems.warning('bad_tag', at, 'a tag must have a name');
      continue;
    }
    if (parents.has(name)) problems.warning('bad_tag', at, `${shown(name)} is the name of another tag too`);
    else parents.set(name, context.at(at, 'parent'));
  }
  for (const [name, parent] of parents) {
    if (parent.value === undefined) continue;
    if (version !== '3.2') {
      problems.warning('not_in_this_version', parent, `parent of a tag belongs to OpenAPI 3.2; this document says ${version}`);
      continue;
    }
    if (typeof parent.value !== 'string' || !parents.has(parent.value))
      problems.warning('bad_tag', parent, `there is no tag ${shown(String(parent.value))} that could be the parent of ${shown(name)}`);
    else if (isOwnAncestor(name, parents)) problems.warning('bad_tag', parent, `${shown(name)} is an ancestor of itself`);
  }
}

function isOwnAncestor(name: string, parents: ReadonlyMap<string, Node>): boolean {
  const seen = new Set<unknown>();
  for (let at: unknown = parents.get(name)?.value; typeof at === 'string' && !seen.has(at); at = parents.get(at)?.value) {
    if (at === name) return true;
    seen.add(at);
  }
  return false;
}

function shown(name: string): string {
  return JSON.stringify(name.slice(0, 100));
}
