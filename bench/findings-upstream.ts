/**
 * The upstream of `bench/findings.ts`: `node bench/findings-upstream.ts`, prints its port. The first segment of the path says what shapes its answers have,
 * the second which body: `/new/orders` is 20 KB, `/same/order` 1 KB. What varies stands at the root of the body.
 */
import { createServer, type Socket } from 'node:net';
import { ORDER, ORDERS } from './bodies.ts';

/** Optional fields of the contract; each answer of new shape has another choice of them, 2²⁴ in all. */
const OPTIONAL = [...'abcdefghijklmnopqrstuvwx'].map((letter) => `"extra_${letter}":1,`);
const ALL = OPTIONAL.join('').length;
const CHOICES = 2 ** OPTIONAL.length;
/** Odd: a step that comes to every choice before it comes to one again. */
const STEP = 0x9e3779b1;
/** What the contract does not know. */
const UNKNOWN = '"tags":["new"],';
const NOTHING = ' '.repeat(UNKNOWN.length);

let count = 0;

/** Bodies of one size, whatever is in them. */
function bodyOf(shapes: string, plain: string): string {
  count += 1;
  const chosen = shapes === 'new' ? (Math.imul(count, STEP) >>> 0) & (CHOICES - 1) : 0;
  let extra = '';
  for (const [i, field] of OPTIONAL.entries()) if (((chosen >>> i) & 1) === 1) extra += field;
  const unknown = shapes === 'same' ? NOTHING : UNKNOWN;
  return `{${unknown}${extra}${plain.slice(1, -1)}${' '.repeat(ALL - extra.length)}}`;
}

function answerTo(head: string): string {
  const [, shapes = '', what = ''] = (head.split(' ', 2)[1] ?? '').split('/');
  const body = bodyOf(shapes, what === 'orders' ? ORDERS : ORDER);
  return `HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
}

function serve(socket: Socket): void {
  let rest = '';
  socket.setNoDelay(true);
  socket.setEncoding('latin1');
  socket.on('error', () => socket.destroy());
  socket.on('data', (chunk: string) => {
    rest += chunk;
    for (let end = rest.indexOf('\r\n\r\n'); end >= 0; end = rest.indexOf('\r\n\r\n')) {
      socket.write(answerTo(rest.slice(0, end)), 'latin1');
      rest = rest.slice(end + 4);
    }
  });
}

const server = createServer(serve);
server.listen(0, '127.0.0.1', 1024, () => {
  const address = server.address();
  process.stdout.write(`${typeof address === 'object' ? address?.port : ''}\n`);
});
