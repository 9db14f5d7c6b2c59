import { brotliCompressSync, gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { startTestGateway } from '../kit/gateway.ts';
import { header, readRequest, readResponse } from '../kit/message.ts';
import { type RawOrigin, startRawOrigin } from '../kit/origin.ts';
import { connectRaw, exchangeRaw, sendRequest } from '../kit/raw-client.ts';
import { elapsedMs, SLACK_MS } from '../kit/timing.ts';

const GET = ['GET / HTTP/1.1', 'Host: x'];

/** Answers every request of every connection with these bytes, and keeps the connections open. */
function answering(answer: string | Uint8Array): Promise<RawOrigin> {
  return startRawOrigin(async (c) => {
    for (;;) {
      await readRequest(c);
      c.write(answer);
    }
  });
}

test.each([
  ['a length', 'Content-Length: 5\r\n\r\nhello', 'length'],
  ['a length of 0', 'Content-Length: 0\r\n\r\n', 'length'],
  ['chunks', 'Transfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n', 'chunked'],
  ['an empty chunked body', 'Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n', 'chunked'],
])('%s in an answer stays what it is', async (_, rest, framing) => {
  await using origin = await answering(`HTTP/1.1 200 OK\r\n${rest}`);
  await using gateway = await startTestGateway({ upstream: origin.port });
  const answer = await exchangeRaw(gateway.port, GET);
  expect([answer.framing, answer.body.toString()]).toEqual([framing, rest.includes('he') ? 'hello' : '']);
});

test('an answer that ends with its connection becomes chunked, so that its end can be told', async () => {
  await using origin = await startRawOrigin(async (c) => {
    await readRequest(c);
    c.write('HTTP/1.1 200 OK\r\n\r\nhel');
    c.write('lo');
    c.end();
  });
  await using gateway = await startTestGateway({ upstream: origin.port });
  const answer = await exchangeRaw(gateway.port, GET);
  expect([answer.framing, answer.body.toString()]).toEqual(['chunked', 'hello']);
});

test.each([
  ['a length', ['Content-Length: 5'], 'hello', 'length'],
  ['a length beyond what is collected', ['Content-Length: 70000'], 'x'.repeat(70_000), 'length'],
  ['chunks', ['Transfer-Encoding: chunked'], '2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n', 'chunked'],
  ['an empty chunked body', ['Transfer-Encoding: chunked'], '0\r\n\r\n', 'chunked'],
  ['a length of 0', ['Content-Length: 0'], '', 'length'],
])('%s in a request stays what it is', async (_, fields, body, framing) => {
  const seen: Awaited<ReturnType<typeof readRequest>>[] = [];
  await using origin = await startRawOrigin(async (c) => {
    seen.push(await readRequest(c));
    c.write('HTTP/1.1 204 No Content\r\n\r\n');
  });
  await using gateway = await startTestGateway({ upstream: origin.port });
  await exchangeRaw(gateway.port, ['POST / HTTP/1.1', 'Host: x', ...fields], body);
  const expected = body.startsWith('0') || body === '' ? '' : framing === 'length' ? body : 'hello';
  expect([seen[0]?.framing, seen[0]?.body.toString()]).toEqual([framing, expected]);
});

test.each(['GET', 'DELETE', 'OPTIONS', 'PATCH', 'QUERY'])('a body goes with %s, and the connection is used again', async (method) => {
  const seen: string[] = [];
  await using origin = await startRawOrigin(async (c) => {
    for (;;) {
      const { method: used, body } = await readRequest(c);
      seen.push(`${used} ${body}`);
      c.write('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n');
    }
  });
  await using gateway = await startTestGateway({ upstream: origin.port });
  const c = await connectRaw(gateway.port);
  for (let i = 0; i < 3; i++) {
    sendRequest(c, [`${method} / HTTP/1.1`, 'Host: x', 'Content-Length: 3'], `a=${i}`);
    await readResponse(c);
  }
  c.destroy();
  expect(seen).toEqual([`${method} a=0`, `${method} a=1`, `${method} a=2`]);
  expect(origin.connections).toHaveLength(1);
});

test.each([
  ['gzip', gzipSync('{"a":1}')],
  ['br', brotliCompressSync('{"a":1}')],
  ['zstd', Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0, 1, 2, 255])],
])('a body in %s is not touched, on either way', async (coding, bytes) => {
  let received = Buffer.alloc(0);
  await using origin = await startRawOrigin(async (c) => {
    const request = await readRequest(c);
    received = Buffer.from(request.body);
    c.write(`HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Encoding: ${coding}\r\nContent-Length: ${bytes.length}\r\n\r\n`);
    c.write(bytes);
  });
  await using gateway = await startTestGateway({ upstream: origin.port });
  const fields = ['Content-Type: application/json', `Content-Encoding: ${coding}`, `Content-Length: ${bytes.length}`];
  const answer = await exchangeRaw(gateway.port, ['POST / HTTP/1.1', 'Host: x', ...fields], bytes);
  expect([received.equals(bytes), answer.body.equals(bytes), header(answer.headers, 'content-encoding')]).toEqual([true, true, coding]);
});

