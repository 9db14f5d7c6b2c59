import type { Location, Side } from '../../../core/contract.ts';
import type { Node } from '../document/documents.ts';
import type { Findings, Judging } from '../judging.ts';
import type { ContentModel } from '../model.ts';
import type { SchemaError } from '../schema/schema-error.ts';
import type { Judgement } from '../schema/unit.ts';
import { type Candidate, objectOf } from './coerce.ts';
import { eachPair, formDecode } from './decode.ts';
import { FormField, type Sent } from './form-field.ts';
import { NOT_ENCODED } from './pieces.ts';
import { ValueSchema, mixtures } from './value-schema.ts';

/** Fields of one form; a larger one is not judged. */
const MAX_FIELDS = 2000;

/** Where a form stands in a message. */
export interface FormAt {
  readonly bytes: number;
  /** Names that are no fields. */
  readonly also: ReadonlySet<string>;
  readonly location: Location;
  /** Of pointers. */
  readonly prefix: string;
}

interface ReadField {
  readonly name: string;
  readonly candidates: readonly Candidate[];
  /** There is no other meaning; and there is one. */
  readonly complete: boolean;
}

/** `application/x-www-form-urlencoded`, with what `encoding` says of its fields. */
export class FormFields {
  readonly #root: ValueSchema;
  readonly #schema: Node | undefined;
  /** Those that the schema or `encoding` names. */
  readonly #fields = new Map<string, FormField>();
  /** A field is spread over the form: which names are its own cannot be told. */
  readonly #isUnclear: boolean;

  constructor(judging: Judging, model: ContentModel, side: Side) {
    this.#root = new ValueSchema(judging, model.schema, side);
    this.#schema = model.schema;
    for (const name of this.#root.declared)
      this.#fields.set(name, new FormField(judging, this.#root.member(name), this.#root.memberTypes(name), model.encoding.get(name), side));
    this.#isUnclear = [...this.#fields.values()].some(({ way }) => way === 'spread');
  }

  /** `text`: the form as it was sent. Gives what is wrong with it where it is none. */
  judge(text: string, at: FormAt, findings: Findings): string | undefined {
    if (this.#schema === undefined || this.#root.isOpen) return undefined;
    const sent = this.#collect(text, at.also);
    if (typeof sent === 'string') return sent;
    if (sent === undefined) {
      findings.skip('too_large');
      return undefined;
    }
    const fields = [...sent].map(([name, of]) => this.#read(name, of));
    const readable = fields.filter(({ candidates }) => candidates.length > 0);
    const names = readable.map(({ name }) => name);
    const { tuples, all } = mixtures(readable.map(({ candidates }) => candidates));
    const complete = all && !this.#isUnclear && fields.every((field) => field.complete);
    let first: Judgement = true;
    for (const tuple of tuples) {
      const verdict = this.#root.judge(objectOf(names, tuple), at.bytes);
      if (verdict === true) {
        if (readable.length < fields.length || this.#isUnclear) findings.skip('unsupported');
        return undefined;
      }
      if (first === true || typeof first === 'string') first = verdict;
    }
    this.#tell(first, complete ? undefined : fields.filter((field) => !field.complete).map(({ name }) => name), at, findings);
    return undefined;
  }

  /** What came of each field, by the name of its property. Undefined: too many. A text: what is wrong. */
  #collect(text: string, also: ReadonlySet<string>): Map<string, Sent> | undefined | string {
    const sent = new Map<string, Sent>();
    let fault: string | undefined;
    let count = 0;
    eachPair(text, (rawName, value) => {
      const name = formDecode(rawName);
      if (name === undefined || formDecode(value) === undefined) {
        fault = NOT_ENCODED;
        return;
      }
      if (also.has(name) || ++count > MAX_FIELDS) return;
      const bracket = this.#fields.has(name) ? -1 : name.indexOf('[');
      const owner = bracket <= 0 ? undefined : this.#fields.get(name.slice(0, bracket));
      const key = owner === undefined || !owner.mayBeBracketed ? name : name.slice(0, bracket);
      let of = sent.get(key);
      if (of === undefined) {
        of = { values: [], members: [] };
        sent.set(key, of);
      }
      if (key === name) of.values.push(value);
      else of.members.push([name.slice(bracket), value]);
    });
    return fault ?? (count > MAX_FIELDS ? undefined : sent);
  }

  #read(name: string, sent: Sent): ReadField {
    const field = this.#fields.get(name);
    if (field !== undefined) return { name, ...field.read(sent) };
    // A name that the schema does not know: text, several times a list.
    const texts = sent.values.map((value) => formDecode(value) as string);
    const types = this.#root.memberTypes(name);
    return { name, ...FormField.plain(texts, types) };
  }

  /** `unclear`: fields that may mean something else; undefined: there is no doubt. */
  #tell(verdict: Judgement, unclear: readonly string[] | undefined, at: FormAt, findings: Findings): void {
    if (verdict === true) return;
    if (typeof verdict === 'string') {
      findings.skip(verdict);
      return;
    }
    // With a field in doubt, what is found of the others still holds, where each is judged on its own.
    const isCertain = (name: unknown): boolean => typeof name === 'string' && !unclear?.includes(name);
    const errors =
      unclear === undefined ? verdict : this.#root.isPlain && !this.#isUnclear ? verdict.filter((e) => isCertain(fieldOf(e))) : [];
    if (errors.length === 0) findings.skip('unsupported');
    findings.list(errors, at.location, at.prefix);
  }
}

/** The field that an error is about, escaped as in a pointer where it stands in one. */
function fieldOf({ instancePath, keyword, params }: SchemaError): unknown {
  if (instancePath !== '') return instancePath.split('/')[1]?.replaceAll('~1', '/').replaceAll('~0', '~');
  if (keyword === 'required') return params.missingProperty;
  return keyword === 'additionalProperties' ? params.additionalProperty : undefined;
}
