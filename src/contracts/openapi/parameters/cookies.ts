import type { Findings } from '../judging.ts';
import { ARRAY, OBJECT } from '../schema/shape.ts';
import { percentDecode } from './decode.ts';
import type { Parameter } from './parameter.ts';
import { type Apart, type Decode, type Pieces, takeApart } from './pieces.ts';
import { SpreadObjects } from './spread-objects.ts';

const asIs: Decode = (text) => text;
/** Values of one cookie that are kept: a longer list is not judged. */
const MAX_VALUES = 2000;

/**
 * The cookie parameters of an operation. Cookies need not be percent-encoded, and a quoted one is sent with its quotes (RFC 6265 §4.1.1): a value is
 * taken as it fits.
 */
export class CookieParameters {
  readonly #own: readonly Parameter[];
  readonly #byName: ReadonlyMap<string, number>;
  readonly #spread: SpreadObjects | undefined;

  constructor(parameters: readonly Parameter[]) {
    this.#own = parameters.filter((p) => p.way !== 'spread');
    this.#byName = new Map(this.#own.map((p, i) => [p.name, i]));
    const spread = parameters.filter((p) => p.way === 'spread');
    this.#spread = spread.length === 0 ? undefined : new SpreadObjects(spread, asIs);
  }

  /** `lines`: values of the Cookie fields. */
  check(lines: readonly string[], findings: Findings): void {
    const values = new Array<string[] | undefined>(this.#own.length).fill(undefined);
    const loose: Array<readonly [string, string]> = [];
    for (const line of lines) {
      for (const part of line.split(';')) {
        const equals = part.indexOf('=');
        if (equals < 0) continue;
        const name = part.slice(0, equals).trim();
        const value = unquoted(part.slice(equals + 1).trim());
        const index = this.#byName.get(name);
        if (index === undefined) {
          if (this.#spread !== undefined) loose.push([name, value]);
          continue;
        }
        const of = values[index];
        if (of === undefined) values[index] = [value];
        else if (of.length <= MAX_VALUES) of.push(value);
      }
    }
    for (let i = 0; i < this.#own.length; i++) checkOne(this.#own[i] as Parameter, values[i], findings);
    this.#spread?.check(
      loose,
      lines.reduce((sum, line) => sum + line.length, 0),
      findings,
    );
  }
}

function unquoted(value: string): string {
  return value.length > 1 && value.startsWith('"') && value.endsWith('"') ? value.slice(1, -1) : value;
}

function checkOne(parameter: Parameter, values: readonly string[] | undefined, findings: Findings): void {
  if (values === undefined) {
    if (parameter.required) parameter.missing(findings);
    return;
  }
  const first = values[0] as string;
  const bytes = first.length;
  if (parameter.way === 'content') parameter.content?.judge(findings, readings(first), 'cookie', parameter.pointer);
  else if (parameter.way !== 'named') findings.skip('unsupported');
  else if (values.length > MAX_VALUES) findings.skip('too_large');
  else if (parameter.model.style === 'cookie') judgeCookieStyle(parameter, values, findings);
  else {
    const { types } = parameter.schema;
    // Exploded, a form has `&` between its members, which no client sends in a cookie (3.1.1 Appendix D); one value may still be a list.
    const doubtful = parameter.explode && (types & (ARRAY | OBJECT)) !== 0 ? 'doubtful' : 'certain';
    parameter.judge(findings, parameter.explode ? oneOf(first) : commas(first), bytes, doubtful);
  }
}

/** 3.2.0 §4.12.3: `color=blue; color=black`, or with `explode: false` as in style `form`; nothing is encoded. */
function judgeCookieStyle(parameter: Parameter, values: readonly string[], findings: Findings): void {
  const bytes = values.reduce((sum, value) => sum + value.length, 0);
  if (!parameter.explode)
    parameter.judge(findings, takeApart(values[0] as string, { separator: ',', assigned: false, decode: asIs }), bytes, 'certain');
  else {
    const doubtful = (parameter.schema.types & OBJECT) !== 0 ? 'doubtful' : 'certain';
    parameter.judge(findings, [{ text: values[0] as string, list: values }], bytes, doubtful);
  }
}

function readings(value: string): string[] {
  const decoded = percentDecode(value);
  return decoded === undefined || decoded === value ? [value] : [decoded, value];
}

function oneOf(value: string): Pieces[] {
  return readings(value).map((text) => ({ text, list: [text] }));
}

/** Commas may have been encoded with the rest: a cookie can hold none (RFC 6265 §4.1.1). */
function commas(value: string): Apart {
  const way = (text: string, decode: Decode): readonly Pieces[] => {
    const apart = takeApart(text, { separator: ',', assigned: false, decode });
    return typeof apart === 'string' ? [] : apart;
  };
  return [...way(value, percentDecode), ...readings(value).flatMap((text) => way(text, asIs))];
}
