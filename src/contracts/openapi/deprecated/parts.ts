import type { ContractRequest, ContractResponse, DeprecatedParts, DeprecatedUse } from '../../../core/contract.ts';
import type { ParsedBody } from '../../../core/parsed-body.ts';
import type { Place } from '../document/documents.ts';
import { lookUp, member } from '../document/pointer.ts';
import { CONFLICT, contentType } from '../framing.ts';
import { type Judging, unitOf } from '../judging.ts';
import { ContentTable } from '../media/content-table.ts';
import type { ContentModel, OperationModel, ResponseModel } from '../model.ts';
import { DeprecatedHeaders, DeprecatedParameters } from './heads.ts';

const NONE: readonly DeprecatedUse[] = Object.freeze([]);

/** What one message may carry. Made when the first message comes: most operations have nothing that is deprecated. */
class Side {
  readonly #judging: Judging;
  readonly #element: 'request_field' | 'response_field';
  readonly #content: ContentTable;
  readonly headers: DeprecatedHeaders | undefined;

  constructor(judging: Judging, content: readonly ContentModel[], side: 'request' | 'response', headers: DeprecatedHeaders | undefined) {
    this.#judging = judging;
    this.#element = side === 'request' ? 'request_field' : 'response_field';
    this.#content = new ContentTable(content, (model) => unitOf(judging, model.schema, side));
    this.headers = headers;
  }

  fields(message: ContractRequest | ContractResponse, body: ParsedBody): readonly DeprecatedUse[] {
    const type = contentType(message.headers);
    const found = type === undefined || type === CONFLICT ? undefined : this.#content.find(type);
    if (found?.is !== 'match' || found.kind !== 'json' || found.content.unit === undefined) return NONE;
    const { unit } = found.content;
    if (!this.#judging.deprecated.mayFind(unit)) return NONE;
    const parsed = body.json();
    if (!parsed.ok) return NONE;
    const { pointers, deprecated } = this.#judging;
    return deprecated.find(unit, parsed.value).map((place) => ({ element: this.#element, specPointer: pointers.of(place) }));
  }
}

/** The deprecated parts of one operation's messages. */
export class OpenApiDeprecatedParts implements DeprecatedParts {
  readonly #judging: Judging;
  readonly #model: OperationModel;
  #parameters: DeprecatedParameters | undefined;
  #request: Side | undefined;
  /** By the response of the document. */
  readonly #responses = new Map<ResponseModel, Side>();

  constructor(judging: Judging, model: OperationModel) {
    this.#judging = judging;
    this.#model = model;
  }

  inHeads(request: ContractRequest, response: ContractResponse | undefined): readonly DeprecatedUse[] {
    this.#parameters ??= new DeprecatedParameters(this.#model.parameters.filter(this.#says), this.#judging.pointers);
    const uses: DeprecatedUse[] = [];
    this.#parameters.find(request, uses);
    if (response !== undefined) this.#response(response.status)?.headers?.find(response, uses);
    return uses;
  }

  inBody(request: ContractRequest, response: ContractResponse | undefined, body: ParsedBody): readonly DeprecatedUse[] {
    if (response !== undefined) return this.#response(response.status)?.fields(response, body) ?? NONE;
    this.#request ??= new Side(this.#judging, this.#model.body?.content ?? [], 'request', undefined);
    return this.#request.fields(request, body);
  }

  /** As responses are chosen everywhere (3.0.4 §4.7.16): the code, its range, default. */
  #response(status: number): Side | undefined {
    const { responses } = this.#model;
    const of = (key: string): ResponseModel | undefined => responses.find((response) => response.status === key);
    const model = of(String(status)) ?? of(`${Math.floor(status / 100)}XX`) ?? of('default');
    if (model === undefined) return undefined;
    let side = this.#responses.get(model);
    if (side === undefined) {
      const headers = new DeprecatedHeaders(model.headers.filter(this.#says), this.#judging.pointers);
      side = new Side(this.#judging, model.content, 'response', headers);
      this.#responses.set(model, side);
    }
    return side;
  }

  /** A parameter or header that says `deprecated`, or whose schema does. */
  readonly #says = ({ place, schema }: { readonly place: Place; readonly schema: Place | undefined }): boolean => {
    if (member(lookUp(place.file.value, place.pointer), 'deprecated') === true) return true;
    return schema !== undefined && this.#saysSchema(schema);
  };

  /** Itself, or what it refers to: what a branch of alternatives says is not certain of every value. */
  #saysSchema(schema: Place): boolean {
    let at = schema;
    for (let hops = 0; hops < 100; hops++) {
      const value = lookUp(at.file.value, at.pointer);
      const ref = member(value, '$ref');
      if (member(value, 'deprecated') === true && (ref === undefined || this.#judging.dialect !== '3.0')) return true;
      if (typeof ref !== 'string') return false;
      const resolved = this.#judging.documents.resolve(at, ref);
      if (!resolved.ok) return false;
      at = resolved.node;
    }
    return false;
  }
}
