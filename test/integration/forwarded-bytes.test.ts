/** What goes on is what came: every field in its case and place, every body in its framing. Fields of the gateway's own come on top. */
import { expect, test } from 'vitest';
import { startTestGateway } from '../kit/gateway.ts';
import { headerAll, readRequest, readResponse } from '../kit/message.ts';
import { type RawOrigin, startRawOrigin } from '../kit/origin.ts';
import { connectRaw, exchangeRaw, sendRequest } from '../kit/raw-client.ts';

const EMPTY = 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n';
const OWN_IN_REQUESTS = /^(?:x-request-id|x-correlation-id|traceparent|via|x-forwarded-(?:for|proto|host)): /i;
const OWN_IN_ANSWERS = /^(?:x-request-id|x-correlation-id|via): /i;

/** Every request as it came, one string each: its head without the gateway's own fields, and the bytes behind it, chunks and all. */
async function startRecording(answer: string): Promise<RawOrigin & { readonly requests: readonly string[] }> {
  const requests: string[] = [];
  const origin = await startRawOrigin(async (c) => {
    for (;;) {
      const head = (await c.readUntil('\r\n\r\n')).toString('latin1').split('\r\n');
      const length = head.find((line) => /^content-length:/i.test(line))?.split(':')[1];
      const chunked = head.some((line) => /^transfer-encoding: *chunked$/i.test(line));
      const body = chunked ? await c.readUntil('0\r\n\r\n') : await c.read(Number(length ?? 0));
      requests.push(`${head.filter((line) => !OWN_IN_REQUESTS.test(line)).join('\r\n')}${body.toString('latin1')}`);
      c.write(answer);
    }
  });
  return Object.assign(origin, { requests });
}

/** What the client gets to its one request, up to the end of its connection. */
async function rawAnswer(port: number, request: string): Promise<string> {
  const c = await connectRaw(port);
  c.write(request);
  const all = (await c.readToEnd()).toString('latin1');
  c.destroy();
  const [head = '', ...rest] = all.split('\r\n\r\n');
  const lines = head.split('\r\n').filter((line) => !OWN_IN_ANSWERS.test(line));
  return [lines.join('\r\n'), ...rest].join('\r\n\r\n');
}

test.each([
  ['Host last, in odd case', 'GET /a?b HTTP/1.1\r\nX-A: 1\r\nhOsT: api.example:8080\r\n\r\n'],
  ['Content-Length before Host', 'POST / HTTP/1.1\r\ncONTENT-length: 4\r\nX-A: 1\r\nhost: x\r\nX-B: 2\r\n\r\nbody'],
  ['no body and no length', 'POST / HTTP/1.1\r\nHost: x\r\nX-A: 1\r\n\r\n'],
  ['GET with a length of 0', 'GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\nX-A: 1\r\n\r\n'],
  ['DELETE with a length of 0', 'DELETE / HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\nX-A: 1\r\n\r\n'],
  ['HEAD with a length of 0', 'HEAD / HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n'],
  ['POST with a length of 0', 'POST / HTTP/1.1\r\ncontent-length: 0\r\nHost: x\r\n\r\n'],
  ['GET with a body', 'GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nbody'],
  ['OPTIONS of the server itself', 'OPTIONS * HTTP/1.1\r\nHost: x\r\nX-A: 1\r\n\r\n'],
  ['a method that no standard knows', 'M-SEARCH /a HTTP/1.1\r\nHost: x\r\n\r\n'],
  ['a method in lower case', 'get /a HTTP/1.1\r\nHost: x\r\n\r\n'],
  ['an empty value', 'GET / HTTP/1.1\r\nHost: x\r\nX-A: \r\nX-A: 2\r\n\r\n'],
])('%s goes on byte by byte', async (_, request) => {
  await using origin = await startRecording(EMPTY);
  await using gateway = await startTestGateway({ upstream: origin.port });
  const c = await connectRaw(gateway.port);
  for (let i = 0; i < 3; i++) {
    c.write(request);
    await readResponse(c, request.split(' ')[0]);
  }
  c.destroy();
  expect(origin.requests).toEqual([request, request, request]);
  expect(origin.connections).toHaveLength(1);
});

