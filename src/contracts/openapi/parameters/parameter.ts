import { escapeToken } from '../document/pointer.ts';
import type { Findings, Judging } from '../judging.ts';
import { unitOf } from '../judging.ts';
import type { HeaderModel, In, ParameterModel } from '../model.ts';
import { ARRAY, OBJECT, SCALAR, STRING } from '../schema/shape.ts';
import type { Judgement, Unit } from '../schema/units.ts';
import { type Candidate, candidates, neighbours } from './coerce.ts';

/** How a parameter's value is spread over the message. */
export type Way =
  /** One value, or a list in the location's default style. */
  | 'plain'
  /** Present under its own name, in a way that this version does not decode. */
  | 'named'
  /** `deepObject`: present as `name[…]`. */
  | 'bracketed'
  /** An exploded object: its members are parameters themselves. */
  | 'spread';

/** One declared parameter or response header, ready to judge decoded values. */
export class Parameter {
  readonly name: string;
  readonly in: In;
  readonly required: boolean;
  readonly allowEmptyValue: boolean;
  readonly way: Way;
  /** May be a list. */
  readonly isList: boolean;
  readonly model: ParameterModel;
  readonly #types: number;
  readonly #itemTypes: number;
  readonly #unit: Unit | undefined;
  readonly #exactly: boolean;

  constructor(judging: Judging, model: ParameterModel, side: 'request' | 'response') {
    this.name = model.name;
    this.in = model.in;
    this.required = model.required;
    this.allowEmptyValue = model.allowEmptyValue;
    this.model = model;
    const { schema } = model;
    this.#types = schema === undefined ? STRING : judging.shapes.types(schema);
    this.#itemTypes = schema !== undefined && (this.#types & ARRAY) !== 0 ? judging.shapes.itemTypes(schema) : 0;
    this.#exactly = schema !== undefined && judging.shapes.comparesExactly(schema);
    this.#unit = unitOf(judging, schema, side);
    this.isList = (this.#types & ARRAY) !== 0;
    this.way = wayOf(model, this.#types, this.#itemTypes);
  }

  /** JSON pointer of the parameter, `/name`. */
  get pointer(): string {
    return `/${escapeToken(this.name)}`;
  }

  missing(findings: Findings): void {
    findings.add('parameter_required', this.in, this.pointer, this.model.place, `the ${this.in} parameter must be there`);
  }

  malformed(findings: Findings, detail: string): void {
    findings.add('parameter_format', this.in, this.pointer, this.model.place, detail);
  }

  /** Only one value of a parameter that is no list makes sense. */
  repeated(findings: Findings): void {
    this.malformed(findings, 'sent more than once');
  }

  /** A value in one piece. `list`: its items, if it is to be read as a list. */
  judge(findings: Findings, text: string, list: readonly string[] | undefined): void {
    const unit = this.#unit;
    if (unit === undefined) return;
    const scalars = list === undefined || (this.#types & SCALAR) !== 0 ? candidates(text, this.#types) : [];
    const lists = list === undefined || !this.isList ? [] : this.#lists(list);
    const readings = [...scalars, ...lists];
    let first: Judgement | undefined;
    for (const reading of readings) {
      const judgement = this.#judgeOne(unit, reading, text.length);
      if (judgement === true) return;
      first ??= judgement;
    }
    // An object in this place would need decoding; of a list whose items can be read in two ways not every mixture was tried.
    if ((this.#types & OBJECT) !== 0 || (lists.length > 1 && list !== undefined && list.length > 1)) findings.skip('unsupported');
    else if (typeof first === 'string') findings.skip(first);
    // Nothing that the types allow: judged as the text that it is, which says so.
    else findings.judge(unit, readings[0] === undefined ? text : readings[0].value, text.length, this.in, this.pointer);
  }

  #judgeOne(unit: Unit, candidate: Candidate, bytes: number): Judgement {
    const judgement = unit.judge(candidate.value, bytes);
    if (candidate.exact || typeof judgement === 'string') return judgement;
    if (typeof candidate.value !== 'number' || this.#exactly) return 'unsupported';
    // The written number lies between two that can be held: only if both are judged alike is it known how.
    for (const near of neighbours(candidate.value)) {
      if ((unit.judge(near, bytes) === true) !== (judgement === true)) return 'unsupported';
    }
    return judgement;
  }

  /** Readings of a list: every item as the most telling type, and every item as text. */
  #lists(items: readonly string[]): Candidate[] {
    const telling = items.map((item) => candidates(item, this.#itemTypes)[0] ?? { value: item, exact: true });
    const exact = telling.every((c) => c.exact);
    const found: Candidate[] = [{ value: telling.map((c) => c.value), exact }];
    if ((this.#itemTypes & STRING) !== 0 && telling.some((c) => typeof c.value !== 'string')) found.push({ value: items, exact: true });
    if (items.length === 1 && items[0] === '') found.push({ value: [], exact: true });
    return found;
  }
}

function wayOf(model: ParameterModel, types: number, itemTypes: number): Way {
  if (model.hasContent && model.schema === undefined) return 'named';
  const onlyObject = (types & ~OBJECT) === 0;
  const mayList = (types & ARRAY) !== 0;
  if (model.in === 'query') {
    if (model.style === 'deepObject') return 'bracketed';
    if (onlyObject) return model.style === 'form' && model.explode ? 'spread' : 'named';
    if (mayList && (model.style !== 'form' || !model.explode)) return 'named';
  } else {
    if (model.style !== 'simple' && model.style !== 'form') return 'named';
    // An exploded cookie list would be several cookies of one name, which no client sends.
    if (onlyObject || (mayList && model.in === 'cookie')) return 'named';
  }
  // A list of lists or objects has no defined form.
  return mayList && (types & SCALAR) === 0 && (itemTypes & SCALAR) === 0 ? 'named' : 'plain';
}

/** A response header, declared like a parameter. */
export function headerParameter(judging: Judging, header: HeaderModel): Parameter {
  return new Parameter(judging, { ...header, in: 'header', style: 'simple', allowEmptyValue: false }, 'response');
}
