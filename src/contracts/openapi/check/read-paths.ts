import type { Deprecation } from '../../../core/contract.ts';
import type { Node } from '../document/documents.ts';
import { faultOf, shapeOf } from '../match/template.ts';
import type { OperationModel, SchemeModel, SecurityModel, Server } from '../model.ts';
import { type CheckContext, nameOf } from './context.ts';
import { readBody, readResponses } from './read-content.ts';
import { deprecationOf, readDeprecation } from './read-deprecation.ts';
import { readParameters } from './read-parameters.ts';
import { readSecurity } from './read-security.ts';
import { readServers } from './read-servers.ts';

const METHODS: ReadonlySet<string> = new Set(['get', 'put', 'post', 'delete', 'options', 'head', 'patch', 'trace']);
const ITEM_FIELDS: ReadonlySet<string> = new Set(['$ref', 'summary', 'description', 'servers', 'parameters']);
/** RFC 9110 §9.1, §5.6.2. */
const METHOD_TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,64}$/;

type ObjectNode = Node & { readonly value: Readonly<Record<string, unknown>> };

/** Reads the Path Items of a document: those of its paths, and those of its webhooks. */
export class PathReader {
  readonly operations: OperationModel[] = [];
  readonly webhooks = new Map<string, OperationModel[]>();
  readonly #context: CheckContext;
  readonly #schemes: ReadonlyMap<string, SchemeModel>;
  readonly #security: SecurityModel | undefined;
  readonly #servers: readonly Server[];
  /** Of the document as a whole. */
  readonly #deprecation: Deprecation | undefined;
  /** Shape of a template and method → template: `/a/{x}` and `/a/{y}` are the same path. */
  readonly #shapes = new Map<string, string>();
  readonly #ids = new Map<string, string>();

  constructor(
    context: CheckContext,
    schemes: ReadonlyMap<string, SchemeModel>,
    security: SecurityModel | undefined,
    servers: readonly Server[],
    deprecation: Deprecation | undefined,
  ) {
    this.#context = context;
    this.#schemes = schemes;
    this.#security = security;
    this.#servers = servers;
    this.#deprecation = deprecation;
  }

