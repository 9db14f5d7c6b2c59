import type { ContractRequest, ContractResponse, DriftParts, Side } from '../../../core/contract.ts';
import type { Drift } from '../../../core/drift.ts';
import type { RawHeaders } from '../../../core/headers.ts';
import type { ParsedBody } from '../../../core/parsed-body.ts';
import { CONFLICT, contentType } from '../framing.ts';
import type { Judging } from '../judging.ts';
import { type Content, ContentTable } from '../media/content-table.ts';
import type { ContentModel, OperationModel } from '../model.ts';
import { eachPair, formDecode } from '../parameters/decode.ts';
import { one } from './describe.ts';
import type { Root } from './found.ts';
import { type Elsewhere, FieldNames, NO_DRIFT, QueryNames } from './heads.ts';
import { queryNames, requestFields, responseFields } from './known-names.ts';
import type { State } from './state.ts';
import { Walk } from './walk.ts';

/** Fields of one form that are looked at. */
const MAX_FIELDS = 500;

/** Bodies of one media type of one message. */
interface Body extends Root {
  readonly state: State | undefined;
  readonly kind: 'json' | 'form';
}

/** One message of an operation, as the document has it. */
class Message {
  readonly #judging: Judging;
  readonly #walk: Walk;
  readonly #side: Side;
  readonly #content: ContentTable;
  /** Null: not looked into. */
  readonly #bodies = new Map<Content, Body | null>();

  constructor(judging: Judging, content: readonly ContentModel[], side: Side) {
    this.#judging = judging;
    this.#walk = new Walk(judging.drift);
    this.#side = side;
    this.#content = new ContentTable(content, () => undefined);
  }

  find(headers: RawHeaders, body: ParsedBody): readonly Drift[] {
    const of = this.#of(headers);
    if (of?.state === undefined) return NO_DRIFT;
    if (of.kind === 'form') return this.#form(of, of.state, body);
    const parsed = body.json();
    return parsed.ok ? this.#walk.look(of, of.state, parsed.value) : NO_DRIFT;
  }

  #of(headers: RawHeaders): Body | null {
    const type = contentType(headers);
    const found = type === undefined || type === CONFLICT ? undefined : this.#content.find(type);
    if (found?.is !== 'match' || (found.kind !== 'json' && found.kind !== 'form')) return null;
    const { content, kind } = found;
    let body = this.#bodies.get(content);
    if (body === undefined) {
      body = this.#body(content.model, kind);
      this.#bodies.set(content, body);
    }
    return body;
  }

  #body({ schema, encoding }: ContentModel, kind: Body['kind']): Body | null {
    // Which names belong to an object that is spread over a form is not told apart here.
    const isSpread = kind === 'form' && [...encoding.values()].some(({ styled, style, explode }) => styled && style === 'form' && explode);
    if (schema === undefined || isSpread) return null;
    return { side: this.#side, kind, state: this.#judging.drift.of(one(schema)) };
  }

  #form(of: Body, state: State, body: ParsedBody): readonly Drift[] {
    const pairs: Array<readonly [string, string]> = [];
    eachPair(body.text() ?? '', (rawName, rawValue) => {
      const name = formDecode(rawName);
      if (name !== undefined && pairs.length < MAX_FIELDS) pairs.push([name.split(/[[.]/, 1)[0] ?? '', formDecode(rawValue) ?? '']);
    });
    return this.#walk.form(of, state, pairs);
  }
}

/** Names in the head of a request. Undefined: any may be there. */
interface RequestNames {
  readonly query: QueryNames | undefined;
  readonly fields: FieldNames | undefined;
}

/** What an operation's messages have that its document does not know. Prepared when the first message comes. */
export class OpenApiDriftParts implements DriftParts {
  readonly #judging: Judging;
  readonly #model: OperationModel;
  #head: RequestNames | undefined;
  #answerFields: FieldNames | null | undefined;
  #request: Message | undefined;
  /** By the status of the document. */
  readonly #answers = new Map<string, Message>();

  constructor(judging: Judging, model: OperationModel) {
    this.#judging = judging;
    this.#model = model;
  }

  inHead(request: ContractRequest, response: ContractResponse | undefined): readonly Drift[] {
    if (response !== undefined) return this.#fieldsOfAnswers()?.find(response.headers, undefined) ?? NO_DRIFT;
    this.#head ??= this.#headOfRequests();
    const { query, fields } = this.#head;
    const found = query === undefined || request.query === '' ? undefined : query.find(request.query, undefined);
    return fields?.find(request.headers, found) ?? found ?? NO_DRIFT;
  }

  inBody(request: ContractRequest, response: ContractResponse | undefined, body: ParsedBody): readonly Drift[] {
    if (response !== undefined) return this.#answer(response.status)?.find(response.headers, body) ?? NO_DRIFT;
    this.#request ??= new Message(this.#judging, this.#model.body?.content ?? [], 'request');
    return this.#request.find(request.headers, body);
  }

  /** As responses are chosen everywhere (3.0.4 §4.7.16): the code, its range, default. */
  #answer(status: number): Message | undefined {
    const { responses } = this.#model;
    const of = (key: string) => responses.find((response) => response.status === key);
    const model = of(String(status)) ?? of(`${Math.floor(status / 100)}XX`) ?? of('default');
    if (model === undefined) return undefined;
    let message = this.#answers.get(model.status);
    if (message === undefined) {
      message = new Message(this.#judging, model.content, 'response');
      this.#answers.set(model.status, message);
    }
    return message;
  }

  #fieldsOfAnswers(): FieldNames | null {
    if (this.#answerFields === undefined) {
      const declared = responseFields(this.#model);
      const specPointer = this.#judging.pointers.of(this.#model.responsesPlace);
      const of = { side: 'response', location: 'header', specPointer } as const;
      this.#answerFields = declared === undefined ? null : new FieldNames(declared, of, this.#elsewhere('response'));
    }
    return this.#answerFields;
  }

  #headOfRequests(): RequestNames {
    const specPointer = this.#judging.pointers.of(this.#model.place);
    const names = queryNames(this.#judging, this.#model);
    const declared = requestFields(this.#judging, this.#model);
    return {
      query: names && new QueryNames(names, { side: 'request', location: 'query', specPointer }),
      fields: declared && new FieldNames(declared, { side: 'request', location: 'header', specPointer }, this.#elsewhere('request')),
    };
  }

  #elsewhere(side: Side): Elsewhere {
    const { fields, root } = this.#judging.vocabulary;
    return { names: fields[side], specPointer: root };
  }
}
