import type { Node } from '../document/documents.ts';
import { isObject, member } from '../document/pointer.ts';
import { templateNames, undivided } from '../match/template.ts';
import type { ContentModel, In, ParameterModel } from '../model.ts';
import { ARRAY, OBJECT, Shapes } from '../schema/shape.ts';
import type { CheckContext } from './context.ts';
import { readContent, schemaOf } from './read-content.ts';
import { readDeprecation } from './read-deprecation.ts';

/** The first is the default (3.1.1 §4.8.12.2). */
const STYLES: Readonly<Record<In, readonly [string, ...string[]]>> = {
  path: ['simple', 'label', 'matrix'],
  query: ['form', 'spaceDelimited', 'pipeDelimited', 'deepObject'],
  header: ['simple'],
  cookie: ['form'],
  querystring: ['form'],
};
/** 3.2.0 §4.12.3 has a style of its own for cookies. */
const COOKIE_STYLES = ['form', 'cookie'] as const;

/** 3.0.4 §4.7.12.2: definitions of these header parameters "SHALL be ignored". */
const IGNORED_HEADERS: ReadonlySet<string> = new Set(['accept', 'content-type', 'authorization']);

/** Nobody has a hundred; what each of them needs is made when the operation is first used. */
const MAX_PARAMETERS = 1000;

/** The parameters of an operation: its own, and those of the path that it does not replace. */
export function readParameters(item: Node, operation: Node, template: string, context: CheckContext): ParameterModel[] {
  const shared = readList(item, context);
  const own = readList(operation, context);
  const merged = new Map<string, ParameterModel>();
  for (const parameter of [...shared, ...own]) merged.set(keyOf(parameter), parameter);
  if (merged.size > MAX_PARAMETERS) {
    context.problems.error('bad_parameter', operation, `more than ${MAX_PARAMETERS} parameters`);
    return [];
  }
  const names = new Set(templateNames(template));
  const joined = undivided(template);
  const declared = new Set<string>();
  const out: ParameterModel[] = [];
  for (const parameter of merged.values()) {
    if (parameter.in === 'path') {
      declared.add(parameter.name);
      if (!names.has(parameter.name)) {
        context.problems.error(
          'unknown_path_parameter',
          parameter.place,
          `the path ${template} has no {${parameter.name}}`,
          [...names].find((n) => n.toLowerCase().replace(/[_-]/g, '') === parameter.name.toLowerCase().replace(/[_-]/g, '')),
        );
        continue;
      }
    }
    if (parameter.in === 'header' && IGNORED_HEADERS.has(parameter.name.toLowerCase())) continue;
    out.push(parameter.in === 'path' && joined.has(parameter.name) ? undividedOf(parameter, template, context) : parameter);
  }
  checkQueryString(out, operation, context);
  for (const name of names)
    if (!declared.has(name))
      context.problems.error('undeclared_path_parameter', operation, `{${name}} of the path ${template} is not declared as a parameter`);
  return out;
}

/** The grammar of paths (3.2.0 §4.8.2) allows parameters with nothing between them. Which text is whose cannot be told. */
function undividedOf(parameter: ParameterModel, template: string, { problems }: CheckContext): ParameterModel {
  problems.warning(
    'not_judged',
    parameter.place,
    `nothing divides {${parameter.name}} from its neighbour in ${template}: it is not judged`,
  );
  return { ...parameter, explode: 'not_defined', hasContent: false, content: undefined };
}

/** 3.2.0 §4.12.1: `querystring` MUST NOT appear more than once, nor together with `query`, and has `content`. */
function checkQueryString(parameters: readonly ParameterModel[], operation: Node, { problems }: CheckContext): void {
  const whole = parameters.filter((p) => p.in === 'querystring');
  for (const { place, name, content } of whole) {
    if (content === undefined) problems.error('bad_parameter', place, `the querystring parameter ${name} must have content`);
    if (parameters.some((p) => p.in === 'query'))
      problems.error('bad_parameter', place, 'a querystring parameter cannot stand beside query parameters');
  }
  if (whole.length > 1) problems.error('bad_parameter', operation, 'more than one querystring parameter');
}

function keyOf(parameter: { readonly in: In; readonly name: string }): string {
  return `${parameter.in} ${parameter.in === 'header' ? parameter.name.toLowerCase() : parameter.name}`;
}

function readList(owner: Node, context: CheckContext): ParameterModel[] {
  const seen = new Set<string>();
  const out: ParameterModel[] = [];
  for (const at of context.items(context.at(owner, 'parameters'), 'parameters')) {
    const parameter = readParameter(at, context);
    if (parameter === undefined) continue;
    const key = keyOf(parameter);
    if (seen.has(key))
      context.problems.error('duplicate_parameter', at, `the ${parameter.in} parameter ${parameter.name} is declared twice`);
    else out.push(parameter);
    seen.add(key);
  }
  return out;
}