test.each([
  ['an empty chunked upload', '0\r\n\r\n', '0\r\n\r\n'],
  ['a chunked upload', '4\r\nbody\r\n0\r\n\r\n', '4\r\nbody\r\n0\r\n\r\n'],
])('%s stays chunked', async (_, body, expected) => {
  await using origin = await startRecording(EMPTY);
  await using gateway = await startTestGateway({ upstream: origin.port });
  const c = await connectRaw(gateway.port);
  for (let i = 0; i < 3; i++) {
    sendRequest(c, ['PUT / HTTP/1.1', 'Transfer-Encoding: chunked', 'Host: x'], body);
    await readResponse(c);
  }
  c.destroy();
  expect(origin.requests[0]).toBe(`PUT / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n${expected}`);
  expect(new Set(origin.requests).size).toBe(1);
});

test('trailers of a request end here, and are counted', async () => {
  await using origin = await startRecording(EMPTY);
  await using gateway = await startTestGateway({ upstream: origin.port });
  const lines = ['POST / HTTP/1.1', 'Host: x', 'Trailer: X-Sum', 'Transfer-Encoding: chunked'];
  const c = await connectRaw(gateway.port);
  for (let i = 0; i < 2; i++) {
    sendRequest(c, lines, '4\r\nbody\r\n0\r\nX-Sum: 9\r\nX-Other: 1\r\n\r\n');
    expect((await readResponse(c)).status).toBe(200);
  }
  c.destroy();
  const expected = 'POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nbody\r\n0\r\n\r\n';
  expect(origin.requests).toEqual([expected, expected]);
  expect((await gateway.metrics()).value('plumbline_request_trailers_dropped_total')).toBe(4);
});

test.each([
  ['http://api.example/a/b?c=1', 'api.example', 'GET /a/b?c=1 HTTP/1.1\r\nX-A: 1\r\nhOST: api.example\r\n\r\n'],
  ['HTTP://API.example:81?c', 'api.example:81', 'GET /?c HTTP/1.1\r\nX-A: 1\r\nhOST: api.example:81\r\n\r\n'],
])('the absolute-form %s becomes the origin-form, and Host stays where it was', async (target, host, expected) => {
  await using origin = await startRecording(EMPTY);
  await using gateway = await startTestGateway({ upstream: origin.port });
  await exchangeRaw(gateway.port, [`GET ${target} HTTP/1.1`, 'X-A: 1', `hOST: ${host}`]);
  expect(origin.requests).toEqual([expected]);
});

test('a thousand fields pass in order, both ways', async () => {
  const fields = Array.from({ length: 990 }, (_, i) => `${i % 3 === 0 ? 'A' : 'a'}-${i % 97}: ${i}`);
  await using origin = await startRecording(`HTTP/1.1 200 OK\r\n${fields.join('\r\n')}\r\nContent-Length: 0\r\n\r\n`);
  await using gateway = await startTestGateway({ upstream: origin.port, listener: { maxHeaderBytes: '32KiB' } });
  const given = ['GET / HTTP/1.1', 'Host: x', ...fields, ...Array.from({ length: 9 }, (_, i) => `z: ${i}`)];
  const answer = await exchangeRaw(gateway.port, given);
  expect(origin.requests).toEqual([`${given.join('\r\n')}\r\n\r\n`]);
  const expected = fields.flatMap((field) => field.split(': '));
  expect(answer.headers.slice(0, expected.length)).toEqual(expected);
  const more = await exchangeRaw(gateway.port, [...given, 'one: more']);
  expect([more.status, origin.requests.length]).toEqual([431, 1]);
});

