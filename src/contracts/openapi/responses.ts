import type { BodyLook, ContractRequest, ContractResponse, ItemCheck } from '../../core/contract.ts';
import { headerList, headerValue, headerValues } from '../../core/headers.ts';
import type { ParsedBody } from '../../core/parsed-body.ts';
import { bodyNeed, judgeBody, openBody } from './body.ts';
import type { Place } from './document/documents.ts';
import { child, escapeToken, lookUp } from './document/pointer.ts';
import { CONFLICT, codedLook, contentType, saysEmpty } from './framing.ts';
import { type Findings, type Judging, unitOf } from './judging.ts';
import { accepts } from './media/accept.ts';
import { ContentTable, type Found } from './media/content-table.ts';
import type { MediaType } from './media/media-type.ts';
import type { ResponseModel } from './model.ts';
import { skipUnlooked } from './request-body.ts';
import { sunsetOf } from './schema/trait.ts';
import { type Parameter, headerParameter } from './parameters/parameter.ts';
import { judgeHeader } from './parameters/parameters.ts';

/** One documented response. What it holds is compiled when it is first needed. */
class Response {
  readonly model: ResponseModel;
  readonly content: ContentTable;
  readonly headers: ReadonlyArray<readonly [lower: string, header: Parameter]>;

  constructor(judging: Judging, model: ResponseModel) {
    this.model = model;
    this.content = new ContentTable(model.content, (content) => unitOf(judging, content.schema, 'response'));
    this.headers = model.headers.map((header) => [header.name.toLowerCase(), headerParameter(judging, header)] as const);
  }
}

const MAX_ACCEPTS = 200;

/** What an operation says of its answers. */
export class Responses {
  readonly #judging: Judging;
  readonly #place: Place;
  readonly #byStatus = new Map<string, Response>();
  readonly #documented: boolean;
  /** Media types of the successes; undefined where one of them has none, so that nothing can be said about Accept. */
  readonly #offered: readonly MediaType[] | undefined;
  readonly #accepted = new Map<string, boolean>();

  constructor(judging: Judging, models: readonly ResponseModel[], place: Place) {
    this.#judging = judging;
    this.#place = place;
    for (const model of models) this.#byStatus.set(model.status, new Response(judging, model));
    this.#documented = models.length > 0;
    this.#offered = this.#success();
  }

