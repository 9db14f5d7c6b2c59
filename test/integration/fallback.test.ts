/** FB-1 on the wire: an answer for when the upstream has none, and the upstream's own for everything else. */
import { expect, test } from 'vitest';
import { startTestGateway } from '../kit/gateway.ts';
import { header, readHead, readRequest, readResponse } from '../kit/message.ts';
import { startOrigin, startRawOrigin } from '../kit/origin.ts';
import { connectRaw, exchangeRaw, sendRequest } from '../kit/raw-client.ts';
import { UNWATCHED, startReloading } from '../kit/reloading.ts';
import { until } from '../kit/until.ts';
import { handshake } from '../kit/websocket.ts';

const STATIC = { static: { status: 203, headers: { 'Content-Type': 'text/plain' }, body: 'instead' } };
const get = (target: string, ...fields: string[]): string[] => [`GET ${target} HTTP/1.1`, 'Host: x', ...fields];
const policies = (fallback: object, more: object = {}) => ({ route: { policies: { fallback, ...more } } });

/** Answers with the status that the path names; `/hang` never, `/reset` and `/half` by breaking off. */
const startByPath = (body = 'mine') =>
  startRawOrigin(async (c) => {
    for (;;) {
      const { method, target } = await readRequest(c);
      if (target === '/hang') continue;
      if (target === '/reset') return c.destroy();
      if (target === '/half') {
        c.write('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf');
        return c.destroy();
      }
      c.write(`HTTP/1.1 ${target.slice(1)} Said\r\nContent-Length: ${body.length}\r\nX-Mine: 1\r\n\r\n${method === 'HEAD' ? '' : body}`);
    }
  });

test.each([
  ['/502', 'instead:502'],
  ['/503', 'instead:503'],
  ['/504', 'instead:504'],
  ['/reset', 'instead:UPSTREAM_RESET'],
  ['/hang', 'instead:UPSTREAM_TIMEOUT'],
])('FB-1: instead of %s', async (target, flag) => {
  await using origin = await startByPath();
  await using gateway = await startTestGateway({ upstream: origin.port, ...policies(STATIC, { deadline: { total: '300ms' } }) });
  const answer = await exchangeRaw(gateway.port, get(target));
  expect([answer.status, answer.body.toString(), answer.framing]).toEqual([203, 'instead', 'length']);
  const [mark, mine, id] = ['x-plumbline-fallback', 'x-mine', 'x-request-id'].map((name) => header(answer.headers, name));
  expect([mark, mine]).toEqual(['static', undefined]);
  expect(await gateway.log.one()).toMatchObject({ status: 203, code: '', origin: 'fallback', flags: [flag], request_id: id });
  const metrics = await gateway.metrics();
  expect(metrics.value('plumbline_fallbacks_total', { kind: 'static' })).toBe(1);
  expect(metrics.value('plumbline_requests_total', { origin: 'gateway', status_code: '203' })).toBe(1);
});

test('FB-1: instead of an upstream that is not there, and of a try that took too long', async () => {
  await using origin = await startByPath();
  const { port } = origin;
  await using slow = await startTestGateway({ upstream: port, ...policies(STATIC, { deadline: { attempt: '100ms' } }) });
  expect((await exchangeRaw(slow.port, get('/hang'))).body.toString()).toBe('instead');
  await origin.close();
  await using dead = await startTestGateway({ upstream: port, ...policies(STATIC) });
  expect((await exchangeRaw(dead.port, get('/200'))).body.toString()).toBe('instead');
  expect((await dead.log.one()).flags).toEqual(['instead:UPSTREAM_REFUSED']);
});

test('FB-1: everything else is the upstream’s', async () => {
  await using origin = await startByPath();
  await using gateway = await startTestGateway({ upstream: origin.port, ...policies(STATIC) });
  for (const target of ['/200', '/404', '/429', '/500', '/501', '/505']) {
    const answer = await exchangeRaw(gateway.port, get(target));
    expect([answer.status, answer.body.toString()]).toEqual([Number(target.slice(1)), 'mine']);
  }
});

