/** Requests that a client sends before it has its answers (RFC 9112 §9.3.2): taken in one after the other. */
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

test('requests in a pipeline are taken in and answered one after the other', async () => {
  let most = 0;
  let now = 0;
  await using origin = await startOrigin((req, res) => {
    now += 1;
    most = Math.max(most, now);
    setImmediate(() => {
      now -= 1;
      res.end(`answer to ${req.url}, ${'.'.repeat(30_000)}`);
    });
  });
  await using gateway = await startTestGateway({ upstream: origin.port });
  const c = await connectRaw(gateway.port);
  c.write([0, 1, 2, 3, 4].map((i) => `GET /${i} HTTP/1.1\r\nHost: x\r\n\r\n`).join(''));
  for (let i = 0; i < 5; i++) expect((await readResponse(c)).body.toString()).toContain(`answer to /${i},`);
  expect(most).toBe(1);
  c.destroy();
  await gateway.idle();
});

test('a pipeline without end is taken in as it is answered, not at once', async () => {
  const count = 2000;
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
  expect(most).toBe(1);
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

test('an answer that breaks harms none before it, and what was asked behind it gets none', async () => {
  await using origin = await startRawOrigin(async (c) => {
    for (;;) {
      const { target } = await readRequest(c);
      c.write('HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nab');
      if (target === '/2') return c.reset();
      c.write('cd');
    }
  });
  await using gateway = await startTestGateway({ upstream: origin.port });
  const c = await connectRaw(gateway.port);
  c.write(['/1', '/2', '/3'].map((path) => `GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`).join(''));
  expect((await readResponse(c)).body.toString()).toBe('abcd');
  await c.peerDone;
  const lines = await gateway.log.wait(2);
  expect(lines.map(({ path, status, code }) => [path, status, code])).toEqual([
    ['/1', 200, ''],
    ['/2', 200, 'UPSTREAM_RESET'],
  ]);
});
