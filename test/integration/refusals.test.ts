/** What is wrong with a message itself: one error model, whoever found it, and every one is counted and logged. */
import { expect, test } from 'vitest';
import { startTestGateway, type TestGateway } from '../kit/gateway.ts';
import { header, type RawResponse, readResponse } from '../kit/message.ts';
import { startRawOrigin } from '../kit/origin.ts';
import { connectRaw } from '../kit/raw-client.ts';
import { SLACK_MS } from '../kit/timing.ts';

interface Case {
  readonly bytes: string;
  readonly status: number;
  readonly code: string;
  /** As the metric has it; `_OTHER` where no method could be read. */
  readonly method: string;
}

const malformed = (bytes: string, method = '_OTHER'): Case => ({ bytes, status: 400, code: 'MALFORMED_REQUEST', method });

const CASES: Readonly<Record<string, Case>> = {
  'no HTTP': malformed('\u0016\u0003\u0001\u0002\0\u0001\0'),
  'no version (HTTP/0.9)': malformed('GET /\r\n\r\n'),
  'another version': malformed('GET / HTTP/2.0\r\nHost: x\r\n\r\n'),
  'a version that is none': malformed('GET / HTTP/9.9\r\nHost: x\r\n\r\n'),
  'a method that is none': malformed('G@T / HTTP/1.1\r\nHost: x\r\n\r\n'),
  'a space before the colon': malformed('GET / HTTP/1.1\r\nHost : x\r\n\r\n', 'GET'),
  'a folded line': malformed('GET / HTTP/1.1\r\nHost: x\r\nX-A: 1\r\n folded\r\n\r\n', 'GET'),
  'a bare CR': malformed('GET / HTTP/1.1\r\nHost: x\r\nX-A: 1\rX-B: 2\r\n\r\n', 'GET'),
  'a NUL in a field': malformed('GET / HTTP/1.1\r\nHost: x\r\nX-A: a\0b\r\n\r\n', 'GET'),
  'a length that is none': malformed('POST / HTTP/1.1\r\nHost: x\r\nContent-Length: +3\r\n\r\nabc', 'POST'),
  'two lengths': malformed('POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd', 'POST'),
  'a length with chunks': malformed(
    'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    'POST',
  ),
  'no Host': malformed('GET / HTTP/1.1\r\n\r\n', 'GET'),
  'two Hosts': malformed('GET / HTTP/1.1\r\nHost: x\r\nHOST: y\r\n\r\n', 'GET'),
  'two Hosts that agree': malformed('GET / HTTP/1.1\r\nHost: x\r\nHost: x\r\n\r\n', 'GET'),
  'chunks in HTTP/1.0': malformed('POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n', 'POST'),
  'chunks that are not the last coding': malformed('POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked, gzip\r\n\r\n', 'POST'),
  'a coding that is not known here': {
    bytes: 'POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n',
    status: 501,
    code: 'UNSUPPORTED_TRANSFER_CODING',
    method: 'POST',
  },
  'a target of another host': malformed('GET http://a.example/ HTTP/1.1\r\nHost: b.example\r\n\r\n', 'GET'),
  'a target that is too long': {
    bytes: `GET /${'x'.repeat(300)} HTTP/1.1\r\nHost: x\r\n\r\n`,
    status: 414,
    code: 'URI_TOO_LONG',
    method: 'GET',
  },
  'a head that is too large': {
    bytes: `GET / HTTP/1.1\r\nHost: x\r\nX-A: ${'x'.repeat(2000)}\r\n\r\n`,
    status: 431,
    code: 'HEADERS_TOO_LARGE',
    method: 'GET',
  },
  'a tunnel': {
    bytes: 'CONNECT example.com:443 HTTP/1.1\r\nHost: example.com:443\r\n\r\n',
    status: 405,
    code: 'METHOD_NOT_ALLOWED',
    method: 'CONNECT',
  },
  'an unknown expectation': {
    bytes: 'POST / HTTP/1.1\r\nHost: x\r\nExpect: more\r\nContent-Length: 3\r\n\r\n',
    status: 417,
    code: 'EXPECTATION_FAILED',
    method: 'POST',
  },
};

