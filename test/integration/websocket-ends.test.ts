/** EV-8: how a changed connection ends, and how it does not: by its own ends, a break, a full reader, the limit, the drain; never by silence. */
import { readFileSync } from 'node:fs';
import { expect, test, vi } from 'vitest';
import { SocketChannel } from '../../src/adapters/http1/socket-channel.ts';
import { Run } from '../../src/pipeline/run.ts';
import { Arrivals } from '../kit/arrivals.ts';
import type { RawConnection } from '../kit/connection.ts';
import { collectGarbage } from '../kit/garbage.ts';
import { startTestGateway, type TestGateway } from '../kit/gateway.ts';
import { startGatewayProcess } from '../kit/gateway-process.ts';
import { header, readHead, readResponse } from '../kit/message.ts';
import { startRawOrigin } from '../kit/origin.ts';
import { connectRaw, sendRequest } from '../kit/raw-client.ts';
import { remember } from '../kit/remembered.ts';
import { openSockets, socketsDownTo } from '../kit/sockets.ts';
import { elapsedMs, SLACK_MS } from '../kit/timing.ts';
import { until } from '../kit/until.ts';
import { accepted, acceptWebSocket, handshake, openWebSocket } from '../kit/websocket.ts';

vi.setConfig({ testTimeout: 40_000 }); // processes are started

const ROUNDS = process.env.PLUMBLINE_TEST_LONG === '1' ? 50 : 15;

type Side = 'client' | 'upstream';
type Way = 'FIN' | 'RST';
const breakOff = (c: RawConnection, way: Way): void => (way === 'FIN' ? c.end() : c.reset());

/** Accepts every WebSocket and hands it over. */
async function startAccepting() {
  const accepted = new Arrivals<RawConnection>();
  const origin = await startRawOrigin(async (c) => {
    await acceptWebSocket(c);
    accepted.add(c);
  });
  return { origin, accepted };
}

/** Both ends of one WebSocket. */
async function open(gateway: TestGateway | { port: number }, accepting: Arrivals<RawConnection>) {
  const { client } = await openWebSocket(gateway.port);
  return { client, upstream: await accepting.next() };
}

const upgradesOpen = async (gateway: TestGateway): Promise<number> => (await gateway.metrics()).value('plumbline_upgrades_open');

test.each(['client', 'upstream'] as const)('a FIN of the %s ends its direction alone', async (side) => {
  const { origin, accepted } = await startAccepting();
  await using _origin = origin;
  await using gateway = await startTestGateway({ upstream: origin.port });
  const { client, upstream } = await open(gateway, accepted);
  const [first, second] = side === 'client' ? [client, upstream] : [upstream, client];
  first.write('the last of the first');
  first.end();
  expect((await second.readToEnd()).toString()).toBe('the last of the first');
  for (let i = 0; i < 20; i++) {
    second.write(`more ${i};`);
    expect((await first.readUntil(';')).toString()).toBe(`more ${i};`);
  }
  expect(await upgradesOpen(gateway)).toBe(1);
  second.end();
  expect((await first.readToEnd()).length).toBe(0);
  await Promise.all([first.closed, second.closed]);
  const [up, down] = side === 'client' ? [21, 150] : [150, 21];
  expect(await gateway.log.wait()).toMatchObject([{ status: 101, code: '', flags: [], request_bytes: up, response_bytes: down }]);
  expect(await upgradesOpen(gateway)).toBe(0);
});

