import { expect, test } from 'vitest';
import { startTestGateway } from '../kit/gateway.ts';
import { header, readHead, readRequest, readResponse } from '../kit/message.ts';
import { startOrigin, startRawOrigin } from '../kit/origin.ts';
import { connectRaw, exchangeRaw, sendRequest } from '../kit/raw-client.ts';
import { until } from '../kit/until.ts';

/** Answers with the target that was asked for. */
const echo = () =>
  startOrigin(async (req, res, whole) => {
    const body = `${req.url} ${await whole()}`;
    res.writeHead(200, ['Content-Length', String(Buffer.byteLength(body))]).end(body);
  });

test('many requests go over one connection, and one connection goes to the upstream', async () => {
  await using origin = await echo();
  await using gateway = await startTestGateway({ upstream: origin.port });
  const c = await connectRaw(gateway.port);
  for (let i = 0; i < 500; i++) {
    if (i % 2 === 0) sendRequest(c, [`GET /${i} HTTP/1.1`, 'Host: x']);
    else sendRequest(c, [`POST /${i} HTTP/1.1`, 'Host: x', 'Content-Length: 2'], 'ab');
    expect((await readResponse(c)).body.toString()).toBe(i % 2 === 0 ? `/${i} ` : `/${i} ab`);
  }
  c.destroy();
  expect(origin.connections).toBe(1);
});

test('an HTTP/1.0 client gets the end of its answer told by a length or by the end of the connection', async () => {
  await using origin = await startRawOrigin(async (c) => {
    for (;;) {
      const { target } = await readRequest(c);
      c.write('HTTP/1.1 200 OK\r\n');
      c.write(target === '/length' ? 'Content-Length: 2\r\n\r\nok' : 'Transfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n');
    }
  });
  await using gateway = await startTestGateway({ upstream: origin.port });
  const measured = await exchangeRaw(gateway.port, ['GET /length HTTP/1.0']);
  expect([measured.framing, measured.body.toString(), header(measured.headers, 'connection')]).toEqual(['length', 'ok', 'close']);
  const unmeasured = await exchangeRaw(gateway.port, ['GET /chunked HTTP/1.0', 'Host: x']);
  expect([unmeasured.framing, unmeasured.body.toString()]).toEqual(['close', 'ok']);
  const c = await connectRaw(gateway.port);
  for (let i = 0; i < 2; i++) {
    sendRequest(c, ['GET /length HTTP/1.0', 'Connection: keep-alive']);
    const kept = await readResponse(c);
    expect([kept.body.toString(), header(kept.headers, 'connection')]).toEqual(['ok', 'keep-alive']);
  }
  c.destroy();
});

test('Connection: close from the client ends its connection after the answer', async () => {
  await using origin = await echo();
  await using gateway = await startTestGateway({ upstream: origin.port });
  const c = await connectRaw(gateway.port);
  sendRequest(c, ['GET / HTTP/1.1', 'Host: x', 'Connection: close']);
  const answer = await readResponse(c);
  expect([answer.status, header(answer.headers, 'connection')]).toEqual([200, 'close']);
  expect((await c.readToEnd()).length).toBe(0);
});

test.each([
  ['http://api.example/a/b?c=1', '/a/b?c=1'],
  ['http://api.example', '/'],
  ['http://api.example?c=1', '/?c=1'],
])('the target %s reaches the upstream as %s', async (target, expected) => {
  await using origin = await echo();
  await using gateway = await startTestGateway({ upstream: origin.port });
  const answer = await exchangeRaw(gateway.port, [`GET ${target} HTTP/1.1`, 'Host: api.example']);
  expect([answer.status, answer.body.toString()]).toEqual([200, `${expected} `]);
  expect(header(origin.requests[0]?.headers ?? [], 'host')).toBe('api.example');
});

