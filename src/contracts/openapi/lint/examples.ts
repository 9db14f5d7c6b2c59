import type { Side } from '../../../core/contract.ts';
import type { Node, Place } from '../document/documents.ts';
import { child, isObject, member } from '../document/pointer.ts';
import { kindOf, parseMediaType } from '../media/media-type.ts';
import type { ContentModel, HeaderModel, OperationModel, ParameterModel } from '../model.ts';
import { ARRAY, OBJECT } from '../schema/shape.ts';
import { violationsOf } from '../schema/violations.ts';
import { type LintParts, everyOperation, nodeAt } from './parts.ts';
import { everySchema } from './schemas.ts';

/** Examples of one document that are held against their schemas: some seconds for thousands of them. */
const MAX_JUDGED = 20_000;
const MAX_TEXT = 1024 * 1024;
const BOTH: readonly Side[] = ['request', 'response'];

/** Examples and defaults that break their own schema: either they mislead, or the schema does. */
export async function lintExamples(parts: LintParts, pause: () => Promise<void>): Promise<void> {
  const examples = new Examples(parts);
  for (const operation of everyOperation(parts.model)) {
    examples.ofOperation(operation);
    await pause();
  }
  let looked = 0;
  for (const schema of everySchema(parts)) {
    examples.ofSchema(schema);
    looked += 1;
    if (looked % 50 === 0) await pause();
  }
  examples.end();
}

class Examples {
  readonly #parts: LintParts;
  /** Example and schema, by place: components share both. */
  readonly #judged = new Set<string>();
  #left = 0;

  constructor(parts: LintParts) {
    this.#parts = parts;
  }

  ofOperation({ parameters, body, responses }: OperationModel): void {
    for (const parameter of parameters) this.#ofField(parameter, 'request');
    this.#ofContent(body?.content ?? [], 'request');
    for (const response of responses) {
      this.#ofContent(response.content, 'response');
      for (const header of response.headers) this.#ofField(header, 'response');
    }
  }

  /** What stands in a schema itself is right if one direction takes it: a `readOnly` member belongs in answers only. */
  ofSchema(schema: Node): void {
    const example = this.#at(schema, 'example');
    if (example !== undefined) this.#judge(example, 'example_invalid', schema, BOTH, 'value');
    // A keyword of JSON Schema since 2019-09; in 3.0 it is none.
    const list = this.#parts.judging.dialect === '3.0' ? undefined : this.#at(schema, 'examples');
    if (Array.isArray(list?.value))
      for (const [i, value] of list.value.entries())
        this.#judge({ ...list, pointer: child(list.pointer, i), value }, 'example_invalid', schema, BOTH, 'value');
    const preset = this.#at(schema, 'default');
    if (preset !== undefined) this.#judge(preset, 'default_invalid', schema, BOTH, 'value');
  }

  end(): void {
    if (this.#left > 0)
      this.#parts.context.problems.info(
        'examples_not_judged',
        this.#parts.root,
        `${this.#left} examples were not held against their schemas: too many`,
      );
  }

  #ofField({ place, schema, content }: ParameterModel | HeaderModel, side: Side): void {
    if (schema !== undefined) {
      const isCompound = (this.#parts.judging.shapes.types(schema) & (ARRAY | OBJECT)) !== 0;
      this.#of(nodeAt(place), schema, [side], isCompound ? 'styled' : 'text');
    }
    if (content !== undefined) this.#ofContent([content], side);
  }