test.each([
  ['a length, in its place', 'X-A: 1\r\ncONTENT-length: 2\r\nX-B: \r\n\r\nok', 'X-A: 1\r\ncONTENT-length: 2\r\nX-B: \r\n'],
  ['no field but a length', 'Content-Length: 2\r\n\r\nok', 'Content-Length: 2\r\n'],
  [
    'fields that others merge',
    'Set-Cookie: a\r\nX: 1\r\nset-cookie: b\r\nX: 1\r\nContent-Length: 2\r\n\r\nok',
    'Set-Cookie: a\r\nX: 1\r\nset-cookie: b\r\nX: 1\r\nContent-Length: 2\r\n',
  ],
])('an answer with %s comes as it is, and nothing is made up', async (_, rest, expected) => {
  await using origin = await startRecording(`HTTP/1.1 200 OK\r\n${rest}`);
  await using gateway = await startTestGateway({ upstream: origin.port });
  const answer = await rawAnswer(gateway.port, 'GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
  expect(answer).toBe(`HTTP/1.1 200 OK\r\n${expected}Connection: close\r\n\r\nok`);
});

test('a kept connection is not told that it is kept: in HTTP/1.1 it always is', async () => {
  await using origin = await startRecording(EMPTY);
  await using gateway = await startTestGateway({ upstream: origin.port });
  const answer = await exchangeRaw(gateway.port, ['GET / HTTP/1.1', 'Host: x']);
  expect([headerAll(answer.headers, 'connection'), headerAll(answer.headers, 'keep-alive')]).toEqual([[], []]);
});

test('interim answers come one by one as they are sent, a 100 excepted that nobody waits for', async () => {
  const hint = (i: number): string => `HTTP/1.1 103 Early Hints\r\nlINK: </${i}.css>; rel=preload\r\nX: ${i}\r\n\r\n`;
  const told: Array<() => void> = [];
  await using origin = await startRawOrigin(async (c) => {
    await readRequest(c);
    for (let i = 0; i < 5; i++) {
      c.write(hint(i));
      await new Promise<void>((resolve) => told.push(resolve));
    }
    c.write(`HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 102 Processing\r\n\r\n${hint(5)}${EMPTY}`);
  });
  await using gateway = await startTestGateway({ upstream: origin.port });
  const c = await connectRaw(gateway.port);
  sendRequest(c, ['GET / HTTP/1.1', 'Host: x']);
  for (let i = 0; i < 5; i++) {
    expect((await c.readUntil('\r\n\r\n')).toString()).toBe(hint(i)); // before the next one is sent
    told[i]?.();
  }
  const answer = await readResponse(c);
  expect([answer.status, answer.interim.map(({ status }) => status)]).toEqual([200, [102, 103]]);
  expect(answer.interim[1]?.headers).toEqual(['lINK', '</5.css>; rel=preload', 'X', '5']);
  c.destroy();
});

test.each([
  ['streamed', {}],
  ['held until it was judged', { contract: 'api', policies: { contract: { response: 'enforce' } } }],
])('trailers of an answer (%s) come in order and case; what only a head may say does not', async (_, route) => {
  const trailers = 'X-Sum: 9\r\nContent-Length: 3\r\nx-SUM: 8\r\nTransfer-Encoding: gzip\r\nETag: "a"\r\n';
  await using origin = await startRecording(
    `HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n${trailers}\r\n`,
  );
  const openapi = {
    openapi: '3.1.0',
    info: { title: 't', version: '1' },
    paths: { '/': { get: { responses: { 200: { description: 'ok', content: { 'application/json': { schema: { type: 'object' } } } } } } } },
  };
  await using gateway = await startTestGateway({ upstream: origin.port, openapi, route });
  const answer = await exchangeRaw(gateway.port, ['GET / HTTP/1.1', 'Host: x']);
  expect([answer.framing, answer.body.toString()]).toEqual(['chunked', '{}']);
  expect(answer.trailers).toEqual(['X-Sum', '9', 'x-SUM', '8', 'ETag', '"a"']);
  const old = await exchangeRaw(gateway.port, ['GET / HTTP/1.0', 'Host: x']);
  expect([old.framing, old.body.toString()]).toEqual(['close', '{}']);
});
