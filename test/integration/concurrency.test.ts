/** CC over real sockets. Who waits is seen in the number of requests in flight: nothing sleeps. */
import type { ServerResponse } from 'node:http';
import { expect, test } from 'vitest';
import type { RawConnection } from '../kit/connection.ts';
import { type TestGateway, startTestGateway } from '../kit/gateway.ts';
import { type RawResponse, header, readHead, readRequest, readResponse } from '../kit/message.ts';
import { startOrigin, startRawOrigin } from '../kit/origin.ts';
import { connectRaw, exchangeRaw, sendRequest } from '../kit/raw-client.ts';
import { UNWATCHED, startReloading } from '../kit/reloading.ts';
import { until } from '../kit/until.ts';

const get = (target = '/', ...more: string[]) => [`GET ${target} HTTP/1.1`, 'Host: x', ...more];
const codeOf = ({ body }: RawResponse): unknown => (JSON.parse(body.toString()) as { code: string }).code;
const limited = (block: object) => ({ route: { policies: { concurrency: block } } });

/** Takes requests and answers each when the test says so. */
async function startHolding() {
  const held = new Map<string, ServerResponse>();
  const origin = await startOrigin((req, res) => void held.set(req.url ?? '', res));
  return {
    ...origin,
    arrived: (target: string) => until(() => held.has(target), `${target} at the upstream`),
    answer: (target: string) => held.get(target)?.writeHead(200, ['Content-Length', '2']).end('ok'),
    begin: (target: string) => {
      held.get(target)?.writeHead(200, ['Transfer-Encoding', 'chunked']);
      held.get(target)?.write('some');
    },
    end: (target: string) => held.get(target)?.end(),
  };
}

const inUse = async (gateway: Pick<TestGateway, 'metrics'>): Promise<number> =>
  (await gateway.metrics()).value('plumbline_concurrency_in_use');

const inFlight = (gateway: TestGateway, count: number): Promise<unknown> =>
  until(async () => (await gateway.metrics()).value('plumbline_requests_in_flight') === count, `${count} in flight`);

test('CC-1: beyond the limit requests wait in order, beyond the queue they are refused', async () => {
  await using origin = await startHolding();
  await using gateway = await startTestGateway({ upstream: origin.port, ...limited({ limit: 1, queue: 2, queueTimeout: '1m' }) });
  const answers: Array<Promise<RawResponse>> = [];
  for (const [i, target] of ['/a', '/b', '/c'].entries()) {
    answers.push(exchangeRaw(gateway.port, get(target)));
    await inFlight(gateway, i + 1);
  }
  const refused = await exchangeRaw(gateway.port, get('/d'));
  expect([refused.status, codeOf(refused), header(refused.headers, 'retry-after')]).toEqual([503, 'CONCURRENCY_LIMIT', '1']);
  expect(header(refused.headers, 'proxy-status')).toBe('plumbline; error=connection_limit_reached');
  for (const target of ['/a', '/b', '/c']) {
    await origin.arrived(target);
    expect(await inUse(gateway)).toBe(1);
    origin.answer(target);
  }
  for (const answer of answers) expect((await answer).status).toBe(200);
  expect(origin.requests.map(({ target }) => target)).toEqual(['/a', '/b', '/c']);
  const metrics = await gateway.metrics();
  expect(metrics.value('plumbline_shed_total', { api: 'app', reason: 'queue_full' })).toBe(1);
  expect(metrics.value('plumbline_concurrency_limit', { api: 'app' })).toBe(1);
});

test('EV-3: who leaves the queue gives his place in it to another, and is never sent', async () => {
  await using origin = await startHolding();
  await using gateway = await startTestGateway({ upstream: origin.port, ...limited({ limit: 1, queue: 1, queueTimeout: '1m' }) });
  const first = exchangeRaw(gateway.port, get('/a'));
  await origin.arrived('/a');
  const leaving = await connectRaw(gateway.port);
  sendRequest(leaving, get('/b'));
  await inFlight(gateway, 2);
  expect(codeOf(await exchangeRaw(gateway.port, get('/c')))).toBe('CONCURRENCY_LIMIT');
  leaving.destroy();
  await inFlight(gateway, 1);
  const third = exchangeRaw(gateway.port, get('/d'));
  await inFlight(gateway, 2);
  origin.answer('/a');
  await origin.arrived('/d');
  origin.answer('/d');
  expect([(await first).status, (await third).status]).toEqual([200, 200]);
  expect(origin.requests.map(({ target }) => target)).toEqual(['/a', '/d']);
  await gateway.idle();
  expect(await inUse(gateway)).toBe(0);
});

