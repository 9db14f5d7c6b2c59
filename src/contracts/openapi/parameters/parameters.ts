import type { ContractRequest, RawParams } from '../../../core/contract.ts';
import { type RawHeaders, headerList, headerValues } from '../../../core/headers.ts';
import type { Findings, Judging } from '../judging.ts';
import type { ParameterModel } from '../model.ts';
import { CookieParameters } from './cookies.ts';
import { percentDecode } from './decode.ts';
import { Parameter } from './parameter.ts';
import { type Apart, type Decode, NOT_ENCODED, type Pieces, pathPieces, takeApart, whole } from './pieces.ts';
import { QueryParameters } from './query.ts';
import { QueryString } from './query-string.ts';

/** All parameters of an operation, by where they stand in a request. */
export class Parameters {
  readonly #path: readonly Parameter[];
  readonly #query: QueryParameters | undefined;
  readonly #queryString: QueryString | undefined;
  readonly #headers: ReadonlyArray<readonly [lower: string, parameter: Parameter]>;
  readonly #cookies: CookieParameters | undefined;
  readonly #alsoInQuery: ReadonlySet<string>;
  /** Nothing is declared. */
  readonly empty: boolean;

  constructor(judging: Judging, models: readonly ParameterModel[], alsoInQuery: ReadonlySet<string>) {
    const all = models.map((model) => new Parameter(judging, model, 'request'));
    const at = (place: Parameter['in']): Parameter[] => all.filter((p) => p.in === place);
    const [query, cookies, [queryString]] = [at('query'), at('cookie'), at('querystring')];
    this.#path = at('path');
    this.#query = query.length === 0 ? undefined : new QueryParameters(query);
    this.#queryString = queryString === undefined ? undefined : new QueryString(judging, queryString);
    this.#headers = at('header').map((p) => [p.name.toLowerCase(), p] as const);
    this.#cookies = cookies.length === 0 ? undefined : new CookieParameters(cookies);
    this.#alsoInQuery = alsoInQuery;
    this.empty = all.length === 0;
  }

  check(request: ContractRequest, params: RawParams, findings: Findings): void {
    for (const parameter of this.#path) checkPath(parameter, params.get(parameter.name), findings);
    this.#query?.check(request.query, this.#alsoInQuery, findings);
    this.#queryString?.check(request.query, this.#alsoInQuery, findings);
    for (const [lower, parameter] of this.#headers) checkHeader(parameter, request.headers, lower, findings);
    if (this.#cookies !== undefined) this.#cookies.check(headerValues(request.headers, 'cookie'), findings);
  }
}

const NOTHING: readonly Pieces[] = [];

function checkPath(parameter: Parameter, raw: string | undefined, findings: Findings): void {
  if (raw === undefined) return;
  if (parameter.way === 'content') {
    const text = percentDecode(raw);
    if (text === undefined) parameter.malformed(findings, NOT_ENCODED);
    else parameter.content?.judge(findings, [text], 'path', parameter.pointer);
  } else if (parameter.way !== 'named') findings.skip('unsupported');
  else {
    const { name, style } = parameter.model;
    const isWhole = style === 'simple' && !parameter.isCompound;
    const apart = isWhole ? whole(raw, percentDecode) : pathPieces(raw, { name, style, explode: parameter.explode });
    parameter.judge(findings, apart, raw.length, 'certain');
  }
}

/** A field that comes in several lines is one value with commas (RFC 9110 §5.3). */
function checkHeader(parameter: Parameter, headers: RawHeaders, lower: string, findings: Findings): void {
  const value = headerList(headers, lower);
  if (value === undefined) {
    if (parameter.required) parameter.missing(findings);
    return;
  }
  judgeHeader(parameter, value, findings);
}

/**
 * A header field that is there, of a request or a response. Values need not be percent-encoded (3.1.1 Appendix D): one that is may be meant either way.
 */
export function judgeHeader(parameter: Parameter, value: string, findings: Findings): void {
  const text = value.trim();
  if (parameter.way === 'content') {
    const decoded = percentDecode(text) ?? text;
    parameter.content?.judge(findings, decoded === text ? [text] : [text, decoded], 'header', parameter.pointer);
  } else if (parameter.way !== 'named') findings.skip('unsupported');
  else {
    const assigned = parameter.explode;
    const take = (decode: Decode): Apart =>
      parameter.isCompound ? takeApart(text, { separator: ',', assigned, decode }) : whole(text, decode);
    const plain = take((part) => part.trim()) as readonly Pieces[];
    const decoded = text.includes('%') ? take((part) => percentDecode(part.trim())) : NOTHING;
    // Commas within quotes are of the field's own syntax, of which the document says nothing.
    const doubtful = text.includes('"') && text.includes(',') && parameter.isCompound ? 'doubtful' : 'certain';
    parameter.judge(findings, typeof decoded === 'string' ? plain : [...plain, ...decoded], text.length, doubtful);
  }
}
