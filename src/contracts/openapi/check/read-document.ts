import type { Node } from '../document/documents.ts';
import type { SourceFile } from '../document/source-file.ts';
import { isObject, member } from '../document/pointer.ts';
import { faultOf, shapeOf } from '../match/template.ts';
import type { Model, OperationModel, SchemeModel, SecurityModel, Server } from '../model.ts';
import { type Seen, checkSchema } from './check-schema.ts';
import { type CheckContext, nameOf } from './context.ts';
import { readBody, readResponses, readContent, schemaOf } from './read-content.ts';
import { readParameter, readParameters } from './read-parameters.ts';
import { readSchemes, readSecurity } from './read-security.ts';
import { readServers } from './read-servers.ts';

const METHODS: ReadonlySet<string> = new Set(['get', 'put', 'post', 'delete', 'options', 'head', 'patch', 'trace']);
const ITEM_FIELDS: ReadonlySet<string> = new Set(['$ref', 'summary', 'description', 'servers', 'parameters']);

/** Awaited between paths, so that a large document does not hold the event loop. */
export type Pause = (() => Promise<void>) | undefined;

const PATHS_A_SLICE = 20;

/** Reads a whole document, reporting everything that is wrong with it on the way. */
export async function readDocument(file: SourceFile, context: CheckContext, pause: Pause): Promise<Model> {
  const root: Node = { file, pointer: '', value: file.value };
  const info = context.at(root, 'info');
  const version = member(info.value, 'version');
  const title = member(info.value, 'title');
  if (!isObject(info.value)) context.problems.error('missing_info', root, 'info is missing: it must hold title and version');
  else {
    if (typeof version !== 'string')
      context.problems.error(
        'missing_version',
        info,
        typeof version === 'number' ? `info.version must be text, in quotes: "${version}"` : 'info.version is missing or not text',
      );
    if (typeof title !== 'string') context.problems.warning('missing_title', info, 'info.title is missing');
  }
  const schemes = readSchemes(root, context);
  const security = readSecurity(root, schemes, context);
  const servers = readServers(root, context) ?? [{ url: '/', variables: new Map() }];
  const paths = context.at(root, 'paths');
  if (paths.value === undefined)
    context.problems.error('missing_paths', root, 'paths is missing: there is nothing to hold traffic against');
  const reader = new PathReader(context, schemes, security, servers);
  const seen: Seen = new Set();
  const drain = (): void => {
    for (let schema = context.schemas.pop(); schema !== undefined; schema = context.schemas.pop()) checkSchema(schema, context, seen);
  };
  let read = 0;
  for (const item of context.members(paths, 'paths')) {
    reader.path(item);
    drain();
    read += 1;
    if (pause !== undefined && read % PATHS_A_SLICE === 0) await pause();
  }
  if (isObject(paths.value) && reader.operations.length === 0 && context.problems.errors === 0)
    context.problems.warning('no_operations', paths, 'no path has an operation: every request is undocumented');
  context.problems.unused = true;
  readComponents(context.at(root, 'components'), context);
  drain();
  context.problems.unused = false;
  return {
    title: typeof title === 'string' ? title : '',
    version: typeof version === 'string' ? version : '',
    operations: reader.operations,
  };
}

/** What no operation refers to is checked too, but cannot make a verdict wrong. */
function readComponents(components: Node, context: CheckContext): void {
  for (const section of context.members(components, 'components')) {
    const name = nameOf(section);
    for (const at of context.members(section, `components.${name}`)) {
      if (name === 'schemas') context.schemas.push(at);
      else if (name === 'parameters') readParameter(at, context);
      else if (name === 'requestBodies') readBody(at, context);
      else if (name === 'responses' || name === 'headers') {
        const target = context.follow(at);
        if (target === undefined) continue;
        if (name === 'headers') schemaOf(target, context);
        else readContent(target, context);
      }
    }
  }
}

class PathReader {
  readonly operations: OperationModel[] = [];
  readonly #context: CheckContext;
  readonly #schemes: ReadonlyMap<string, SchemeModel>;
  readonly #security: SecurityModel | undefined;
  readonly #servers: readonly Server[];
  /** Shape of a template and method → template: `/a/{x}` and `/a/{y}` are the same path. */
  readonly #shapes = new Map<string, string>();
  readonly #ids = new Map<string, string>();

