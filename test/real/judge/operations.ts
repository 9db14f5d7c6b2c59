import { type Json, type JsonObject, member } from '../github.ts';
import { below } from './pointers.ts';

export interface FoundOperation {
  readonly id: string;
  /** Into the document. */
  readonly pointer: string;
  /** Path parameters, decoded. */
  readonly params: ReadonlyMap<string, string>;
}

/**
 * The operation of a request, by trying every template of the document. Concrete segments win over parameters, from the left.
 * `path`: no template fits; `method`: those that fit have no such method.
 */
export function findOperation(document: Json, method: string, path: string): FoundOperation | 'path' | 'method' {
  const paths = member(document, 'paths') as JsonObject;
  const fitting = Object.keys(paths)
    .map((template) => ({ template, params: paramsOf(template, path) }))
    .filter(({ params }) => params !== undefined)
    .sort((a, b) => (rank(a.template) < rank(b.template) ? -1 : 1));
  const [best] = fitting;
  if (best === undefined) return 'path';
  const operation = member(paths[best.template], method.toLowerCase());
  if (operation === undefined) return 'method';
  return {
    id: String(member(operation, 'operationId')),
    pointer: below(below('/paths', best.template), method.toLowerCase()),
    params: best.params as ReadonlyMap<string, string>,
  };
}

/** Lower is better. */
function rank(template: string): string {
  return template.replaceAll(/\{[^}]*\}/g, '\uffff');
}

function paramsOf(template: string, path: string): ReadonlyMap<string, string> | undefined {
  if (template.split('/').length !== path.split('/').length) return undefined;
  const names: string[] = [];
  const source = template.replaceAll(/\{([^}]*)\}|[^{}]/g, (part, name: string | undefined) => {
    if (name === undefined) return part.replace(/[^\w/]/, '\\$&');
    names.push(name);
    return '([^/]+)';
  });
  const found = new RegExp(`^${source}$`).exec(path);
  return found === null ? undefined : new Map(names.map((name, i) => [name, decodeURIComponent(found[i + 1] as string)]));
}
