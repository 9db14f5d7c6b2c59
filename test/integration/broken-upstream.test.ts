/** EV-7 and HY-4: an upstream that breaks off, or talks nonsense. The client never takes the part for the whole. */
import { expect, test } from 'vitest';
import type { RawConnection } from '../kit/connection.ts';
import { startTestGateway } from '../kit/gateway.ts';
import { header, readHead, readRequest, readResponse } from '../kit/message.ts';
import { startRawOrigin } from '../kit/origin.ts';
import { connectRaw, exchangeRaw, sendRequest } from '../kit/raw-client.ts';

const GET = ['GET / HTTP/1.1', 'Host: x'];

/** Breaks off after `answer`, once the client has all of it that can be had. */
async function breaking(answer: string, way: 'FIN' | 'RST') {
  let seen: () => void = () => undefined;
  const origin = await startRawOrigin(async (c) => {
    await readHead(c);
    c.write(answer);
    await new Promise<void>((resolve) => {
      seen = resolve;
    });
    if (way === 'FIN') c.end();
    else c.reset();
  });
  return { origin, breakOff: () => seen() };
}

test.each([
  ['a length', 'Content-Length: 100\r\n\r\nsome', 'FIN', 'HTTP/1.1'],
  ['a length', 'Content-Length: 100\r\n\r\nsome', 'RST', 'HTTP/1.1'],
  ['chunks', 'Transfer-Encoding: chunked\r\n\r\n4\r\nsome\r\n', 'FIN', 'HTTP/1.1'],
  ['chunks', 'Transfer-Encoding: chunked\r\n\r\n4\r\nsome\r\n', 'RST', 'HTTP/1.1'],
  ['half a chunk', 'Transfer-Encoding: chunked\r\n\r\nff\r\nsome', 'FIN', 'HTTP/1.1'],
  ['no end but its own', '\r\nsome', 'RST', 'HTTP/1.1'],
  ['no end but its own, to a client that cannot know better', '\r\nsome', 'RST', 'HTTP/1.0'],
  ['chunks, to a client that cannot know better', 'Transfer-Encoding: chunked\r\n\r\n4\r\nsome\r\n', 'FIN', 'HTTP/1.0'],
] as const)('an answer with %s that breaks off (%j, %s) breaks off at the client too (%s)', async (_, rest, way, version) => {
  const { origin, breakOff } = await breaking(`HTTP/1.1 200 OK\r\n${rest}`, way);
  await using _origin = origin;
  await using gateway = await startTestGateway({ upstream: origin.port });
  const c = await connectRaw(gateway.port);
  sendRequest(c, [`GET / ${version}`, 'Host: x']);
  const { headers } = await readHead(c);
  await c.readUntil('some');
  breakOff();
  const after = await c.readToEnd();
  expect(after.toString()).not.toContain('0\r\n\r\n');
  // What ends with its connection looks whole after a FIN: only a reset says that it is not.
  const unframed = header(headers, 'content-length') === undefined && header(headers, 'transfer-encoding') === undefined;
  expect([version === 'HTTP/1.0', unframed]).toEqual([unframed, unframed]);
  if (unframed) expect(c.errorCode).toBe('ECONNRESET');
  expect(await gateway.log.one()).toMatchObject({ status: 200, code: 'UPSTREAM_RESET', flags: ['upstream-broken'] });
  const metrics = await gateway.metrics();
  expect(metrics.value('plumbline_upstream_attempts_total', { code: 'UPSTREAM_RESET' })).toBe(1);
});

test('what ends with its connection, and does so in peace, is whole', async () => {
  const { origin, breakOff } = await breaking('HTTP/1.1 200 OK\r\n\r\nsome', 'FIN');
  await using _origin = origin;
  await using gateway = await startTestGateway({ upstream: origin.port });
  const c = await connectRaw(gateway.port);
  sendRequest(c, GET);
  await readHead(c);
  await c.readUntil('some');
  breakOff();
  expect((await c.readUntil('0\r\n\r\n')).toString()).toBe('\r\n0\r\n\r\n');
  c.destroy();
  expect(await gateway.log.one()).toMatchObject({ status: 200, code: '', flags: [] });
});