  path(at: Node): void {
    const { problems } = this.#context;
    const template = nameOf(at);
    const fault = faultOf(template);
    if (fault !== undefined) {
      problems.error('bad_path', at, fault, template.startsWith('/') ? undefined : `/${template}`);
      return;
    }
    if (/[?#]/.test(template))
      problems.warning('path_with_query', at, 'a path with ? or # in it matches no request: queries are parameters');
    this.#item(at, 'a path', template, this.operations, (operation, method) => this.#ambiguous(operation, method, template));
  }

  /** 3.1.1 §4.8.1.1: a Path Item with a name instead of a path. */
  webhook(at: Node): void {
    const operations: OperationModel[] = [];
    this.webhooks.set(nameOf(at), operations);
    this.#item(at, 'a webhook', nameOf(at), operations, () => undefined);
    // The document's own `security` is that of its API. Of what the API itself sends to others it need not be true, and only what an operation says is.
    for (const [i, operation] of operations.entries())
      if (operation.security === this.#security) operations[i] = { ...operation, security: undefined };
  }

  /** What no path or webhook refers to, of `components.pathItems`: nothing of it is kept. Its path is not known, nor its parameters. */
  unused(at: Node): void {
    const target = this.#context.follow(at);
    if (target !== undefined) this.#context.object(target, 'a path');
  }

  #item(at: Node, what: string, template: string, out: OperationModel[], known: (operation: Node, method: string) => void): void {
    const context = this.#context;
    if (!context.object(at, what)) return;
    // A path may refer to another one; what it says itself beside that wins (3.0.4 leaves it undefined).
    let target: Node | undefined;
    if (at.value.$ref !== undefined && typeof at.value.$ref !== 'string')
      context.problems.error('bad_reference', context.at(at, '$ref'), '$ref must be a string');
    if (typeof at.value.$ref === 'string') {
      target = context.follow(at);
      if (target === undefined || !context.object(target, what)) return;
    }
    const from = (name: string): Node => (target === undefined || Object.hasOwn(at.value, name) ? at : target);
    const servers = readServers(from('servers'), context) ?? this.#servers;
    const deprecation = readDeprecation(from('x-deprecation'), context) ?? this.#deprecation;
    const read = (operation: Node, method: string): void => {
      if (!context.object(operation, 'an operation')) return;
      known(operation, method);
      out.push({
        ...this.#operation(operation, method, template, from('parameters'), servers),
        ...deprecationOf(operation, deprecation, context),
      });
    };
    for (const key of new Set([...Object.keys(at.value), ...Object.keys((target?.value as object | undefined) ?? {})])) {
      const member = context.at(from(key), key);
      if (METHODS.has(key) || (key === 'query' && context.version === '3.2')) read(member, key.toUpperCase());
      else if (key === 'additionalOperations' && context.version === '3.2') this.#additional(member, read);
      else if (!ITEM_FIELDS.has(key) && !key.startsWith('x-')) this.#unknown(member, key);
    }
  }

  /** 3.2.0 §4.9.1: keys are methods "with the same capitalization that is to be sent", but for those that have a field of their own. */
  #additional(node: Node, read: (operation: Node, method: string) => void): void {
    const { problems } = this.#context;
    for (const at of this.#context.entries(node, 'additionalOperations')) {
      const method = nameOf(at);
      const lower = method.toLowerCase();
      if (!METHOD_TOKEN.test(method)) {
        problems.error('bad_method', at, `${JSON.stringify(method.slice(0, 100))} is not a method`);
        continue;
      }
      if (METHODS.has(lower) || lower === 'query') {
        if (method === method.toUpperCase()) {
          problems.error('bad_method', at, `${method} has a field of its own: ${lower}`, lower);
          continue;
        }
        problems.warning('bad_method', at, `methods are case-sensitive: ${method} is not ${method.toUpperCase()}`);
      }
      read(at, method);
    }
  }

  #unknown(at: Node, key: string): void {
    const lower = key.toLowerCase();
    const { problems, version } = this.#context;
    if (METHODS.has(lower)) problems.error('bad_method', at, `methods are written in lower case: ${key}`, lower);
    else if (lower === 'query' && version === '3.2') problems.error('bad_method', at, `methods are written in lower case: ${key}`, lower);
    else if (key === 'query' || key === 'additionalOperations')
      problems.warning('not_in_this_version', at, `${key} belongs to OpenAPI 3.2; this document says ${version}, and so it is not read`);
    else
      problems.warning(
        'unknown_field',
        at,
        `${JSON.stringify(key.slice(0, 100))} is no method and no field of a path`,
        lower === 'additionaloperations' ? 'additionalOperations' : undefined,
      );
  }

  #operation(
    at: ObjectNode,
    method: string,
    template: string,
    item: Node,
    shared: readonly Server[],
  ): Omit<OperationModel, 'deprecated' | 'deprecation'> {
    const context = this.#context;
    const id = this.#id(at, method, template);
    const responsesPlace = context.at(at, 'responses');
    const missing = responsesPlace.value === undefined || responsesPlace.value === null;
    if (missing && context.dialect === '3.0') context.problems.error('missing_responses', at, `${method} ${template} has no responses`);
    else if (missing) context.problems.warning('missing_responses', at, `${method} ${template} has no responses: none is judged`);
    return {
      id,
      method,
      template,
      place: at,
      parameters: readParameters(item, at, template, context),
      body: readBody(context.at(at, 'requestBody'), context),
      responses: readResponses(responsesPlace, context),
      responsesPlace: missing ? at : responsesPlace,
      security: readSecurity(at, this.#schemes, context) ?? this.#security,
      servers: readServers(at, context) ?? shared,
    };
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

  #id(at: ObjectNode, method: string, template: string): string {
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
