import type { Node } from '../document/documents.ts';
import { child, isObject, member } from '../document/pointer.ts';
import { checkPattern } from '../pattern/engine.ts';
import { dialectOf, foreignDialect } from '../schema/dialects.ts';
import { APPLICATORS, ASSERTIONS, isIgnored, TYPES, type ValueRule, wrongValue } from '../schema/keywords.ts';
import type { CheckContext } from './context.ts';
import { readDeprecation } from './read-deprecation.ts';

/** Schemas that have been looked at, so that circles end and aliases cost nothing. */
export type Seen = Set<object>;

const SUGGESTED_TYPES: Readonly<Record<string, string>> = {
  int: 'integer',
  int32: 'integer',
  int64: 'integer',
  long: 'integer',
  float: 'number',
  double: 'number',
  decimal: 'number',
  bool: 'boolean',
  date: 'string',
  datetime: 'string',
  'date-time': 'string',
  uuid: 'string',
  file: 'string',
  list: 'array',
  map: 'object',
  str: 'string',
};

/** A place is kept as its pointer: of schemas within schemas these add up to the square of the depth. */
const MAX_POINTER = 50_000;

/** Looks at one Schema Object and puts those that it holds or refers to on the context's list. */
export function checkSchema(node: Node, context: CheckContext, seen: Seen): void {
  const { value } = node;
  const { problems, dialect } = context;
  if (node.pointer.length > MAX_POINTER) {
    const pointer = node.pointer.slice(0, node.pointer.lastIndexOf('/', 1000));
    problems.error('bad_schema', { file: node.file, pointer }, 'schemas within schemas, too deep to be read');
    return;
  }
  if (typeof value === 'boolean') {
    if (dialect === '3.0' && !/\/(additionalProperties|not)$/.test(node.pointer))
      problems.warning('sloppy_schema', node, 'a schema that is true or false belongs to OpenAPI 3.1');
    return;
  }
  if (!isObject(value)) {
    problems.error('bad_schema', node, 'a schema must be an object');
    return;
  }
  if (seen.has(value)) return;
  seen.add(value);
  const { $ref } = value;
  if (typeof $ref === 'string') {
    const target = context.target(node, $ref);
    if (target !== undefined) context.schemas.push(target);
    if (dialect === '3.0') {
      siblings(node, context);
      return;
    }
  } else if ($ref !== undefined) problems.error('bad_schema', context.at(node, '$ref'), '$ref must be a string');
  for (const keyword of Object.keys(value)) {
    const holds = APPLICATORS.get(keyword);
    const at = context.at(node, keyword);
    if (holds === 'schema') {
      if (keyword === 'items' && Array.isArray(at.value))
        problems.error('bad_schema', at, 'items must be one schema; for a tuple use prefixItems (OpenAPI 3.1)');
      else context.schemas.push(at);
    } else if (holds === 'list') subschemas(at, context);
    else if (holds === 'map') for (const sub of named(at, context)) context.schemas.push(sub);
    else {
      const rule = ASSERTIONS.get(keyword);
      if (rule !== undefined) assertion(at, keyword, rule, context);
    }
  }
  nullable(node, value, context);
  if (value['x-deprecation'] !== undefined) readDeprecation(node, context);
  if (dialect !== '3.0') identifiers(node, value, context);
}

/** A document that reads all its schemas in another language. */
export function checkDialect(root: Node, context: CheckContext): void {
  const said = context.at(root, 'jsonSchemaDialect');
  if (typeof said.value !== 'string' || context.dialect === '3.0' || dialectOf(context.documents, said.value, said) !== undefined) return;
  context.problems.warning(
    'not_judged',
    said,
    'only JSON Schema 2020-12 and the dialects of OpenAPI are read: no schema is judged (no_schema)',
  );
}

/** What 2020-12 has beside `$ref` to say what a schema is and where another stands. */
function identifiers(node: Node, value: Readonly<Record<string, unknown>>, context: CheckContext): void {
  const foreign = foreignDialect(context.documents, node);
  if (foreign !== undefined) context.problems.warning('not_judged', context.at(node, '$schema'), `${foreign}: not judged (no_schema)`);
  const { $dynamicRef } = value;
  if ($dynamicRef === undefined) return;
  if (typeof $dynamicRef !== 'string')
    context.problems.error('bad_schema', context.at(node, '$dynamicRef'), '$dynamicRef must be a string');
  else {
    const target = context.target(node, $dynamicRef);
    if (target !== undefined) context.schemas.push(target);
  }
}

