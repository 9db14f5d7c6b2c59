/** What happens while the connection to the upstream is being made, fifty times each: nothing stays behind (EV-3, RT-2, DL-4). */
import { expect, test, vi } from 'vitest';
import { Run } from '../../src/pipeline/run.ts';
import type { RawConnection } from '../kit/connection.ts';
import { startFullListener } from '../kit/full-listener.ts';
import { collectGarbage } from '../kit/garbage.ts';
import { startTestGateway, type TestGateway } from '../kit/gateway.ts';
import { readResponse } from '../kit/message.ts';
import { startRawOrigin } from '../kit/origin.ts';
import { connectRaw, exchangeRaw, sendRequest } from '../kit/raw-client.ts';
import { remember } from '../kit/remembered.ts';
import { openSockets, socketsDownTo } from '../kit/sockets.ts';
import { until } from '../kit/until.ts';

vi.setConfig({ testTimeout: 30_000 });

const ROUNDS = process.env.PLUMBLINE_TEST_LONG === '1' ? 50 : 15;
const GET = ['GET / HTTP/1.1', 'Host: x'];
const POST = ['POST / HTTP/1.1', 'Host: x', 'Content-Length: 2'];
const WAYS: Readonly<Record<string, (c: RawConnection) => void>> = { FIN: (c) => c.end(), RST: (c) => c.reset() };

/** All exchanges are over, each told of once by a line like this, and no socket is left. */
async function expectNothingLeft(gateway: TestGateway, sockets: number, runs: { readonly alive: number }, line: object): Promise<void> {
  await gateway.idle();
  const lines = await gateway.log.wait(ROUNDS);
  expect(lines).toHaveLength(ROUNDS);
  for (const one of lines) expect(one).toMatchObject(line);
  await socketsDownTo(sockets);
  await collectGarbage();
  expect(runs.alive).toBeLessThan(3);
  const metrics = await gateway.metrics();
  for (const name of ['buffered_bytes', 'downstream_connections', 'internal_errors_total'])
    expect([name, metrics.value(`plumbline_${name}`)]).toEqual([name, 0]);
}

test.each(Object.keys(WAYS))('a client that leaves (%s) while its upstream is being connected to', async (way) => {
  await using upstream = await startFullListener();
  await using gateway = await startTestGateway({ upstream: upstream.port });
  await gateway.metrics();
  const sockets = openSockets();
  using runs = remember(Run.prototype, 'start');
  const clients = await Promise.all(Array.from({ length: ROUNDS }, () => connectRaw(gateway.port)));
  for (const [i, c] of clients.entries()) sendRequest(c, i % 2 === 0 ? GET : POST, i % 2 === 0 ? '' : 'ab');
  await until(async () => (await gateway.metrics()).value('plumbline_requests_in_flight') === ROUNDS, 'all requests');
  for (const c of clients) WAYS[way]?.(c);
  await expectNothingLeft(gateway, sockets, runs, { status: 499, code: 'CLIENT_CLOSED', attempts: 1, flags: ['client-closed'] });
});

test('an upstream to which no connection can be made is given up after a second, twice', async () => {
  await using upstream = await startFullListener();
  await using gateway = await startTestGateway({ upstream: upstream.port });
  await gateway.metrics();
  const sockets = openSockets();
  using runs = remember(Run.prototype, 'start');
  const answers = await Promise.all(Array.from({ length: ROUNDS }, () => exchangeRaw(gateway.port, POST, 'ab')));
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([504]));
  await expectNothingLeft(gateway, sockets, runs, { status: 504, code: 'CONNECT_TIMEOUT', attempts: 2 });
});

test('where nobody listens', async () => {
  const closed = await startRawOrigin(() => undefined);
  await closed.close();
  await using gateway = await startTestGateway({ upstream: closed.port });
  await gateway.metrics();
  const sockets = openSockets();
  using runs = remember(Run.prototype, 'start');
  const c = await connectRaw(gateway.port);
  for (let i = 0; i < ROUNDS; i++) {
    sendRequest(c, POST, 'ab');
    expect((await readResponse(c)).status).toBe(502);
  }
  c.destroy();
  await expectNothingLeft(gateway, sockets, runs, { status: 502, code: 'UPSTREAM_REFUSED', attempts: 2 });
});

test.each(Object.keys(WAYS))('an upstream that ends each connection (%s) as soon as it is made', async (way) => {
  await using origin = await startRawOrigin((c) => WAYS[way]?.(c));
  await using gateway = await startTestGateway({ upstream: origin.port });
  await gateway.metrics();
  const sockets = openSockets();
  using runs = remember(Run.prototype, 'start');
  const c = await connectRaw(gateway.port);
  for (let i = 0; i < ROUNDS; i++) {
    sendRequest(c, i % 2 === 0 ? GET : POST, i % 2 === 0 ? '' : 'ab');
    expect((await readResponse(c)).status).toBe(502);
  }
  c.destroy();
  origin.forget();
  await expectNothingLeft(gateway, sockets, runs, { status: 502, code: 'UPSTREAM_RESET' });
});
