import { parse } from 'content-type';
import { type RawHeaders, headerList, headerValues } from '../core/headers.ts';

/** A media type that a route asks for, as the configuration has it: in lower case, `type/subtype;name=value`. */
export interface RouteMediaType {
  readonly type: string;
  readonly parameters: ReadonlyArray<readonly [name: string, value: string]>;
}

/** Ranges of one Accept that are looked at. */
const MAX_RANGES = 50;
/** What a Content-Type counts: more than any weight (RFC 9110 §12.4.2). */
const SENT = 2;
/** Less than the smallest difference of two weights, .001, for nine parameters; and less than that for the place in the list. */
const EACH_PARAMETER = 1e-4;
const EACH_PLACE = 1e-6;

const WEIGHT = /^(?:0(?:\.\d{0,3})?|1(?:\.0{0,3})?)$/;

interface Asked {
  readonly type: string;
  readonly parameters: ReadonlyMap<string, string>;
  readonly rank: number;
}

export function routeMediaType(written: string): RouteMediaType {
  const [type = '', ...parameters] = written.split(';');
  return {
    type,
    parameters: parameters.map((parameter) => {
      const equals = parameter.indexOf('=');
      return [parameter.slice(0, equals), parameter.slice(equals + 1)] as const;
    }),
  };
}

/**
 * The media types by which one request says what it speaks: that of its body and those that it accepts. Wildcards ask for nothing in particular.
 */
export class AskedTypes {
  readonly #asked: readonly Asked[];

  constructor(headers: RawHeaders) {
    const asked: Asked[] = [];
    const sent = headerValues(headers, 'content-type');
    // Two of them are one too many to know which holds (RFC 9110 §8.3).
    if (sent.length === 1) asked.push(entry(parse(sent[0] as string), SENT));
    const accept = headerList(headers, 'accept');
    if (accept !== undefined) {
      let start = 0;
      for (let i = 0; i < MAX_RANGES && start < accept.length; i++) {
        const range = parse(accept, { comma: true, start });
        start = range.index + 1;
        const weight = weightOf(range.parameters['q']);
        if (weight > 0) asked.push(entry(range, weight - i * EACH_PLACE));
      }
    }
    this.#asked = asked;
  }

  /**
   * How much this request asks for a media type; 0: not at all. What it sends counts more than what it accepts, then the weight decides (RFC 9110
   * §12.5.1), then the more exact of two, then which it names first.
   */
  rank({ type, parameters }: RouteMediaType): number {
    let best = 0;
    for (const asked of this.#asked) {
      if (asked.type !== type || !parameters.every(([name, value]) => asked.parameters.get(name) === value)) continue;
      best = Math.max(best, asked.rank + parameters.length * EACH_PARAMETER);
    }
    return best;
  }
}

function entry({ type, parameters }: ReturnType<typeof parse>, rank: number): Asked {
  const lower = Object.entries(parameters).map(([name, value]) => [name.toLowerCase(), value.toLowerCase()] as const);
  return { type: type.toLowerCase(), parameters: new Map(lower), rank };
}

/** One that cannot be read is the sender's mistake, and no reason to give it nothing. */
function weightOf(q: string | undefined): number {
  return q === undefined || !WEIGHT.test(q) ? 1 : Number(q);
}
