/** Bodies that are judged as they go by: nothing waits for it, and a try that is repeated is judged once. */
import { expect, test } from 'vitest';
import { startTestGateway } from '../kit/gateway.ts';
import { readHead } from '../kit/message.ts';
import { startOrigin } from '../kit/origin.ts';
import { connectRaw, exchangeRaw, sendRequest } from '../kit/raw-client.ts';

const LINES = 'application/x-ndjson';
const item = { type: 'object', required: ['n'], properties: { n: { type: 'integer' } } };
const form = {
  type: 'object',
  required: ['id'],
  properties: { id: { type: 'integer' }, file: { type: 'string', format: 'binary' } },
};
const openapi = {
  openapi: '3.2.0',
  info: { title: 'Lines', version: '1.0.0' },
  paths: {
    '/lines': {
      get: { operationId: 'read', responses: { 200: { description: '', content: { [LINES]: { itemSchema: item } } } } },
      put: {
        operationId: 'write',
        requestBody: { content: { [LINES]: { itemSchema: item }, 'multipart/form-data': { schema: form } } },
        responses: { 204: { description: '' }, 503: { description: '' } },
      },
    },
  },
};

type Gateway = Awaited<ReturnType<typeof startTestGateway>>;

/** How many verdicts there were on one side. */
async function verdicts(gateway: Gateway, side: 'request' | 'response') {
  await gateway.idle();
  const metrics = await gateway.metrics();
  const count = (outcome: string): number => metrics.value('plumbline_contract_checks_total', { side, outcome });
  return { valid: count('valid'), invalid: count('invalid'), skipped: count('skipped') };
}

/** Plays until the process has time for a verdict: on a machine that is busy with other tests it may say that it has none. Gives how often. */
async function judgedInTime(gateway: Gateway, play: () => Promise<void>): Promise<number> {
  for (let times = 1; ; times++) {
    const before = await overloads(gateway);
    await play();
    if ((await overloads(gateway)) === before || times === 10) return times;
  }
}

async function overloads(gateway: Gateway): Promise<number> {
  await gateway.idle();
  return (await gateway.metrics()).value('plumbline_contract_checks_total', { side: 'request', reason: 'overload' });
}

test('an item reaches the client before the next one is written, in enforce too', async () => {
  const gates: Array<() => void> = [];
  await using origin = await startOrigin(async (_req, res) => {
    res.writeHead(200, ['Content-Type', LINES]);
    res.write('{"n":1}\n');
    await new Promise<void>((resolve) => gates.push(resolve));
    res.end('{"n":"x"}\n');
  });
  const route = { policies: { contract: { request: 'enforce', response: 'enforce' } } };
  await using gateway = await startTestGateway({ upstream: origin.port, openapi, route });
  const c = await connectRaw(gateway.port);
  sendRequest(c, ['GET /lines HTTP/1.1', 'Host: x']);
  await readHead(c);
  expect((await c.readUntil('\n\r\n')).toString()).toContain('{"n":1}');
  gates[0]?.();
  await c.readUntil('0\r\n\r\n');
  c.destroy();
  expect(await verdicts(gateway, 'response')).toEqual({ valid: 0, invalid: 1, skipped: 0 });
});

test('of a stream that its client leaves the items that came count', async () => {
  const texts = new Map([
    ['/lines?valid', '{"n":1}\n{"n":'],
    ['/lines?invalid', '{"n":1}\n{}\n'],
    ['/lines?skipped', '{"n":'],
  ]);
  await using origin = await startOrigin((req, res) => {
    res.writeHead(200, ['Content-Type', LINES]);
    res.write(texts.get(req.url ?? ''));
  });
  await using gateway = await startTestGateway({ upstream: origin.port, openapi });
  const seen = { valid: 0, invalid: 0, skipped: 0 };
  for (const outcome of ['valid', 'invalid', 'skipped'] as const) {
    const c = await connectRaw(gateway.port);
    sendRequest(c, [`GET /lines?${outcome} HTTP/1.1`, 'Host: x']);
    await readHead(c);
    await c.readUntil(texts.get(`/lines?${outcome}`) as string);
    c.destroy();
    seen[outcome] += 1;
    expect(await verdicts(gateway, 'response')).toEqual(seen);
  }
});

test('what is wrong in a stream is told while it goes on', async () => {
  await using origin = await startOrigin((_req, res) => {
    res.writeHead(200, ['Content-Type', LINES]);
    res.write('{}\n');
  });
  await using gateway = await startTestGateway({ upstream: origin.port, openapi });
  const c = await connectRaw(gateway.port);
  sendRequest(c, ['GET /lines HTTP/1.1', 'Host: x']);
  await readHead(c);
  await c.readUntil('{}\n');
  const metrics = await gateway.metrics();
  expect(metrics.value('plumbline_contract_violations_total', { side: 'response', rule: 'required' })).toBe(1);
  expect(metrics.value('plumbline_contract_checks_total', { side: 'response', outcome: 'invalid' })).toBe(1);
  expect(metrics.value('plumbline_contract_checks_total', { side: 'request', outcome: 'valid' })).toBe(1);
  c.destroy();
});

test('a request that is tried twice is judged once', async () => {
  let tries = 0;
  await using origin = await startOrigin(async (_req, res, whole) => {
    await whole();
    tries += 1;
    res.writeHead(tries === 1 ? 503 : 204).end();
  });
  const route = { policies: { retry: { attempts: 2, backoff: { base: '1ms', max: '1ms' } } } };
  await using gateway = await startTestGateway({ upstream: origin.port, openapi, route });
  const lines = ['PUT /lines HTTP/1.1', 'Host: x', `Content-Type: ${LINES}`, 'Transfer-Encoding: chunked'];
  const answer = await exchangeRaw(gateway.port, lines, '4\r\n{}\n[\r\n2\r\n]\n\r\n0\r\n\r\n');
  expect([answer.status, tries]).toEqual([204, 2]);
  expect(origin.requests.map(({ body }) => body.toString())).toEqual(['{}\n[]\n', '{}\n[]\n']);
  expect(await verdicts(gateway, 'request')).toEqual({ valid: 0, invalid: 1, skipped: 0 });
  expect((await gateway.metrics()).value('plumbline_contract_violations_total')).toBe(2);
});

test('a form with a file larger than maxBodyBytes is judged, and arrives as it was sent', async () => {
  await using origin = await startOrigin(async (_req, res, whole) => {
    await whole();
    res.writeHead(204).end();
  });
  await using gateway = await startTestGateway({ upstream: origin.port, openapi });
  const part = (head: string, body: Buffer): Buffer =>
    Buffer.concat([Buffer.from(`--b\r\nContent-Disposition: form-data; ${head}\r\n\r\n`), body, Buffer.from('\r\n')]);
  const file = Buffer.alloc(2 * 1024 * 1024, '\r\n--');
  const body = Buffer.concat([part('name="file"; filename="a"', file), part('name="id"', Buffer.from('x')), Buffer.from('--b--')]);
  const head = ['PUT /lines HTTP/1.1', 'Host: x', 'Content-Type: multipart/form-data; boundary=b', `Content-Length: ${body.length}`];
  const times = await judgedInTime(gateway, async () => {
    expect((await exchangeRaw(gateway.port, head, body)).status).toBe(204);
  });
  expect(origin.requests.every((request) => request.body.equals(body))).toBe(true);
  expect(await verdicts(gateway, 'request')).toEqual({ valid: 0, invalid: 1, skipped: times - 1 });
});
