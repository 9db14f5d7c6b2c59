/** EV-8: a change of protocol passes both ways as it is, and so does every byte after it. */
import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import type { RawConnection } from '../kit/connection.ts';
import { startTestGateway, type TestGateway } from '../kit/gateway.ts';
import { header, headerAll, readHead, readRequest, readResponse } from '../kit/message.ts';
import { startRawOrigin } from '../kit/origin.ts';
import { connectRaw, sendRequest } from '../kit/raw-client.ts';
import {
  acceptOf,
  accepted,
  acceptWebSocket,
  BINARY,
  CLOSE,
  frame,
  handshake,
  KEY,
  openWebSocket,
  readFrame,
  TEXT,
} from '../kit/websocket.ts';

const PING = 9;
const SIZES = [0, 1, 125, 126, 127, 65_535, 65_536, 65_537, 1_000_003, 2_097_152];

/** Accepts every WebSocket and sends back what it gets, frame by frame. */
const startEcho = () =>
  startRawOrigin(async (c) => {
    await acceptWebSocket(c);
    for (;;) {
      const { opcode, payload, masked } = await readFrame(c);
      if (!masked) throw new Error('a frame of a client came unmasked');
      c.write(frame(opcode, payload, 'server'));
    }
  });

/** Fields but those that the gateway adds on its way. */
function others(headers: readonly string[]): string[] {
  const own = /^(?:x-request-id|x-correlation-id|traceparent|via|x-forwarded-(?:for|proto|host)|forwarded)$/i;
  return headers.filter((_, i) => !own.test(headers[i - (i % 2)] as string));
}

async function expectServing(c: RawConnection): Promise<void> {
  sendRequest(c, ['GET /next HTTP/1.1', 'Host: x']);
  const answer = await readResponse(c);
  expect([answer.status, answer.body.toString()]).toEqual([200, 'next']);
}

const NEXT = 'HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nnext';
const tunnelLine = (gateway: TestGateway) => gateway.log.one(({ status }) => status === 101);

