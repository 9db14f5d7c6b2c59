/**
 * A service as one finds them: it answers, and at SIGTERM takes nothing new, ends what is in flight, and ends with 0. It runs in a root of its own with Node and
 * nothing else. PORT; WORK: it ends by itself, as a job does, after so many ms with that code. Each POST is a line on standard output. `?ms=`: the answer takes so
 * long. An order whose id begins with `odd` is answered as its contract does not say.
 */
import { type IncomingMessage, type ServerResponse, createServer } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

const { PORT = '8080', WORK } = process.env;

async function answer(request: IncomingMessage, response: ServerResponse, sent: string): Promise<void> {
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://app');
  const isPost = request.method === 'POST';
  const id = isPost ? (JSON.parse(sent) as { id: string }).id : pathname.slice(pathname.lastIndexOf('/') + 1);
  await sleep(Number(searchParams.get('ms') ?? 0));
  if (isPost) console.log(`made ${id}`);
  const body = JSON.stringify(pathname === '/healthz' ? { alive: true } : { id, total: id.startsWith('odd') ? 'free' : 12.5 });
  response.writeHead(isPost ? 201 : 200, { 'Content-Type': 'application/json', 'Content-Length': body.length }).end(body);
}

const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => void answer(request, response, Buffer.concat(chunks).toString()));
});

server.listen(Number(PORT), '0.0.0.0', () => console.log(`listening on ${PORT}`));
process.on('SIGTERM', () => {
  console.log('SIGTERM');
  server.close(() => process.exit(0));
});
if (WORK !== undefined) {
  const [ms, code] = WORK.split(' ').map(Number);
  await sleep(ms);
  console.log('the work is done');
  process.exit(code);
}
