/** Several requests of one connection in hand at a time (RFC 9112 §9.3.2). */
import { expect, test } from 'vitest';
import { startTestGateway } from '../kit/gateway.ts';
import { readRequest, readResponse } from '../kit/message.ts';
import { startOrigin, startRawOrigin } from '../kit/origin.ts';
import { connectRaw } from '../kit/raw-client.ts';
import { until } from '../kit/until.ts';

/** Answers with the target that was asked for. */
const echo = () =>
  startOrigin(async (req, res, whole) => {
    const body = `${req.url} ${await whole()}`;
    res.writeHead(200, ['Content-Length', String(Buffer.byteLength(body))]).end(body);
  });

test('requests in a pipeline are answered in order, whichever was ready first', async () => {
  const waiting = new Map<string, () => void>();
  await using origin = await startOrigin((req, res) => {
    waiting.set(req.url ?? '', () => res.end(`answer to ${req.url}, ${'.'.repeat(30_000)}`));
    // The last one is answered first.
    if (waiting.size === 5) for (const answer of [...waiting.values()].reverse()) answer();
  });
  await using gateway = await startTestGateway({ upstream: origin.port });
  const c = await connectRaw(gateway.port);
  c.write([0, 1, 2, 3, 4].map((i) => `GET /${i} HTTP/1.1\r\nHost: x\r\n\r\n`).join(''));
  for (let i = 0; i < 5; i++) expect((await readResponse(c)).body.toString()).toContain(`answer to /${i},`);
  c.destroy();
  await gateway.idle();
});

test('a pipeline without end is taken in as it is answered, not at once', async () => {
  const count = 10_000;
  let open: () => void = () => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  await using origin = await startOrigin(async (req, res) => {
    await opened;
    res.writeHead(200, ['Content-Length', String((req.url as string).length)]).end(req.url);
  });
  await using gateway = await startTestGateway({ upstream: origin.port });
  const c = await connectRaw(gateway.port);
  c.write(Array.from({ length: count }, (_, i) => `GET /${i} HTTP/1.1\r\nHost: x\r\n\r\n`).join(''));
  let before = -1;
  const most = await until(async () => {
    const now = (await gateway.metrics()).value('plumbline_requests_in_flight');
    const still = now > 0 && now === before;
    before = now;
    return still && now;
  }, 'no more to be taken in');
  expect(most).toBeLessThan(count / 2);
  open();
  for (let i = 0; i < count; i++) expect((await readResponse(c)).body.toString()).toBe(`/${i}`);
  c.destroy();
});

test('a pipeline of uploads and refusals keeps its order', async () => {
  await using origin = await echo();
  await using gateway = await startTestGateway({ upstream: origin.port, route: { match: { path: '/api' } } });
  const c = await connectRaw(gateway.port);
  const post = (path: string, body: string): string => `POST ${path} HTTP/1.1\r\nHost: x\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
  c.write(post('/api/1', 'one') + post('/no', 'two') + post('/api/3', 'three'));
  const answers = [await readResponse(c), await readResponse(c), await readResponse(c)];
  expect(answers.map(({ status }) => status)).toEqual([200, 404, 200]);
  expect([answers[0]?.body.toString(), answers[2]?.body.toString()]).toEqual(['/api/1 one', '/api/3 three']);
  c.destroy();
});

test('an answer that breaks while it is queued harms no answer before it', async () => {
  const broken = Promise.withResolvers<void>();
  await using origin = await startRawOrigin(async (c) => {
    const { target } = await readRequest(c);
    c.write('HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nab');
    if (target === '/2') return c.reset();
    await broken.promise;
    c.write('cd');
  });
  await using gateway = await startTestGateway({ upstream: origin.port });
  const c = await connectRaw(gateway.port);
  c.write('GET /1 HTTP/1.1\r\nHost: x\r\n\r\nGET /2 HTTP/1.1\r\nHost: x\r\n\r\n');
  await gateway.log.one(({ path, code }) => path === '/2' && code === 'UPSTREAM_RESET');
  broken.resolve();
  expect((await readResponse(c)).body.toString()).toBe('abcd');
  expect((await c.readToEnd()).length).toBe(0);
  expect(await gateway.log.one(({ path }) => path === '/1')).toMatchObject({ status: 200, code: '' });
});
