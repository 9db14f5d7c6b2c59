import type { Findings } from '../judging.ts';
import { eachPair, formDecode } from './decode.ts';
import type { Parameter } from './parameter.ts';

/** Values of one parameter that are kept: more than that of a list is judged by its beginning. */
const MAX_VALUES = 2000;

/** The query parameters of an operation. */
export class QueryParameters {
  readonly #all: readonly Parameter[];
  readonly #byName: ReadonlyMap<string, number>;
  readonly #bracketed: ReadonlyArray<readonly [prefix: string, index: number]>;
  readonly #spread: boolean;
  readonly #anyRequired: boolean;

  constructor(parameters: readonly Parameter[]) {
    this.#all = parameters;
    this.#byName = new Map(parameters.map((p, i) => [p.name, i]));
    this.#bracketed = parameters.flatMap((p, i) => (p.way === 'bracketed' ? [[`${p.name}[`, i] as const] : []));
    this.#spread = parameters.some((p) => p.way === 'spread');
    this.#anyRequired = parameters.some((p) => p.required);
  }

  /** `also`: names in the query that something else than a parameter declares (API keys). */
  check(query: string, also: ReadonlySet<string>, findings: Findings): void {
    if (query === '' && !this.#anyRequired) return;
    const values = this.#collect(query, also, findings);
    for (let i = 0; i < this.#all.length; i++) this.#checkOne(this.#all[i] as Parameter, values[i], findings);
  }

  /** Raw values by parameter. Names that nobody declared are no violation; they may be members of an exploded object. */
  #collect(query: string, also: ReadonlySet<string>, findings: Findings): Array<string[] | undefined> {
    const values = new Array<string[] | undefined>(this.#all.length).fill(undefined);
    eachPair(query, (rawName, value) => {
      const name = formDecode(rawName);
      if (name === undefined) return;
      const index = this.#byName.get(name) ?? this.#bracketed.find(([prefix]) => name.startsWith(prefix))?.[1];
      if (index === undefined) {
        if (this.#spread && !also.has(name)) findings.skip('unsupported');
        return;
      }
      const of = values[index];
      if (of === undefined) values[index] = [value];
      else if (of.length < MAX_VALUES) of.push(value);
    });
    return values;
  }

  #checkOne(parameter: Parameter, raw: readonly string[] | undefined, findings: Findings): void {
    if (parameter.way === 'spread') return;
    if (raw === undefined) {
      if (parameter.required) parameter.missing(findings);
      return;
    }
    if (parameter.way !== 'plain') {
      findings.skip('unsupported');
      return;
    }
    if (parameter.allowEmptyValue && raw.every((value) => value === '')) return;
    const decoded: string[] = [];
    for (const value of raw) {
      const text = formDecode(value);
      if (text === undefined) {
        parameter.malformed(findings, 'not percent-encoded UTF-8');
        return;
      }
      decoded.push(text);
    }
    if (parameter.isList) parameter.judge(findings, decoded[0] as string, decoded);
    else if (decoded.length > 1) parameter.repeated(findings);
    else parameter.judge(findings, decoded[0] as string, undefined);
  }
}
