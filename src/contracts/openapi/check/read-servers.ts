import type { Node } from '../document/documents.ts';
import { member } from '../document/pointer.ts';
import type { Server, ServerVariable } from '../model.ts';
import { type CheckContext, nameOf } from './context.ts';

/** Paths are known once for each of them. */
const MAX_SERVERS = 100;

/** A `servers` list; undefined where there is none, or an empty one (3.0.4 §4.7.1.1: then the default is `/`). */
export function readServers(owner: Node, context: CheckContext): Server[] | undefined {
  const node = context.at(owner, 'servers');
  const servers: Server[] = [];
  for (const at of context.items(node, 'servers')) {
    if (!context.object(at, 'a server')) continue;
    const { url } = at.value;
    if (typeof url !== 'string') {
      context.problems.error('bad_server', at, 'a server must have a url');
      continue;
    }
    servers.push({ url, variables: readVariables(context.at(at, 'variables'), context) });
  }
  if (servers.length > MAX_SERVERS)
    context.problems.error('bad_server', node, `more than ${MAX_SERVERS} servers: what paths begin with must be set as basePath`);
  return servers.length === 0 ? undefined : servers.slice(0, MAX_SERVERS);
}

function readVariables(node: Node, context: CheckContext): Map<string, ServerVariable> {
  const variables = new Map<string, ServerVariable>();
  for (const at of context.entries(node, 'variables')) {
    const value = member(at.value, 'default');
    const values = member(at.value, 'enum');
    if (value === undefined) context.problems.warning('bad_server', at, `the server variable ${nameOf(at)} has no default`);
    variables.set(nameOf(at), {
      default: text(value),
      values: Array.isArray(values) ? [...new Set([...values.map(text), ...(value === undefined ? [] : [text(value)])])] : undefined,
    });
  }
  return variables;
}

/** Unquoted YAML versions (`1`, `2.0`) are numbers by the time they come here. */
function text(value: unknown): string {
  return typeof value === 'string' ? value : typeof value === 'number' ? String(value) : '';
}