async function expectRefused(gateway: TestGateway, answer: RawResponse, { status, code, method }: Case): Promise<void> {
  expect([answer.status, header(answer.headers, 'content-type')]).toEqual([status, 'application/problem+json']);
  const problem = JSON.parse(answer.body.toString()) as Record<string, unknown>;
  const type = `https://plumbline.dev/errors/${code.toLowerCase().replaceAll('_', '-')}`;
  expect(problem).toMatchObject({ type, status, code, request_id: header(answer.headers, 'x-request-id') });
  expect(problem['request_id']).toMatch(/^[0-9a-f-]{36}$/);
  expect(header(answer.headers, 'proxy-status')).toBe('plumbline; error=http_request_error');
  await gateway.idle();
  const line = await gateway.log.one();
  expect(line).toMatchObject({ route: '_none', status, code, origin: 'gateway', request_id: problem['request_id'], attempts: 0 });
  const labels = { api: '_none', operation: '_none', method, status_code: String(status), code, origin: 'gateway' };
  expect((await gateway.metrics()).value('plumbline_requests_total', labels)).toBe(1);
}

test.each(Object.keys(CASES))('%s is refused in the one error model, counted and logged', async (name) => {
  const wanted = CASES[name] as Case;
  await using origin = await startRawOrigin(() => undefined);
  await using gateway = await startTestGateway({ upstream: origin.port, listener: { maxUrlBytes: '256B', maxHeaderBytes: '1KiB' } });
  const c = await connectRaw(gateway.port);
  c.write(wanted.bytes);
  const answer = await readResponse(c);
  await expectRefused(gateway, answer, wanted);
  expect(origin.connections).toHaveLength(0);
  c.destroy();
});

test.each(['no Host', 'two Hosts', 'a coding that is not known here', 'chunks in HTTP/1.0'])(
  'after %s the connection is closed',
  async (name) => {
    await using gateway = await startTestGateway({ upstream: 9 });
    const c = await connectRaw(gateway.port);
    c.write((CASES[name] as Case).bytes);
    expect(header((await readResponse(c)).headers, 'connection')).toBe('close');
    await c.peerDone;
    c.destroy();
  },
);

test('CONNECT is told what is allowed', async () => {
  await using gateway = await startTestGateway({ upstream: 9 });
  const c = await connectRaw(gateway.port);
  c.write('CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\n');
  expect(header((await readResponse(c)).headers, 'allow')).toBe('GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS');
  c.destroy();
});

test('a head that does not arrive in time is 408', async () => {
  await using gateway = await startTestGateway({ upstream: 9, listener: { headerTimeout: '200ms' } });
  const c = await connectRaw(gateway.port);
  const from = performance.now();
  c.write('GET / HTTP/1.1\r\nHost:');
  const answer = await readResponse(c);
  expect(performance.now() - from).toBeLessThan(1000 + SLACK_MS);
  await expectRefused(gateway, answer, { bytes: '', status: 408, code: 'REQUEST_TIMEOUT', method: '_OTHER' });
  await c.peerDone;
  c.destroy();
});

test('a target of more than the whole head is a target that is too long (RFC 9112 §3)', async () => {
  await using gateway = await startTestGateway({ upstream: 9 });
  const c = await connectRaw(gateway.port);
  c.write(`GET /${'x'.repeat(20_000)} HTTP/1.1\r\nHost: x\r\n\r\n`);
  expect((await readResponse(c)).status).toBe(414);
  c.destroy();
});

test('the next request of a connection is refused, the one before it is answered', async () => {
  await using gateway = await startTestGateway({ upstream: 9, route: { match: { path: '/api' } } });
  const c = await connectRaw(gateway.port);
  c.write('GET /none HTTP/1.1\r\nHost: x\r\n\r\n');
  expect((await readResponse(c)).status).toBe(404);
  c.write('GET / HTTP/1.1\r\nHost : x\r\n\r\n');
  expect((await readResponse(c)).status).toBe(400);
  await c.peerDone;
  c.destroy();
});

test('a refusal says as much as `errors.detail` allows', async () => {
  await using gateway = await startTestGateway({ upstream: 9, sections: { errors: { detail: 'codes' } } });
  const c = await connectRaw(gateway.port);
  c.write('GET / HTTP/1.1\r\n\r\n');
  const problem = JSON.parse((await readResponse(c)).body.toString()) as object;
  expect(Object.keys(problem)).toEqual(['type', 'title', 'status', 'code', 'request_id', 'retryable']);
  c.destroy();
});

test('a request that no route takes is 404, with identifiers, log and counters', async () => {
  await using gateway = await startTestGateway({ upstream: 9, route: { match: { path: '/api' } } });
  const c = await connectRaw(gateway.port);
  c.write('GET /apix HTTP/1.1\r\nHost: x\r\nX-Request-ID: mine\r\n\r\n');
  const answer = await readResponse(c);
  expect([answer.status, header(answer.headers, 'x-request-id')]).toEqual([404, 'mine']);
  expect(await gateway.log.one()).toMatchObject({ route: '_none', path: '/apix', code: 'OPERATION_NOT_FOUND', request_id: 'mine' });
  c.destroy();
});