  /** In the request: can the answer be of a media type that the client takes? */
  checkAccept(request: ContractRequest, findings: Findings): void {
    if (this.#offered === undefined) return;
    const accept = headerList(request.headers, 'accept');
    if (accept === undefined || accept === '*/*') return;
    let accepted = this.#accepted.get(accept);
    if (accepted === undefined) {
      accepted = accepts(accept, this.#offered);
      if (this.#accepted.size < MAX_ACCEPTS && accept.length < 500) this.#accepted.set(accept, accepted);
    }
    if (!accepted)
      findings.add('not_acceptable', 'header', '/Accept', this.#place, 'no documented success has a media type that Accept allows');
  }

  need(request: ContractRequest, response: ContractResponse): BodyLook {
    if (!this.#documented) return 'no_schema';
    if (!hasBody(request, response)) return false;
    const of = this.#find(response.status);
    if (of === undefined) return response.status === 206 && this.#isExpected(request, response) ? 'stream' : false;
    if (response.status === 206) return 'stream';
    if (of.content.empty || saysEmpty(response.headers)) return false;
    const found = this.#match(of, response);
    if (found === undefined || found.is === 'unclear') return 'media_type';
    if (found.is === 'mismatch') return false;
    return codedLook(bodyNeed(this.#judging, found, 'response'), response.headers);
  }

  open(response: ContractResponse): ItemCheck | undefined {
    const of = this.#find(response.status);
    const type = contentType(response.headers);
    const found = of === undefined ? undefined : this.#match(of, response);
    return found?.is === 'match' && typeof type === 'string' ? openBody(this.#judging, found, 'response', type) : undefined;
  }

  /** Status, headers and media type. */
  checkHead(request: ContractRequest, response: ContractResponse, findings: Findings): void {
    if (!this.#documented) {
      findings.skip('no_schema');
      return;
    }
    const of = this.#find(response.status);
    if (of === undefined) {
      if (!this.#isExpected(request, response))
        findings.add(
          'undocumented_status',
          'status',
          '',
          this.#place,
          `the contract has no response ${response.status}; it has ${this.#statuses()}`,
        );
      return;
    }
    this.#checkHeaders(of, response, findings);
    if (of.content.empty || response.status === 206 || !hasBody(request, response)) return;
    if (saysEmpty(response.headers)) {
      this.checkBody(request, response, undefined, findings);
      return;
    }
    if (this.#match(of, response)?.is !== 'mismatch') return;
    const known = of.content.entries.map((e) => e.model.mediaType).join(', ');
    const place = { file: of.model.place.file, pointer: child(of.model.place.pointer, 'content') };
    findings.add('media_type', 'media_type', '', place, `the contract has no such media type; it has ${known.slice(0, 300)}`);
  }

  /** A body whose bytes `need` asked for; undefined: there are none. */
  checkBody(request: ContractRequest, response: ContractResponse, body: ParsedBody | undefined, findings: Findings): void {
    const of = this.#find(response.status);
    if (of === undefined || of.content.empty || response.status === 206 || !hasBody(request, response)) return;
    if (body === undefined || body.byteLength === 0) {
      if (this.#isJson(of, response)) findings.add('body_required', 'body', '', of.model.place, 'a body must be there');
      return;
    }
    const need = this.need(request, response);
    if (need !== true && need !== 'parts') return skipUnlooked(need, findings);
    const type = contentType(response.headers);
    const found = this.#match(of, response);
    if (found?.is === 'match' && typeof type === 'string') judgeBody(this.#judging, found, type, body, findings);
  }

  #checkHeaders(of: Response, response: ContractResponse, findings: Findings): void {
    for (const [lower, header] of of.headers) {
      // Cookies are set in lines of their own, which cannot be joined (RFC 6265 §3).
      const value = lower === 'set-cookie' ? headerValue(response.headers, lower) : headerList(response.headers, lower);
      if (value === undefined) {
        if (header.required)
          findings.add(
            'header_required',
            'header',
            `/${escapeToken(header.name)}`,
            header.model.place,
            'the response header must be there',
            { deprecated: sunsetOf(lookUp(header.model.place.file.value, header.model.place.pointer)) },
          );
      } else if (lower !== 'set-cookie' || headerValues(response.headers, lower).length === 1) judgeHeader(header, value, findings);
    }
  }

  /** No bytes are no JSON, whatever the schema; of other media types they may well be a body. */
  #isJson(of: Response, response: ContractResponse): boolean {
    const found = this.#match(of, response);
    return found === undefined ? of.content.onlyJson : found.is === 'match' && found.kind === 'json';
  }

  #match(of: Response, response: ContractResponse): Found | undefined {
    const type = contentType(response.headers);
    return type === undefined || type === CONFLICT ? undefined : of.content.find(type);
  }

  /** "An explicit code definition takes precedence over the range definition", and both over default (3.0.4 §4.7.16). */
  #find(status: number): Response | undefined {
    return this.#byStatus.get(String(status)) ?? this.#byStatus.get(`${Math.floor(status / 100)}XX`) ?? this.#byStatus.get('default');
  }

  /** What HTTP answers in place of a documented 200: a range of it, or that it has not changed (RFC 9110 §14.2, §13.2.2). */
  #isExpected(request: ContractRequest, response: ContractResponse): boolean {
    if (this.#find(200) === undefined) return false;
    if (response.status === 206) return headerValue(request.headers, 'range') !== undefined;
    if (response.status !== 304) return false;
    return headerValue(request.headers, 'if-none-match') !== undefined || headerValue(request.headers, 'if-modified-since') !== undefined;
  }

  #success(): readonly MediaType[] | undefined {
    const offered: MediaType[] = [];
    for (const [status, response] of this.#byStatus) {
      if (!status.startsWith('2') && status !== 'default') continue;
      if (status === 'default' && offered.length > 0) continue;
      if (response.content.empty) return undefined;
      offered.push(...response.content.entries.map((e) => e.media));
    }
    return offered.length === 0 ? undefined : offered;
  }

  #statuses(): string {
    return [...this.#byStatus.keys()].join(', ').slice(0, 200);
  }
}

/** RFC 9112 §6.3: no content, whatever the fields say. */
function hasBody(request: ContractRequest, response: ContractResponse): boolean {
  const { status } = response;
  return request.method !== 'HEAD' && status >= 200 && status !== 204 && status !== 205 && status !== 304;
}
