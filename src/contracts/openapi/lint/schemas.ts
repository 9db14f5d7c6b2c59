import type { Node } from '../document/documents.ts';
import { child, isObject } from '../document/pointer.ts';
import type { ContentModel, HeaderModel, OperationModel, ParameterModel } from '../model.ts';
import { APPLICATORS } from '../schema/keywords.ts';
import { type LintParts, everyOperation } from './parts.ts';

/** The schemas that an operation names. */
function* namedSchemas({ parameters, body, responses }: OperationModel): Generator<Node> {
  for (const parameter of parameters) yield* ofField(parameter);
  for (const content of body?.content ?? []) yield* ofContent(content);
  for (const response of responses) {
    for (const content of response.content) yield* ofContent(content);
    for (const header of response.headers) yield* ofField(header);
  }
}

function* ofField({ schema, content }: ParameterModel | HeaderModel): Generator<Node> {
  if (schema !== undefined) yield schema;
  if (content !== undefined) yield* ofContent(content);
}

function* ofContent({ schema, sequence, encoding }: ContentModel): Generator<Node> {
  if (schema !== undefined) yield schema;
  if (sequence?.itemSchema !== undefined) yield sequence.itemSchema;
  for (const { headers } of encoding.values()) for (const header of headers) yield* ofField(header);
}

/** Every Schema Object that an operation leads to, once. */
export function* everySchema({ model, judging }: LintParts): Generator<Node & { readonly value: Readonly<Record<string, unknown>> }> {
  const seen = new Set<unknown>();
  const stack: Node[] = [];
  for (const operation of everyOperation(model)) {
    stack.push(...namedSchemas(operation));
    for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
      const { value } = node;
      if (!isObject(value) || seen.has(value)) continue;
      seen.add(value);
      if (typeof value.$ref === 'string') {
        const target = judging.documents.resolve(node, value.$ref);
        if (target.ok) stack.push(target.node);
        // 3.0.4 §4.7.23: what stands beside $ref "SHALL be ignored".
        if (judging.dialect === '3.0') continue;
      }
      yield { ...node, value };
      stack.push(...below(node, value));
    }
  }
}

function* below(node: Node, value: Readonly<Record<string, unknown>>): Generator<Node> {
  for (const [keyword, holds] of APPLICATORS) {
    if (!Object.hasOwn(value, keyword)) continue;
    const held = value[keyword];
    const at = child(node.pointer, keyword);
    if (holds === 'schema') yield { file: node.file, pointer: at, value: held };
    else if (typeof held === 'object' && held !== null)
      for (const [name, one] of Object.entries(held)) yield { file: node.file, pointer: child(at, name), value: one };
  }
}
