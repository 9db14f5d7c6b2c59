import type { Location, SkipReason } from '../../../core/contract.ts';
import { escapeToken } from '../document/pointer.ts';
import type { Findings, Judging } from '../judging.ts';
import type { HeaderModel, In, ParameterModel } from '../model.ts';
import { ARRAY, OBJECT, SCALAR, STRING } from '../schema/shape.ts';
import { type Candidate, candidates, exactly } from './coerce.ts';
import { ContentValue } from './content-value.ts';
import type { Apart, Pieces } from './pieces.ts';
import type { Judgement } from '../schema/unit.ts';
import { ValueSchema } from './value-schema.ts';

const NONE: readonly Candidate[] = [];

/** How a parameter's value is spread over the message. */
export type Way =
  /** Under its own name. */
  | 'named'
  /** `deepObject`: as `name[…]`. */
  | 'bracketed'
  /** An exploded object: its members are parameters themselves. */
  | 'spread'
  /** Under its own name, as a document of a media type. */
  | 'content'
  /** Under its own name, in a form that the specification does not define. */
  | 'undefined';

/** One declared parameter or response header, ready to judge decoded values. */
export class Parameter {
  readonly name: string;
  readonly in: In;
  readonly required: boolean;
  readonly allowEmptyValue: boolean;
  readonly way: Way;
  readonly model: ParameterModel;
  readonly schema: ValueSchema;
  readonly content: ContentValue | undefined;
  /** JSON pointer of the parameter, `/name`. */
  readonly pointer: string;
  readonly location: Location;

  constructor(judging: Judging, model: ParameterModel, side: 'request' | 'response') {
    this.name = model.name;
    this.in = model.in;
    this.required = model.required;
    this.allowEmptyValue = model.allowEmptyValue;
    this.model = model;
    this.schema = new ValueSchema(judging, model.schema, side);
    this.content = model.content === undefined ? undefined : new ContentValue(judging, model.content, side);
    this.pointer = `/${escapeToken(this.name)}`;
    this.location = model.in === 'querystring' ? 'query' : model.in;
    this.way = wayOf(model, this.schema.types);
  }

  /** May be a list. */
  get isList(): boolean {
    return (this.schema.types & ARRAY) !== 0;
  }

  /** May be a list or an object. */
  get isCompound(): boolean {
    return (this.schema.types & (ARRAY | OBJECT)) !== 0;
  }

  get explode(): boolean {
    return this.model.explode === true;
  }

  missing(findings: Findings): void {
    findings.add('parameter_required', this.location, this.pointer, this.model.place, `the ${this.in} parameter must be there`);
  }

  malformed(findings: Findings, detail: string): void {
    findings.add('parameter_format', this.location, this.pointer, this.model.place, detail);
  }

  /** Only one value of a parameter that is no list makes sense. */
  repeated(findings: Findings): void {
    this.malformed(findings, 'sent more than once');
  }

  /** Whether a scalar fits as it stands, as nearly all do; what does not is for `judge`, which knows why. Nothing is collected for it. */
  takes(text: string, bytes: number): boolean {
    const { schema } = this;
    if (schema.isOpen) return true;
    if (schema.types === STRING) return schema.judge(exactly(text), bytes) === true;
    if (this.isCompound) return false;
    for (const candidate of candidates(text, schema.types)) if (schema.judge(candidate, bytes) === true) return true;
    return false;
  }

  /** `doubtful`: the value may have a form that was not taken into account. */
  judge(findings: Findings, apart: Apart, bytes: number, doubtful: 'certain' | 'doubtful'): void {
    if (typeof apart === 'string') {
      this.malformed(findings, apart);
      return;
    }
    if (this.schema.isOpen) return;
    let complete = doubtful === 'certain';
    const found: Candidate[] = [];
    let perhaps: Candidate[] | undefined;
    for (const pieces of apart) {
      if (pieces.perhaps) perhaps ??= [];
      complete = this.#read(pieces, pieces.perhaps ? (perhaps as Candidate[]) : found) && complete;
    }
    this.#decide(findings, found, complete, apart[0], bytes, perhaps);
  }

