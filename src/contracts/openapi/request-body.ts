import type { ContractRequest, SkipReason } from '../../core/contract.ts';
import { headerValue } from '../../core/headers.ts';
import type { ParsedBody } from '../../core/parsed-body.ts';
import { bodyNeed, judgeBody } from './body.ts';
import type { Place } from './document/documents.ts';
import { CONFLICT, announcesBody, contentType, isEncoded } from './framing.ts';
import { type Findings, type Judging, unitOf } from './judging.ts';
import { ContentTable, type Found } from './media/content-table.ts';
import type { OperationModel } from './model.ts';

/** Methods whose body has a defined meaning (RFC 9110 §9.3): for the others a body that nobody declared is left alone. */
const WITH_BODY: ReadonlySet<string> = new Set(['POST', 'PUT', 'PATCH']);

/** What an operation says of the request's body. */
export class RequestBody {
  readonly #judging: Judging;
  readonly #place: Place;
  readonly #declared: boolean;
  readonly #required: boolean;
  readonly #content: ContentTable;
  /** Whether a body where none, or none of this type, is declared breaks the contract. */
  readonly #strict: boolean;
  /** A body that nobody declared can be sent and is a violation. */
  readonly #forbidden: boolean;

  constructor(judging: Judging, model: OperationModel) {
    this.#judging = judging;
    this.#place = model.body?.place ?? model.place;
    this.#declared = model.body !== undefined;
    const defined = WITH_BODY.has(model.method);
    // 3.0.4 §4.7.10: where HTTP gives a body no meaning "requestBody SHALL be ignored"; 3.1 permits it. One that is sent is still judged.
    this.#strict = defined || (judging.dialect === '3.1' && this.#declared);
    this.#required = this.#strict && model.body?.required === true;
    this.#forbidden = defined && !this.#declared;
    this.#content = new ContentTable(model.body?.content ?? [], (content) => unitOf(judging, content.schema, 'request'));
  }

  /** What the head decides of a body that it announces: whether one may be there, and of which media type. */
  checkHead(request: ContractRequest, findings: Findings): void {
    if ((!this.#declared && !this.#forbidden) || !announcesBody(request.headers)) return;
    if (this.#forbidden) {
      // A chunked body may still turn out to be empty.
      if (!isChunked(request)) this.#undocumented(findings);
      return;
    }
    if (this.#content.empty) return;
    const type = contentType(request.headers);
    if (typeof type === 'string' && this.#strict && this.#content.find(type).is === 'mismatch')
      findings.add('media_type', 'media_type', '', this.#place, `the contract has no such media type; it has ${this.#list()}`);
  }

  need(request: ContractRequest): true | false | SkipReason {
    if (!this.#declared && !this.#forbidden) return false;
    // That a body is missing is found where it should be.
    if (!announcesBody(request.headers)) return this.#required;
    if (this.#forbidden) return isChunked(request);
    if (this.#content.empty) return false;
    const found = this.#find(request);
    if (found === undefined || found.is === 'unclear') return 'media_type';
    if (found.is === 'mismatch') return false;
    const need = bodyNeed(found.content, found.kind);
    return need === true && isEncoded(request.headers) ? 'encoding' : need;
  }

  check(request: ContractRequest, body: ParsedBody | undefined, findings: Findings): void {
    const isEmpty = body === undefined || body.byteLength === 0;
    if (isEmpty) {
      if (this.#required) findings.add('body_required', 'body', '', this.#place, 'a body must be there');
      return;
    }
    if (this.#forbidden) {
      if (isChunked(request)) this.#undocumented(findings);
      return;
    }
    const need = this.need(request);
    if (typeof need === 'string') findings.skip(need);
    if (need !== true) return;
    const found = this.#find(request);
    if (found?.is === 'match') judgeBody(this.#judging, found.content, found.kind, body, findings);
  }

  /** Undefined: the media type is not known (RFC 9110 §8.3: no Content-Type says nothing). */
  #find(request: ContractRequest): Found | undefined {
    const type = contentType(request.headers);
    return type === undefined || type === CONFLICT ? undefined : this.#content.find(type);
  }

  #undocumented(findings: Findings): void {
    findings.add('undocumented_body', 'body', '', this.#place, 'the operation has no request body');
  }

  #list(): string {
    return this.#content.entries
      .map((e) => e.model.mediaType)
      .join(', ')
      .slice(0, 300);
  }
}

function isChunked(request: ContractRequest): boolean {
  return headerValue(request.headers, 'content-length') === undefined;
}