test('OPTIONS of the server itself goes on as it is (RFC 9112 §3.2.4)', async () => {
  await using origin = await echo();
  await using gateway = await startTestGateway({ upstream: origin.port });
  const answer = await exchangeRaw(gateway.port, ['OPTIONS * HTTP/1.1', 'Host: x']);
  expect([answer.status, answer.body.toString()]).toEqual([200, '* ']);
});

test('a thousand clients at a time are all answered, over no more connections than were allowed', async () => {
  await using origin = await echo();
  await using gateway = await startTestGateway({ upstream: origin.port, pool: { connections: 50 } });
  const clients = await Promise.all(Array.from({ length: 1000 }, () => connectRaw(gateway.port)));
  const answers = await Promise.all(
    clients.map(async (c, i) => {
      sendRequest(c, [`POST /${i} HTTP/1.1`, 'Host: x', 'Content-Length: 4'], 'body');
      return readResponse(c);
    }),
  );
  for (const c of clients) c.destroy();
  expect(answers.map(({ body }) => body.toString())).toEqual(answers.map((_, i) => `/${i} body`));
  expect(origin.connections).toBeLessThanOrEqual(50);
  await gateway.idle();
  expect((await gateway.metrics()).value('plumbline_requests_total', { status_code: '200' })).toBe(1000);
});

test('beyond `connections` a request waits for its turn, and can be given up meanwhile', async () => {
  const seen: string[] = [];
  const answer: (() => void)[] = [];
  await using origin = await startRawOrigin(async (c) => {
    for (;;) {
      const { startLine } = await readHead(c);
      seen.push(startLine);
      await new Promise<void>((resolve) => answer.push(resolve));
      c.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
    }
  });
  await using gateway = await startTestGateway({
    upstream: origin.port,
    pool: { connections: 1 },
    route: { policies: { deadline: { total: '30s' } } },
  });
  const [first, leaves, late, last] = [
    await connectRaw(gateway.port),
    await connectRaw(gateway.port),
    await connectRaw(gateway.port),
    await connectRaw(gateway.port),
  ];
  sendRequest(first, ['GET /first HTTP/1.1', 'Host: x']);
  await until(() => seen.length === 1, 'the first request at the upstream');
  sendRequest(leaves, ['GET /leaves HTTP/1.1', 'Host: x']);
  sendRequest(late, ['GET /late HTTP/1.1', 'Host: x', 'X-Request-Timeout-Ms: 100']);
  sendRequest(last, ['GET /last HTTP/1.1', 'Host: x']);
  await until(async () => (await gateway.metrics()).value('plumbline_requests_in_flight') === 4, 'four in flight');
  leaves.reset();
  expect((await readResponse(late)).status).toBe(504);
  await gateway.log.one(({ path }) => path === '/leaves');
  answer[0]?.();
  expect((await readResponse(first)).body.toString()).toBe('ok');
  await until(() => answer.length === 2, 'the last request at the upstream');
  answer[1]?.();
  expect((await readResponse(last)).body.toString()).toBe('ok');
  // Those that were given up never reached it.
  expect(seen).toEqual(['GET /first HTTP/1.1', 'GET /last HTTP/1.1']);
  expect(origin.connections).toHaveLength(1);
  for (const c of [first, late, last]) c.destroy();
});

test('more connections than `maxConnections` are not served', async () => {
  await using origin = await echo();
  await using gateway = await startTestGateway({ upstream: origin.port, listener: { maxConnections: 2 } });
  const kept = [await connectRaw(gateway.port), await connectRaw(gateway.port)];
  for (const c of kept) {
    sendRequest(c, ['GET / HTTP/1.1', 'Host: x']);
    await readResponse(c);
  }
  const third = await connectRaw(gateway.port);
  await third.peerDone;
  for (const c of [...kept, third]) c.destroy();
  await until(
    async () => (await exchangeRaw(gateway.port, ['GET / HTTP/1.1', 'Host: x']).catch(() => undefined))?.status === 200,
    'room again',
  );
  expect(third.ended).toBe(true);
});