  /** Of an object whose members are spread over the message: `readings` of which names belong to it, the likeliest first. */
  judgeMembers(findings: Findings, readings: ReadonlyArray<ReadonlyArray<readonly [string, string]>>, bytes: number): void {
    let complete = true;
    const found: Candidate[] = [];
    for (const members of readings) complete = this.#read({ members }, found) && complete;
    this.#decide(findings, found, complete, { members: readings[0] ?? [] }, bytes);
  }

  /** Adds what the pieces may mean; whether that is all that they may. */
  #read(pieces: Pieces, found: Candidate[]): boolean {
    const { schema } = this;
    const { types } = schema;
    let complete = true;
    if (pieces.text !== undefined && (types & SCALAR) !== 0) found.push(...schema.text(pieces.text).candidates);
    if (pieces.list !== undefined && (types & ARRAY) !== 0) {
      const lists = schema.list(pieces.list);
      found.push(...lists.candidates);
      complete = lists.complete;
    }
    if (
      pieces.members !== undefined &&
      (types & OBJECT) !== 0 &&
      new Set(pieces.members.map(([name]) => name)).size === pieces.members.length
    ) {
      const objects = schema.object(pieces.members);
      found.push(...objects.candidates);
      complete = objects.complete && complete;
    }
    return complete;
  }

  /** `perhaps`: what may be meant, although it is written in another form. */
  #decide(
    findings: Findings,
    found: readonly Candidate[],
    complete: boolean,
    pieces: Pieces | undefined,
    bytes: number,
    perhaps: readonly Candidate[] = NONE,
  ): void {
    let first: Judgement | undefined;
    let compound: Judgement | undefined;
    let unclear: SkipReason | undefined;
    for (const candidate of found) {
      const verdict = this.schema.judge(candidate, bytes);
      if (verdict === true) return;
      if (typeof verdict === 'string') unclear ??= verdict;
      first ??= verdict;
      if (isCompound(candidate)) compound ??= verdict;
    }
    // Of several failures the one in the form that the sender most likely meant is told of.
    const isMany = pieces?.text === undefined || (pieces.list?.length ?? 0) > 1;
    const meant = isMany ? (compound ?? first) : first;
    if (!complete || perhaps.some((candidate) => !Array.isArray(this.schema.judge(candidate, bytes)))) findings.skip('unsupported');
    else if (unclear !== undefined) findings.skip(unclear);
    else if (meant === undefined) this.#tellForm(findings, pieces, bytes);
    else this.#tell(findings, meant);
  }

  #tell(findings: Findings, verdict: Judgement): void {
    if (verdict === true) return;
    if (typeof verdict === 'string') {
      findings.skip(verdict);
      return;
    }
    findings.list(verdict, this.location, this.pointer);
  }

  /** Nothing that the types allow: judged as the text that it is, which says so. */
  #tellForm(findings: Findings, pieces: Pieces | undefined, bytes: number): void {
    if (pieces?.text !== undefined && (this.schema.types & (OBJECT | ARRAY)) === 0)
      this.#tell(findings, this.schema.judge(exactly(pieces.text), bytes));
    else if ((this.schema.types & OBJECT) !== 0) this.malformed(findings, 'not a list of names and values, each name once');
    else this.malformed(findings, 'not in the form that its style asks for');
  }
}

function isCompound({ value }: Candidate): boolean {
  return typeof value === 'object' && value !== null;
}

function wayOf(model: ParameterModel, types: number): Way {
  if (model.content !== undefined) return 'content';
  if (model.hasContent && model.schema === undefined) return 'undefined';
  if (model.style === 'deepObject') return model.explode === 'not_defined' || (types & OBJECT) === 0 ? 'undefined' : 'bracketed';
  if (model.explode === 'not_defined') return 'undefined';
  if (model.style === 'spaceDelimited' || model.style === 'pipeDelimited') return (types & (ARRAY | OBJECT)) === 0 ? 'undefined' : 'named';
  const isSpread = (model.in === 'query' && model.style === 'form') || (model.in === 'cookie' && model.style === 'cookie');
  return isSpread && model.explode && (types & ~OBJECT) === 0 ? 'spread' : 'named';
}

/** A response header, declared like a parameter. */
export function headerParameter(judging: Judging, header: HeaderModel): Parameter {
  return new Parameter(judging, { ...header, in: 'header', style: 'simple', allowEmptyValue: false, allowReserved: false }, 'response');
}
