import type { Node } from '../document/documents.ts';
import { parseMediaType } from '../media/media-type.ts';
import type { BodyModel, ContentModel, EncodingModel, HeaderModel, ResponseModel, SequenceModel } from '../model.ts';
import { type CheckContext, nameOf } from './context.ts';
import { readDeprecation } from './read-deprecation.ts';

/** A `content` map. `undefined` where there is none. */
export function readContent(owner: Node, context: CheckContext): ContentModel[] {
  const node = context.at(owner, 'content');
  const content: ContentModel[] = [];
  for (const at of context.entries(node, 'content')) {
    const mediaType = nameOf(at);
    if (mediaType.startsWith('x-') && !mediaType.includes('/')) continue;
    if (parseMediaType(mediaType) === undefined) {
      context.problems.error('bad_media_type', at, `${JSON.stringify(mediaType.slice(0, 100))} is not a media type or range`);
      continue;
    }
    const target = context.follow(at);
    if (target === undefined || !context.object(target, 'a media type')) continue;
    const schema = schemaOf(target, context);
    const newer = ['itemSchema', 'prefixEncoding', 'itemEncoding'].find(
      (name) => context.version !== '3.2' && Object.hasOwn(target.value, name),
    );
    if (newer !== undefined)
      context.problems.warning(
        'not_in_this_version',
        context.at(target, newer),
        `${newer} belongs to OpenAPI 3.2; this document says ${context.version}, and so it is not read`,
      );
    const encoding = new Map(context.entries(context.at(target, 'encoding'), 'encoding').flatMap((one) => readEncoding(one, context)));
    content.push({
      mediaType,
      place: at,
      schema,
      encoding,
      sequence: context.version === '3.2' ? readSequence(target, context) : undefined,
    });
  }
  return content;
}

/** An Encoding Object by its name; none where it is no object, which has been reported. */
function readEncoding(at: Node, context: CheckContext): Array<readonly [name: string, encoding: EncodingModel]> {
  if (!context.object(at, 'an encoding')) return [];
  const { contentType, style, explode, allowReserved } = at.value;
  const encoding: EncodingModel = {
    place: at,
    contentType: typeof contentType === 'string' ? contentType : undefined,
    headers: readHeaders(at, context),
    styled: style !== undefined || explode !== undefined || allowReserved !== undefined,
    style: typeof style === 'string' ? style : 'form',
    explode: typeof explode === 'boolean' ? explode : style === undefined || style === 'form',
    allowReserved: allowReserved === true,
  };
  return [[nameOf(at), encoding]];
}

function readSequence(owner: Node, context: CheckContext): SequenceModel {
  const itemEncoding = context.at(owner, 'itemEncoding');
  return {
    itemSchema: schemaOf(owner, context, 'itemSchema'),
    prefixEncoding: context
      .items(context.at(owner, 'prefixEncoding'), 'prefixEncoding')
      .flatMap((at) => readEncoding(at, context).map(([, encoding]) => encoding)),
    itemEncoding: itemEncoding.value === undefined ? undefined : readEncoding(itemEncoding, context)[0]?.[1],
  };
}

/** The `schema` of a parameter, header or media type, put on the list of what is to be checked. */
export function schemaOf(owner: Node, context: CheckContext, field: 'schema' | 'itemSchema' = 'schema'): Node | undefined {
  const schema = context.at(owner, field);
  if (schema.value === undefined) return undefined;
  context.schemas.push(schema);
  return schema;
}

export function readBody(node: Node, context: CheckContext): BodyModel | undefined {
  if (node.value === undefined) return undefined;
  const body = context.follow(node);
  if (body === undefined || !context.object(body, 'a request body')) return undefined;
  if (body.value.content === undefined)
    context.problems.warning('missing_content', body, 'a request body without content: nothing of it is judged');
  return { place: body, required: body.value.required === true, content: readContent(body, context) };
}

const STATUS = /^([1-5]\d\d|[1-5]XX|default)$/;

export function readResponses(node: Node, context: CheckContext): ResponseModel[] {
  const responses: ResponseModel[] = [];
  for (const at of context.members(node, 'responses')) {
    const status = nameOf(at);
    if (!STATUS.test(status)) {
      const fixed = status.toUpperCase();
      context.problems.error(
        'bad_status',
        at,
        `${JSON.stringify(status.slice(0, 40))} is not a status code, a range such as 2XX, or default`,
        STATUS.test(fixed) ? fixed : undefined,
      );
      continue;
    }
    const response = context.follow(at);
    if (response === undefined || !context.object(response, 'a response')) continue;
    if (typeof response.value.description !== 'string' && context.version !== '3.2')
      context.problems.warning('missing_description', response, 'a response must have a description');
    responses.push({ status, place: response, content: readContent(response, context), headers: readHeaders(response, context) });
  }
  return responses;
}

function readHeaders(owner: Node, context: CheckContext): HeaderModel[] {
  const headers: HeaderModel[] = [];
  for (const at of context.entries(context.at(owner, 'headers'), 'headers')) {
    const name = nameOf(at);
    const header = context.follow(at);
    if (header === undefined || !context.object(header, 'a header')) continue;
    // 3.0.4 §4.7.17.1: "If a response header is defined with the name "Content-Type", it SHALL be ignored."
    if (name.toLowerCase() === 'content-type') continue;
    readDeprecation(header, context);
    headers.push({
      name,
      place: header,
      required: header.value.required === true,
      schema: schemaOf(header, context),
      hasContent: header.value.content !== undefined,
      content: header.value.schema === undefined ? readContent(header, context)[0] : undefined,
      explode: header.value.explode === true,
    });
  }
  return headers;
}
