import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { CONSUMERS } from './consumers.ts';
import { startProvider } from './provider.ts';
import { randomness } from './randomness.ts';
import { nextCall, startTraffic } from './traffic.ts';

const calls = (seed: number, n: number): string[] => {
  const random = randomness(seed);
  const seen = { payments: ['pay_abc'], etags: new Map<string, string>() };
  return Array.from({ length: n }, (_, i) => JSON.stringify(nextCall(random, i, seen)));
};

let server: Server | undefined;
afterEach(() => server?.close());

test('a seed decides the whole sequence', () => {
  expect(calls(7, 200)).toEqual(calls(7, 200));
  expect(calls(7, 200)).not.toEqual(calls(8, 200));
});

test('every habit of every consumer comes within 400 calls, so that a summary after ten seconds has them all', () => {
  const text = calls(1, 400).join('\n');
  for (const consumer of CONSUMERS) expect(text).toContain(consumer.headers['x-consumer-name'] ?? consumer.headers['user-agent']);
  for (const mark of ['19.9}', 'text/json', 'giro', 'getInvoices', '/v1/payments?limit=100', 'customer_no', 'limit=500', 'if-match']) {
    expect(text, mark).toContain(mark);
  }
});

test('no call is refused by the provider itself: what is wrong with it only the contract knows', async () => {
  const provider = await startProvider();
  try {
    for (const text of calls(3, 300)) {
      const call = JSON.parse(text);
      const answer = await fetch(provider.url + call.path, { method: call.method, headers: call.headers, body: call.body });
      await answer.arrayBuffer();
      if (answer.status !== 412) expect(answer.status, text).toBeLessThan(400);
    }
  } finally {
    await provider.close();
  }
});

test('it sends until it is stopped, and nothing afterwards', async () => {
  let asked = 0;
  server = createServer((_, res) => {
    asked += 1;
    res.end('{}');
    server?.emit('asked');
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const traffic = startTraffic({ target: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, rate: 200 });
  while (asked < 10) await once(server, 'asked');
  await traffic.stop();
  const { sent, answered, failed } = traffic.totals();
  expect({ answered, failed }).toEqual({ answered: sent, failed: 0 });
  expect(asked).toBe(sent);
});

test('a target that is gone is counted and nothing else', async () => {
  const closed = createServer();
  await once(closed.listen(0, '127.0.0.1'), 'listening');
  const { port } = closed.address() as AddressInfo;
  closed.close();
  const traffic = startTraffic({ target: `http://127.0.0.1:${port}`, rate: 200 });
  await expect.poll(() => traffic.totals().failed).toBeGreaterThan(3);
  await traffic.stop();
  expect(traffic.totals().answered).toBe(0);
});
