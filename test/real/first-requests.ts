import { type Json, type JsonObject, isObject, member } from './github.ts';

/** A request that no one has made yet, and an answer to it. */
export interface FirstRequest {
  readonly operation: string;
  readonly target: string;
  /** JSON, as the document's own example of the answer has it. */
  readonly answer: string;
}

/**
 * The same `count` operations each time, of as many tags as there are: GET, with an example of the answer in JSON. Parameters
 * that must be there get a value that fits their schema.
 */
export function firstRequests(document: Json, count: number): FirstRequest[] {
  const byTag = new Map<string, FirstRequest[]>();
  for (const [template, item] of Object.entries(member(document, 'paths') as JsonObject)) {
    const operation = member(item, 'get');
    const answer = exampleOf(document, operation);
    if (operation === undefined || answer === undefined) continue;
    const tag = (member(operation, 'tags') as readonly string[])[0] ?? '';
    const made = {
      operation: member(operation, 'operationId') as string,
      target: targetOf(document, template, operation),
      answer: JSON.stringify(answer),
    };
    byTag.set(tag, [...(byTag.get(tag) ?? []), made]);
  }
  const chosen: FirstRequest[] = [];
  for (let round = 0; chosen.length < count; round++) {
    const before = chosen.length;
    for (const tag of [...byTag.keys()].sort()) chosen.push(...(byTag.get(tag) ?? []).slice(round, round + 1));
    if (chosen.length === before) throw new Error(`the document has only ${before} such operations`);
  }
  return chosen.slice(0, count);
}

function exampleOf(document: Json, operation: Json | undefined): Json | undefined {
  const response = follow(document, member(member(operation, 'responses'), '200'));
  const examples = member(member(member(response, 'content'), 'application/json'), 'examples');
  const first = isObject(examples) ? Object.values(examples)[0] : undefined;
  return member(follow(document, first), 'value');
}

function targetOf(document: Json, template: string, operation: Json): string {
  let path = template;
  const query: string[] = [];
  for (const written of (member(operation, 'parameters') as readonly Json[] | undefined) ?? []) {
    const parameter = follow(document, written);
    const name = String(member(parameter, 'name'));
    const place = member(parameter, 'in');
    const value = encodeURIComponent(String(valueFor(follow(document, member(parameter, 'schema')))));
    if (place === 'path') path = path.replace(`{${name}}`, value);
    else if (place === 'query' && member(parameter, 'required') === true) query.push(`${name}=${value}`);
  }
  return query.length === 0 ? path : `${path}?${query.join('&')}`;
}

function valueFor(schema: Json | undefined): Json {
  const allowed = member(schema, 'enum');
  if (Array.isArray(allowed)) return allowed[0] as Json;
  if (member(schema, 'format') === 'date') return '2024-01-01';
  return member(schema, 'default') ?? (member(schema, 'type') === 'integer' ? (member(schema, 'minimum') ?? 1) : 'a');
}

function follow(document: Json, value: Json | undefined): Json | undefined {
  const ref = member(value, '$ref');
  return typeof ref === 'string' ? ref.slice(2).split('/').reduce<Json | undefined>(member, document) : value;
}
