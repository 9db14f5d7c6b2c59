/** How many connections there may be, and what one costs. */
import { expect, test, vi } from 'vitest';
import { startTestGateway } from '../kit/gateway.ts';
import { startGatewayProcess } from '../kit/gateway-process.ts';
import { readResponse } from '../kit/message.ts';
import { startOrigin } from '../kit/origin.ts';
import { connectRaw, exchangeRaw, sendRequest } from '../kit/raw-client.ts';
import { until } from '../kit/until.ts';

vi.setConfig({ testTimeout: 40_000 }); // a process is started

const GET = ['GET / HTTP/1.1', 'Host: x'];

test('connections are counted; beyond `maxConnections` one is closed at once, and counted too', async () => {
  await using origin = await startOrigin();
  await using gateway = await startTestGateway({ upstream: origin.port, listener: { maxConnections: 3 } });
  const open = async (): Promise<number> => (await gateway.metrics()).value('plumbline_downstream_connections', { listener: 'main' });
  const kept = await Promise.all([1, 2, 3].map(() => connectRaw(gateway.port)));
  for (const c of kept) {
    sendRequest(c, GET);
    expect((await readResponse(c)).status).toBe(200);
  }
  expect(await open()).toBe(3);
  for (let i = 1; i <= 3; i++) {
    const c = await connectRaw(gateway.port);
    await c.peerDone;
    c.destroy();
    expect((await gateway.metrics()).value('plumbline_connections_refused_total', { listener: 'main' })).toBe(i);
  }
  for (const c of kept) c.destroy();
  await until(async () => (await open()) === 0, 'no connection');
  expect((await exchangeRaw(gateway.port, GET)).status).toBe(200);
});

test('trailers of a request are read, counted and dropped', async () => {
  await using origin = await startOrigin(async (_req, res, whole) => void res.end(await whole()));
  await using gateway = await startTestGateway({ upstream: origin.port });
  const body = '4\r\nbody\r\n0\r\nX-Sum: 1\r\nX-Request-ID: evil\r\n\r\n';
  const answer = await exchangeRaw(gateway.port, ['POST / HTTP/1.1', 'Host: x', 'Transfer-Encoding: chunked'], body);
  expect([answer.status, answer.body.toString()]).toEqual([200, 'body']);
  expect(origin.requests[0]?.headers).not.toContain('evil');
  expect((await gateway.metrics()).value('plumbline_request_trailers_dropped_total', { listener: 'main' })).toBe(2);
});

test('an idle connection costs less than 40 KB', async () => {
  const count = 2000;
  await using origin = await startOrigin();
  await using gateway = await startGatewayProcess({ upstream: origin.port });
  const batch = async (size: number): Promise<Array<Awaited<ReturnType<typeof connectRaw>>>> => {
    const clients = await Promise.all(Array.from({ length: size }, () => connectRaw(gateway.port)));
    await Promise.all(
      clients.map(async (c) => {
        sendRequest(c, GET);
        expect((await readResponse(c)).status).toBe(200);
      }),
    );
    return clients;
  };
  // What any work makes a process take, in code and young memory, is not a matter of connections.
  for (let i = 0; i < 3; i++) for (const c of await batch(500)) c.destroy();
  const before = await gateway.rssBytes();
  const clients = [];
  for (let i = 0; i < count / 500; i++) clients.push(...(await batch(500)));
  const after = await gateway.rssBytes();
  expect((after - before) / count).toBeLessThan(40 * 1024);
  for (const c of clients) c.destroy();
});
