import { expect, test } from 'vitest';
import { header, headerAll, readRequest, readResponse } from './message.ts';
import { startOrigin, startRawOrigin } from './origin.ts';
import { connectRaw, exchangeRaw, sendRequest } from './raw-client.ts';

test('an origin keeps what it was asked, in the case and order of the wire', async () => {
  await using origin = await startOrigin(async (_req, res, whole) => {
    const body = await whole();
    res.end(`${body.length} bytes`);
  });
  const answer = await exchangeRaw(
    origin.port,
    ['POST /a?b=1 HTTP/1.1', 'Host: x', 'X-TWICE: 1', 'x-Twice: 2', 'Content-Length: 3'],
    'abc',
  );
  expect([answer.status, answer.framing, answer.body.toString()]).toEqual([200, 'length', '3 bytes']);
  const [seen] = origin.requests;
  expect([seen?.method, seen?.target, seen?.body.toString(), seen?.state]).toEqual(['POST', '/a?b=1', 'abc', 'ended']);
  expect(seen?.headers.slice(2, 6)).toEqual(['X-TWICE', '1', 'x-Twice', '2']);
});

test('a raw origin answers byte by byte; interim answers, chunks and trailers are read', async () => {
  await using origin = await startRawOrigin(async (c) => {
    const request = await readRequest(c);
    c.write('HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chun');
    c.write(`ked\r\n\r\n3\r\nabc\r\n${request.body.length.toString(16)}\r\n`);
    c.write(request.body);
    c.write('\r\n0\r\nX-Sum: 1\r\n\r\n');
  });
  const answer = await exchangeRaw(origin.port, ['POST / HTTP/1.1', 'Host: x', 'Transfer-Encoding: chunked'], '4\r\ndefg\r\n0\r\n\r\n');
  expect(answer.interim).toEqual([{ status: 103, headers: ['Link', '</a>'] }]);
  expect([answer.body.toString(), answer.framing, header(answer.trailers, 'x-sum')]).toEqual(['abcdefg', 'chunked', '1']);
  expect(origin.errors).toEqual([]);
});

test('an answer to HEAD has no body, and a close-delimited one ends with the connection', async () => {
  await using origin = await startRawOrigin(async (c, index) => {
    await readRequest(c);
    c.write(index === 0 ? 'HTTP/1.1 200 OK\r\nContent-Length: 9\r\nSet-Cookie: a\r\nset-cookie: b\r\n\r\n' : 'HTTP/1.1 200 OK\r\n\r\nrest');
    c.end();
  });
  const head = await exchangeRaw(origin.port, ['HEAD / HTTP/1.1', 'Host: x']);
  expect([head.body.length, headerAll(head.headers, 'Set-Cookie')]).toEqual([0, ['a', 'b']]);
  const closed = await exchangeRaw(origin.port, ['GET / HTTP/1.1', 'Host: x']);
  expect([closed.body.toString(), closed.framing]).toEqual(['rest', 'close']);
});

test('a reset is seen as one, and a wait for what never comes says what came instead', async () => {
  await using origin = await startRawOrigin(async (c) => {
    await readRequest(c);
    c.reset();
  });
  const c = await connectRaw(origin.port);
  sendRequest(c, ['GET / HTTP/1.1', 'Host: x']);
  await expect(readResponse(c)).rejects.toThrow('connection ended (ECONNRESET) before "\\r\\n\\r\\n"; got ""');
  await c.closed;
  expect([c.ended, c.errorCode]).toEqual([true, 'ECONNRESET']);
});