test.each<[Side, object]>([
  ['client', { status: 499, code: 'CLIENT_CLOSED', flags: ['client-closed'], request_bytes: 4, response_bytes: 4 }],
  ['upstream', { status: 101, code: 'UPSTREAM_RESET', flags: ['upstream-broken'], request_bytes: 4, response_bytes: 4 }],
])(`a reset by the %s resets the other side, ${ROUNDS} times, and leaves nothing`, async (side, line) => {
  const { origin, accepted } = await startAccepting();
  await using _origin = origin;
  await using gateway = await startTestGateway({ upstream: origin.port });
  const round = async (): Promise<void> => {
    const { client, upstream } = await open(gateway, accepted);
    for (const [from, to] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      from.write('some');
      await to.read(4);
    }
    const [first, second] = side === 'client' ? [client, upstream] : [upstream, client];
    first.reset();
    await second.closed;
    expect(second.errorCode).toBe('ECONNRESET');
  };
  await round(); // what is opened once stays
  await gateway.idle();
  origin.forget();
  const sockets = openSockets();
  using runs = remember(Run.prototype, 'start');
  using channels = remember(SocketChannel.prototype, 'listen');
  for (let i = 0; i < ROUNDS; i++) await round();
  await gateway.idle();
  origin.forget();
  await socketsDownTo(sockets);
  // The last one may still be known to a timer or a counter.
  await collectGarbage();
  for (const kind of [runs, channels]) expect(kind.alive).toBeLessThan(3);
  const metrics = await gateway.metrics();
  for (const name of ['upgrades_open', 'downstream_connections', 'buffered_bytes', 'internal_errors_total'])
    expect([name, metrics.value(`plumbline_${name}`)]).toEqual([name, 0]);
  const lines = await gateway.log.wait(ROUNDS + 1);
  expect(lines).toHaveLength(ROUNDS + 1);
  for (const one of lines) expect(one).toMatchObject(line);
});

test.each<[string, Side, Way, object]>([
  ['before its answer', 'upstream', 'FIN', { status: 502, code: 'UPSTREAM_RESET', attempts: 1 }],
  ['before its answer', 'upstream', 'RST', { status: 502, code: 'UPSTREAM_RESET', attempts: 1 }],
  ['in the middle of the 101', 'upstream', 'FIN', { status: 502, code: 'UPSTREAM_RESET', attempts: 1 }],
  ['in the middle of the 101', 'upstream', 'RST', { status: 502, code: 'UPSTREAM_RESET', attempts: 1 }],
  ['before its answer', 'client', 'FIN', { status: 499, code: 'CLIENT_CLOSED', attempts: 1 }],
  ['before its answer', 'client', 'RST', { status: 499, code: 'CLIENT_CLOSED', attempts: 1 }],
])('%s: %s, %s', async (when, side, way, line) => {
  const asked = new Arrivals<RawConnection>();
  await using origin = await startRawOrigin(async (c) => {
    await readHead(c);
    if (when.includes('101')) c.write(accepted().slice(0, 60));
    asked.add(c);
  });
  await using gateway = await startTestGateway({ upstream: origin.port });
  for (let i = 0; i < ROUNDS; i++) {
    const client = await connectRaw(gateway.port);
    sendRequest(client, handshake('/ws'));
    const upstream = await asked.next();
    breakOff(side === 'client' ? client : upstream, way);
    if (side === 'upstream') expect((await readResponse(client)).status).toBe(502);
    await upstream.peerDone;
    for (const c of [client, upstream]) c.destroy();
  }
  await gateway.idle();
  const lines = await gateway.log.wait(ROUNDS);
  expect(lines).toHaveLength(ROUNDS);
  for (const one of lines) expect(one).toMatchObject(line);
  expect(await upgradesOpen(gateway)).toBe(0);
});

test('beyond `telemetry.limits.upgrades` a change is refused; a place that is given back is taken again', async () => {
  const { origin, accepted } = await startAccepting();
  await using _origin = origin;
  await using gateway = await startTestGateway({
    upstream: origin.port,
    sections: { telemetry: { accessLog: 'off', limits: { upgrades: 2 } } },
  });
  const pairs = [await open(gateway, accepted), await open(gateway, accepted)];
  const c = await connectRaw(gateway.port);
  for (let i = 0; i < 3; i++) {
    sendRequest(c, handshake('/ws'));
    const refusal = await readResponse(c);
    expect([refusal.status, header(refusal.headers, 'retry-after'), JSON.parse(refusal.body.toString())['code']]).toEqual([
      503,
      '1',
      'OVERLOADED',
    ]);
  }
  expect([await upgradesOpen(gateway), origin.connections.length]).toEqual([2, 2]);
  pairs[0]?.client.reset();
  await until(async () => (await upgradesOpen(gateway)) === 1, 'a place');
  sendRequest(c, handshake('/ws'));
  expect((await readHead(c)).startLine).toMatch(/ 101 /);
  expect(await upgradesOpen(gateway)).toBe(2);
  for (const one of [c, pairs[1]?.client]) one?.reset();
  await gateway.idle();
  expect(await upgradesOpen(gateway)).toBe(0);
});

