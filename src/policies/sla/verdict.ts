import type { Exchange } from '../../core/exchange.ts';
import { headerValue } from '../../core/headers.ts';
import { CODES, type Rejection } from '../../core/rejection.ts';
import type { Answer } from '../../core/stage.ts';
import { isStreamType } from '../../core/stream-types.ts';

/** What an exchange says of a promise; `nothing`: it is none of the events that the promise is about. */
export type Verdict = 'good' | 'bad' | 'nothing';

/**
 * Availability, as the SRE workbook has it (chapter 2, "SLI specification": any status but 500 to 599 is a success), for events that say something
 * of the service. What says nothing of it is no event, neither good nor bad: what the gateway refused for the caller's own sake, callers that
 * left, answers repeated from a store, requests that the contract does not know.
 */
export function availability(x: Exchange): Verdict {
  const { answer, end } = x;
  if (isUnknown(x) || answer === undefined || answer.origin === 'replay') return 'nothing';
  if (answer.rejection !== undefined && isCallers(x, answer.rejection)) return 'nothing';
  const left = end === 'client-closed';
  if (left && x.headAt === undefined) return 'nothing';
  if (answer.status >= 500 || answer.origin === 'fallback') return 'bad';
  if (left) return 'nothing';
  if (end === undefined || end === 'complete') return 'good';
  // A caller that sends nonsense in the middle of its upload breaks its own answer.
  return x.brokenBy !== undefined && CODES[x.brokenBy].status < 500 ? 'nothing' : 'bad';
}

/** Milliseconds that a good answer was waited for, to its head; undefined: it is none that can be timed. */
export function latencyMs(x: Exchange, answer: Answer): number | undefined {
  if (x.headAt === undefined || isStream(answer)) return undefined;
  return Math.max(0, x.headAt - x.owedFrom);
}

/**
 * A good answer without an end that anybody promised: another protocol, server-sent events, pictures that follow each other. It counts when its head
 * comes: at its end it would be hours late, and how it ends says nothing.
 */
export function isEndless(x: Exchange, { status, origin, body, headers }: Answer): boolean {
  if (origin !== 'upstream' || status >= 500 || isUnknown(x)) return false;
  return status === 101 || (body === 'stream' && ENDLESS.has(mediaType(headers)));
}

const ENDLESS: ReadonlySet<string> = new Set(['text/event-stream', 'multipart/x-mixed-replace']);

/** The contract does not know it: nothing was promised of it. */
function isUnknown({ match }: Exchange): boolean {
  return match !== undefined && 'miss' in match;
}

/** Not the service's: a refusal of something that the caller did, its own limit, or time that was up before anybody was asked. */
function isCallers(x: Exchange, { code, status }: Rejection): boolean {
  return (status ?? CODES[code].status) < 500 || (code === 'DEADLINE_EXHAUSTED' && x.attempts === 0);
}

/** Comes bit by bit; its first byte says nothing of how long the work took. */
function isStream({ status, body, headers }: Answer): boolean {
  return status === 101 || (body === 'stream' && isStreamType(mediaType(headers)));
}

function mediaType(headers: Answer['headers']): string {
  const type = headerValue(headers, 'content-type') ?? '';
  const end = type.indexOf(';');
  return (end < 0 ? type : type.slice(0, end)).trim().toLowerCase();
}
