import { createServer } from 'node:net';
import { describe, expect, test } from 'vitest';
import type { RawConnection } from '../kit/connection.ts';
import type { GatewayOptions } from '../kit/gateway-config.ts';
import { type RawResponse, header, readResponse } from '../kit/message.ts';
import { startOrigin, startRawOrigin } from '../kit/origin.ts';
import { connectRaw, exchangeRaw, sendRequest } from '../kit/raw-client.ts';
import { BY_EVENT, type ReloadingGateway, UNWATCHED, startReloading } from '../kit/reloading.ts';
import { until } from '../kit/until.ts';

const GET = ['GET / HTTP/1.1', 'Host: a'];

/** A configuration with these listeners, each with a route of its name. */
function listening(upstream: number, listeners: Record<string, object>, sections: object = UNWATCHED): GatewayOptions {
  const routes = Object.keys(listeners).map((name) => ({ name, listener: name, upstream: `http://127.0.0.1:${upstream}` }));
  const all = Object.fromEntries(Object.entries(listeners).map(([name, more]) => [name, { host: '127.0.0.1', port: 0, ...more }]));
  return { upstream, sections: { ...sections, listeners: all, routes } };
}

/** A port that was free a moment ago. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

const status = async (port: number): Promise<number> => (await exchangeRaw(port, GET)).status;
const isClosed = (port: number): Promise<boolean> =>
  connectRaw(port).then(
    (c) => {
      c.destroy();
      return false;
    },
    () => true,
  );

async function kept(port: number): Promise<RawConnection> {
  const c = await connectRaw(port);
  sendRequest(c, GET);
  expect((await readResponse(c)).status).toBe(200);
  return c;
}

async function again(c: RawConnection): Promise<RawResponse> {
  sendRequest(c, GET);
  return readResponse(c);
}

async function start(listeners: Record<string, object>, sections: object = UNWATCHED) {
  const origin = await startOrigin();
  const gateway = await startReloading(listening(origin.port, listeners, sections));
  return {
    gateway,
    reload: (next: Record<string, object>, more = sections) => gateway.reload(listening(origin.port, next, more)),
    async [Symbol.asyncDispose]() {
      await gateway[Symbol.asyncDispose]();
      await origin.close();
    },
  };
}

const refusals = async (gateway: ReloadingGateway): Promise<number> =>
  (await gateway.metrics()).value('plumbline_config_reloads_total', { outcome: 'refused' });

describe('listeners', () => {
  test('that are added are opened, those that stay keep their port and their connections', async () => {
    await using s = await start({ main: {} });
    const port = s.gateway.port();
    const c = await kept(port);
    await s.reload({ main: {}, second: {} });
    expect(await status(s.gateway.port('second'))).toBe(200);
    expect([s.gateway.port(), (await again(c)).status]).toEqual([port, 200]);
    c.destroy();
  });

  test('that are gone take no connection any more, end idle ones, and let a request end', async () => {
    const answers: (() => void)[] = [];
    await using origin = await startOrigin((_, res) => void answers.push(() => res.end('late')));
    await using gateway = await startReloading(listening(origin.port, { main: {}, second: {} }, { ...UNWATCHED, drain: { grace: '5s' } }));
    const port = gateway.port('second');
    const idle = await connectRaw(port);
    const busy = await connectRaw(port);
    sendRequest(busy, GET);
    await until(() => answers.length === 1, 'the request');
    await gateway.reload(listening(origin.port, { main: {} }, UNWATCHED));
    await until(() => isClosed(port), 'the port to close');
    await idle.peerDone;
    answers[0]?.();
    const answer = await readResponse(busy);
    expect([answer.status, answer.body.toString(), header(answer.headers, 'connection')]).toEqual([200, 'late', 'close']);
    await busy.peerDone;
    expect(gateway.gateway.listeners.map(({ name }) => name)).toEqual(['main']);
  });

  test('that are gone cut what outlives the grace, with 503 and a line that says why', async () => {
    await using origin = await startOrigin(() => undefined);
    const sections = { ...UNWATCHED, drain: { grace: '100ms' } };
    await using gateway = await startReloading(listening(origin.port, { main: {}, second: {} }, sections));
    const c = await connectRaw(gateway.port('second'));
    sendRequest(c, GET);
    await until(() => origin.requests.length === 1, 'the request');
    await gateway.reload(listening(origin.port, { main: {} }, sections));
    const answer = await readResponse(c);
    expect([answer.status, answer.body.toString()]).toEqual([503, expect.stringContaining('the listener is being closed')]);
    c.destroy();
  });

  test('with another port are open there before the old one closes', async () => {
    const [first, second] = [await freePort(), await freePort()];
    await using s = await start({ main: { port: first } });
    const c = await kept(first);
    await s.reload({ main: { port: second } });
    expect(await status(second)).toBe(200);
    await until(() => isClosed(first), 'the old port to close');
    await c.peerDone;
  });

  test('with another name only, stay open', async () => {
    const port = await freePort();
    await using s = await start({ main: { port } });
    const c = await kept(port);
    await s.reload({ renamed: { port } });
    expect((await again(c)).status).toBe(200);
    expect(s.gateway.gateway.listeners).toMatchObject([{ name: 'renamed', url: `http://127.0.0.1:${port}` }]);
    c.destroy();
  });
});

describe('a port that cannot be opened', () => {
  test('refuses the whole configuration, and leaves nothing of it', async () => {
    await using taken = await startOrigin();
    await using s = await start({ main: {} });
    const free = await freePort();
    await s.reload({ main: {}, second: { port: free }, third: { port: taken.port } });
    expect([await s.gateway.generation(), await refusals(s.gateway)]).toEqual([1, 1]);
    expect(s.gateway.gateway.listeners.map(({ name }) => name)).toEqual(['main']);
    await until(() => isClosed(free), 'the port that was opened to close');
    expect(await status(s.gateway.port())).toBe(200);
  });

  test('is tried again, without another word, until it is free', async () => {
    const taken = await startOrigin();
    await using s = await start({ main: {} }, { ...BY_EVENT, reload: { poll: '100ms' } });
    await s.reload({ main: {}, second: { port: taken.port } });
    expect(await refusals(s.gateway)).toBe(1);
    await new Promise((resolve) => setTimeout(resolve, 400));
    expect(await refusals(s.gateway)).toBe(1);
    await taken.close();
    await s.gateway.reaches(2);
    expect(await status(taken.port)).toBe(200);
  });
});

describe('limits of a listener', () => {
  test('that change hold for new connections, on the same port', async () => {
    await using s = await start({ main: {} });
    const port = s.gateway.port();
    const long = ['GET / HTTP/1.1', 'Host: a', `X-Long: ${'x'.repeat(4000)}`];
    expect((await exchangeRaw(port, long)).status).toBe(200);
    await s.reload({ main: { maxHeaderBytes: '2KiB', maxUrlBytes: '256B' } });
    expect(s.gateway.port()).toBe(port);
    expect((await exchangeRaw(port, long)).status).toBe(431);
    expect((await exchangeRaw(port, [`GET /${'x'.repeat(300)} HTTP/1.1`, 'Host: a'])).status).toBe(414);
    await s.reload({ main: {} });
    expect((await exchangeRaw(port, long)).status).toBe(200);
  });
});

describe('pools of connections to upstreams', () => {
  test('are kept while they are the same, and ended when nobody uses them any more', async () => {
    // Answers whatever it is sent, and never ends a connection by itself.
    const patient = () => startRawOrigin((c) => void c.socket.on('data', () => c.write('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n')));
    await using one = await patient();
    await using two = await patient();
    const to = (origin: { port: number }, more: object = {}): GatewayOptions => ({
      upstream: origin.port,
      pool: { idle: '1h' },
      sections: { ...UNWATCHED, ...more },
    });
    await using gateway = await startReloading(to(one));
    expect(await status(gateway.port())).toBe(200);
    await gateway.reload(to(one, { errors: { detail: 'none' } }));
    expect(await status(gateway.port())).toBe(200);
    expect([await gateway.generation(), one.connections.length]).toEqual([2, 1]);
    await gateway.reload(to(two));
    expect(await status(gateway.port())).toBe(200);
    await one.connections[0]?.peerDone;
  });
});
