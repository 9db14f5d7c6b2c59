import type { DocumentVersion } from '../check/context.ts';
import { nearest } from '../../../core/schema.ts';
import type { Node } from '../document/documents.ts';
import { child, isObject, member } from '../document/pointer.ts';
import type { OperationModel } from '../model.ts';
import { type LintParts, everyOperation, nodeAt } from './parts.ts';
import { everySchema } from './schemas.ts';

/** Fields of an object by the version that brought them; those of 3.0 are in all. */
interface Fields {
  readonly what: string;
  readonly '3.0': string;
  readonly '3.1'?: string;
  readonly '3.2'?: string;
}

const DOCUMENT: Fields = {
  what: 'the document',
  '3.0': 'openapi info servers paths components security tags externalDocs',
  '3.1': 'jsonSchemaDialect webhooks',
  '3.2': '$self',
};
const COMPONENTS: Fields = {
  what: 'components',
  '3.0': 'schemas responses parameters examples requestBodies headers securitySchemes links callbacks',
  '3.1': 'pathItems',
  '3.2': 'mediaTypes',
};
const OPERATION: Fields = {
  what: 'an operation',
  '3.0': 'tags summary description externalDocs operationId parameters requestBody responses callbacks deprecated security servers',
};
const PARAMETER: Fields = {
  what: 'a parameter',
  '3.0': 'name in description required deprecated allowEmptyValue style explode allowReserved schema example examples content',
};
const HEADER: Fields = {
  what: 'a header',
  '3.0': 'description required deprecated allowEmptyValue style explode allowReserved schema example examples content',
};
const REQUEST_BODY: Fields = { what: 'a request body', '3.0': 'description content required' };
const RESPONSE: Fields = { what: 'a response', '3.0': 'description headers content links', '3.2': 'summary' };
const MEDIA_TYPE: Fields = {
  what: 'a media type',
  '3.0': 'schema example examples encoding',
  '3.2': 'itemSchema prefixEncoding itemEncoding',
};
const TAG: Fields = { what: 'a tag', '3.0': 'name description externalDocs', '3.2': 'summary parent kind' };

/** Fields that are true or false, wherever they stand. */
const FLAGS: ReadonlySet<string> = new Set(['required', 'deprecated', 'allowEmptyValue', 'allowReserved', 'explode']);
const SCHEMA_FLAGS = ['readOnly', 'writeOnly', 'nullable', 'deprecated'] as const;

const VERSIONS = ['3.0', '3.1', '3.2'] as const;

/** Fields that the version of the document does not have: a slip of the pen, or what a newer version would read. Neither is read here. */
export function lintFields(parts: LintParts): void {
  const { root, model, context } = parts;
  const look = new FieldLint(parts);
  look.at(root, DOCUMENT);
  look.at(context.at(root, 'components'), COMPONENTS);
  const tags = member(root.value, 'tags');
  if (Array.isArray(tags)) for (const [i, value] of tags.entries()) look.at({ file: root.file, pointer: `/tags/${i}`, value }, TAG);
  for (const operation of everyOperation(model)) look.operation(operation);
  for (const schema of everySchema(parts)) for (const name of SCHEMA_FLAGS) look.flag(context.at(schema, name), name);
}

class FieldLint {
  readonly #parts: LintParts;

  constructor(parts: LintParts) {
    this.#parts = parts;
  }

  operation({ place, parameters, body, responses }: OperationModel): void {
    this.at(nodeAt(place), OPERATION);
    for (const parameter of parameters) this.at(nodeAt(parameter.place), PARAMETER);
    if (body !== undefined) this.at(nodeAt(body.place), REQUEST_BODY);
    for (const response of responses) {
      this.at(nodeAt(response.place), RESPONSE);
      for (const header of response.headers) this.at(nodeAt(header.place), HEADER);
    }
    for (const content of [...(body?.content ?? []), ...responses.flatMap((response) => response.content)]) {
      const media = this.#parts.context.follow(nodeAt(content.place));
      if (media !== undefined) this.at(media, MEDIA_TYPE);
    }
  }

  flag(at: Node, name: string): void {
    const { value } = at;
    if (value === undefined || typeof value === 'boolean') return;
    const word = typeof value === 'string' ? value.toLowerCase() : '';
    const meant = /^(?:yes|y|on|true)$/.test(word) ? 'true' : /^(?:no|n|off|false)$/.test(word) ? 'false' : undefined;
    this.#parts.context.problems.warning('wrong_type', at, `${name} must be true or false: what stands here is not read`, meant);
  }

  at(node: Node, fields: Fields): void {
    if (!isObject(node.value)) return;
    const { problems, version } = this.#parts.context;
    const known = namesOf(fields, version);
    for (const key of Object.keys(node.value)) {
      const at = { file: node.file, pointer: child(node.pointer, key), value: node.value[key] };
      if (known.has(key) && FLAGS.has(key)) this.flag(at, key);
      if (known.has(key) || key.startsWith('x-')) continue;
      const since = VERSIONS.find((one) => fields[one]?.split(' ').includes(key));
      // Those have been told of where the document was read.
      if (node.pointer === '' && (key === 'webhooks' || key === '$self')) continue;
      if (since !== undefined)
        problems.warning(
          'not_in_this_version',
          at,
          `${key} belongs to OpenAPI ${since}; this document says ${version}, and so it is not read`,
        );
      else
        problems.warning(
          'unknown_field',
          at,
          `${JSON.stringify(key.slice(0, 100))} is no field of ${fields.what} and is not read`,
          nearest(key, [...known]),
        );
    }
  }
}

const cache = new Map<string, ReadonlySet<string>>();

function namesOf(fields: Fields, version: DocumentVersion): ReadonlySet<string> {
  const key = `${version} ${fields.what}`;
  const known = cache.get(key);
  if (known !== undefined) return known;
  const until = VERSIONS.slice(0, VERSIONS.indexOf(version) + 1);
  const made = new Set(until.flatMap((one) => fields[one]?.split(' ') ?? []));
  cache.set(key, made);
  return made;
}