test('the handshake keeps every field on both ways; Upgrade and Connection are written anew', async () => {
  let asked: readonly string[] = [];
  await using origin = await startRawOrigin(async (c) => {
    const { startLine, headers } = await readHead(c);
    asked = [startLine, ...headers];
    const fields = ['X-oDD: 1', 'uPGRADE: WebSocket', 'Set-Cookie: a=1', 'connection: UPGRADE', `sec-websocket-ACCEPT: ${acceptOf(KEY)}`];
    c.write(`HTTP/1.1 101 Yes\r\n${fields.join('\r\n')}\r\nSet-Cookie: b=2\r\nSec-WebSocket-Protocol: superchat\r\n\r\n`);
  });
  await using gateway = await startTestGateway({ upstream: origin.port });
  const c = await connectRaw(gateway.port);
  sendRequest(c, [
    'GET /chat?room=1&&x HTTP/1.1',
    'hOST: server.example.com',
    'uPGRADE: WebSocket',
    'X-oDD: 1',
    'cOnnection: keep-alive, UPGRADE',
    `SEC-WebSocket-KEY: ${KEY}`,
    'sec-websocket-protocol: chat, superchat',
    'Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits',
    'Origin: http://example.com',
    'sec-WebSocket-version: 13',
    'Cookie: a=1',
  ]);
  const answer = await readHead(c);
  expect(asked[0]).toBe('GET /chat?room=1&&x HTTP/1.1');
  expect(others(asked.slice(1))).toEqual(
    [
      ['hOST', 'server.example.com'],
      ['X-oDD', '1'],
      ['SEC-WebSocket-KEY', KEY],
      ['sec-websocket-protocol', 'chat, superchat'],
      ['Sec-WebSocket-Extensions', 'permessage-deflate; client_max_window_bits'],
      ['Origin', 'http://example.com'],
      ['sec-WebSocket-version', '13'],
      ['Cookie', 'a=1'],
      ['Connection', 'Upgrade'],
      ['Upgrade', 'WebSocket'],
    ].flat(),
  );
  expect(answer.startLine).toMatch(/^HTTP\/1\.1 101 /);
  expect(others(answer.headers)).toEqual(
    [
      ['X-oDD', '1'],
      ['Set-Cookie', 'a=1'],
      ['sec-websocket-ACCEPT', acceptOf(KEY)],
      ['Set-Cookie', 'b=2'],
      ['Sec-WebSocket-Protocol', 'superchat'],
      ['Upgrade', 'WebSocket'],
      ['Connection', 'Upgrade'],
    ].flat(),
  );
  expect(header(answer.headers, 'x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
  c.destroy();
});

test('frames of every size come back byte by byte, and one line tells how many bytes went each way', async () => {
  await using origin = await startEcho();
  await using gateway = await startTestGateway({ upstream: origin.port });
  const { client } = await openWebSocket(gateway.port);
  let [sent, received] = [0, 0];
  for (const size of SIZES) {
    const payload = randomBytes(size);
    const bytes = frame(BINARY, payload, 'client');
    client.write(bytes);
    const back = await readFrame(client);
    expect([back.opcode, back.masked, back.payload.length, back.payload.equals(payload)]).toEqual([BINARY, false, size, true]);
    sent += bytes.length;
    received += bytes.length - 4; // a server does not mask
  }
  client.write(frame(PING, Buffer.from('are you there'), 'client'));
  expect((await readFrame(client)).opcode).toBe(PING);
  client.end();
  origin.connections[0]?.end();
  await client.closed;
  expect(origin.errors).toHaveLength(1); // the end of the frames
  expect(await tunnelLine(gateway)).toMatchObject({
    status: 101,
    code: '',
    attempts: 1,
    request_bytes: sent + 19,
    response_bytes: received + 15,
    flags: [],
  });
  await gateway.idle();
  expect(gateway.log.all()).toHaveLength(1);
});

test('both directions flow at the same time, and frames that come a byte at a time arrive whole', async () => {
  const [up, down] = [randomBytes(3_000_000), randomBytes(3_000_000)];
  const got = Promise.withResolvers<Buffer>();
  await using origin = await startRawOrigin(async (c) => {
    await acceptWebSocket(c);
    c.write(frame(BINARY, down, 'server'));
    got.resolve((await readFrame(c)).payload);
    const small = await readFrame(c);
    for (const byte of frame(TEXT, small.payload, 'server')) {
      c.write(Buffer.of(byte));
      await new Promise((resolve) => setImmediate(resolve));
    }
  });
  await using gateway = await startTestGateway({ upstream: origin.port });
  const { client } = await openWebSocket(gateway.port);
  client.write(frame(BINARY, up, 'client'));
  expect((await readFrame(client)).payload.equals(down)).toBe(true);
  expect((await got.promise).equals(up)).toBe(true);
  for (const byte of frame(TEXT, Buffer.from('drip'), 'client')) {
    client.write(Buffer.of(byte));
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect((await readFrame(client)).payload.toString()).toBe('drip');
  client.destroy();
});

test.each([10, 70_000, 300_000])('%i bytes behind the handshake, in one write with it, arrive after the change', async (size) => {
  const payload = randomBytes(size);
  await using origin = await startRawOrigin(async (c) => {
    const { headers } = await readHead(c);
    expect(c.unreadBytes).toBe(0); // before the 101 they are not the upstream's
    c.write(accepted(header(headers, 'sec-websocket-key')));
    const early = await readFrame(c);
    c.write(frame(BINARY, early.payload, 'server'));
  });
  await using gateway = await startTestGateway({ upstream: origin.port });
  const c = await connectRaw(gateway.port);
  c.write(Buffer.concat([Buffer.from(`${handshake('/ws').join('\r\n')}\r\n\r\n`), frame(BINARY, payload, 'client')]));
  await readHead(c);
  expect((await readFrame(c)).payload.equals(payload)).toBe(true);
  c.destroy();
  expect(origin.errors).toEqual([]);
});

test.each([10, 70_000, 300_000])('%i bytes behind the 101, in one write with it, reach the client', async (size) => {
  const payload = randomBytes(size);
  await using origin = await startRawOrigin(async (c) => {
    const { headers } = await readHead(c);
    c.write(Buffer.concat([Buffer.from(accepted(header(headers, 'sec-websocket-key'))), frame(BINARY, payload, 'server')]));
  });
  await using gateway = await startTestGateway({ upstream: origin.port });
  const { client } = await openWebSocket(gateway.port);
  expect((await readFrame(client)).payload.equals(payload)).toBe(true);
  client.destroy();
});

test('what an upstream sends behind its 101 and then leaves reaches the client, and so does its end', async () => {
  await using origin = await startRawOrigin(async (c) => {
    const { headers } = await readHead(c);
    c.write(Buffer.concat([Buffer.from(accepted(header(headers, 'sec-websocket-key'))), frame(CLOSE, Buffer.of(3, 232), 'server')]));
    c.end();
  });
  await using gateway = await startTestGateway({ upstream: origin.port });
  const { client } = await openWebSocket(gateway.port);
  expect((await readFrame(client)).opcode).toBe(CLOSE);
  expect((await client.readToEnd()).length).toBe(0);
  client.end();
  await client.closed;
  expect([client.errorCode, (await tunnelLine(gateway)).flags]).toEqual([undefined, []]);
});

test.each([
  ['401', 'HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic realm="x"\r\nX-oDD: 1\r\nContent-Length: 2\r\n\r\nno', 401, 'no'],
  ['200', 'HTTP/1.1 200 OK\r\nX-oDD: 1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nyes\r\n0\r\n\r\n', 200, 'yes'],
  ['426', 'HTTP/1.1 426 Upgrade Required\r\nX-oDD: 1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nContent-Length: 0\r\n\r\n', 426, ''],
  ['302 without a body', 'HTTP/1.1 302 Found\r\nX-oDD: 1\r\nLocation: /login\r\nContent-Length: 0\r\n\r\n', 302, ''],
])('a refusal (%s) reaches the client with its fields and its body, and the connection goes on', async (_, refusal, status, body) => {
  await using origin = await startRawOrigin(async (c) => {
    for (;;) {
      const { target, headers } = await readRequest(c);
      if (target === '/ws') c.write(accepted(header(headers, 'sec-websocket-key')));
      else c.write(target === '/next' ? NEXT : refusal);
    }
  });
  await using gateway = await startTestGateway({ upstream: origin.port });
  const c = await connectRaw(gateway.port);
  for (let i = 0; i < 3; i++) {
    sendRequest(c, handshake('/refused'));
    const answer = await readResponse(c);
    expect([answer.status, answer.body.toString(), header(answer.headers, 'x-odd')]).toEqual([status, body, '1']);
    const field = { 401: 'www-authenticate', 302: 'location', 426: 'upgrade' }[status];
    if (field !== undefined) expect(headerAll(answer.headers, field)).toHaveLength(1);
    await expectServing(c);
  }
  sendRequest(c, handshake('/ws'));
  expect((await readHead(c)).startLine).toMatch(/ 101 /);
  c.reset();
  await gateway.idle();
  const metrics = await gateway.metrics();
  expect([metrics.value('plumbline_upgrades_open'), metrics.value('plumbline_requests_total', { status_code: String(status) })]).toEqual(
    status === 200 ? [0, 6] : [0, 3],
  );
  expect(origin.connections.length).toBeLessThanOrEqual(2);
});
