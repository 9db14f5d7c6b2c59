/** Clients of HTTP/1.0 (RFC 9112 §9.3, RFC 1945): health checks, old proxies, `ab`. */
import { expect, test } from 'vitest';
import { startTestGateway } from '../kit/gateway.ts';
import { header, readRequest, readResponse } from '../kit/message.ts';
import { startRawOrigin } from '../kit/origin.ts';
import { connectRaw, exchangeRaw, sendRequest } from '../kit/raw-client.ts';

/** Answers each request with these bytes. */
const answering = (bytes: string) => {
  const seen: string[] = [];
  const origin = startRawOrigin(async (c) => {
    for (;;) {
      const { startLine, headers, body } = await readRequest(c);
      seen.push(`${startLine} ${header(headers, 'host') === undefined ? 'no host' : 'host'} ${body}`);
      c.write(bytes);
    }
  });
  return { origin, seen };
};

const LENGTH = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';
const CHUNKS = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\nX-T: 1\r\n\r\n';

test.each([
  [LENGTH, 'length'],
  [CHUNKS, 'close'],
])('%j is told of in a way that HTTP/1.0 knows, and the connection ends', async (bytes, framing) => {
  const { origin, seen } = answering(bytes);
  await using upstream = await origin;
  await using gateway = await startTestGateway({ upstream: upstream.port });
  const c = await connectRaw(gateway.port);
  sendRequest(c, ['GET /a HTTP/1.0']);
  const answer = await readResponse(c);
  expect([answer.framing, answer.body.toString(), header(answer.headers, 'connection')]).toEqual([framing, 'ok', 'close']);
  expect([header(answer.headers, 'transfer-encoding'), (await c.readToEnd()).length]).toEqual([undefined, 0]);
  expect(seen).toEqual(['GET /a HTTP/1.1 host ']);
  c.destroy();
});

test('keep-alive is granted where it was asked for and the answer has a length, and said', async () => {
  const { origin, seen } = answering(LENGTH);
  await using upstream = await origin;
  await using gateway = await startTestGateway({ upstream: upstream.port });
  const c = await connectRaw(gateway.port);
  for (let i = 0; i < 3; i++) {
    sendRequest(c, ['POST /a HTTP/1.0', 'Connection: Keep-Alive', 'Content-Length: 4'], 'body');
    const answer = await readResponse(c);
    expect([answer.body.toString(), header(answer.headers, 'connection')]).toEqual(['ok', 'keep-alive']);
  }
  expect(seen).toHaveLength(3);
  c.destroy();
});

test('keep-alive is not granted where the end of the answer is the end of the connection', async () => {
  const { origin } = answering(CHUNKS);
  await using upstream = await origin;
  await using gateway = await startTestGateway({ upstream: upstream.port });
  const answer = await exchangeRaw(gateway.port, ['GET / HTTP/1.0', 'Connection: keep-alive']);
  expect([answer.framing, answer.body.toString(), header(answer.headers, 'connection')]).toEqual(['close', 'ok', 'close']);
});

test('an answer that breaks in the middle ends with a reset, since its end would look like any other', async () => {
  await using origin = await startRawOrigin(async (c) => {
    await readRequest(c);
    c.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nsome\r\n');
    setTimeout(() => c.reset(), 20);
  });
  await using gateway = await startTestGateway({ upstream: origin.port });
  for (let i = 0; i < 10; i++) {
    const c = await connectRaw(gateway.port);
    sendRequest(c, ['GET / HTTP/1.0']);
    await c.readUntil('some');
    await c.readToEnd();
    expect(c.errorCode).toBe('ECONNRESET');
  }
  expect(new Set((await gateway.log.wait(10)).map(({ code }) => code))).toEqual(new Set(['UPSTREAM_RESET']));
});

test('interim answers stay away, a HEAD has no body, a refusal is one too', async () => {
  const { origin } = answering(`HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n${LENGTH}`);
  await using upstream = await origin;
  await using gateway = await startTestGateway({ upstream: upstream.port });
  const hinted = await exchangeRaw(gateway.port, ['GET / HTTP/1.0']);
  expect([hinted.interim, hinted.body.toString()]).toEqual([[], 'ok']);
  const refused = await exchangeRaw(gateway.port, ['POST / HTTP/1.0', 'Transfer-Encoding: chunked'], '0\r\n\r\n');
  expect([refused.status, refused.framing, header(refused.headers, 'connection')]).toEqual([400, 'length', 'close']);
});
