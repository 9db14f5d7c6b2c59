import type { BodyLook, ContractRequest, ItemCheck } from '../../core/contract.ts';
import { headerValue } from '../../core/headers.ts';
import type { ParsedBody } from '../../core/parsed-body.ts';
import { bodyNeed, judgeBody, openBody } from './body.ts';
import type { Place } from './document/documents.ts';
import { CONFLICT, announcesBody, codedLook, contentType } from './framing.ts';
import { type Findings, type Judging, unitOf } from './judging.ts';
import { ContentTable, type Found } from './media/content-table.ts';
import type { OperationModel } from './model.ts';

/**
 * Methods whose body has a defined meaning (RFC 9110 §9.3, RFC 5789, QUERY: draft-ietf-httpbis-safe-method-w-body §2): for the others one that
 * nobody declared is left alone.
 */
const WITH_BODY: ReadonlySet<string> = new Set(['POST', 'PUT', 'PATCH', 'QUERY']);

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

  need(request: ContractRequest): BodyLook {
    if (!this.#declared && !this.#forbidden) return false;
    // That a body is missing is found where it should be.
    if (!announcesBody(request.headers)) return this.#required;
    if (this.#forbidden) return isChunked(request);
    if (this.#content.empty) return false;
    const found = this.#find(request);
    if (found === undefined || found.is === 'unclear') return 'media_type';
    if (found.is === 'mismatch') return false;
    return codedLook(bodyNeed(this.#judging, found, 'request'), request.headers);
  }

  open(request: ContractRequest): ItemCheck | undefined {
    const type = contentType(request.headers);
    const found = this.#find(request);
    return found?.is === 'match' && typeof type === 'string' ? openBody(this.#judging, found, 'request', type) : undefined;
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
    if (need !== true && need !== 'parts') return skipUnlooked(need, findings);
    const type = contentType(request.headers);
    const found = this.#find(request);
    if (found?.is === 'match' && typeof type === 'string') judgeBody(this.#judging, found, type, body, findings);
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

/** A body that is here although nobody asked for it. */
export function skipUnlooked(need: Exclude<BodyLook, true | 'parts'>, findings: Findings): void {
  if (need !== false) findings.skip(need === 'items' ? 'stream' : need);
}

function isChunked(request: ContractRequest): boolean {
  return headerValue(request.headers, 'content-length') === undefined;
}
