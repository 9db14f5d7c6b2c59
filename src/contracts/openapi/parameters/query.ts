import type { Findings } from '../judging.ts';
import { ARRAY, OBJECT } from '../schema/shape.ts';
import { bracketMembers } from './deep-object.ts';
import { decodeAll, NOT_ENCODED, queryPieces, type Apart, type Decode, whole } from './pieces.ts';
import { eachPair, formDecode, percentDecode } from './decode.ts';
import type { Parameter } from './parameter.ts';
import { SpreadObjects } from './spread-objects.ts';

/** Values of one parameter, or members of objects, that are kept: what has more is not judged. */
const MAX_VALUES = 2000;

type Members = Array<readonly [rest: string, value: string]>;
/** Of the parameters that have none, which are nearly all: never written to. */
const NO_MEMBERS: Members = [];

/** What came of one parameter: values under its own name, members under `name[…]`; all still encoded but the names. */
interface Collected {
  readonly values: string[];
  members: Members;
}

/** The query parameters of an operation. */
export class QueryParameters {
  readonly #own: readonly Parameter[];
  readonly #byName: ReadonlyMap<string, number>;
  /** `deepObject`, by the name before the bracket. */
  readonly #bracketed: ReadonlyMap<string, number>;
  readonly #spread: SpreadObjects | undefined;
  readonly #anyRequired: boolean;

  constructor(parameters: readonly Parameter[]) {
    const own = parameters.filter((p) => p.way !== 'spread');
    const spread = parameters.filter((p) => p.way === 'spread');
    this.#own = own;
    this.#byName = new Map(own.map((p, i) => [p.name, i]));
    this.#bracketed = new Map(own.flatMap((p, i) => (p.model.style === 'deepObject' ? [[p.name, i] as const] : [])));
    this.#spread = spread.length === 0 ? undefined : new SpreadObjects(spread, formDecode);
    this.#anyRequired = parameters.some((p) => p.required);
  }

  /** `also`: names in the query that something else than a parameter declares (API keys). */
  check(query: string, also: ReadonlySet<string>, findings: Findings): void {
    if (query === '' && !this.#anyRequired) return;
    const collected = new Array<Collected | undefined>(this.#own.length).fill(undefined);
    const loose: Array<readonly [string, string]> | undefined = this.#spread === undefined ? undefined : [];
    eachPair(query, (rawName, value) => {
      const name = formDecode(rawName);
      if (name === undefined) return;
      const index = this.#byName.get(name);
      if (index !== undefined) {
        const { values } = at(collected, index);
        if (values.length <= MAX_VALUES) values.push(value);
        return;
      }
      const bracket = this.#bracketed.size === 0 ? -1 : name.indexOf('[');
      const of = bracket < 0 ? undefined : this.#bracketed.get(name.slice(0, bracket));
      // Names that nobody declared are no violation; they may be members of an exploded object.
      if (of !== undefined) {
        const found = at(collected, of);
        if (found.members === NO_MEMBERS) found.members = [];
        if (found.members.length <= MAX_VALUES) found.members.push([name.slice(bracket), value]);
      } else if (loose !== undefined && loose.length <= MAX_VALUES && !also.has(name)) loose.push([name, value]);
    });
    for (let i = 0; i < this.#own.length; i++) checkOne(this.#own[i] as Parameter, collected[i], query.length, findings);
    if (loose === undefined) return;
    if (loose.length > MAX_VALUES) findings.skip('too_large');
    else this.#spread?.check(loose, query.length, findings);
  }
}

function at(collected: Array<Collected | undefined>, index: number): Collected {
  const known = collected[index];
  if (known !== undefined) return known;
  const made: Collected = { values: [], members: NO_MEMBERS };
  collected[index] = made;
  return made;
}

function checkOne(parameter: Parameter, found: Collected | undefined, bytes: number, findings: Findings): void {
  if (found === undefined) {
    if (parameter.required) parameter.missing(findings);
    return;
  }
  const { values, members } = found;
  if (parameter.allowEmptyValue && members.length === 0 && values.every((value) => value === '')) return;
  switch (parameter.way) {
    case 'bracketed':
      if (members.length > MAX_VALUES) findings.skip('too_large');
      else if (values.length > 0) findings.skip('unsupported');
      else checkBracketed(parameter, members, bytes, findings);
      return;
    case 'content':
      if (values.length > 1) parameter.repeated(findings);
      else checkContent(parameter, values[0] as string, findings);
      return;
    case 'named':
      if (values.length > MAX_VALUES) findings.skip('too_large');
      else checkNamed(parameter, values, findings);
      return;
    default:
      findings.skip('unsupported');
  }
}

function checkBracketed(parameter: Parameter, members: Collected['members'], bytes: number, findings: Findings): void {
  const read = bracketMembers(members, formDecode);
  if (typeof read === 'string') parameter.malformed(findings, read);
  else if (read === undefined || (parameter.schema.types & ARRAY) !== 0) findings.skip('unsupported');
  else parameter.judgeMembers(findings, [read], bytes);
}

function checkContent(parameter: Parameter, raw: string, findings: Findings): void {
  const text = formDecode(raw);
  // JSON needs no plus outside of text and exponents: one that was not encoded may have meant itself.
  const literal = raw.includes('+') ? percentDecode(raw) : undefined;
  if (text === undefined) parameter.malformed(findings, NOT_ENCODED);
  else parameter.content?.judge(findings, literal === undefined ? [text] : [text, literal], 'query', parameter.pointer);
}

function checkNamed(parameter: Parameter, values: readonly string[], findings: Findings): void {
  const { style, allowReserved } = parameter.model;
  const isExploded = style === 'form' && parameter.explode;
  // Without a schema nothing says that there is one value.
  if (values.length > 1 && !(isExploded && parameter.isList) && parameter.model.schema !== undefined) {
    parameter.repeated(findings);
    return;
  }
  if (values.length === 1 && style === 'form' && !parameter.isCompound) {
    const text = formDecode(values[0] as string);
    if (text !== undefined && parameter.takes(text, text.length)) return;
  }
  const apart = (decode: Decode): Apart => {
    if (style === 'form' && !parameter.isCompound) return whole(values[0] as string, decode);
    return isExploded ? exploded(values, decode) : queryPieces(values[0] as string, style, decode);
  };
  const bytes = values.reduce((sum, value) => sum + value.length, 0);
  // An object in this place would be spread over the query.
  const doubtful = isExploded && (parameter.schema.types & OBJECT) !== 0 ? 'doubtful' : 'certain';
  const spaces = apart(formDecode);
  if (!allowReserved || typeof spaces === 'string' || !values.some((value) => value.includes('+')))
    return parameter.judge(findings, spaces, bytes, doubtful);
  // A plus that need not be encoded may be a plus (RFC 6570 §3.2.3) or the space of a form.
  const pluses = apart(percentDecode);
  parameter.judge(findings, typeof pluses === 'string' ? spaces : [...spaces, ...pluses], bytes, doubtful);
}

function exploded(values: readonly string[], decode: Decode): Apart {
  const list = decodeAll(values, decode);
  if (list === undefined) return NOT_ENCODED;
  return [list.length === 1 ? { text: list[0] as string, list } : { list }];
}
