import type { Side } from '../../../core/contract.ts';
import { ParsedBody } from '../../../core/parsed-body.ts';
import type { Node } from '../document/documents.ts';
import { child, isObject, member } from '../document/pointer.ts';
import { type Findings, type Judging, unitOf } from '../judging.ts';
import { isJson, parseMediaType } from '../media/media-type.ts';

/** A fault in the content of a string: what to note of it. */
type Fault = (findings: Findings, pointer: string) => void;

const MAX_DEPTH = 20;

/**
 * `contentMediaType` and `contentSchema` of the string `data` of an event. In JSON Schema they are annotations; for server-sent events OpenAPI
 * has them used "to describe and validate such fields" (3.2.0 §4.14.4). Where alternatives differ, those that the event fits decide.
 */
export class EventContent {
  readonly #judging: Judging;
  readonly #side: Side;
  readonly #nodes: readonly Node[];

  /** Undefined where no item schema has such keywords. */
  static of(judging: Judging, nodes: readonly Node[], side: Side): EventContent | undefined {
    return nodes.some((node) => mentions(judging, node, new Set())) ? new EventContent(judging, nodes, side) : undefined;
  }

  private constructor(judging: Judging, nodes: readonly Node[], side: Side) {
    this.#judging = judging;
    this.#nodes = nodes;
    this.#side = side;
  }

  /** `event` fits its schema. */
  check(event: { readonly data?: string }, pointer: string, findings: Findings): void {
    for (const node of this.#nodes) this.#event(node, event, 0)?.(findings, `${pointer}/data`);
  }

  #event(node: Node, event: { readonly data?: string }, depth: number): Fault | undefined {
    return this.#each(node, event, depth, (at, more) => this.#event(at, event, more)) ?? this.#data(dataOf(node), event.data, depth);
  }

  #data(node: Node, text: string | undefined, depth: number): Fault | undefined {
    if (text === undefined) return undefined;
    return this.#each(node, text, depth, (at, more) => this.#data(at, text, more)) ?? this.#content(node, text);
  }

  /** The first fault of what applies in place: references, all of `allOf`, and of alternatives those that the value fits. */
  #each(node: Node, value: unknown, depth: number, visit: (at: Node, depth: number) => Fault | undefined): Fault | undefined {
    if (depth > MAX_DEPTH) return undefined;
    const target = targetOf(this.#judging, node);
    const always = [...(target === undefined ? [] : [target]), ...listOf(node, 'allOf')];
    for (const at of always) {
      const fault = visit(at, depth + 1);
      if (fault !== undefined) return fault;
    }
    for (const keyword of ['oneOf', 'anyOf'] as const) {
      const fitting = listOf(node, keyword).filter((at) => this.#fits(at, value));
      const faults = fitting.map((at) => visit(at, depth + 1));
      // One that fits with its content is enough.
      if (faults.length > 0 && faults.every((fault) => fault !== undefined)) return faults[0];
    }
    return undefined;
  }

  #fits(node: Node, value: unknown): boolean {
    const unit = unitOf(this.#judging, node, this.#side);
    return unit === undefined || unit.judge(value, 0) === true;
  }

  #content(node: Node, text: string): Fault | undefined {
    const mediaType = member(node.value, 'contentMediaType');
    const media = typeof mediaType === 'string' ? parseMediaType(mediaType) : undefined;
    if (media === undefined || !isJson(media) || member(node.value, 'contentEncoding') !== undefined) return undefined;
    const bytes = Buffer.from(text);
    const parsed = new ParsedBody([bytes], bytes.byteLength).json();
    if (!parsed.ok)
      return (findings, pointer) => findings.add('contentMediaType', 'body', pointer, at(node, 'contentMediaType'), 'must be JSON');
    const schema = at(node, 'contentSchema');
    const unit = unitOf(this.#judging, schema.value === undefined ? undefined : schema, this.#side);
    if (unit === undefined || unit.judge(parsed.value, bytes.byteLength) === true) return undefined;
    return (findings, pointer) => findings.judge(unit, parsed.value, bytes.byteLength, 'body', pointer);
  }
}

function at(node: Node, name: string): Node {
  return { file: node.file, pointer: child(node.pointer, name), value: member(node.value, name) };
}

function dataOf(node: Node): Node {
  return at(at(node, 'properties'), 'data');
}

function listOf(node: Node, keyword: string): Node[] {
  const list = member(node.value, keyword);
  return Array.isArray(list)
    ? list.map((_, i) => ({ file: node.file, pointer: child(child(node.pointer, keyword), i), value: list[i] }))
    : [];
}

function targetOf(judging: Judging, node: Node): Node | undefined {
  const ref = member(node.value, '$ref');
  const target = typeof ref === 'string' ? judging.documents.resolve(node, ref) : undefined;
  return target?.ok === true ? target.node : undefined;
}

function mentions(judging: Judging, node: Node, seen: Set<unknown>): boolean {
  if (!isObject(node.value) || seen.has(node.value)) return false;
  seen.add(node.value);
  if (node.value.contentMediaType !== undefined) return true;
  const target = targetOf(judging, node);
  const below = ['allOf', 'oneOf', 'anyOf'].flatMap((keyword) => listOf(node, keyword));
  return [...below, ...(target === undefined ? [] : [target]), dataOf(node)].some((one) => mentions(judging, one, seen));
}