  constructor(
    context: CheckContext,
    schemes: ReadonlyMap<string, SchemeModel>,
    security: SecurityModel | undefined,
    servers: readonly Server[],
  ) {
    this.#context = context;
    this.#schemes = schemes;
    this.#security = security;
    this.#servers = servers;
  }

  path(at: Node): void {
    const context = this.#context;
    const template = nameOf(at);
    const fault = faultOf(template);
    if (fault !== undefined) {
      context.problems.error('bad_path', at, fault, template.startsWith('/') ? undefined : `/${template}`);
      return;
    }
    if (/[?#]/.test(template))
      context.problems.warning('path_with_query', at, 'a path with ? or # in it matches no request: queries are parameters');
    if (!context.object(at, 'a path')) return;
    // A path may refer to another one; what it says itself beside that wins (3.0.4 leaves it undefined).
    let target: Node | undefined;
    if (typeof at.value.$ref === 'string') {
      target = context.follow(at);
      if (target === undefined || !context.object(target, 'a path')) return;
    }
    const from = (name: string): Node => (target === undefined || Object.hasOwn(at.value, name) ? at : target);
    const servers = readServers(from('servers'), context) ?? this.#servers;
    for (const key of new Set([...Object.keys(at.value), ...Object.keys((target?.value as object | undefined) ?? {})])) {
      if (METHODS.has(key)) this.#operation(context.at(from(key), key), key.toUpperCase(), template, from('parameters'), servers);
      else if (!ITEM_FIELDS.has(key) && !key.startsWith('x-')) this.#unknown(context.at(from(key), key), key);
    }
  }

  #unknown(at: Node, key: string): void {
    const lower = key.toLowerCase();
    if (METHODS.has(lower)) this.#context.problems.error('bad_method', at, `methods are written in lower case: ${key}`, lower);
    else if (lower === 'query' || lower === 'additionaloperations')
      this.#context.problems.warning('not_in_this_version', at, `${key} belongs to OpenAPI 3.2, which is not in this version`);
    else this.#context.problems.warning('unknown_field', at, `${JSON.stringify(key.slice(0, 100))} is no method and no field of a path`);
  }

  #operation(at: Node, method: string, template: string, item: Node, shared: readonly Server[]): void {
    const context = this.#context;
    if (!context.object(at, 'an operation')) return;
    this.#ambiguous(at, method, template);
    const id = this.#id(at, method, template);
    const responsesPlace = context.at(at, 'responses');
    const missing = responsesPlace.value === undefined;
    if (missing && context.dialect === '3.0') context.problems.error('missing_responses', at, `${method} ${template} has no responses`);
    else if (missing) context.problems.warning('missing_responses', at, `${method} ${template} has no responses: none is judged`);
    this.operations.push({
      id,
      method,
      template,
      place: at,
      deprecated: at.value.deprecated === true,
      parameters: readParameters(item, at, template, context),
      body: readBody(context.at(at, 'requestBody'), context),
      responses: readResponses(responsesPlace, context),
      responsesPlace: missing ? at : responsesPlace,
      security: readSecurity(at, this.#schemes, context) ?? this.#security,
      servers: readServers(at, context) ?? shared,
    });
  }

  #ambiguous(at: Node, method: string, template: string): void {
    const shape = `${method} ${shapeOf(template)}`;
    const other = this.#shapes.get(shape);
    if (other === undefined) this.#shapes.set(shape, template);
    else if (other !== template)
      this.#context.problems.error(
        'ambiguous_path',
        at,
        `${template} and ${other} are the same path with other names, and both have ${method}`,
      );
  }

  #id(at: Node & { readonly value: Readonly<Record<string, unknown>> }, method: string, template: string): string {
    const { operationId } = at.value;
    if (typeof operationId !== 'string' || operationId === '') return `${method} ${template}`;
    const other = this.#ids.get(operationId);
    if (other !== undefined)
      this.#context.problems.error(
        'duplicate_operation_id',
        this.#context.at(at, 'operationId'),
        `operationId ${JSON.stringify(operationId.slice(0, 100))} is also that of ${other}`,
      );
    this.#ids.set(operationId, `${method} ${template}`);
    return operationId;
  }
}