test('CC-1: who waits longer than queueTimeout is refused; DL-2: a shorter deadline comes first', async () => {
  await using origin = await startHolding();
  await using gateway = await startTestGateway({ upstream: origin.port, ...limited({ limit: 1, queue: 5, queueTimeout: '200ms' }) });
  const first = exchangeRaw(gateway.port, get('/a'));
  await origin.arrived('/a');
  const [late, due] = await Promise.all([
    exchangeRaw(gateway.port, get('/b')),
    exchangeRaw(gateway.port, get('/c', 'X-Request-Timeout-Ms: 50')),
  ]);
  expect([codeOf(late), codeOf(due)]).toEqual(['CONCURRENCY_LIMIT', 'DEADLINE_EXHAUSTED']);
  expect((await gateway.metrics()).value('plumbline_shed_total', { reason: 'queue_timeout' })).toBe(1);
  origin.answer('/a');
  expect((await first).status).toBe(200);
  expect(origin.requests).toHaveLength(1);
});

test('CC-1: a place is held to the last byte of the answer', async () => {
  await using origin = await startHolding();
  await using gateway = await startTestGateway({ upstream: origin.port, ...limited({ limit: 1, queue: 0 }) });
  const c = await connectRaw(gateway.port);
  sendRequest(c, get('/stream'));
  await origin.arrived('/stream');
  origin.begin('/stream');
  await c.readUntil('some');
  expect(codeOf(await exchangeRaw(gateway.port, get('/b')))).toBe('CONCURRENCY_LIMIT');
  origin.end('/stream');
  await c.readUntil('\r\n0\r\n\r\n');
  const second = exchangeRaw(gateway.port, get('/c'));
  await origin.arrived('/c');
  origin.answer('/c');
  expect((await second).status).toBe(200);
  c.destroy();
});

