import { type Framing, framingOf, partOfBody, type Read, readBody, readHead } from './strict-head.ts';

/** An answer as the client got it. */
export interface StrictAnswer {
  readonly status: number;
  readonly fields: readonly string[];
  readonly trailers: readonly string[];
  readonly body: Buffer;
  readonly framing: 'none' | 'length' | 'chunks' | 'close';
  /** False: it broke off, and whoever reads it can tell. */
  readonly whole: boolean;
  readonly interim: ReadonlyArray<{ readonly status: number; readonly fields: readonly string[] }>;
  readonly length: number;
}

export interface Ending {
  readonly ended: boolean;
  readonly wasReset: boolean;
}

/**
 * The next final answer of what came on a connection, with the interim ones before it. `method`: of the request that it answers. What was
 * cut by the connection's end is an answer that is not whole.
 */
export function readAnswer(bytes: Buffer, from: number, method: string, ending: Ending): Read<StrictAnswer> {
  const interim: Array<{ readonly status: number; readonly fields: readonly string[] }> = [];
  let at = from;
  for (;;) {
    const head = readHead(bytes, at);
    if (head === undefined || typeof head === 'string') return head;
    const digits = /^HTTP\/1\.1 ([1-9]\d\d) [\t\x20-\x7e\x80-\xff]*$/.exec(head.startLine)?.[1];
    if (digits === undefined) return `no status line: ${JSON.stringify(head.startLine.slice(0, 100))}`;
    const status = Number(digits);
    at += head.length;
    if (status < 200 && status !== 101) {
      interim.push({ status, fields: head.fields });
      continue;
    }
    const { fields } = head;
    const framing = framingOf(fields);
    if (typeof framing === 'string') return framing;
    const known = { status, fields, interim };
    if (method === 'HEAD' || status === 101 || status === 204 || status === 304)
      return { ...known, framing: 'none', whole: true, body: Buffer.alloc(0), trailers: [], length: at - from };
    return framing === undefined ? toTheEnd(bytes, from, at, known, ending) : framed(bytes, from, at, known, framing, ending);
  }
}

type Known = Pick<StrictAnswer, 'status' | 'fields' | 'interim'>;

/** RFC 9112 §6.3: nothing says how long it is, so the connection's end does; after a reset nobody takes it for whole. */
function toTheEnd(bytes: Buffer, from: number, at: number, known: Known, { ended, wasReset }: Ending): Read<StrictAnswer> {
  if (!ended) return undefined;
  return { ...known, framing: 'close', whole: !wasReset, body: bytes.subarray(at), trailers: [], length: bytes.length - from };
}

function framed(bytes: Buffer, from: number, at: number, known: Known, framing: NonNullable<Framing>, ending: Ending): Read<StrictAnswer> {
  const by = framing.by;
  const rest = readBody(bytes, at, framing);
  if (typeof rest === 'string') return rest;
  if (rest !== undefined) return { ...known, framing: by, whole: true, ...rest, length: at - from + rest.length };
  if (!ending.ended) return undefined;
  return { ...known, framing: by, whole: false, body: partOfBody(bytes, at, framing), trailers: [], length: bytes.length - from };
}