test.each([
  ['no answer, but a FIN', '', 'UPSTREAM_RESET', 'connection_terminated'],
  ['half a head', 'HTTP/1.1 200 OK\r\nContent-Le', 'UPSTREAM_RESET', 'connection_terminated'],
  ['no HTTP at all', 'SSH-2.0-OpenSSH_9.6\r\n', 'UPSTREAM_BAD_FRAMING', 'http_protocol_error'],
  [
    'a length with chunks',
    'HTTP/1.1 200 OK\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    'UPSTREAM_BAD_FRAMING',
    'http_protocol_error',
  ],
  ['two lengths', 'HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd', 'UPSTREAM_BAD_FRAMING', 'http_protocol_error'],
  ['a length that is none', 'HTTP/1.1 200 OK\r\nContent-Length: -3\r\n\r\nabc', 'UPSTREAM_BAD_FRAMING', 'http_protocol_error'],
  ['a head without end', `HTTP/1.1 200 OK\r\nX: ${'x'.repeat(200_000)}`, 'UPSTREAM_BAD_FRAMING', 'http_protocol_error'],
  [
    'a change of protocol that nobody asked for',
    'HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n',
    'UPSTREAM_BAD_FRAMING',
    'http_protocol_error',
  ],
  ['a NUL in a field', 'HTTP/1.1 200 OK\r\nX-Bad: a\0b\r\nContent-Length: 0\r\n\r\n', 'UPSTREAM_BAD_FRAMING', 'http_protocol_error'],
  [
    'a control character in a field',
    'HTTP/1.1 200 OK\r\nX-Bad: a\u0001b\r\nContent-Length: 0\r\n\r\n',
    'UPSTREAM_BAD_FRAMING',
    'http_protocol_error',
  ],
  ['a DEL in a field', 'HTTP/1.1 200 OK\r\nX-Bad: a\u007fb\r\nContent-Length: 0\r\n\r\n', 'UPSTREAM_BAD_FRAMING', 'http_protocol_error'],
  ['a name that is none', 'HTTP/1.1 200 OK\r\nX Bad: 1\r\nContent-Length: 0\r\n\r\n', 'UPSTREAM_BAD_FRAMING', 'http_protocol_error'],
  ['a status below 100', 'HTTP/1.1 099 Low\r\nContent-Length: 0\r\n\r\n', 'UPSTREAM_BAD_FRAMING', 'http_protocol_error'],
  ['a status of four digits', 'HTTP/1.1 2000 High\r\nContent-Length: 0\r\n\r\n', 'UPSTREAM_BAD_FRAMING', 'http_protocol_error'],
])('%s from the upstream is a 502 of ours', async (_, bytes, code, proxyError) => {
  await using origin = await startRawOrigin(async (c) => {
    await readRequest(c);
    c.write(bytes);
    c.end();
  });
  await using gateway = await startTestGateway({ upstream: origin.port });
  const answer = await exchangeRaw(gateway.port, ['POST / HTTP/1.1', 'Host: x', 'Content-Length: 2'], 'ab');
  expect(JSON.parse(answer.body.toString())).toMatchObject({ status: 502, code });
  expect([answer.status, header(answer.headers, 'proxy-status')]).toEqual([502, `plumbline; error=${proxyError}`]);
  await gateway.idle();
  expect(origin.connections).toHaveLength(1);
});

test('a second answer that nobody asked for never reaches the next request', async () => {
  let asked = 0;
  await using origin = await startRawOrigin(async (c: RawConnection) => {
    for (;;) {
      await readRequest(c);
      asked += 1;
      c.write(`HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n${asked}`);
      if (asked === 1) c.write('HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison');
    }
  });
  await using gateway = await startTestGateway({ upstream: origin.port });
  const c = await connectRaw(gateway.port);
  for (let i = 1; i <= 3; i++) {
    sendRequest(c, GET);
    const answer = await readResponse(c);
    // A GET that met the poisoned connection is asked again on a fresh one.
    expect(answer.body.toString()).toMatch(/^[1-4]$/);
  }
  c.destroy();
});

test('EV-5: a 100 that nobody asked for is not forwarded, and the answer behind it is', async () => {
  await using origin = await startRawOrigin(async (c) => {
    await readRequest(c);
    c.write('HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
  });
  await using gateway = await startTestGateway({ upstream: origin.port });
  const answer = await exchangeRaw(gateway.port, ['GET / HTTP/1.1', 'Host: x']);
  expect([answer.status, answer.body.toString()]).toEqual([200, 'ok']);
});