test('FB-1: a large answer that something else is sent instead of is given up, and the client’s connection goes on', async () => {
  await using origin = await startByPath('x'.repeat(500_000));
  await using gateway = await startTestGateway({ upstream: origin.port, ...policies(STATIC) });
  const client = await connectRaw(gateway.port);
  for (let i = 0; i < 3; i++) {
    sendRequest(client, get('/503'));
    expect((await readResponse(client)).body.toString()).toBe('instead');
  }
  client.destroy();
  await gateway.idle();
  expect((await gateway.metrics()).value('plumbline_buffered_bytes')).toBe(0);
});

test('FB-1: the answer to HEAD has no body', async () => {
  await using origin = await startByPath();
  await using gateway = await startTestGateway({ upstream: origin.port, ...policies(STATIC) });
  const client = await connectRaw(gateway.port);
  sendRequest(client, ['HEAD /503 HTTP/1.1', 'Host: x']);
  const head = await readResponse(client, 'HEAD');
  expect([head.status, header(head.headers, 'content-length')]).toEqual([203, '7']);
  sendRequest(client, get('/200'));
  expect((await readResponse(client)).body.toString()).toBe('mine');
  client.destroy();
});

test('DL-6: an upload that does not arrive in time is the caller’s fault: 408', async () => {
  await using origin = await startByPath();
  await using gateway = await startTestGateway({ upstream: origin.port, ...policies(STATIC, { deadline: { total: '200ms' } }) });
  const answer = await exchangeRaw(gateway.port, ['POST /200 HTTP/1.1', 'Host: x', 'Content-Length: 100000'], 'some');
  expect(answer.status).toBe(408);
});

test('EV-8: an upgrade has none', async () => {
  await using origin = await startByPath();
  await using gateway = await startTestGateway({ upstream: origin.port, ...policies(STATIC) });
  const answer = await exchangeRaw(gateway.port, handshake('/503'));
  expect([answer.status, answer.body.toString()]).toEqual([503, 'mine']);
});

test('FB-1: the last good answer is sent whole while the upstream is away, and its own again when it is back', async () => {
  let up = true;
  await using origin = await startOrigin((_req, res) => {
    if (!up) return void res.destroy();
    res.writeHead(200, ['Content-Type', 'text/plain', 'ETag', '"1"', 'X-Request-ID', 'of-the-service']);
    res.write('in two ');
    setImmediate(() => res.end('pieces'));
  });
  await using gateway = await startTestGateway({ upstream: origin.port, ...policies({ ...STATIC, lastGood: {} }) });
  const client = await connectRaw(gateway.port);
  const ask = async (target: string, ...fields: string[]) => {
    sendRequest(client, get(target, ...fields));
    return readResponse(client);
  };
  const first = await ask('/a?b=1');
  expect([first.framing, header(first.headers, 'x-plumbline-fallback')]).toEqual(['chunked', undefined]);
  await gateway.idle();
  up = false;
  const stale = await ask('/a?b=1', 'If-None-Match: "1"');
  expect([stale.status, stale.body.toString(), stale.framing]).toEqual([200, 'in two pieces', 'length']);
  expect(header(stale.headers, 'x-plumbline-fallback')).toBe('stale');
  expect(Number(header(stale.headers, 'age'))).toBeLessThan(10);
  expect(header(stale.headers, 'x-request-id')).not.toBe(header(first.headers, 'x-request-id'));
  expect(header(stale.headers, 'via')).toMatch(/^1\.1 plumbline-[0-9a-f]{8}$/);
  expect((await ask('/a?b=2')).body.toString()).toBe('instead');
  expect((await ask('/a?b=1', 'Cookie: me=1')).body.toString()).toBe('instead');
  up = true;
  expect(header((await ask('/a?b=1')).headers, 'x-plumbline-fallback')).toBeUndefined();
  client.destroy();
  const metrics = await gateway.metrics();
  expect(['stale', 'static'].map((kind) => metrics.value('plumbline_fallbacks_total', { kind }))).toEqual([1, 2]);
  expect(metrics.value('plumbline_fallback_bytes')).toBeGreaterThan(0);
});

