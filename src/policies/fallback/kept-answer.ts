import { Edits, forwardHeaders } from '../../core/edits.ts';
import type { Exchange } from '../../core/exchange.ts';
import { type RawHeaders, headerValue } from '../../core/headers.ts';
import type { Answer } from '../../core/stage.ts';
import { toldValue, varyOf } from './shared.ts';

/** A good answer, for those who ask for the same later. Whatever belonged to its exchange alone is gone. */
export interface KeptAnswer {
  /** Names of the request fields on which it depends, and what they were. */
  readonly vary: readonly string[];
  readonly values: readonly (string | undefined)[];
  readonly headers: RawHeaders;
  readonly body: Uint8Array;
  /** Monotonic instant at which it was asked for, milliseconds; its age then, seconds. */
  readonly askedAt: number;
  readonly ageSeconds: number;
  /** What it takes in memory, about. */
  readonly bytes: number;
}

/** Fields that tell of one exchange: its identifiers, its way, its age, its place in a quota. */
const OF_ONE_EXCHANGE: ReadonlySet<string> = new Set([
  'age',
  'content-length',
  'proxy-status',
  'ratelimit',
  'ratelimit-limit',
  'ratelimit-policy',
  'ratelimit-remaining',
  'ratelimit-reset',
  'retry-after',
  'server-timing',
  'traceparent',
  'traceresponse',
  'tracestate',
  'via',
  'x-causation-id',
  'x-correlation-id',
  'x-ratelimit-limit',
  'x-ratelimit-remaining',
  'x-ratelimit-reset',
  'x-request-id',
]);
const UNCHANGED = new Edits();
/** Of an object, and of a string, beside its characters. */
const OBJECT_BYTES = 300;
const STRING_BYTES = 32;

/** `chunks`: the whole body. They are copied: what they are parts of may be much larger. */
export function keptAnswer(x: Exchange, { headers: received }: Answer, chunks: readonly Uint8Array[]): KeptAnswer {
  const vary = varyOf(received) ?? [];
  const values = vary.map((name) => toldValue(x, name));
  const body = joined(chunks);
  const headers = forwardHeaders(received, UNCHANGED, undefined, OF_ONE_EXCHANGE);
  headers.push('Content-Length', String(body.byteLength));
  const text = [...headers, ...vary, ...values].reduce((sum, part) => sum + STRING_BYTES + (part?.length ?? 0), 0);
  const age = headerValue(received, 'age');
  const ageSeconds = age !== undefined && /^\d{1,9}$/.test(age) ? Number(age) : 0;
  return { vary, values, headers, body, askedAt: x.startedAt, ageSeconds, bytes: OBJECT_BYTES + text + body.byteLength };
}

function joined(chunks: readonly Uint8Array[]): Uint8Array {
  const bytes = Buffer.allocUnsafeSlow(chunks.reduce((sum, chunk) => sum + chunk.byteLength, 0));
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.byteLength;
  }
  return bytes;
}

/** Whether this request would have got it: all that it depends on is the same (RFC 9111 §4.1). */
export function fits({ vary, values }: KeptAnswer, x: Exchange): boolean {
  return vary.every((name, i) => toldValue(x, name) === values[i]);
}

export function sameVariant(a: KeptAnswer, b: KeptAnswer): boolean {
  return a.vary.length === b.vary.length && a.vary.every((name, i) => name === b.vary[i] && a.values[i] === b.values[i]);
}

/** What is sent. `Age` counts from the service, not from us (RFC 9111 §4.2.3). */
export function staleAnswer({ headers, body, askedAt, ageSeconds }: KeptAnswer, nowMs: number): Answer {
  const age = ageSeconds + Math.max(0, Math.floor((nowMs - askedAt) / 1000));
  return {
    origin: 'fallback',
    status: 200,
    headers: [...headers, 'Age', String(age), 'X-Plumbline-Fallback', 'stale'],
    body,
    unread: undefined,
    rejection: undefined,
  };
}
