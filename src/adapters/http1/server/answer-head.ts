/** How an answer's head says where the answer ends, and whether the connection does (RFC 9112 §6, §9). */
import { fieldName } from '../../../core/headers.ts';
import { lengthOf } from '../wire/message-length.ts';
import { responseHead } from '../wire/message-text.ts';

/** How the end of a body is told: it has none, by its length, by the last chunk, by the end of the connection. */
export type AnswerFraming = 'none' | 'length' | 'chunked' | 'close';

export interface AnswerHead {
  readonly text: string;
  readonly framing: AnswerFraming;
  /** Bytes that the head promises; 0 where `framing` is not `length`. */
  readonly lengthBytes: number;
  /** The connection ends with this answer. */
  readonly last: boolean;
}

/** Of the request, what its answer's head depends on. */
export interface Asked {
  readonly isHead: boolean;
  readonly httpVersion: '1.0' | '1.1';
  /** The connection can carry another request after this answer. */
  readonly keepAlive: boolean;
}

/** Undefined: `headers` contradict themselves, and what they promise can't be kept. */
export function answerHead(status: number, headers: readonly string[], asked: Asked): AnswerHead | undefined {
  const bodiless = asked.isHead || status === 204 || status === 304;
  let length: string | undefined;
  let closes = false;
  let upgrades = false;
  let unfit = false;
  for (let i = 0; i < headers.length; i += 2) {
    const name = headers[i] as string;
    switch (name.length) {
      case 7:
        upgrades ||= fieldName(name).lower === 'upgrade';
        break;
      case 10:
        if (fieldName(name).lower !== 'connection') break;
        if ((headers[i + 1] as string).toLowerCase() === 'close') closes = true;
        else unfit = true;
        break;
      case 14:
        if (fieldName(name).lower !== 'content-length') break;
        if (length !== undefined) return undefined;
        length = headers[i + 1] as string;
        if (status === 204) unfit = true;
        break;
      case 17:
        if (fieldName(name).lower === 'transfer-encoding') unfit = true;
    }
  }
  const lengthBytes = length === undefined || bodiless ? 0 : lengthOf(length);
  if (lengthBytes < 0) return undefined;
  const framing = bodiless ? 'none' : length !== undefined ? 'length' : asked.httpVersion === '1.1' ? 'chunked' : 'close';
  const last = closes || !asked.keepAlive || framing === 'close';
  let text = responseHead(status, unfit ? withoutFraming(status, headers) : headers);
  if (framing === 'chunked') text += 'Transfer-Encoding: chunked\r\n';
  if (last) text += closes ? '' : 'Connection: close\r\n';
  else if (asked.httpVersion === '1.0') text += 'Connection: keep-alive\r\n'; // it must be told (RFC 9112 §9.3)
  if (upgrades) text += 'Connection: Upgrade\r\n'; // RFC 9110 §7.8
  return { text: `${text}\r\n`, framing, lengthBytes, last };
}

/** An interim answer (1xx), without the empty line at its end. It has no body, whatever it says (RFC 9110 §15.2). */
export function interimHead(status: number, headers: readonly string[]): string {
  return responseHead(
    status,
    headers.filter((_, i) => !INTERIM_DROPS.has(fieldName(headers[i - (i % 2)] as string).lower)),
  );
}

const INTERIM_DROPS: ReadonlySet<string> = new Set(['connection', 'content-length', 'transfer-encoding']);

/** Fields of the connection and of the framing are ours to write; a 204 has no length (RFC 9110 §8.6). */
function withoutFraming(status: number, headers: readonly string[]): string[] {
  const kept: string[] = [];
  for (let i = 0; i < headers.length; i += 2) {
    const [name, value] = [headers[i] as string, headers[i + 1] as string];
    const { lower } = fieldName(name);
    if (lower === 'transfer-encoding' || (lower === 'content-length' && status === 204)) continue;
    if (lower === 'connection' && value.toLowerCase() !== 'close') continue;
    kept.push(name, value);
  }
  return kept;
}
