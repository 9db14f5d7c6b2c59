import type { Findings } from '../judging.ts';
import { ARRAY, OBJECT } from '../schema/shape.ts';
import { asUtf8, percentDecode, trimBlanks } from './decode.ts';
import type { Parameter } from './parameter.ts';
import { type Decode, type Pieces, takeApart } from './pieces.ts';
import { SpreadObjects } from './spread-objects.ts';

const asIs: Decode = (text) => text;
/** Values of one cookie that are kept: a longer list is not judged. */
const MAX_VALUES = 2000;
/** Cookies of one name that are tried. */
const MAX_TRIED = 8;

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
        const name = trimBlanks(part.slice(0, equals));
        const value = trimBlanks(part.slice(equals + 1));
        const index = this.#byName.get(name);
        if (index === undefined) {
          if (this.#spread !== undefined) loose.push([name, formsOf(value)[0] as string]);
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

/** What a value may be: without the quotes around it or with them (RFC 6265 §4.1.1), its octets as UTF-8 or one by one. */
function formsOf(value: string): string[] {
  const isQuoted = value.length > 1 && value.startsWith('"') && value.endsWith('"');
  const forms = isQuoted ? [value.slice(1, -1), value] : [value];
  const utf8 = forms.map(asUtf8).filter((text) => text !== undefined);
  return [...utf8, ...forms];
}

function checkOne(parameter: Parameter, values: readonly string[] | undefined, findings: Findings): void {
  if (values === undefined) {
    if (parameter.required) parameter.missing(findings);
    return;
  }
  if (parameter.way !== 'content' && parameter.way !== 'named') findings.skip('unsupported');
  else if (values.length > MAX_VALUES) findings.skip('too_large');
  else if (parameter.way === 'named' && parameter.model.style === 'cookie') judgeCookieStyle(parameter, values, findings);
  else if (values.length > MAX_TRIED) findings.skip('unsupported');
  else {
    // Of several which one counts depends on where they were set (RFC 6265 §5.4): one that fits is enough.
    const forms = values.flatMap(formsOf);
    if (parameter.way === 'content') parameter.content?.judge(findings, forms.flatMap(readings), 'cookie', parameter.pointer);
    else judgeForm(parameter, forms, findings);
  }
}

function judgeForm(parameter: Parameter, forms: readonly string[], findings: Findings): void {
  const { types } = parameter.schema;
  // Exploded, a form has `&` between its members, which no client sends in a cookie (3.1.1 Appendix D); one value may still be a list.
  const doubtful = parameter.explode && (types & (ARRAY | OBJECT)) !== 0 ? 'doubtful' : 'certain';
  parameter.judge(findings, forms.flatMap(parameter.explode ? oneOf : commas), lengthOf(forms), doubtful);
}

/** 3.2.0 §4.12.3: `color=blue; color=black`, or with `explode: false` as in style `form`; nothing is encoded. */
function judgeCookieStyle(parameter: Parameter, values: readonly string[], findings: Findings): void {
  if (!parameter.explode) {
    parameter.judge(findings, values.slice(0, MAX_TRIED).flatMap(formsOf).flatMap(flat), lengthOf(values), 'certain');
    return;
  }
  const doubtful = (parameter.schema.types & OBJECT) !== 0 ? 'doubtful' : 'certain';
  const bare = values.map((value) => formsOf(value)[0] as string);
  const lists = bare.some((value, i) => value !== values[i]) ? [bare, values] : [values];
  parameter.judge(
    findings,
    lists.map((list) => ({ text: list[0] as string, list })),
    lengthOf(values),
    doubtful,
  );
}

function lengthOf(texts: readonly string[]): number {
  return texts.reduce((sum, text) => sum + text.length, 0);
}

function readings(value: string): string[] {
  const decoded = percentDecode(value);
  return decoded === undefined || decoded === value ? [value] : [decoded, value];
}

function oneOf(value: string): Pieces[] {
  return readings(value).map((text) => ({ text, list: [text] }));
}

/** Commas may have been encoded with the rest: a cookie can hold none (RFC 6265 §4.1.1). */
function commas(value: string): Pieces[] {
  return [...divided(value, percentDecode), ...readings(value).flatMap(flat)];
}

function flat(text: string): readonly Pieces[] {
  return divided(text, asIs);
}

function divided(text: string, decode: Decode): readonly Pieces[] {
  const apart = takeApart(text, { separator: ',', assigned: false, decode });
  return typeof apart === 'string' ? [] : apart;
}
