/** The contract in the path, on the wire: what is reported leaves every byte alone, what is refused reaches no upstream. */
import { expect, test } from 'vitest';
import { gzipSync } from 'node:zlib';
import { startTestGateway } from '../kit/gateway.ts';
import { header, readRequest, readResponse } from '../kit/message.ts';
import { startRawOrigin } from '../kit/origin.ts';
import { connectRaw, exchangeRaw, sendRequest } from '../kit/raw-client.ts';

const openapi = {
  openapi: '3.1.0',
  info: { title: 'Notes', version: '1.0.0' },
  paths: {
    '/notes': {
      post: {
        operationId: 'createNote',
        requestBody: {
          required: true,
          content: { 'application/json': { schema: { type: 'object', required: ['text'], properties: { text: { type: 'string' } } } } },
        },
        responses: {
          201: {
            description: 'made',
            content: { 'application/json': { schema: { type: 'object', required: ['id'], properties: { id: { type: 'integer' } } } } },
          },
          204: { description: 'nothing to say' },
        },
      },
    },
  },
};

const JSON_TYPE = 'Content-Type: application/json';
const POST = ['POST /notes HTTP/1.1', 'Host: x', JSON_TYPE];
const withLength = (body: string | Uint8Array): string[] => [...POST, `Content-Length: ${Buffer.byteLength(body)}`];
const mode = (request: string, response: string) => ({ route: { policies: { contract: { request, response } } } });

/** Answers everything with these bytes; `bodies` is what it was sent. */
async function startAnswering(answer: string | Uint8Array) {
  const bodies: Buffer[] = [];
  const origin = await startRawOrigin(async (c) => {
    for (;;) {
      bodies.push((await readRequest(c)).body);
      c.write(answer);
    }
  });
  return { origin, bodies };
}

const made = (body: string | Uint8Array, fields = ''): Buffer =>
  Buffer.concat([
    Buffer.from(`HTTP/1.1 201 Created\r\n${JSON_TYPE}\r\n${fields}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n`),
    Buffer.from(body),
  ]);

test.each([
  ['valid', '{ "text" : "a" }', '{ "id" : 1 }', 0],
  ['both invalid', '{"text":1 , "text":2}', '{"id":"1"}  ', 2],
  ['not JSON', '\u{feff}{"text"', '{"id"', 2],
  ['spaced and doubled', ' {\n"text":"\\u0061","text":"b"}\r\n', '{"id":1.0e0, "id":2}\n', 0],
])('report mode leaves every byte alone: %s', async (_, sent, answered, violations) => {
  const { origin, bodies } = await startAnswering(made(answered));
  await using _origin = origin;
  await using gateway = await startTestGateway({ upstream: origin.port, openapi });
  const body = Buffer.from(sent);
  const answer = await exchangeRaw(gateway.port, withLength(body), body);
  expect([answer.status, answer.body.toString(), answer.framing]).toEqual([201, answered, 'length']);
  expect(bodies).toEqual([body]);
  const line = await gateway.log.one();
  expect(line).toMatchObject({ status: 201, origin: 'upstream', code: '', operation: 'createNote' });
  expect(line.violations > 0).toBe(violations > 0);
});

test('report mode leaves compressed and chunked bytes alone, and judges what is in them', async () => {
  const zipped = gzipSync('{"id":"no number"}');
  const { origin } = await startAnswering(made(zipped, 'Content-Encoding: gzip\r\n'));
  await using _origin = origin;
  await using gateway = await startTestGateway({ upstream: origin.port, openapi });
  const answer = await exchangeRaw(gateway.port, [...POST, 'Transfer-Encoding: chunked'], 'c\r\n{"text":"a"}\r\n0\r\n\r\n');
  expect([answer.status, answer.body.equals(zipped), header(answer.headers, 'content-encoding')]).toEqual([201, true, 'gzip']);
  expect((await gateway.log.one()).violations).toBe(1);
});

test('a request that is refused reaches no upstream, and the connection goes on', async () => {
  const { origin, bodies } = await startAnswering(made('{"id":1}'));
  await using _origin = origin;
  await using gateway = await startTestGateway({ upstream: origin.port, openapi, ...mode('enforce', 'report') });
  const c = await connectRaw(gateway.port);
  sendRequest(c, withLength('{"text":1}'), '{"text":1}');
  const refused = await readResponse(c);
  expect([refused.status, header(refused.headers, 'content-type')]).toEqual([422, 'application/problem+json']);
  expect(JSON.parse(refused.body.toString())).toMatchObject({ code: 'REQUEST_CONTRACT_VIOLATION', fields: [{ in: 'body' }] });
  expect(origin.connections).toHaveLength(0);
  sendRequest(c, withLength('{"text":"a"}'), '{"text":"a"}');
  expect((await readResponse(c)).status).toBe(201);
  expect(bodies.map(String)).toEqual(['{"text":"a"}']);
  c.destroy();
});

