import type { ContractRequest, RawParams } from '../../../core/contract.ts';
import { type RawHeaders, headerList, headerValues } from '../../../core/headers.ts';
import type { Findings, Judging } from '../judging.ts';
import { type Segment, dividesOneWay, segmentsOf } from '../match/template.ts';
import type { OperationModel } from '../model.ts';
import { NUMBER, STRING } from '../schema/shape.ts';
import { CookieParameters } from './cookies.ts';
import { asUtf8, percentDecode, trimBlanks } from './decode.ts';
import { Parameter } from './parameter.ts';
import { type Decode, MAX_LABELS, NOT_ENCODED, type Pieces, pathPieces, takeApart, whole } from './pieces.ts';
import { QueryParameters } from './query.ts';
import { QueryString } from './query-string.ts';

/** All parameters of an operation, by where they stand in a request. */
export class Parameters {
  readonly #path: ReadonlyArray<readonly [parameter: Parameter, beside: Segment | undefined]>;
  readonly #query: QueryParameters | undefined;
  readonly #queryString: QueryString | undefined;
  readonly #headers: ReadonlyArray<readonly [lower: string, parameter: Parameter]>;
  readonly #cookies: CookieParameters | undefined;
  readonly #alsoInQuery: ReadonlySet<string>;
  /** Nothing is declared. */
  readonly empty: boolean;

  constructor(judging: Judging, { parameters, template }: OperationModel, alsoInQuery: ReadonlySet<string>) {
    const all = parameters.map((model) => new Parameter(judging, model, 'request'));
    const at = (place: Parameter['in']): Parameter[] => all.filter((p) => p.in === place);
    const [query, cookies, [queryString]] = [at('query'), at('cookie'), at('querystring')];
    const shared = segmentsOf(template).filter(({ names }) => names.length > 1);
    this.#path = at('path').map((p) => [p, shared.find(({ names }) => names.includes(p.name))] as const);
    this.#query = query.length === 0 ? undefined : new QueryParameters(query);
    this.#queryString = queryString === undefined ? undefined : new QueryString(judging, queryString);
    this.#headers = at('header').map((p) => [p.name.toLowerCase(), p] as const);
    this.#cookies = cookies.length === 0 ? undefined : new CookieParameters(cookies);
    this.#alsoInQuery = alsoInQuery;
    this.empty = all.length === 0;
  }

  check(request: ContractRequest, params: RawParams, findings: Findings): void {
    for (const [parameter, beside] of this.#path) checkPath(parameter, params, beside, findings);
    this.#query?.check(request.query, this.#alsoInQuery, findings);
    this.#queryString?.check(request.query, this.#alsoInQuery, findings);
    for (const [lower, parameter] of this.#headers) checkHeader(parameter, request.headers, lower, findings);
    if (this.#cookies !== undefined) this.#cookies.check(headerValues(request.headers, 'cookie'), findings);
  }
}

/** `beside`: the segment, where it has further parameters. */
function checkPath(parameter: Parameter, params: RawParams, beside: Segment | undefined, findings: Findings): void {
  const raw = params.get(parameter.name);
  if (raw === undefined) {
    // Its text is somewhere in that of several parameters with nothing between them.
    if (parameter.way === 'undefined') findings.skip('unsupported');
    return;
  }
  if (parameter.way === 'content') {
    const text = percentDecode(raw);
    if (text === undefined) parameter.malformed(findings, NOT_ENCODED);
    else parameter.content?.judge(findings, [text], 'path', parameter.pointer);
  } else if (parameter.way !== 'named') findings.skip('unsupported');
  else {
    const { name, style } = parameter.model;
    const isWhole = style === 'simple' && !parameter.isCompound;
    const text = isWhole ? percentDecode(raw) : undefined;
    if (text !== undefined && parameter.takes(text, raw.length)) return;
    const apart = isWhole ? whole(raw, percentDecode) : pathPieces(raw, { name, style, explode: parameter.explode });
    const unsure = (beside !== undefined && !dividesOneWay(beside, valuesOf(beside, params))) || mayHoldDots(parameter, raw);
    parameter.judge(findings, apart, raw.length, unsure ? 'doubtful' : 'certain');
  }
}

function valuesOf({ names }: Segment, params: RawParams): string[] {
  return names.map((name) => params.get(name) ?? '');
}

/** A list in label style whose items may hold dots, with too many of them to try where it divides. */
function mayHoldDots(parameter: Parameter, raw: string): boolean {
  if (parameter.model.style !== 'label' || (parameter.schema.itemTypes & (STRING | NUMBER)) === 0) return false;
  return (parameter.explode || !raw.includes(',')) && raw.split('.').length > MAX_LABELS + 1;
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
  const text = trimBlanks(value);
  if (parameter.way === 'named' && parameter.takes(text, text.length)) return;
  const utf8 = asUtf8(text);
  if (parameter.way === 'content') {
    const decoded = percentDecode(text) ?? text;
    const readings = utf8 === undefined ? [text] : [utf8, text];
    parameter.content?.judge(findings, decoded === text ? readings : [...readings, decoded], 'header', parameter.pointer);
  } else if (parameter.way !== 'named') findings.skip('unsupported');
  else {
    const found: Pieces[] = [];
    if (utf8 !== undefined) take(parameter, utf8, trimBlanks, found);
    take(parameter, text, trimBlanks, found);
    if (text.includes('%')) take(parameter, text, (part) => percentDecode(trimBlanks(part)), found);
    // Commas within quotes are of the field's own syntax, of which the document says nothing.
    const doubtful = parameter.isCompound && text.includes('"') && text.includes(',') ? 'doubtful' : 'certain';
    parameter.judge(findings, found, text.length, doubtful);
  }
}

const EMPTY_ELEMENT = /(?:^|,)[ \t]*(?:,|$)/;

/** What cannot be decoded was not encoded, and is none of the readings. */
function take(parameter: Parameter, text: string, decode: Decode, found: Pieces[]): void {
  const how = { separator: ',', assigned: parameter.explode, decode };
  if (parameter.isCompound && text !== '' && EMPTY_ELEMENT.test(text)) {
    // "A recipient MUST parse and ignore a reasonable number of empty list elements" (RFC 9110 §5.6.1.2).
    const some = text.split(',').filter((part) => trimBlanks(part) !== '');
    const rest = takeApart(some.join(','), how);
    if (typeof rest !== 'string') found.push(...rest);
  }
  const apart = parameter.isCompound ? takeApart(text, how) : whole(text, decode);
  if (typeof apart !== 'string') found.push(...apart);
}
