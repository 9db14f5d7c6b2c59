import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { Collector } from './collect.ts';
import type { ViolationItem } from './summary.ts';

let server: Server | undefined;
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

const item = (n: number): ViolationItem => ({
  id: `v${n}`,
  requestId: `r${n}`,
  operation: 'createPayment',
  side: 'request',
  location: 'body',
  rule: 'type',
  pointer: '/amount/value',
  consumer: { name: 'mobile-app', version: '5.0.2' },
});

/** An admin API that holds violations 1 … n, newest first, and tells what it was asked for. */
async function admin(count: () => number): Promise<{ readonly url: string; readonly asked: string[] }> {
  const asked: string[] = [];
  server = createServer((req, res) => {
    const url = new URL(req.url ?? '/', 'http://admin');
    asked.push(url.pathname + url.search);
    if (url.pathname === '/metrics') {
      res.end(
        'plumbline_requests_total{api="billing"} 7\nplumbline_consumer_requests_total{consumer="mobile-app",consumer_version="5.0.2"} 7\n',
      );
      return;
    }
    const after = Number((url.searchParams.get('after') ?? `v${count() + 1}`).slice(1));
    const limit = Number(url.searchParams.get('limit'));
    const items = Array.from({ length: Math.min(limit, after - 1) }, (_, i) => item(after - 1 - i));
    const next = items.at(-1)?.id ?? null;
    res.end(JSON.stringify({ items, next: next === 'v1' ? null : next }));
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
}

test('turns pages as far as there is something new, and counts each violation once', async () => {
  let count = 700;
  const { url, asked } = await admin(() => count);
  const collector = new Collector(url);
  const first = await collector.read(1000);
  expect(first.consumers).toMatchObject([
    { name: 'mobile-app 5.0.2', requests: 7, breaches: [{ operation: 'createPayment', count: 700 }] },
  ]);
  expect(asked).toEqual(['/api/violations?limit=500', '/api/violations?limit=500&after=v201', '/metrics']);
  asked.length = 0;
  count = 705;
  const second = await collector.read(2000);
  expect(second.consumers[0]?.breaches[0]?.count).toBe(705);
  expect(asked).toEqual(['/api/violations?limit=500', '/metrics']);
});

test('an admin API that refuses is an error that says so', async () => {
  server = createServer((_, res) => res.writeHead(503).end());
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const collector = new Collector(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  await expect(collector.read(0)).rejects.toThrow('/api/violations?limit=500 answered 503');
});
