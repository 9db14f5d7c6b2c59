import type { Node } from '../document/documents.ts';
import { isObject } from '../document/pointer.ts';
import { templateNames } from '../match/template.ts';
import type { In, ParameterModel } from '../model.ts';
import type { CheckContext } from './context.ts';
import { schemaOf } from './read-content.ts';

const DEFAULT_STYLE: Readonly<Record<In, string>> = { path: 'simple', query: 'form', header: 'simple', cookie: 'form' };
const STYLES: Readonly<Record<In, readonly string[]>> = {
  path: ['simple', 'label', 'matrix'],
  query: ['form', 'spaceDelimited', 'pipeDelimited', 'deepObject'],
  header: ['simple'],
  cookie: ['form'],
};

/** 3.0.4 §4.7.12.2: definitions of these header parameters "SHALL be ignored". */
const IGNORED_HEADERS: ReadonlySet<string> = new Set(['accept', 'content-type', 'authorization']);

/** The parameters of an operation: its own, and those of the path that it does not replace. */
export function readParameters(item: Node, operation: Node, template: string, context: CheckContext): ParameterModel[] {
  const shared = readList(item, context);
  const own = readList(operation, context);
  const merged = new Map<string, ParameterModel>();
  for (const parameter of [...shared, ...own]) merged.set(keyOf(parameter), parameter);
  const names = new Set(templateNames(template));
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
    out.push(parameter);
  }
  for (const name of names)
    if (!declared.has(name))
      context.problems.error('undeclared_path_parameter', operation, `{${name}} of the path ${template} is not declared as a parameter`);
  return out;
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
  const place = value.in;
  if (place !== 'path' && place !== 'query' && place !== 'header' && place !== 'cookie') {
    const hint = place === 'body' || place === 'formData' ? '; a body is described by requestBody' : '';
    problems.error('bad_parameter', node, `\`in\` of a parameter must be path, query, header or cookie${hint}`);
    return undefined;
  }
  if (typeof value.name !== 'string' || value.name === '') {
    problems.error('bad_parameter', node, 'a parameter must have a name');
    return undefined;
  }
  if (place === 'path' && value.required !== true)
    problems.warning('path_parameter_required', node, `the path parameter ${value.name} must say required: true`);
  if (value.schema === undefined && !isObject(value.content))
    problems.warning('missing_schema', node, `the parameter ${value.name} has neither schema nor content: any value passes`);
  const style = typeof value.style === 'string' ? value.style : DEFAULT_STYLE[place];
  if (!STYLES[place].includes(style))
    problems.error('bad_style', context.at(node, 'style'), `style of a ${place} parameter must be ${STYLES[place].join(', ')}`);
  return {
    name: value.name,
    in: place,
    required: value.required === true || place === 'path',
    place: node,
    schema: schemaOf(node, context),
    hasContent: value.content !== undefined,
    style,
    explode: typeof value.explode === 'boolean' ? value.explode : style === 'form',
    allowEmptyValue: place === 'query' && value.allowEmptyValue === true,
  };
}
