/** LS-1 on the wire: what is one too many is refused, what runs goes on, and nobody's health is in question. */
import { expect, test } from 'vitest';
import type { RawConnection } from '../kit/connection.ts';
import { startTestGateway } from '../kit/gateway.ts';
import { header, readHead, readResponse } from '../kit/message.ts';
import { startRawOrigin } from '../kit/origin.ts';
import { connectRaw, exchangeRaw, sendRequest } from '../kit/raw-client.ts';
import { until } from '../kit/until.ts';
import { handshake } from '../kit/websocket.ts';

const GET = ['GET / HTTP/1.1', 'Host: x'];
const ANSWER = 'HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nheld';

/** Takes requests and holds their answers; `held` are the connections on which one is owed. */
async function startHolding() {
  const held: RawConnection[] = [];
  const origin = await startRawOrigin(async (c) => {
    for (;;) {
      await readHead(c);
      held.push(c);
    }
  });
  return { origin, held };
}

async function startFull(inFlight: number) {
  const { origin, held } = await startHolding();
  const gateway = await startTestGateway({ upstream: origin.port, route: { policies: { loadShed: { inFlight } } } });
  const clients = await Promise.all(Array.from({ length: inFlight }, () => connectRaw(gateway.port)));
  for (const client of clients) sendRequest(client, GET);
  await until(() => held.length === inFlight, 'all requests at the origin');
  return { origin, held, gateway, clients };
}

test('LS-1: one more than may be in flight is 503 OVERLOADED; those that run are answered, and then there is room again', async () => {
  const { origin, held, gateway, clients } = await startFull(3);
  await using _origin = origin;
  await using _gateway = gateway;
  const refused = await exchangeRaw(gateway.port, GET);
  expect([refused.status, header(refused.headers, 'retry-after'), header(refused.headers, 'x-plumbline-overloaded')]).toEqual([
    503,
    '1',
    '1',
  ]);
  expect(JSON.parse(refused.body.toString())).toMatchObject({ code: 'OVERLOADED', retryable: true });
  for (const path of ['/healthz', '/readyz', '/metrics']) expect((await fetch(gateway.adminUrl + path)).status).toBe(200);
  expect(held).toHaveLength(3);
  for (const c of held) c.write(ANSWER);
  for (const client of clients) expect((await readResponse(client)).body.toString()).toBe('held');
  await gateway.idle();
  const next = await connectRaw(gateway.port);
  sendRequest(next, GET);
  await until(() => held.length === 4, 'the next request at the origin');
  held[3]?.write(ANSWER);
  expect((await readResponse(next)).status).toBe(200);
  expect((await gateway.metrics()).value('plumbline_shed_total', { reason: 'in_flight' })).toBe(1);
  for (const client of [...clients, next]) client.destroy();
});

test('LS-1: an upgrade is one request more too', async () => {
  const { origin, gateway, clients } = await startFull(1);
  await using _origin = origin;
  await using _gateway = gateway;
  const refused = await exchangeRaw(gateway.port, handshake('/ws'));
  expect([refused.status, JSON.parse(refused.body.toString())]).toMatchObject([503, { code: 'OVERLOADED' }]);
  for (const client of clients) client.destroy();
});

test('LS-1: an upload that is shed has its answer, and what it goes on to send is no request', async () => {
  const { origin, held, gateway, clients } = await startFull(1);
  await using _origin = origin;
  await using _gateway = gateway;
  const upload = await connectRaw(gateway.port);
  sendRequest(upload, ['POST / HTTP/1.1', 'Host: x', 'Content-Length: 300000'], 'GET /hidden HTTP/1.1\r\nHost: x\r\n\r\n');
  expect((await readResponse(upload)).status).toBe(503);
  expect(held).toHaveLength(1);
  for (const client of [upload, ...clients]) client.destroy();
});