test.each([
  ['a type that the contract does not know', ['POST /notes HTTP/1.1', 'Host: x', 'Content-Type: text/plain'], 415],
  ['a path that it does not know', ['POST /else HTTP/1.1', 'Host: x', JSON_TYPE], 404],
  ['a method that it does not know', ['PUT /notes HTTP/1.1', 'Host: x', JSON_TYPE], 405],
])('EV-4: %s is refused by the head alone: no 100, nothing upstream', async (_, lines, status) => {
  await using origin = await startRawOrigin(() => undefined);
  await using gateway = await startTestGateway({ upstream: origin.port, openapi, ...mode('enforce', 'report') });
  const c = await connectRaw(gateway.port);
  sendRequest(c, [...lines, 'Content-Length: 100', 'Expect: 100-continue']);
  const answer = await readResponse(c);
  expect([answer.status, answer.interim]).toEqual([status, []]);
  expect(origin.connections).toHaveLength(0);
  c.destroy();
});

test('EV-4: where the body must be judged the 100 is sent by the one who reads it', async () => {
  const { origin, bodies } = await startAnswering(made('{"id":1}'));
  await using _origin = origin;
  await using gateway = await startTestGateway({ upstream: origin.port, openapi, ...mode('enforce', 'report') });
  const c = await connectRaw(gateway.port);
  sendRequest(c, [...withLength('{"text":"a"}'), 'Expect: 100-continue']);
  expect((await c.readUntil('\r\n\r\n')).toString()).toBe('HTTP/1.1 100 Continue\r\n\r\n');
  expect(origin.connections).toHaveLength(0);
  c.write('{"text":"a"}');
  expect((await readResponse(c)).status).toBe(201);
  expect(bodies.map(String)).toEqual(['{"text":"a"}']);
  c.destroy();
});

test('an enforced answer is forwarded byte by byte where it is right, and never where it is wrong', async () => {
  const right = await startAnswering(made('{ "id": 1 }\n'));
  const wrong = await startAnswering(made('{"id":"secret"}', 'X-Secret: 1\r\n'));
  await using _right = right.origin;
  await using _wrong = wrong.origin;
  await using first = await startTestGateway({ upstream: right.origin.port, openapi, ...mode('report', 'enforce') });
  await using second = await startTestGateway({ upstream: wrong.origin.port, openapi, ...mode('report', 'enforce') });
  const passed = await exchangeRaw(first.port, withLength('{"text":"a"}'), '{"text":"a"}');
  expect([passed.status, passed.body.toString()]).toEqual([201, '{ "id": 1 }\n']);
  const refused = await exchangeRaw(second.port, withLength('{"text":"a"}'), '{"text":"a"}');
  expect([refused.status, refused.body.toString().includes('secret'), header(refused.headers, 'x-secret')]).toEqual([
    502,
    false,
    undefined,
  ]);
  expect(JSON.parse(refused.body.toString())).toMatchObject({ code: 'RESPONSE_CONTRACT_VIOLATION' });
  expect(wrong.bodies).toHaveLength(1);
});

test('an enforced answer keeps its trailers', async () => {
  const answered = `HTTP/1.1 201 Created\r\n${JSON_TYPE}\r\nTransfer-Encoding: chunked\r\n\r\n8\r\n{"id":1}\r\n0\r\nX-Sum: 9\r\n\r\n`;
  const { origin } = await startAnswering(answered);
  await using _origin = origin;
  await using gateway = await startTestGateway({ upstream: origin.port, openapi, ...mode('report', 'enforce') });
  const answer = await exchangeRaw(gateway.port, withLength('{"text":"a"}'), '{"text":"a"}');
  expect([answer.status, answer.body.toString(), answer.trailers]).toEqual([201, '{"id":1}', ['X-Sum', '9']]);
});

test('EV-7: an enforced answer that breaks off was never begun', async () => {
  await using origin = await startRawOrigin(async (c) => {
    await readRequest(c);
    c.write(`HTTP/1.1 201 Created\r\n${JSON_TYPE}\r\nContent-Length: 100\r\n\r\n{"id":1`);
    c.end();
  });
  await using gateway = await startTestGateway({ upstream: origin.port, openapi, ...mode('report', 'enforce') });
  const answer = await exchangeRaw(gateway.port, withLength('{"text":"a"}'), '{"text":"a"}');
  expect([answer.status, JSON.parse(answer.body.toString())['code']]).toEqual([502, 'UPSTREAM_RESET']);
});

test('an answer too large to be judged is forwarded whole', async () => {
  const large = `{"id":1,"text":"${'x'.repeat(3_000_000)}"}`;
  const { origin } = await startAnswering(made(large));
  await using _origin = origin;
  await using gateway = await startTestGateway({ upstream: origin.port, openapi, ...mode('report', 'enforce') });
  const answer = await exchangeRaw(gateway.port, withLength('{"text":"a"}'), '{"text":"a"}');
  expect([answer.status, answer.body.toString() === large]).toEqual([201, true]);
  await gateway.idle();
  expect((await gateway.metrics()).value('plumbline_contract_checks_total', { side: 'response', reason: 'too_large' })).toBe(1);
});
