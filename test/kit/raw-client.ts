import { connect } from 'node:net';
import { RawConnection } from './connection.ts';
import { type RawResponse, readResponse } from './message.ts';

/** Connects to `port` of this machine. The caller closes it. */
export async function connectRaw(port: number, host = '127.0.0.1'): Promise<RawConnection> {
  const socket = connect({ host, port, allowHalfOpen: true });
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve);
    socket.once('error', reject);
  });
  return new RawConnection(socket);
}

/** Sends `lines` (start line and fields, without line ends) and the body as they stand. */
export function sendRequest(c: RawConnection, lines: readonly string[], body: string | Uint8Array = ''): void {
  c.write(`${lines.join('\r\n')}\r\n\r\n`);
  if (body.length > 0) c.write(body);
}

/** One request on a connection of its own, and its whole answer. The lines are sent as they stand: no field is added. */
export async function exchangeRaw(
  port: number,
  lines: readonly string[],
  body: string | Uint8Array = '',
  host = '127.0.0.1',
): Promise<RawResponse> {
  const c = await connectRaw(port, host);
  try {
    sendRequest(c, lines, body);
    return await readResponse(c, lines[0]?.split(' ')[0]);
  } finally {
    c.destroy();
  }
}
