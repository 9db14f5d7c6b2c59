import type { ContractRequest, RawParams } from '../../../core/contract.ts';
import { type RawHeaders, headerList, headerValues } from '../../../core/headers.ts';
import type { Findings, Judging } from '../judging.ts';
import type { ParameterModel } from '../model.ts';
import { cookieValue, percentDecode } from './decode.ts';
import { Parameter } from './parameter.ts';
import { QueryParameters } from './query.ts';

/** All parameters of an operation, by where they stand in a request. */
export class Parameters {
  readonly #path: readonly Parameter[];
  readonly #query: QueryParameters | undefined;
  readonly #headers: ReadonlyArray<readonly [lower: string, parameter: Parameter]>;
  readonly #cookies: readonly Parameter[];
  readonly #alsoInQuery: ReadonlySet<string>;
  /** Nothing is declared. */
  readonly empty: boolean;

  constructor(judging: Judging, models: readonly ParameterModel[], alsoInQuery: ReadonlySet<string>) {
    const all = models.map((model) => new Parameter(judging, model, 'request'));
    const at = (place: Parameter['in']): Parameter[] => all.filter((p) => p.in === place);
    this.#path = at('path');
    const query = at('query');
    this.#query = query.length === 0 ? undefined : new QueryParameters(query);
    this.#headers = at('header').map((p) => [p.name.toLowerCase(), p] as const);
    this.#cookies = at('cookie');
    this.#alsoInQuery = alsoInQuery;
    this.empty = all.length === 0;
  }

  check(request: ContractRequest, params: RawParams, findings: Findings): void {
    for (const parameter of this.#path) checkPath(parameter, params.get(parameter.name), findings);
    this.#query?.check(request.query, this.#alsoInQuery, findings);
    for (const [lower, parameter] of this.#headers) checkHeader(parameter, request.headers, lower, findings);
    if (this.#cookies.length > 0) {
      const lines = headerValues(request.headers, 'cookie');
      for (const parameter of this.#cookies) checkCookie(parameter, cookieValue(lines, parameter.name), findings);
    }
  }
}

/** Style `simple`: a list is comma-separated, before it is decoded. */
function checkPath(parameter: Parameter, raw: string | undefined, findings: Findings): void {
  if (raw === undefined) return;
  if (parameter.way !== 'plain') {
    findings.skip('unsupported');
    return;
  }
  const text = percentDecode(raw);
  const list = parameter.isList ? raw.split(',').map(percentDecode) : undefined;
  if (text === undefined || list?.includes(undefined) === true) parameter.malformed(findings, 'not percent-encoded UTF-8');
  else parameter.judge(findings, text, list as string[] | undefined);
}

/** A field that comes in several lines is one value with commas (RFC 9110 §5.3). Values are not percent-decoded. */
function checkHeader(parameter: Parameter, headers: RawHeaders, lower: string, findings: Findings): void {
  const value = headerList(headers, lower);
  if (value === undefined) {
    if (parameter.required) parameter.missing(findings);
    return;
  }
  judgeHeader(parameter, value, findings);
}

/** A header field that is there, of a request or a response. */
export function judgeHeader(parameter: Parameter, value: string, findings: Findings): void {
  if (parameter.way !== 'plain') findings.skip('unsupported');
  else parameter.judge(findings, value.trim(), parameter.isList ? value.split(',').map((item) => item.trim()) : undefined);
}

/** Cookies need not be percent-encoded, and a quoted one is sent with its quotes (RFC 6265 §4.1.1): taken as it fits. */
function checkCookie(parameter: Parameter, raw: string | undefined, findings: Findings): void {
  if (raw === undefined) {
    if (parameter.required) parameter.missing(findings);
    return;
  }
  if (parameter.way !== 'plain') {
    findings.skip('unsupported');
    return;
  }
  const bare = raw.length > 1 && raw.startsWith('"') && raw.endsWith('"') ? raw.slice(1, -1) : raw;
  parameter.judge(findings, percentDecode(bare) ?? bare, undefined);
}
