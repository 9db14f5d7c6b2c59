/** EV-8: what else has a say when a client asks for another protocol: the contract, the protocol's name, a body, the upstream's choice. */
import { expect, test } from 'vitest';
import type { RawConnection } from '../kit/connection.ts';
import { startTestGateway } from '../kit/gateway.ts';
import { header, headerAll, readHead, readRequest, readResponse } from '../kit/message.ts';
import { startRawOrigin } from '../kit/origin.ts';
import { connectRaw, sendRequest } from '../kit/raw-client.ts';
import { handshake, openWebSocket } from '../kit/websocket.ts';

const NEXT = 'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}';

/** Answers a change with 101 and what it was asked for, everything else with a 200; `heads` are the requests that came. */
async function startChanging(named?: string) {
  const heads: Awaited<ReturnType<typeof readRequest>>[] = [];
  const origin = await startRawOrigin(async (c) => {
    for (;;) {
      const request = await readRequest(c);
      heads.push(request);
      const asked = header(request.headers, 'upgrade');
      if (asked === undefined) {
        c.write(NEXT);
        continue;
      }
      c.write(`HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: ${named ?? asked}\r\n\r\n`);
      for (;;) c.write(await c.read(1)); // an echo
    }
  });
  return { origin, heads };
}

async function expectEcho(c: RawConnection): Promise<void> {
  c.write('echo');
  expect((await c.read(4)).toString()).toBe('echo');
}

const contracted = (mode: object) => ({
  openapi: {
    openapi: '3.1.0',
    info: { title: 'Chat', version: '1.0.0' },
    paths: {
      '/ws': {
        get: {
          operationId: 'chat',
          parameters: [{ name: 'room', in: 'query', required: true, schema: { type: 'integer' } }],
          responses: { 200: { description: 'ok', content: { 'application/json': { schema: { type: 'array' } } } } },
        },
      },
    },
  },
  route: { policies: { contract: mode } },
});

test.each(['report', 'enforce'])('in %s a 101 is no violation, though the contract names only a 200', async (mode) => {
  const { origin } = await startChanging();
  await using _origin = origin;
  await using gateway = await startTestGateway({ upstream: origin.port, ...contracted({ request: mode, response: mode }) });
  const { client } = await openWebSocket(gateway.port, '/ws?room=1');
  await expectEcho(client);
  client.reset();
  const line = await gateway.log.one();
  expect(line).toMatchObject({ operation: 'chat', violations: 0, request_bytes: 4, response_bytes: 4 });
  const metrics = await gateway.metrics();
  expect(metrics.value('plumbline_contract_violations_total')).toBe(0);
  if (mode === 'enforce') expect(metrics.value('plumbline_contract_checks_total', { side: 'response', reason: 'stream' })).toBe(1);
});

test('in report a handshake that breaks the contract passes, and is counted', async () => {
  const { origin } = await startChanging();
  await using _origin = origin;
  await using gateway = await startTestGateway({ upstream: origin.port, ...contracted({ request: 'report', response: 'report' }) });
  const { client } = await openWebSocket(gateway.port, '/ws?room=x');
  await expectEcho(client);
  client.end();
  origin.connections[0]?.end();
  await client.closed;
  expect(await gateway.log.one()).toMatchObject({ status: 101, violations: 1 });
});

test('in enforce a handshake that breaks the contract is refused, and takes no place', async () => {
  const { origin } = await startChanging();
  await using _origin = origin;
  await using gateway = await startTestGateway({ upstream: origin.port, ...contracted({ request: 'enforce', response: 'enforce' }) });
  const c = await connectRaw(gateway.port);
  sendRequest(c, handshake('/ws?room=x'));
  const refusal = await readResponse(c);
  expect([refusal.status, JSON.parse(refusal.body.toString())['code']]).toEqual([422, 'REQUEST_CONTRACT_VIOLATION']);
  expect([origin.connections.length, (await gateway.metrics()).value('plumbline_upgrades_open')]).toEqual([0, 0]);
  sendRequest(c, handshake('/ws?room=7'));
  expect((await readHead(c)).startLine).toMatch(/ 101 /);
  await expectEcho(c);
  c.reset();
});

test('in enforce a refusal by the upstream is judged like every answer', async () => {
  await using origin = await startRawOrigin(async (c) => {
    await readRequest(c);
    c.write(NEXT); // an object where the contract says array
  });
  await using gateway = await startTestGateway({ upstream: origin.port, ...contracted({ request: 'enforce', response: 'enforce' }) });
  const c = await connectRaw(gateway.port);
  sendRequest(c, handshake('/ws?room=1'));
  expect((await readResponse(c)).status).toBe(502);
  c.destroy();
  await gateway.idle();
  expect(await gateway.log.one()).toMatchObject({ code: 'RESPONSE_CONTRACT_VIOLATION' });
});

