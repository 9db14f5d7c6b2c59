import { type Json, type JsonObject, isObject, member } from './github.ts';
import { at, below, followed } from './judge/pointers.ts';

/** One of the examples that a document gives for a body in JSON. */
export interface Example {
  /** Operation, what it is an example of, and its name there. */
  readonly name: string;
  readonly operation: string;
  readonly side: 'request' | 'response';
  /** Of the answer; 0 for a request. */
  readonly status: number;
  readonly mediaType: string;
  /** Into the document. */
  readonly schema: string;
  readonly value: Json;
}

/** Statuses whose answers have no content that is judged (RFC 9110 §15.3.5, §15.3.6, §15.4.5; semantics EV-10). */
const WITHOUT_BODY = new Set(['204', '205', '206', '304']);

/** Every example of a request's and an answer's body in JSON. */
export function examplesOf(document: Json): Example[] {
  const operations = Object.entries(member(document, 'paths') as JsonObject).flatMap(([template, item]) =>
    Object.keys(item as JsonObject).map((method) => below(below('/paths', template), method)),
  );
  return operations.flatMap((pointer) => {
    const operation = String(at(document, `${pointer}/operationId`));
    const responses = (at(document, `${pointer}/responses`) ?? {}) as JsonObject;
    return [
      ...bodies(document, `${pointer}/requestBody`).map((body) => ({ ...body, operation, side: 'request' as const, status: 0 })),
      ...Object.keys(responses)
        .filter((status) => /^\d+$/.test(status) && !WITHOUT_BODY.has(status))
        .flatMap((status) =>
          bodies(document, below(`${pointer}/responses`, status)).map((body) => ({
            ...body,
            operation,
            side: 'response' as const,
            status: Number(status),
          })),
        ),
    ].map((example) => ({ ...example, name: `${operation} ${example.status || 'request'} ${example.name}` }));
  });
}

type Body = Pick<Example, 'name' | 'mediaType' | 'schema' | 'value'>;

/** Of a Request Body Object or Response Object. */
function bodies(document: Json, pointer: string): Body[] {
  if (at(document, pointer) === undefined) return [];
  const content = `${followed(document, pointer)}/content`;
  return Object.entries((at(document, content) ?? {}) as JsonObject).flatMap(([mediaType, media]) => {
    const examples = member(media, 'examples');
    if (!mediaType.endsWith('json') || member(media, 'schema') === undefined || !isObject(examples)) return [];
    const place = below(content, mediaType);
    return Object.keys(examples).flatMap((name): Body[] => {
      const value = at(document, `${followed(document, below(`${place}/examples`, name))}/value`);
      return value === undefined ? [] : [{ name, mediaType, schema: `${place}/schema`, value }];
    });
  });
}
