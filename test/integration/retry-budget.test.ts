/** RT-7 over real sockets: what an upstream that only fails has to bear. */
import { expect, test, vi } from 'vitest';
import { startTestGateway } from '../kit/gateway.ts';
import { readRequest, readResponse } from '../kit/message.ts';
import { startRawOrigin } from '../kit/origin.ts';
import { connectRaw, sendRequest } from '../kit/raw-client.ts';

vi.setConfig({ testTimeout: 30_000 });

const GET = ['GET / HTTP/1.1', 'Host: x'];
const CLIENTS = 20;

/** `each` requests one after the other on each of `clients` connections, all answered with `status`. Returns how long that took. */
async function storm(port: number, each: number, status: number): Promise<number> {
  const from = performance.now();
  const client = async (): Promise<void> => {
    const c = await connectRaw(port);
    for (let i = 0; i < each; i++) {
      sendRequest(c, GET);
      expect((await readResponse(c)).status).toBe(status);
    }
    c.destroy();
  };
  await Promise.all(Array.from({ length: CLIENTS }, client));
  return performance.now() - from;
}

async function startFailing() {
  let seen = 0;
  const origin = await startRawOrigin(async (c) => {
    for (;;) {
      await readRequest(c);
      seen += 1;
      c.write('HTTP/1.1 503 X\r\nContent-Length: 3\r\n\r\nnot');
    }
  });
  return { origin, seen: () => seen };
}

test('RT-7: a thousand GETs that all fail are at most 1,300 for the upstream, three tries allowed', async () => {
  const { origin, seen } = await startFailing();
  await using _origin = origin;
  await using gateway = await startTestGateway({ upstream: origin.port, route: { policies: { retry: { attempts: 3 } } } });
  const tookMs = await storm(gateway.port, 1000 / CLIENTS, 503);
  expect(tookMs).toBeLessThan(9900); // all of them within the budget's window
  expect(seen()).toBeGreaterThanOrEqual(1150);
  expect(seen()).toBeLessThanOrEqual(1300);
  await gateway.idle();
  const metrics = await gateway.metrics();
  expect(metrics.value('plumbline_retries_total', { reason: '503' })).toBe(seen() - 1000);
  expect(metrics.value('plumbline_upstream_attempts_total')).toBe(seen());
  expect(metrics.value('plumbline_requests_total')).toBe(1000);
  const suppressed = (reason: string): number => metrics.value('plumbline_retries_suppressed_total', { reason });
  expect(suppressed('budget') + suppressed('attempts')).toBe(1000);
  expect(suppressed('budget')).toBeGreaterThan(600);
});

test('RT-7: every route has a budget of its own, and one without a retry block too', async () => {
  const closed = await startRawOrigin(() => undefined);
  await closed.close();
  const route = (name: string, policies: object) => ({
    name,
    listener: 'main',
    match: { path: `/${name}` },
    upstream: `http://127.0.0.1:${closed.port}`,
    policies,
  });
  const block = { retry: { budget: { ratio: 0, minPerSecond: 1 } } };
  const sections = { routes: [route('a', block), route('b', block), route('c', {})] };
  await using gateway = await startTestGateway({ upstream: closed.port, sections });
  const c = await connectRaw(gateway.port);
  for (const name of ['a', 'b'])
    for (let i = 0; i < 15; i++) {
      sendRequest(c, [`GET /${name} HTTP/1.1`, 'Host: x']);
      expect((await readResponse(c)).status).toBe(502);
    }
  // 100 to begin with, and one for every fifth request.
  for (let i = 0; i < 150; i++) {
    sendRequest(c, ['POST /c HTTP/1.1', 'Host: x', 'Content-Length: 0']);
    expect((await readResponse(c)).status).toBe(502);
  }
  c.destroy();
  await gateway.idle();
  const metrics = await gateway.metrics();
  const retries = (api: string): number => metrics.value('plumbline_retries_total', { api });
  expect([retries('a'), retries('b'), retries('c')]).toEqual([10, 10, 130]);
  expect(metrics.value('plumbline_retries_suppressed_total', { api: 'c', reason: 'budget' })).toBe(20);
});