/** EV-10. The origin keeps its connection open and sends nothing more: whoever waits for a body waits for ever. */
test.each([
  ['HEAD', 'HTTP/1.1 200 OK\r\nContent-Length: 1234\r\nETag: "a"\r\n\r\n', 200, '1234'],
  ['HEAD', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n', 200, undefined],
  ['HEAD', 'HTTP/1.1 200 OK\r\n\r\n', 200, undefined],
  ['GET', 'HTTP/1.1 304 Not Modified\r\nContent-Length: 1234\r\nETag: "a"\r\n\r\n', 304, '1234'],
  ['GET', 'HTTP/1.1 304 Not Modified\r\nETag: "a"\r\n\r\n', 304, undefined],
  ['GET', 'HTTP/1.1 204 No Content\r\n\r\n', 204, undefined],
  ['POST', 'HTTP/1.1 204 No Content\r\n\r\n', 204, undefined],
  ['GET', 'HTTP/1.1 205 Reset Content\r\nContent-Length: 0\r\n\r\n', 205, '0'],
  ['GET', 'HTTP/1.1 205 Reset Content\r\n\r\n', 205, undefined],
])('%s answered with %j is answered at once', async (method, answerBytes, status, length) => {
  await using origin = await answering(answerBytes);
  await using gateway = await startTestGateway({ upstream: origin.port });
  const c = await connectRaw(gateway.port);
  for (let i = 0; i < 2; i++) {
    let answer: Awaited<ReturnType<typeof readResponse>> | undefined;
    const tookMs = await elapsedMs(async () => {
      sendRequest(c, [`${method} / HTTP/1.1`, 'Host: x', ...(method === 'POST' ? ['Content-Length: 0'] : [])]);
      answer = await readResponse(c, method);
    });
    expect([answer?.status, header(answer?.headers ?? [], 'content-length')]).toEqual([status, length]);
    expect(tookMs).toBeLessThan(2000 + SLACK_MS);
  }
  expect(c.unreadBytes).toBe(0);
  c.destroy();
  await gateway.idle();
});

test('part of a thing (206) is forwarded as it comes', async () => {
  await using origin = await answering('HTTP/1.1 206 Partial Content\r\nContent-Range: bytes 0-2/10\r\nContent-Length: 3\r\n\r\nabc');
  await using gateway = await startTestGateway({ upstream: origin.port });
  const answer = await exchangeRaw(gateway.port, [...GET, 'Range: bytes=0-2']);
  expect([answer.status, answer.body.toString(), header(answer.headers, 'content-range')]).toEqual([206, 'abc', 'bytes 0-2/10']);
});

test.each([299, 399, 418, 451, 499, 520, 599, 999])('the status %i, with or without a reason of the standard, passes', async (status) => {
  await using origin = await answering(`HTTP/1.1 ${status} Whatever\r\nContent-Length: 2\r\n\r\nok`);
  await using gateway = await startTestGateway({ upstream: origin.port });
  const answer = await exchangeRaw(gateway.port, GET);
  expect([answer.status, answer.body.toString()]).toEqual([status, 'ok']);
});

test('interim answers are forwarded before the final one, to HTTP/1.1 only', async () => {
  const hints = 'HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\nX-Odd: 1\r\n\r\n';
  await using origin = await answering(`${hints}HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok`);
  await using gateway = await startTestGateway({ upstream: origin.port });
  const answer = await exchangeRaw(gateway.port, GET);
  expect(answer.interim.map(({ status }) => status)).toEqual([103, 102]);
  expect(answer.interim[0]?.headers).toEqual(['Link', '</a.css>; rel=preload', 'X-Odd', '1']);
  const old = await exchangeRaw(gateway.port, ['GET / HTTP/1.0', 'Host: x']);
  expect([old.interim, old.status, old.body.toString()]).toEqual([[], 200, 'ok']);
});

test('trailers of an answer are forwarded', async () => {
  await using origin = await answering('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\nX-Sum: 9\r\nx-SUM: 8\r\n\r\n');
  await using gateway = await startTestGateway({ upstream: origin.port });
  const answer = await exchangeRaw(gateway.port, GET);
  expect([answer.body.toString(), answer.trailers]).toEqual(['ok', ['X-Sum', '9', 'x-SUM', '8']]);
});