test.each([
  ['raw/1.0', 'raw/1.0', 'raw/1.0'],
  ['IRC/6.9, RTA/x11', 'IRC/6.9, RTA/x11', 'rta/x11'],
  ['h2c, websocket', 'websocket', 'websocket'],
  ['websocket, TLS/1.0, HTTP/2.0', 'websocket', 'WebSocket'],
])('%s is asked for as %s, and answered with %s', async (asked, passed, answered) => {
  const { origin, heads } = await startChanging(answered);
  await using _origin = origin;
  await using gateway = await startTestGateway({ upstream: origin.port });
  const c = await connectRaw(gateway.port);
  sendRequest(c, ['GET / HTTP/1.1', 'Host: x', `Upgrade: ${asked}`, 'Connection: Upgrade']);
  const { startLine, headers } = await readHead(c);
  expect([startLine.split(' ')[1], headerAll(headers, 'upgrade'), headerAll(headers, 'connection')]).toEqual([
    '101',
    [answered],
    ['Upgrade'],
  ]);
  expect(headerAll(heads[0]?.headers ?? [], 'upgrade')).toEqual([passed]);
  await expectEcho(c);
  c.reset();
});

const H2C = ['Upgrade: h2c', 'HTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA', 'Connection: Upgrade, HTTP2-Settings'];

test.each([
  ['HTTP/2 in clear text', ['GET / HTTP/1.1', 'Host: x', ...H2C], ''],
  ['a change with a body', ['POST / HTTP/1.1', 'Host: x', 'Upgrade: websocket', 'Connection: Upgrade', 'Content-Length: 3'], 'abc'],
  [
    'a change with a chunked body',
    ['POST / HTTP/1.1', 'Host: x', 'Upgrade: websocket', 'Connection: Upgrade', 'Transfer-Encoding: chunked'],
    '3\r\nabc\r\n0\r\n\r\n',
  ],
  ['Upgrade that Connection does not name', ['GET / HTTP/1.1', 'Host: x', 'Upgrade: websocket'], ''],
])('%s is never passed on; the request is an ordinary one, and so is the next', async (_, lines, body) => {
  const { origin, heads } = await startChanging();
  await using _origin = origin;
  await using gateway = await startTestGateway({ upstream: origin.port });
  const c = await connectRaw(gateway.port);
  for (let i = 0; i < 3; i++) {
    sendRequest(c, lines, body);
    const answer = await readResponse(c);
    expect([answer.status, answer.body.toString()]).toEqual([200, '{}']);
  }
  for (const { headers, body: got } of heads) {
    expect([header(headers, 'upgrade'), header(headers, 'http2-settings'), got.toString()]).toEqual([
      undefined,
      undefined,
      body === '' ? '' : 'abc',
    ]);
    expect(headerAll(headers, 'connection').some((value) => /upgrade/i.test(value))).toBe(false);
  }
  c.destroy();
  await gateway.idle();
  expect([origin.connections.length, (await gateway.metrics()).value('plumbline_upgrades_open')]).toEqual([1, 0]);
});

test.each([
  ['another protocol', 'Upgrade: other', 'UPGRADE_FAILED', 'http_upgrade_failed'],
  ['one more than was asked for', 'Upgrade: websocket, other', 'UPGRADE_FAILED', 'http_upgrade_failed'],
  ['no protocol', 'X: 1', 'UPGRADE_FAILED', 'http_upgrade_failed'],
])('a 101 that changes to %s is a 502, and its connection goes', async (_, field, code, error) => {
  await using origin = await startRawOrigin(async (c) => {
    await readHead(c);
    c.write(
      `HTTP/1.1 101 Switching Protocols\r\n${field}\r\nConnection: Upgrade\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison`,
    );
  });
  await using gateway = await startTestGateway({ upstream: origin.port });
  const c = await connectRaw(gateway.port);
  for (let i = 0; i < 3; i++) {
    sendRequest(c, handshake('/ws'));
    const refusal = await readResponse(c);
    expect([refusal.status, JSON.parse(refusal.body.toString())['code']]).toEqual([502, code]);
    expect(header(refusal.headers, 'proxy-status')).toBe(`plumbline; error=${error}`);
    await origin.connections[i]?.peerDone;
  }
  c.destroy();
  await gateway.idle();
  expect([origin.connections.length, (await gateway.metrics()).value('plumbline_upgrades_open')]).toEqual([3, 0]);
  for (const line of await gateway.log.wait(3)) expect(line).toMatchObject({ status: 502, code, attempts: 1 });
});