  #ofContent(content: readonly ContentModel[], side: Side): void {
    for (const { mediaType, place, schema } of content) {
      if (schema === undefined) continue;
      const media = parseMediaType(mediaType);
      const kind = media && kindOf(media);
      const owner = this.#parts.context.follow(nodeAt(place));
      if (owner === undefined) continue;
      // What is written as text in other media types has a form of its own, that no schema describes.
      if (kind === 'json') this.#of(owner, schema, [side], 'json');
      else if (kind === 'form') this.#of(owner, schema, [side], 'form');
      else if (kind === 'text') this.#of(owner, schema, [side], 'value');
    }
  }

  /** `example` and `examples` of a parameter, header or media type. */
  #of(owner: Node, schema: Node, sides: readonly Side[], form: Form): void {
    const example = this.#at(owner, 'example');
    if (example !== undefined) this.#judge(example, 'example_invalid', schema, sides, form);
    const examples = this.#at(owner, 'examples');
    if (!isObject(examples?.value)) return;
    for (const name of Object.keys(examples.value)) {
      const one = this.#parts.context.follow({ ...examples, pointer: child(examples.pointer, name), value: member(examples.value, name) });
      if (one === undefined) continue;
      const value = this.#at(one, 'value') ?? this.#at(one, 'dataValue');
      if (value !== undefined) this.#judge(value, 'example_invalid', schema, sides, form);
      const written = form === 'json' ? this.#at(one, 'serializedValue') : undefined;
      if (typeof written?.value === 'string') this.#judge(written, 'example_invalid', schema, sides, 'serialized');
    }
  }

  #at(owner: Node, name: string): Node | undefined {
    if (!isObject(owner.value) || !Object.hasOwn(owner.value, name)) return undefined;
    return { file: owner.file, pointer: child(owner.pointer, name), value: owner.value[name] };
  }

  #judge(example: Node, code: 'example_invalid' | 'default_invalid', schema: Node, sides: readonly Side[], form: Form): void {
    const key = `${placeOf(example)} ${placeOf(schema)}`;
    if (this.#judged.has(key)) return;
    if (this.#judged.size >= MAX_JUDGED) {
      this.#left += 1;
      return;
    }
    this.#judged.add(key);
    const readings = readingsOf(example.value, form);
    const faults = readings.flatMap((value) => sides.map((side) => this.#fault(value, schema, side)));
    const [first] = faults;
    // One reading that fits, or that cannot be judged, is enough.
    if (first === undefined || faults.some((fault) => fault === undefined)) return;
    const what = code === 'default_invalid' ? 'the default' : 'the example';
    this.#parts.context.problems.warning(code, example, `${what} breaks its own schema: ${first}`);
  }

  #fault(value: unknown, schema: Node, side: Side): string | undefined {
    if (value === NOT_JSON) return 'it is not JSON';
    const { schemas, pointers } = this.#parts.judging;
    const bytes = sizeOf(value);
    if (bytes > MAX_TEXT) return undefined;
    const judgement = schemas.unit(schema, side).judge(value, bytes);
    if (judgement === true || typeof judgement === 'string') return undefined;
    const [first, ...others] = violationsOf(judgement, schemas, pointers, { side, location: 'body', prefix: '' });
    if (first === undefined) return undefined;
    const where = first.pointer === '' ? '' : ` at ${first.pointer}`;
    const more = others.length === 0 ? '' : `, and ${others.length} more`;
    return `${first.detail}${where} (${first.rule})${more}`;
  }
}

/**
 * How an example stands for what is sent. `value`: as it is; `json`: as it is, or as text that holds JSON ("use a string value to contain the example",
 * 3.0.4 §4.7.14.1); `text`: a value, its text, or what its text would be read as; `styled`: a list or object, or a text that holds one "in the correct format as specified
 * in the parameter encoding" (3.0.4 §4.7.12.2), such as `a,b`; `form`: an object, never its text; `serialized`: the text of a JSON body.
 */
type Form = 'value' | 'json' | 'text' | 'styled' | 'form' | 'serialized';

const NOT_JSON = Symbol('not JSON');

function readingsOf(value: unknown, form: Form): readonly unknown[] {
  if (form === 'styled' && (typeof value !== 'object' || value === null)) return [];
  if (form === 'text' && (typeof value === 'number' || typeof value === 'boolean')) return [value, String(value)];
  if (typeof value !== 'string' || form === 'value') return [value];
  if (form === 'form') return [];
  const parsed = parse(value);
  if (form === 'serialized') return [parsed];
  return parsed === NOT_JSON ? [value] : [value, parsed];
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return NOT_JSON;
  }
}

/** About as long as its JSON would be, up to a little more than `MAX_TEXT`: YAML aliases can make a value without end, or a very large one of a few lines. */
function sizeOf(value: unknown): number {
  let size = 0;
  const stack: unknown[] = [value];
  for (let i = 0; i < stack.length && size <= MAX_TEXT; i++) {
    const one = stack[i];
    size += typeof one === 'string' ? one.length + 2 : 6;
    if (typeof one !== 'object' || one === null) continue;
    for (const name of Object.keys(one)) {
      size += Array.isArray(one) ? 1 : name.length + 4;
      if (size > MAX_TEXT) break;
      stack.push((one as Record<string, unknown>)[name]);
    }
  }
  return size;
}

function placeOf({ file, pointer }: Place): string {
  return `${file.uri}#${pointer}`;
}