test('FB-1: an answer that broke off is not good', async () => {
  await using origin = await startByPath();
  await using gateway = await startTestGateway({ upstream: origin.port, ...policies({ lastGood: {} }) });
  const client = await connectRaw(gateway.port);
  sendRequest(client, get('/half'));
  await expect(readResponse(client)).rejects.toThrow();
  await gateway.idle();
  expect((await gateway.metrics()).value('plumbline_fallback_bytes')).toBe(0);
  expect(await gateway.log.one()).toMatchObject({ status: 200, code: 'UPSTREAM_RESET', origin: 'upstream' });
});

const NUMBERS = { description: 'ok', content: { 'application/json': { schema: { type: 'integer' } } } };
const openapi = {
  openapi: '3.1.0',
  info: { title: 'Numbers', version: '1.0.0' },
  paths: { '/n': { get: { operationId: 'getNumber', responses: { 200: NUMBERS } } } },
};

test('FB-1: in enforce an answer that breaks the contract has no fallback and is not kept; a fallback that breaks it passes and is told of', async () => {
  let body = '"no number"';
  await using origin = await startRawOrigin(async (c) => {
    for (;;) {
      await readHead(c);
      if (body === '') return c.destroy();
      c.write(`HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
    }
  });
  const fallback = { static: { body: '"later"' }, lastGood: {} };
  const route = { policies: { fallback, contract: { response: 'enforce' } } };
  await using gateway = await startTestGateway({ upstream: origin.port, openapi, route });
  const refused = await exchangeRaw(gateway.port, get('/n'));
  expect([refused.status, JSON.parse(refused.body.toString())]).toMatchObject([502, { code: 'RESPONSE_CONTRACT_VIOLATION' }]);
  await gateway.idle();
  body = '';
  expect((await exchangeRaw(gateway.port, get('/n'))).body.toString()).toBe('"later"');
  body = '7';
  expect((await exchangeRaw(gateway.port, get('/n'))).body.toString()).toBe('7');
  await gateway.idle();
  body = '';
  expect((await exchangeRaw(gateway.port, get('/n'))).body.toString()).toBe('7');
  await gateway.idle();
  const metrics = await gateway.metrics();
  const checks = (outcome: string) => metrics.value('plumbline_contract_checks_total', { side: 'response', outcome });
  expect([checks('valid'), checks('invalid')]).toEqual([2, 2]);
  const { items } = (await (await fetch(`${gateway.adminUrl}/api/violations`)).json()) as { items: { mode: string }[] };
  expect(items.map(({ mode }) => mode)).toEqual(['report', 'enforce']);
});

test('FB-1: what one caller got with a key is nobody else’s, whatever the field is called', async () => {
  const origin = await startByPath();
  await using gateway = await startTestGateway({
    upstream: origin.port,
    ...policies({ lastGood: {} }),
    sections: { identity: { consumer: [{ apiKey: { header: 'X-Partner-Key' } }] } },
  });
  expect((await exchangeRaw(gateway.port, get('/200', 'X-Partner-Key: secret'))).status).toBe(200);
  await gateway.idle();
  await origin.close();
  expect((await exchangeRaw(gateway.port, get('/200'))).status).toBe(502);
});

test('FB-1: what a route that is gone had kept is given up', async () => {
  await using origin = await startByPath();
  const config = (name: string) => ({
    upstream: origin.port,
    route: { name, policies: { fallback: { lastGood: {} } } },
    sections: UNWATCHED,
  });
  await using gateway = await startReloading(config('one'));
  const keptBytes = async (): Promise<number> => (await gateway.metrics()).value('plumbline_fallback_bytes');
  await exchangeRaw(gateway.port(), get('/200'));
  await until(async () => (await keptBytes()) > 0, 'an answer to be kept');
  await gateway.reload(config('two'));
  expect(await until(async () => (await keptBytes()) === 0, 'it to be gone')).toBe(true);
});