export function readParameter(at: Node, context: CheckContext): ParameterModel | undefined {
  const { problems } = context;
  const node = context.follow(at);
  if (node === undefined || !context.object(node, 'a parameter')) return undefined;
  const { value } = node;
  const place = placeOf(node, value.in, context);
  if (place === undefined) return undefined;
  if (typeof value.name !== 'string' || value.name === '') {
    problems.error('bad_parameter', node, 'a parameter must have a name');
    return undefined;
  }
  if (place === 'path' && value.required !== true)
    problems.warning('path_parameter_required', node, `the path parameter ${value.name} must say required: true`);
  if (value.schema === undefined && !isObject(value.content))
    problems.warning('missing_schema', node, `the parameter ${value.name} has neither schema nor content: any value passes`);
  readDeprecation(node, context);
  const style = typeof value.style === 'string' ? value.style : STYLES[place][0];
  const known = place === 'cookie' && context.version === '3.2' ? COOKIE_STYLES : STYLES[place];
  if (!known.includes(style as never))
    problems.error('bad_style', context.at(node, 'style'), `style of a ${place} parameter must be ${known.join(', ')}`);
  const schema = schemaOf(node, context);
  const explode = explodeOf(style, value.explode);
  warnOfForm(node, { name: value.name, in: place, style, explode, schema }, context);
  return {
    name: value.name,
    in: place,
    required: value.required === true || place === 'path',
    place: node,
    schema,
    hasContent: value.content !== undefined,
    content: contentOf(node, value.name, context),
    style,
    explode,
    allowEmptyValue: place === 'query' && value.allowEmptyValue === true,
    allowReserved: value.allowReserved === true,
  };
}

function placeOf(node: Node, place: unknown, { problems, version }: CheckContext): In | undefined {
  if (place === 'path' || place === 'query' || place === 'header' || place === 'cookie') return place;
  if (place === 'querystring' && version === '3.2') return place;
  const hint = place === 'body' || place === 'formData' ? '; a body is described by requestBody' : '';
  const places = version === '3.2' ? 'path, query, querystring, header or cookie' : 'path, query, header or cookie';
  problems.error('bad_parameter', node, `\`in\` of a parameter must be ${places}${hint}`);
  return undefined;
}

/**
 * 3.1.1 §4.8.12.2: exploded are `form` and `cookie` by default, and not the others. Its table of examples has nothing for the two delimited styles when
 * exploded, nor for `deepObject` when not; there an `explode` that is not written can only mean the one form that there is.
 */
function explodeOf(style: string, written: unknown): ParameterModel['explode'] {
  const explode = typeof written === 'boolean' ? written : style === 'form' || style === 'cookie' || style === 'deepObject';
  if (style === 'deepObject') return explode ? true : 'not_defined';
  return explode && (style === 'spaceDelimited' || style === 'pipeDelimited') ? 'not_defined' : explode;
}

/** Combinations that the table of examples (3.1.1 §4.8.12.4) has as "n/a": the parameter is not judged. */
function warnOfForm(node: Node, of: Pick<ParameterModel, 'name' | 'in' | 'style' | 'explode' | 'schema'>, context: CheckContext): void {
  const { style, explode, schema } = of;
  if (schema === undefined || (style !== 'spaceDelimited' && style !== 'pipeDelimited' && style !== 'deepObject')) return;
  const types = new Shapes(context.documents, context.dialect).types(schema);
  const wanted = style === 'deepObject' ? OBJECT : ARRAY | OBJECT;
  if (explode === 'not_defined')
    context.problems.warning(
      'not_judged',
      node,
      `style ${style} with explode: ${style !== 'deepObject'} has no meaning: the parameter ${of.name} is not judged`,
    );
  else if ((types & wanted) === 0)
    context.problems.warning('not_judged', node, `style ${style} has no form for this type: the parameter ${of.name} is not judged`);
}

/** 3.1.1 §4.8.12.3: "The map MUST only contain one entry"; and a parameter has either a schema or content. */
function contentOf(node: Node, name: string, context: CheckContext): ContentModel | undefined {
  const content = context.at(node, 'content');
  if (content.value === undefined) return undefined;
  const entries = readContent(node, context);
  const { problems } = context;
  if (member(node.value, 'schema') !== undefined)
    problems.error('bad_parameter', content, `the parameter ${name} has both schema and content`);
  else if (isObject(content.value) && Object.keys(content.value).length !== 1)
    problems.error('bad_parameter', content, `content of the parameter ${name} must have one entry`);
  return entries[0];
}
