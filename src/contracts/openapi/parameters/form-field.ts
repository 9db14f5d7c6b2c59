import type { Side } from '../../../core/contract.ts';
import type { Node } from '../document/documents.ts';
import type { Judging } from '../judging.ts';
import { isJson, parseMediaType } from '../media/media-type.ts';
import type { EncodingModel } from '../model.ts';
import { ARRAY, OBJECT, SCALAR } from '../schema/shape.ts';
import { type Candidate, candidates, exactly, listOf } from './coerce.ts';
import { parseJson } from './content-value.ts';
import { formDecode } from './decode.ts';
import { bracketMembers } from './deep-object.ts';
import { queryPieces } from './pieces.ts';
import { mayLoseDigits } from '../schema/number-texts.ts';
import { type Meanings, ValueSchema } from './value-schema.ts';

/** What came of one field: values under its own name, members under `name[…]`; still encoded. */
export interface Sent {
  readonly values: string[];
  readonly members: Array<readonly [rest: string, value: string]>;
}

const UNKNOWN: Meanings = { candidates: [], complete: false };

/** How one property of a form is written (3.1.1 §4.8.15). */
export class FormField {
  readonly way: 'repeated' | 'delimited' | 'bracketed' | 'spread' | 'json' | 'undefined';
  readonly #schema: ValueSchema;
  readonly #types: number;
  readonly #style: string;

  /** `nodes`: the schemas of the property; `types`: those that it may have by all of them. */
  constructor(judging: Judging, nodes: readonly Node[], types: number, encoding: EncodingModel | undefined, side: Side) {
    this.#schema = new ValueSchema(judging, nodes[0], side);
    this.#types = types;
    this.#style = encoding?.style ?? 'form';
    this.way = nodes.length > 1 && (types & ~SCALAR) !== 0 ? 'undefined' : wayOf(encoding, types);
  }

  /** `name[…]` is, or may be meant as, a part of it. */
  get mayBeBracketed(): boolean {
    return this.#style === 'deepObject' || (this.#types & (ARRAY | OBJECT)) !== 0;
  }

  /** What the field may mean; no candidates where that cannot be told. */
  read({ values, members }: Sent): Meanings {
    if (this.way === 'bracketed') return values.length > 0 ? UNKNOWN : this.#bracketed(members);
    if (members.length > 0) return UNKNOWN;
    const texts = values.map((value) => formDecode(value) as string);
    switch (this.way) {
      case 'repeated':
        return this.#repeated(texts);
      case 'delimited':
        return values.length > 1
          ? { candidates: [exactly(texts)], complete: (this.#types & ARRAY) === 0 }
          : this.#delimited(values[0] as string);
      case 'json':
        return jsonMeanings(texts, this.#types);
      default:
        return UNKNOWN;
    }
  }

  /** Text of a field of which only the types are known. */
  static plain(texts: readonly string[], types: number): Meanings {
    if (texts.length > 1) return { candidates: [exactly(texts)], complete: (types & (ARRAY | OBJECT)) === 0 };
    const found = candidates(texts[0] as string, types);
    return {
      candidates: found.length > 0 ? found : [exactly(texts[0])],
      complete: (types & (ARRAY | OBJECT)) === 0 || (types & SCALAR) === SCALAR,
    };
  }

  #repeated(texts: readonly string[]): Meanings {
    const found: Candidate[] = [];
    let complete = true;
    if (texts.length === 1 && (this.#types & SCALAR) !== 0) found.push(...candidates(texts[0] as string, this.#types));
    if ((this.#types & ARRAY) !== 0) {
      const list = this.#schema.list(texts);
      found.push(...list.candidates);
      complete = list.complete;
    }
    // Before 3.1.1 an object could be meant in style form, and much is sent as `name[member]`: as JSON it is taken where it is that.
    if ((this.#types & OBJECT) !== 0) {
      found.push(...jsonMeanings(texts, this.#types).candidates.filter(({ value }) => typeof value === 'object'));
      if (found.length === 0) return UNKNOWN;
      complete = false;
    }
    return { candidates: found.length > 0 ? found : [exactly(texts.length === 1 ? texts[0] : texts)], complete };
  }

  #delimited(raw: string): Meanings {
    const apart = queryPieces(raw, this.#style);
    if (typeof apart === 'string') return UNKNOWN;
    const found: Candidate[] = [];
    let complete = true;
    for (const { text, list, members, perhaps } of apart) {
      if (perhaps) {
        complete = false;
        continue;
      }
      if (text !== undefined && (this.#types & SCALAR) !== 0) found.push(...candidates(text, this.#types));
      for (const of of [
        list !== undefined && (this.#types & ARRAY) !== 0 ? this.#schema.list(list) : undefined,
        members !== undefined && (this.#types & OBJECT) !== 0 ? this.#schema.object(members) : undefined,
      ]) {
        found.push(...(of?.candidates ?? []));
        complete &&= of?.complete ?? true;
      }
    }
    return { candidates: found.length > 0 ? found : [exactly(formDecode(raw))], complete };
  }

  #bracketed(members: Sent['members']): Meanings {
    const read = (this.#types & ARRAY) === 0 ? bracketMembers(members, formDecode) : undefined;
    return Array.isArray(read) ? this.#schema.object(read) : UNKNOWN;
  }
}

function wayOf(encoding: EncodingModel | undefined, types: number): FormField['way'] {
  if (encoding === undefined || (!encoding.styled && encoding.contentType === undefined)) return 'repeated';
  if (!encoding.styled) return contentWay(encoding.contentType as string);
  const isCompound = (types & (ARRAY | OBJECT)) !== 0;
  switch (encoding.style) {
    case 'form':
      if (!encoding.explode) return 'delimited';
      return (types & OBJECT) === 0 ? 'repeated' : (types & ~OBJECT) === 0 ? 'spread' : 'undefined';
    case 'spaceDelimited':
    case 'pipeDelimited':
      return encoding.explode || !isCompound ? 'undefined' : 'delimited';
    case 'deepObject':
      return (types & OBJECT) === 0 ? 'undefined' : 'bracketed';
    default:
      return 'undefined';
  }
}

function contentWay(contentType: string): FormField['way'] {
  const media = parseMediaType(contentType);
  if (media === undefined) return 'undefined';
  if (isJson(media)) return 'json';
  return media.type === 'text' && media.subtype === 'plain' ? 'repeated' : 'undefined';
}

/** Each value is a JSON text; several are the items of a list, and one may be the list itself. */
function jsonMeanings(texts: readonly string[], types: number): Meanings {
  const values: Candidate[] = [];
  for (const text of texts) {
    const parsed = parseJson(text);
    // What is no JSON is judged as the text that it is, which says so wherever it matters.
    values.push(parsed.ok ? { value: parsed.value, written: mayLoseDigits(text) ? text : undefined } : exactly(text));
  }
  const list = listOf(values);
  const single = values[0] as Candidate;
  if (texts.length > 1) return { candidates: [list], complete: true };
  return { candidates: (types & ARRAY) === 0 || Array.isArray(single.value) ? [single] : [list, single], complete: true };
}
