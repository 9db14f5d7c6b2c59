import { Children } from '../../core/children.ts';
import type { Side } from '../../core/contract.ts';
import type { Exchange } from '../../core/exchange.ts';
import { type RawHeaders, headerList, headerValue } from '../../core/headers.ts';
import { coreMetrics } from '../../core/metrics.ts';
import { ParsedBody } from '../../core/parsed-body.ts';
import type { Deps, RouteSpec } from '../../core/policy.ts';
import type { BodyDecoder } from '../../core/body-checking.ts';
import type { Counter } from '../../core/ports.ts';
import type { Answer, BodyNeed, Copy, Maybe, Policy, Stage } from '../../core/stage.ts';
import { errorCode } from './error-code.ts';
import { errorCodeMetrics } from './metrics.ts';

/** Longer error answers are not looked at: to parse one would cost more than its code is worth. */
const MAX_BYTES = 8 * 1024;
/** Codes of one api that have series of their own. */
const MAX_CODES = 50;
const OTHER = '_other';

const NEED: BodyNeed = Object.freeze({ as: 'copy', maxBytes: MAX_BYTES });

/** Counts error answers by the code that the upstream gave. Good answers cost one comparison; error answers are read when they have left. */
class ErrorCodes implements Stage<void> {
  readonly name = 'errorCodes';
  readonly #decoder: BodyDecoder;
  readonly #known: Set<string>;
  readonly #overflow: Counter;
  /** By operation, then by code. */
  readonly #series: Children<Children<Counter>>;

  constructor({ api }: RouteSpec, { decoder, live, meter }: Deps) {
    const family = meter.counter(errorCodeMetrics.codes);
    this.#decoder = decoder;
    // All routes of one api, and all generations, tell the same codes apart.
    this.#known = live(`errorCodes/${api}`, () => new Set<string>());
    this.#overflow = meter.counter(coreMetrics.labelOverflow).with('code');
    this.#series = new Children((operation) => new Children((code) => family.with(api, operation, code)));
  }

  responseBody(_x: Exchange, answer: Answer): BodyNeed {
    return answer.status >= 400 && isUpstreams(answer) && isJson(answer.headers) ? NEED : undefined;
  }

  onCopy(x: Exchange, side: Side, { bytes, chunks }: Copy): Maybe<void> {
    const { answer } = x;
    if (side !== 'response' || answer === undefined || answer.status < 400 || !isUpstreams(answer) || !isJson(answer.headers)) return;
    // Another stage may have asked for more of it than this one would look at.
    if (chunks === undefined || bytes === 0 || bytes > MAX_BYTES) return;
    const coding = headerList(answer.headers, 'content-encoding');
    const plain = coding === undefined ? chunks : this.#decoder.decode(coding, chunks, MAX_BYTES);
    if (plain instanceof Promise) return plain.then((late) => this.#count(x, answer, late));
    this.#count(x, answer, plain);
  }

  #count(x: Exchange, { status }: Answer, chunks: readonly Uint8Array[] | string): void {
    if (typeof chunks === 'string') return;
    const json = new ParsedBody(
      chunks,
      chunks.reduce((sum, chunk) => sum + chunk.byteLength, 0),
    ).json();
    const code = json.ok ? errorCode(json.value, status) : undefined;
    if (code !== undefined) this.#series.get(x.operationId).get(this.#admitted(code)).inc();
  }

  #admitted(code: string): string {
    if (this.#known.has(code)) return code;
    if (this.#known.size >= MAX_CODES) {
      this.#overflow.inc();
      return OTHER;
    }
    this.#known.add(code);
    return code;
  }
}

/** Its own words, now: a repeated answer was counted when it was new, and what the gateway says has its code in `requests_total`. */
function isUpstreams({ origin }: Answer): boolean {
  return origin === 'upstream';
}

function isJson(headers: RawHeaders): boolean {
  const type = headerValue(headers, 'content-type');
  return type !== undefined && /^\s*[^;,\s]*[/+]json\s*(?:[;,]|$)/i.test(type.slice(0, 100));
}

export const errorCodes = {
  name: 'errorCodes',
  compile: (_config, route, deps) => new ErrorCodes(route, deps),
} satisfies Policy<'errorCodes', undefined>;