function siblings(node: Node, context: CheckContext): void {
  const ignored = Object.keys(node.value as object).filter(
    (k) => k !== '$ref' && (APPLICATORS.has(k) || ASSERTIONS.has(k) || k === 'nullable'),
  );
  if (ignored.length > 0)
    context.problems.info('ref_siblings', node, `${ignored.join(', ')} beside $ref: ignored in OpenAPI 3.0; allOf holds both`);
}

function subschemas(at: Node, context: CheckContext): void {
  if (!Array.isArray(at.value) || at.value.length === 0) {
    context.problems.error(
      'bad_schema',
      at,
      `${at.pointer.slice(at.pointer.lastIndexOf('/') + 1)} must be an array of schemas with one at least`,
    );
    return;
  }
  for (const [i, value] of at.value.entries())
    context.schemas.push({ file: at.file, pointer: child(at.pointer, i), value: value as unknown });
}

function named(at: Node, context: CheckContext): Node[] {
  if (!isObject(at.value)) {
    context.problems.error('bad_schema', at, `${at.pointer.slice(at.pointer.lastIndexOf('/') + 1)} must be an object of schemas`);
    return [];
  }
  const { value } = at;
  if (at.pointer.endsWith('/patternProperties'))
    for (const pattern of Object.keys(value)) checkPatternAt(context.at(at, pattern), pattern, context);
  return Object.keys(value).map((name) => ({ file: at.file, pointer: child(at.pointer, name), value: member(value, name) }));
}

function assertion(at: Node, keyword: string, rule: ValueRule, context: CheckContext): void {
  const { problems, dialect } = context;
  if (isIgnored(keyword, at.value)) {
    problems.warning('sloppy_schema', at, `${keyword} must list the names of required properties; ignored here`);
    return;
  }
  if (keyword.startsWith('exclusive') && dialect === '3.0') {
    if (typeof at.value === 'boolean') return;
    if (typeof at.value === 'number') problems.warning('sloppy_schema', at, `${keyword} is true or false in OpenAPI 3.0; taken as in 3.1`);
  }
  const wanted = wrongValue(at.value, rule);
  if (wanted !== undefined) {
    const hint = keyword.startsWith('exclusive') && typeof at.value === 'boolean' ? ': since OpenAPI 3.1 it is the limit itself' : '';
    problems.error('bad_schema', at, `${keyword} must be ${wanted}${hint}`, rule === 'type' ? suggestType(at.value) : undefined);
    return;
  }
  if (keyword === 'type' && Array.isArray(at.value) && dialect === '3.0')
    problems.warning('sloppy_schema', at, 'a list of types belongs to OpenAPI 3.1; taken as there');
  if (keyword === 'enum' && (at.value as unknown[]).length === 0) problems.warning('sloppy_schema', at, 'enum is empty: no value fits');
  if (keyword === 'pattern') checkPatternAt(at, at.value as string, context);
}

function suggestType(value: unknown): string | undefined {
  if (value === null) return '"null"';
  return typeof value === 'string'
    ? (SUGGESTED_TYPES[value.toLowerCase()] ?? (TYPES.has(value.toLowerCase()) ? value.toLowerCase() : undefined))
    : undefined;
}

function checkPatternAt(at: Node, pattern: string, context: CheckContext): void {
  const verdict = checkPattern(pattern);
  if (verdict.is === 'invalid') context.problems.error('bad_pattern', at, `pattern: ${verdict.why}`);
  else if (verdict.is === 'unjudged')
    context.problems.warning('pattern_not_judged', at, `pattern: ${verdict.why}; what this schema describes is not judged (no_schema)`);
  else if (verdict.is === 'legacy') context.problems.info('legacy_pattern', at, 'pattern is valid only without the Unicode flag; taken so');
}

function nullable(node: Node, value: Readonly<Record<string, unknown>>, context: CheckContext): void {
  if (value.nullable !== true) return;
  const at = context.at(node, 'nullable');
  if (context.dialect === '3.1')
    context.problems.warning('sloppy_schema', at, 'nullable is not a keyword of OpenAPI 3.1 and is ignored: add "null" to type');
  else if (value.type === undefined && ['allOf', 'anyOf', 'oneOf', 'not'].some((k) => value[k] !== undefined))
    context.problems.info(
      'nullable_without_type',
      at,
      'since 3.0.3 nullable has no effect without type in the same schema; null passes here all the same',
    );
  else if (Array.isArray(value.enum) && !value.enum.includes(null))
    context.problems.info('nullable_enum', at, 'nullable, but null is not in enum; null passes here all the same');
}
