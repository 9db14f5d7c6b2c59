/** Connections of which one side has ended. For the gateway a FIN of the client is leaving (EV-3); its own FIN takes no answer away (RFC 9112 §9.6). */
import { expect, test } from 'vitest';
import { startTestGateway } from '../kit/gateway.ts';
import { header, readRequest, readResponse } from '../kit/message.ts';
import { startRawOrigin } from '../kit/origin.ts';
import { connectRaw, sendRequest } from '../kit/raw-client.ts';
import { until } from '../kit/until.ts';

const GET = ['GET / HTTP/1.1', 'Host: x'];

/** Answers at once, and keeps its connections. */
const answering = () =>
  startRawOrigin(async (c) => {
    for (;;) {
      await readRequest(c);
      c.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
    }
  });

test.each([
  ['a whole request', GET, ''],
  ['a request with its body', ['POST / HTTP/1.1', 'Host: x', 'Content-Length: 4'], 'body'],
  ['a pipeline', [...GET, '', ...GET], ''],
])('a client that sends %s and ends its side has left: the upstream is told, nobody is answered', async (_, lines, body) => {
  await using origin = await startRawOrigin(async (c) => void (await readRequest(c)));
  await using gateway = await startTestGateway({ upstream: origin.port });
  const c = await connectRaw(gateway.port);
  sendRequest(c, lines, body);
  const upstream = await until(() => origin.connections[0], 'the request at the upstream');
  c.end();
  expect((await c.readToEnd()).toString()).toBe('');
  await upstream.peerDone;
  await gateway.idle();
  expect(await gateway.log.wait(1)).toMatchObject([{ status: 499, code: 'CLIENT_CLOSED' }]);
});

test('a client that ends its side of an idle connection, or in half a head, gets the other side ended and no line in the log', async () => {
  await using origin = await answering();
  await using gateway = await startTestGateway({ upstream: origin.port });
  for (const bytes of ['', 'GET / HTTP/1.1\r\nHo']) {
    const c = await connectRaw(gateway.port);
    sendRequest(c, GET);
    await readResponse(c);
    c.write(bytes);
    c.end();
    expect((await c.readToEnd()).toString()).toBe('');
    await c.closed;
  }
  expect(await gateway.log.wait(2)).toMatchObject([{ status: 200 }, { status: 200 }]);
  expect((await gateway.metrics()).value('plumbline_requests_total')).toBe(2);
});

test('what a client sends behind its last answer is read and thrown away, and takes nothing of the answer', async () => {
  await using origin = await answering();
  await using gateway = await startTestGateway({ upstream: origin.port });
  for (let round = 0; round < 20; round++) {
    const c = await connectRaw(gateway.port);
    sendRequest(c, [...GET, 'Connection: close']);
    for (let i = 0; i < 12; i++) c.write(Buffer.alloc(64 * 1024, 'x'));
    const answer = await readResponse(c);
    expect([answer.status, answer.body.toString(), header(answer.headers, 'connection')]).toEqual([200, 'ok', 'close']);
    expect((await c.readToEnd()).length).toBe(0);
    expect(c.errorCode).toBeUndefined();
    c.destroy();
  }
  await gateway.idle();
  expect((await gateway.metrics()).value('plumbline_requests_total')).toBe(20);
});

test('a connection that the gateway ended is gone soon, though its client never ends its side', async () => {
  await using origin = await answering();
  await using gateway = await startTestGateway({ upstream: origin.port });
  const c = await connectRaw(gateway.port);
  sendRequest(c, [...GET, 'Connection: close']);
  await readResponse(c);
  await c.peerDone;
  await until(async () => (await gateway.metrics()).value('plumbline_downstream_connections') === 0, 'no connection');
  expect(c.socket.destroyed).toBe(false);
  c.destroy();
});
