/** What a collector's answer means (OTLP 1.0, "OTLP/HTTP Response"). */

/** What came of one POST. `failed`: no answer, and why. */
export type Reply =
  | {
      readonly status: number;
      readonly retryAfter: string | undefined;
      /** Undefined where it was too long to be read. */
      readonly body: string | undefined;
    }
  | { readonly failed: string };

export type Verdict =
  /** `rejected`: how many of the spans the collector did not take ("Partial Success"). */
  | { readonly is: 'taken'; readonly rejected: number; readonly reason: string }
  | { readonly is: 'refused'; readonly reason: string }
  /** `afterMs`: how long the collector asks to be left alone; undefined where it does not say. */
  | { readonly is: 'busy'; readonly afterMs: number | undefined; readonly reason: string };

const RETRYABLE: ReadonlySet<number> = new Set([429, 502, 503, 504]);
/** No collector keeps us waiting for longer than this. */
const MAX_RETRY_AFTER_MS = 60_000;
/** Longest part of a collector's own words that goes to the log. */
const MAX_REASON = 200;

export function judge(reply: Reply, spans: number, wallMs: number): Verdict {
  if ('failed' in reply) return { is: 'busy', afterMs: undefined, reason: reply.failed };
  const { status, retryAfter, body } = reply;
  const reason = `the collector answered ${status}`;
  if (status >= 200 && status < 300) return { is: 'taken', ...partialSuccess(body, spans) };
  if (RETRYABLE.has(status)) return { is: 'busy', afterMs: retryAfterMs(retryAfter, wallMs), reason };
  return { is: 'refused', reason };
}

/** Seconds or a date (RFC 9110 §10.2.3). */
function retryAfterMs(value: string | undefined, wallMs: number): number | undefined {
  if (value === undefined) return undefined;
  // Date.parse takes much that is no date of HTTP, `-1` among it.
  const ms = /^\d{1,9}$/.test(value) ? Number(value) * 1000 : /^[A-Z][a-z]+,? /.test(value) ? Date.parse(value) - wallMs : Number.NaN;
  return Number.isNaN(ms) ? undefined : Math.min(Math.max(ms, 0), MAX_RETRY_AFTER_MS);
}

/** Collectors may say anything here, or nothing: what is not understood means that all was taken. */
function partialSuccess(body: string | undefined, spans: number): { readonly rejected: number; readonly reason: string } {
  const partial = member(parse(body), 'partialSuccess');
  const count = Number(member(partial, 'rejectedSpans'));
  const message = member(partial, 'errorMessage');
  const rejected = Number.isInteger(count) && count > 0 ? Math.min(count, spans) : 0;
  return {
    rejected,
    reason: typeof message === 'string' ? `the collector says: ${message.slice(0, MAX_REASON)}` : 'the collector says no more',
  };
}

function parse(body: string | undefined): unknown {
  if (body === undefined || body === '') return undefined;
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

function member(of: unknown, name: string): unknown {
  return typeof of === 'object' && of !== null ? (of as Readonly<Record<string, unknown>>)[name] : undefined;
}
