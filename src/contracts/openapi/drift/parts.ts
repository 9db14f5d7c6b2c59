import type { ContractRequest, ContractResponse, DriftParts } from '../../../core/contract.ts';
import type { Drift } from '../../../core/drift.ts';
import type { ParsedBody } from '../../../core/parsed-body.ts';
import type { Judging } from '../judging.ts';
import type { OperationModel, ResponseModel } from '../model.ts';
import { FieldNames, NO_DRIFT, QueryNames } from './heads.ts';
import { queryNames, responseFields } from './known-names.ts';
import { Message } from './message.ts';

/** Statuses that are remembered: three digits each. */
const MAX_STATUSES = 1000;

/** What an operation's messages have that its document does not know. Prepared when the first message comes. */
export class OpenApiDriftParts implements DriftParts {
  readonly #judging: Judging;
  readonly #model: OperationModel;
  /** Null: any name may be there. */
  #query: QueryNames | null | undefined;
  #answerFields: FieldNames | null | undefined;
  #request: Message | undefined;
  readonly #answers = new Map<ResponseModel, Message>();
  /** Null: the document has no such answer. */
  readonly #byStatus = new Map<number, Message | null>();

  constructor(judging: Judging, model: OperationModel) {
    this.#judging = judging;
    this.#model = model;
  }

  inHead(request: ContractRequest, response: ContractResponse | undefined): readonly Drift[] {
    if (response !== undefined) return this.#fieldsOfAnswers()?.find(response.headers) ?? NO_DRIFT;
    // Not its header fields: any client and any hop may add some, and nothing shows that the service reads them.
    return request.query === '' ? NO_DRIFT : (this.#namesOfQuery()?.find(request.query) ?? NO_DRIFT);
  }

  inBody(request: ContractRequest, response: ContractResponse | undefined, body: ParsedBody): readonly Drift[] {
    if (response !== undefined) return this.#answer(response.status)?.find(response.headers, body) ?? NO_DRIFT;
    this.#request ??= new Message(this.#judging, this.#model.body?.content ?? [], 'request');
    return this.#request.find(request.headers, body);
  }

  #answer(status: number): Message | null {
    let message = this.#byStatus.get(status);
    if (message === undefined) {
      message = this.#documented(status);
      if (this.#byStatus.size < MAX_STATUSES) this.#byStatus.set(status, message);
    }
    return message;
  }

  /** As responses are chosen everywhere (3.0.4 §4.7.16): the code, its range, default. */
  #documented(status: number): Message | null {
    const { responses } = this.#model;
    const of = (key: string) => responses.find((response) => response.status === key);
    const model = of(String(status)) ?? of(`${Math.floor(status / 100)}XX`) ?? of('default');
    if (model === undefined) return null;
    let message = this.#answers.get(model);
    if (message === undefined) {
      message = new Message(this.#judging, model.content, 'response');
      this.#answers.set(model, message);
    }
    return message;
  }

  #fieldsOfAnswers(): FieldNames | null {
    if (this.#answerFields === undefined) {
      const declared = responseFields(this.#model);
      const specPointer = this.#judging.pointers.of(this.#model.responsesPlace);
      const of = { side: 'response', location: 'header', specPointer } as const;
      const { fields, root } = this.#judging.vocabulary;
      this.#answerFields = declared === undefined ? null : new FieldNames(declared, of, { names: fields, specPointer: root });
    }
    return this.#answerFields;
  }

  #namesOfQuery(): QueryNames | null {
    if (this.#query === undefined) {
      const specPointer = this.#judging.pointers.of(this.#model.place);
      const names = queryNames(this.#judging, this.#model);
      this.#query = names === undefined ? null : new QueryNames(names, { side: 'request', location: 'query', specPointer });
    }
    return this.#query;
  }
}