test('EV-3, EV-7: places come back after resets and aborts on either side, in every phase', async () => {
  const seen: RawConnection[] = [];
  await using origin = await startRawOrigin(async (c) => {
    const { startLine } = await readHead(c);
    if (startLine.includes('/fine')) return c.write('HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
    if (startLine.includes('/head')) c.write('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nsome');
    seen.push(c);
    return undefined;
  });
  await using gateway = await startTestGateway({ upstream: origin.port, ...limited({ limit: 1, queue: 0 }) });
  for (let round = 0; round < 10; round++) {
    for (const target of ['/silent', '/head']) {
      for (const side of ['client', 'upstream'] as const) {
        const before = seen.length;
        const c = await connectRaw(gateway.port);
        sendRequest(c, [`POST ${target} HTTP/1.1`, 'Host: x', 'Content-Length: 4'], 'body');
        const at = await until(() => seen[before], 'the request at the upstream');
        if (target === '/head') await c.readUntil('some');
        if (side === 'client') c.reset();
        else at.reset();
        if (side === 'client') await at.peerDone;
        else if (target === '/head') await c.peerDone;
        else expect((await readResponse(c)).status).toBe(502);
        await gateway.idle();
        expect(await inUse(gateway)).toBe(0);
        c.destroy();
      }
    }
    expect((await exchangeRaw(gateway.port, get('/fine'))).status).toBe(200);
  }
});

test('CC-1: routes to one upstream share its places', async () => {
  await using origin = await startHolding();
  const upstream = { url: origin.url };
  const routes = [
    { name: 'one', listener: 'main', match: { path: '/one' }, upstream, policies: { concurrency: { limit: 1, queue: 0 } } },
    { name: 'two', listener: 'main', match: { path: '/two' }, upstream, policies: { concurrency: { limit: 2, queue: 0 } } },
  ];
  await using gateway = await startTestGateway({ upstream: origin.port, sections: { routes } });
  const answers = [exchangeRaw(gateway.port, get('/two/a'))];
  await origin.arrived('/two/a');
  expect(codeOf(await exchangeRaw(gateway.port, get('/one/a')))).toBe('CONCURRENCY_LIMIT');
  answers.push(exchangeRaw(gateway.port, get('/two/b')));
  await origin.arrived('/two/b');
  expect(codeOf(await exchangeRaw(gateway.port, get('/two/c')))).toBe('CONCURRENCY_LIMIT');
  origin.answer('/two/a');
  origin.answer('/two/b');
  for (const answer of answers) expect((await answer).status).toBe(200);
});

test('a reload keeps what is held and who waits, and takes the new limit', async () => {
  await using origin = await startHolding();
  const numbers = (block: object) => ({ upstream: origin.port, sections: UNWATCHED, ...limited({ queueTimeout: '1m', ...block }) });
  await using gateway = await startReloading(numbers({ limit: 1, queue: 1 }));
  const first = exchangeRaw(gateway.port(), get('/a'));
  await origin.arrived('/a');
  const second = exchangeRaw(gateway.port(), get('/b'));
  await until(async () => (await gateway.metrics()).value('plumbline_requests_in_flight') === 2, 'one to wait');
  await gateway.reload(numbers({ limit: 2, queue: 0 }));
  const third = exchangeRaw(gateway.port(), get('/c'));
  await origin.arrived('/c');
  expect(codeOf(await exchangeRaw(gateway.port(), get('/d')))).toBe('CONCURRENCY_LIMIT');
  for (const target of ['/a', '/c']) origin.answer(target);
  await origin.arrived('/b');
  origin.answer('/b');
  for (const answer of [first, second, third]) expect((await answer).status).toBe(200);
});

test('EV-8: a WebSocket takes no place', async () => {
  await using origin = await startRawOrigin(async (c) => {
    for (;;) {
      const { headers } = await readRequest(c);
      const upgrades = header(headers, 'upgrade') !== undefined;
      c.write(
        upgrades
          ? 'HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n'
          : 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n',
      );
      if (upgrades) return;
    }
  });
  await using gateway = await startTestGateway({ upstream: origin.port, ...limited({ limit: 1, queue: 0 }) });
  const sockets: RawConnection[] = [];
  for (let i = 0; i < 2; i++) {
    const c = await connectRaw(gateway.port);
    sockets.push(c);
    sendRequest(
      c,
      get('/', 'Connection: upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Version: 13', 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=='),
    );
    expect((await readResponse(c)).status).toBe(101);
  }
  expect((await exchangeRaw(gateway.port, get())).status).toBe(200);
  expect(await inUse(gateway)).toBe(0);
  for (const c of sockets) c.destroy();
});

test.each([
  ['and its place', '1m', 'answers'],
  ['in vain', '400ms', 'is silent'],
])('CC-1: who waits in the queue %s waits neither for the upstream nor for the gateway', async (_, queueTimeout, then) => {
  await using origin = await startHolding();
  await using gateway = await startTestGateway({ upstream: origin.port, ...limited({ limit: 1, queueTimeout }) });
  const first = await connectRaw(gateway.port);
  sendRequest(first, get('/first'));
  await origin.arrived('/first');
  const from = performance.now();
  const second = exchangeRaw(gateway.port, get('/second'));
  await until(() => performance.now() - from > 400, 'the wait');
  if (then === 'answers') {
    origin.answer('/first');
    await readResponse(first);
    await origin.arrived('/second');
    origin.answer('/second');
  }
  expect((await second).status).toBe(then === 'answers' ? 200 : 503);
  first.destroy();
  await gateway.idle();
  const metrics = await gateway.metrics();
  expect(metrics.value('plumbline_gateway_overhead_seconds_sum')).toBeLessThan(0.2);
  expect((await gateway.log.one(({ path }) => path === '/second')).upstream_ms).toBeLessThan(200);
});
