/**
 * The upstream of all rows: `node bench/upstream.ts`, prints its port (PORT, or any). It shares a core with the load generator, so it is written on
 * `node:net` and does no more than a benchmark needs: it finds where requests end and writes ready-made answers.
 */
import { createServer, type Socket } from 'node:net';
import { NEW_ORDER, ORDER, ORDERS } from './bodies.ts';

const answer = (status: string, body: string): Buffer =>
  Buffer.from(`HTTP/1.1 ${status}\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`, 'latin1');

const ONE = answer('200 OK', ORDER);
const MADE = answer('201 Created', ORDER);
const MANY = answer('200 OK', ORDERS);
const UNKNOWN = answer('404 Not Found', '{}');
const BAD = answer('400 Bad Request', '{}');

function answerTo(head: string): Buffer {
  if (head.startsWith('GET /v1/orders/')) return ONE;
  if (head.startsWith('GET /v1/orders')) return MANY;
  if (head.startsWith('POST /v1/orders ')) return MADE;
  return UNKNOWN;
}

function serve(socket: Socket): void {
  let rest = '';
  socket.setNoDelay(true);
  socket.setEncoding('latin1');
  socket.on('error', () => socket.destroy());
  socket.on('data', (chunk: string) => {
    rest = rest === '' ? chunk : rest + chunk;
    for (;;) {
      const headEnd = rest.indexOf('\r\n\r\n');
      if (headEnd < 0) return;
      const end = bodyEnd(rest, headEnd + 4);
      if (end === undefined) return;
      if (end === 'bad') return void socket.end(BAD);
      const head = rest.slice(0, headEnd + 2);
      rest = rest.slice(end);
      socket.write(answerTo(head));
      if (/\r\nconnection: *close\r\n/i.test(head)) return void socket.end();
    }
  });
}

/** Where the message that has its body at `from` ends; undefined: not all of it is here. */
function bodyEnd(text: string, from: number): number | undefined | 'bad' {
  // A GET of every peer here is without a body; looking for its length would cost more than the answer.
  if (text.startsWith('GET ')) return from;
  const head = text.slice(0, from);
  const length = /\r\ncontent-length: *(\d+)\r\n/i.exec(head)?.[1];
  if (length !== undefined) {
    // A proxy that changed the body would be measured for something else.
    if (Number(length) !== NEW_ORDER.length) return 'bad';
    return text.length < from + Number(length) ? undefined : from + Number(length);
  }
  if (!/\r\ntransfer-encoding: *chunked\r\n/i.test(head)) return from;
  const last = text.indexOf('\r\n0\r\n\r\n', from - 2);
  return last < 0 ? undefined : last + 7;
}

const server = createServer(serve);
server.listen(Number(process.env.PORT ?? 0), '127.0.0.1', 1024, () => {
  const address = server.address();
  process.stdout.write(`${typeof address === 'object' ? address?.port : ''}\n`);
});
