import { type RawHeaders, connectionOptions, fieldName } from '../../core/headers.ts';
import type { Answer } from '../../core/stage.ts';
import { isStreamType } from '../../core/stream-types.ts';
import { mediaType } from './body-key.ts';

/** What belongs to one exchange and not to the result: who asked when, over which way, how much was left of a quota. */
const NOT_KEPT: ReadonlySet<string> = new Set([
  'set-cookie',
  'date',
  'via',
  'x-request-id',
  'x-correlation-id',
  'ratelimit',
  'ratelimit-policy',
  'x-ratelimit-limit',
  'x-ratelimit-remaining',
  'x-ratelimit-reset',
  'idempotent-replayed',
]);

/** Header fields as they are kept: one a line, name and value in turn. Neither can hold a line's end (RFC 9110 §5.5). */
export function keptHeaders(headers: RawHeaders): string {
  const listed = connectionOptions(headers);
  let kept = '';
  for (let i = 0; i < headers.length; i += 2) {
    const name = headers[i] as string;
    const { hopByHop, lower } = fieldName(name);
    if (hopByHop || NOT_KEPT.has(lower) || listed?.includes(lower)) continue;
    kept += `${name}\n${headers[i + 1] as string}\n`;
  }
  return kept;
}

/** The answer of the first request, for one that repeats it. */
export function replayOf(status: number, kept: string, body: Uint8Array): Answer {
  const headers = kept.split('\n');
  headers.pop();
  headers.push('Idempotent-Replayed', 'true');
  return { origin: 'replay', status, headers, body, unread: undefined, rejection: undefined };
}

/** Comes bit by bit, and is never held back to be kept. */
export function isStream(headers: RawHeaders): boolean {
  return isStreamType(mediaType(headers));
}