test('neither the deadline nor the idle limit has a say once the protocol is changed; before that both bounds hold', async () => {
  const accepting = new Arrivals<RawConnection>();
  await using origin = await startRawOrigin(async (c) => {
    if ((await readHead(c)).startLine.includes('/never')) return;
    c.write(accepted());
    accepting.add(c);
  });
  const deadline = { total: '400ms', attempt: '300ms', idle: '100ms' };
  await using gateway = await startTestGateway({
    upstream: origin.port,
    listener: { keepAlive: '1s' },
    route: { policies: { deadline } },
  });
  const { client, upstream } = await open(gateway, accepting);
  const from = performance.now();
  const never = await connectRaw(gateway.port);
  sendRequest(never, handshake('/never'));
  const refusal = await readResponse(never);
  expect([refusal.status, performance.now() - from > 290]).toEqual([504, true]);
  await origin.connections[1]?.peerDone;
  await until(() => performance.now() - from > 1300, 'all limits to pass');
  upstream.write('still here');
  expect((await client.read(10)).toString()).toBe('still here');
  for (const c of [client, never]) c.reset();
});

test.runIf(process.platform === 'linux')('a peer that vanished without a word is asked for by TCP itself, on both sides', async () => {
  const { origin, accepted } = await startAccepting();
  await using _origin = origin;
  await using gateway = await startTestGateway({ upstream: origin.port });
  const { client, upstream } = await open(gateway, accepted);
  /** Local and remote port, and which timer runs: 02 is keep-alive (the system's `tcp` table). */
  const probed = readFileSync('/proc/net/tcp', 'utf8')
    .split('\n')
    .map((line) => /:([0-9A-F]{4}) \S+:([0-9A-F]{4}) 01 \S+ 02:/.exec(line))
    .map((row) => `${Number.parseInt(row?.[1] ?? '', 16)} ${Number.parseInt(row?.[2] ?? '', 16)}`);
  expect(probed).toContain(`${gateway.port} ${client.socket.localPort}`);
  expect(probed).toContain(`${upstream.socket.remotePort} ${origin.port}`);
  client.reset();
  await upstream.closed;
});

test('a drain lets an open WebSocket go on until the grace is over, then ends it, and the process', async () => {
  const { origin, accepted } = await startAccepting();
  await using _origin = origin;
  await using gateway = await startGatewayProcess({ upstream: origin.port, sections: { drain: { grace: '1s' } } });
  const { client, upstream } = await open(gateway, accepted);
  const from = performance.now();
  gateway.kill('SIGTERM');
  await until(
    () =>
      connectRaw(gateway.port).then(
        (c) => {
          c.destroy();
          return false;
        },
        () => true,
      ),
    'the listener to close',
  );
  client.write('ping');
  await upstream.read(4);
  upstream.write('pong');
  expect((await client.read(4)).toString()).toBe('pong');
  expect(performance.now() - from).toBeLessThan(1000);
  await Promise.all([client.closed, upstream.closed]);
  expect(performance.now() - from).toBeGreaterThan(950);
  expect(await gateway.exited).toEqual({ code: 0, signal: null });
  expect(performance.now() - from).toBeLessThan(3000 + SLACK_MS);
  expect(gateway.log.all()).toMatchObject([{ status: 101, code: 'OVERLOADED', flags: ['cut'], request_bytes: 4, response_bytes: 4 }]);
});

test('a WebSocket that ends within the grace is all that the drain waited for', async () => {
  const { origin, accepted } = await startAccepting();
  await using _origin = origin;
  await using gateway = await startTestGateway({ upstream: origin.port, sections: { drain: { grace: '20s' } } });
  const { client, upstream } = await open(gateway, accepted);
  const drained = gateway.drain();
  client.end();
  await upstream.peerDone;
  upstream.end();
  expect(await elapsedMs(() => drained)).toBeLessThan(3000 + SLACK_MS);
  expect(await gateway.log.one()).toMatchObject({ status: 101, flags: [] });
});
