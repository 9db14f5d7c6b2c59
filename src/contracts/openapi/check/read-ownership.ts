import type { Ownership } from '../../../core/ownership.ts';
import { ownerSchema, slaSchema } from '../../../core/ownership.ts';
import { Issues, object, optional } from '../../../core/schema.ts';
import type { Node } from '../document/documents.ts';
import { isObject } from '../document/pointer.ts';
import type { CheckContext } from './context.ts';

const FIELD = 'x-plumbline';

const schema = object({
  owner: optional(ownerSchema, 'Whose API it is.'),
  sla: optional(slaSchema, 'What was promised.'),
});

/**
 * What stands at `info.x-plumbline`: whose the API is and what was promised, written as in a configuration. Undefined where there is none, or nothing
 * in it can be used.
 */
export function readOwnership(info: Node, context: CheckContext): Ownership | undefined {
  const node = context.at(info, FIELD);
  if (node.value === undefined) return undefined;
  const { problems } = context;
  if (!isObject(node.value)) {
    problems.error('bad_ownership', node, `${FIELD} must be an object of owner and sla`);
    return undefined;
  }
  const issues = new Issues();
  const read = schema.parse(written(node.value), [], issues);
  for (const { code, message, path, allowed, suggestion } of issues.list) {
    const at = path.reduce<Node>((above, name) => context.at(above, String(name)), node);
    // As of every extension: what means nothing here is told, and taken for nothing.
    if (code === 'unknown_key') problems.warning('unknown_field', at, `${FIELD} has ${(allowed ?? []).join(', ')} here`, suggestion);
    else problems.error('bad_ownership', at, `${FIELD}: ${message}`, suggestion);
  }
  return read.owner === undefined && read.sla === undefined ? undefined : read;
}

/** Without extensions of the extension, which are nobody's mistake. */
function written(value: object): object {
  return Object.fromEntries(Object.entries(value).filter(([name]) => !name.startsWith('x-')));
}
