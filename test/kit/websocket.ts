/** WebSocket (RFC 6455) as bytes on a raw connection: what a test wants to see is what stood on the wire, frame by frame. */
import { createHash } from 'node:crypto';
import type { RawHeaders } from '../../src/core/headers.ts';
import type { RawConnection } from './connection.ts';
import { header, readHead } from './message.ts';
import { connectRaw, sendRequest } from './raw-client.ts';

export interface Frame {
  readonly final: boolean;
  readonly opcode: number;
  /** Unmasked. */
  readonly payload: Buffer;
  /** Whether it came masked, as all of a client's must (§5.1). */
  readonly masked: boolean;
}

export const TEXT = 1;
export const BINARY = 2;
export const CLOSE = 8;

/** The example of §1.3. */
export const KEY = 'dGhlIHNhbXBsZSBub25jZQ==';
const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';
const MASK = Buffer.from([0x37, 0xfa, 0x21, 0x3d]);

/** What a server answers to this key (§4.2.2). */
export function acceptOf(key: string): string {
  return createHash('sha1')
    .update(key + GUID)
    .digest('base64');
}

/** Request line and fields of an opening handshake. */
export function handshake(target: string, ...fields: readonly string[]): string[] {
  return [
    `GET ${target} HTTP/1.1`,
    'Host: ws.example',
    'Upgrade: websocket',
    'Connection: Upgrade',
    `Sec-WebSocket-Key: ${KEY}`,
    'Sec-WebSocket-Version: 13',
    ...fields,
  ];
}

/** The server's answer to it, as bytes. */
export function accepted(key = KEY, ...fields: readonly string[]): string {
  const lines = ['HTTP/1.1 101 Switching Protocols', 'Upgrade: websocket', 'Connection: Upgrade', `Sec-WebSocket-Accept: ${acceptOf(key)}`];
  return `${[...lines, ...fields].join('\r\n')}\r\n\r\n`;
}

/** One frame (§5.2). `from`: a client masks, a server does not. */
export function frame(opcode: number, payload: Uint8Array, from: 'client' | 'server'): Buffer {
  const bytes = payload.byteLength;
  const mask = from === 'client' ? 0x80 : 0;
  const head = bytes < 126 ? Buffer.alloc(2) : bytes < 65_536 ? Buffer.alloc(4) : Buffer.alloc(10);
  head[0] = 0x80 | opcode;
  if (head.length === 2) head[1] = mask | bytes;
  else if (head.length === 4) {
    head[1] = mask | 126;
    head.writeUInt16BE(bytes, 2);
  } else {
    head[1] = mask | 127;
    head.writeBigUInt64BE(BigInt(bytes), 2);
  }
  return mask === 0 ? Buffer.concat([head, payload]) : Buffer.concat([head, MASK, masked(payload, MASK)]);
}

export async function readFrame(c: RawConnection): Promise<Frame> {
  const head = await c.read(2);
  const [first, second] = [head[0] as number, head[1] as number];
  const short = second & 0x7f;
  const bytes = short < 126 ? short : short === 126 ? (await c.read(2)).readUInt16BE() : Number((await c.read(8)).readBigUInt64BE());
  const mask = (second & 0x80) === 0 ? undefined : Buffer.from(await c.read(4));
  const payload = Buffer.from(await c.read(bytes));
  return {
    final: (first & 0x80) !== 0,
    opcode: first & 0x0f,
    payload: mask === undefined ? payload : masked(payload, mask),
    masked: mask !== undefined,
  };
}

function masked(payload: Uint8Array, mask: Buffer): Buffer {
  const out = Buffer.from(payload);
  for (let i = 0; i < out.length; i++) out[i] = (out[i] as number) ^ (mask[i & 3] as number);
  return out;
}

/** Both ends of a WebSocket through a gateway, past the handshake. */
export interface OpenSocket {
  readonly client: RawConnection;
  /** Head of the 101 as the client got it. */
  readonly answer: { readonly startLine: string; readonly headers: RawHeaders };
}

/** Connects, sends the handshake, reads the 101. @throws where the answer is another one. */
export async function openWebSocket(port: number, target = '/ws', ...fields: readonly string[]): Promise<OpenSocket> {
  const client = await connectRaw(port);
  sendRequest(client, handshake(target, ...fields));
  const answer = await readHead(client);
  if (!answer.startLine.startsWith('HTTP/1.1 101 ')) throw new Error(`no WebSocket: ${answer.startLine}`);
  return { client, answer };
}

/** An origin's part: reads the handshake and answers it. Gives the request's head. */
export async function acceptWebSocket(c: RawConnection, ...fields: readonly string[]): Promise<{ startLine: string; headers: RawHeaders }> {
  const head = await readHead(c);
  c.write(accepted(header(head.headers, 'sec-websocket-key'), ...fields));
  return head;
}
