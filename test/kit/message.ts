import type { RawHeaders } from '../../src/core/headers.ts';
import type { RawConnection } from './connection.ts';

/** A message as it stood on the wire (RFC 9112). `headers` and `trailers` are flat, in order and case as received. */
export interface RawMessage {
  readonly startLine: string;
  readonly headers: RawHeaders;
  /** With chunking undone. */
  readonly body: Buffer;
  readonly trailers: RawHeaders;
  /** How the end of the body was told. */
  readonly framing: 'none' | 'length' | 'chunked' | 'close';
}

export interface RawResponse extends RawMessage {
  readonly status: number;
  /** Interim answers (1xx) that came before, in order. */
  readonly interim: ReadonlyArray<{ readonly status: number; readonly headers: RawHeaders }>;
}

export interface RawRequest extends RawMessage {
  readonly method: string;
  readonly target: string;
}

/** First value of a field, `name` in any case. */
export function header(headers: RawHeaders, name: string): string | undefined {
  return headerAll(headers, name)[0];
}

/** Every value of a field, in order. */
export function headerAll(headers: RawHeaders, name: string): string[] {
  const found: string[] = [];
  for (let i = 0; i < headers.length; i += 2) if (headers[i]?.toLowerCase() === name.toLowerCase()) found.push(headers[i + 1] as string);
  return found;
}

/** Reads the next final answer. `method` is that of its request: an answer to HEAD has no body, whatever it announces. */
export async function readResponse(c: RawConnection, method = 'GET'): Promise<RawResponse> {
  const interim: Array<{ status: number; headers: RawHeaders }> = [];
  for (;;) {
    const { startLine, headers } = await readHead(c);
    const status = Number(startLine.split(' ')[1]);
    if (status >= 100 && status < 200 && status !== 101) {
      interim.push({ status, headers });
      continue;
    }
    const bodiless = method === 'HEAD' || status === 101 || status === 204 || status === 304;
    const rest = bodiless ? NO_BODY : await readBody(c, headers, 'close');
    return { startLine, headers, status, interim, ...rest };
  }
}

export async function readRequest(c: RawConnection): Promise<RawRequest> {
  const { startLine, headers } = await readHead(c);
  const [method = '', target = ''] = startLine.split(' ');
  return { startLine, headers, method, target, ...(await readBody(c, headers, 'none')) };
}

/** A start line and the fields after it, up to the empty line. */
export async function readHead(c: RawConnection): Promise<{ readonly startLine: string; readonly headers: RawHeaders }> {
  const text = (await c.readUntil('\r\n\r\n')).toString('latin1');
  const [startLine = '', ...lines] = text.slice(0, -4).split('\r\n');
  return { startLine, headers: parseFields(lines) };
}

type Body = Pick<RawMessage, 'body' | 'trailers' | 'framing'>;

const NO_BODY: Body = { body: Buffer.alloc(0), trailers: [], framing: 'none' };

async function readBody(c: RawConnection, headers: RawHeaders, unframed: 'none' | 'close'): Promise<Body> {
  if (/\bchunked\s*$/i.test(header(headers, 'transfer-encoding') ?? '')) return readChunked(c);
  const length = header(headers, 'content-length');
  if (length !== undefined) return { body: await c.read(Number(length)), trailers: [], framing: 'length' };
  return unframed === 'none' ? NO_BODY : { body: await c.readToEnd(), trailers: [], framing: 'close' };
}

async function readChunked(c: RawConnection): Promise<Body> {
  const chunks: Buffer[] = [];
  for (;;) {
    const size = Number.parseInt((await c.readUntil('\r\n')).toString('latin1'), 16);
    if (size === 0) break;
    chunks.push(await c.read(size));
    await c.read(2);
  }
  const trailers: string[] = [];
  for (let line = await readLine(c); line !== ''; line = await readLine(c)) trailers.push(line);
  return { body: Buffer.concat(chunks), trailers: parseFields(trailers), framing: 'chunked' };
}

async function readLine(c: RawConnection): Promise<string> {
  return (await c.readUntil('\r\n')).toString('latin1').slice(0, -2);
}

function parseFields(lines: readonly string[]): string[] {
  return lines.flatMap((line) => {
    const colon = line.indexOf(':');
    return [line.slice(0, colon), line.slice(colon + 1).trim()];
  });
}
