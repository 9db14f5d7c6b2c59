/** Rate limits over real sockets: what a caller that is over one gets, and what its connection is worth after that (RL, EV-2, EV-8). */
import { describe, expect, it } from 'vitest';
import { startTestGateway } from '../kit/gateway.ts';
import { header, readHead, readResponse } from '../kit/message.ts';
import { startOrigin, startRawOrigin } from '../kit/origin.ts';
import { connectRaw, exchangeRaw, sendRequest } from '../kit/raw-client.ts';
import { SLACK_MS, elapsedMs } from '../kit/timing.ts';
import { until } from '../kit/until.ts';
import { accepted, handshake } from '../kit/websocket.ts';

const get = (...fields: readonly string[]): string[] => ['GET /a HTTP/1.1', 'Host: x', ...fields];
const limited = (...rateLimit: object[]) => ({ policies: { rateLimit } });
const SLOW = { name: 'per-peer', rate: 2, per: '60s', key: 'peer' };

describe('a caller that is over a limit', () => {
  it('RL-2: is told of the limit with each answer, and gets a problem', async () => {
    await using origin = await startOrigin();
    await using gateway = await startTestGateway({ upstream: origin.port, route: limited(SLOW) });
    const all = [];
    for (let i = 0; i < 3; i++) all.push(await exchangeRaw(gateway.port, get()));
    expect(all.map(({ status }) => status)).toEqual([200, 200, 429]);
    expect(all.map(({ headers }) => header(headers, 'ratelimit-policy'))).toEqual(Array.from({ length: 3 }, () => '"per-peer";q=2;w=60'));
    expect(all.slice(0, 2).map(({ headers }) => header(headers, 'ratelimit'))).toEqual(['"per-peer";r=1;t=30', '"per-peer";r=0;t=30']);
    const refused = all[2] as (typeof all)[number];
    expect(Number(header(refused.headers, 'retry-after'))).toBeGreaterThanOrEqual(29);
    expect(header(refused.headers, 'x-plumbline-overloaded')).toBe('1');
    expect(header(refused.headers, 'content-type')).toBe('application/problem+json');
    expect(JSON.parse(String(refused.body))).toMatchObject({ status: 429, code: 'RATE_LIMITED', retryable: true });
    expect(origin.requests).toHaveLength(2);
    const metrics = await gateway.metrics();
    const decided = (decision: string) =>
      metrics.value('plumbline_rate_limit_decisions_total', { api: 'app', policy: 'per-peer', decision });
    expect([decided('allowed'), decided('rejected')]).toEqual([2, 1]);
  });

  it('RL-2: the upstream’s own limits are told of beside ours', async () => {
    await using origin = await startOrigin((_req, res) => {
      res.writeHead(200, ['Content-Length', '0', 'RateLimit', '"app";r=5;t=6', 'RateLimit-Policy', '"app";q=7;w=8']);
      res.end();
    });
    await using gateway = await startTestGateway({ upstream: origin.port, route: limited(SLOW) });
    const { headers } = await exchangeRaw(gateway.port, get());
    expect(header(headers, 'ratelimit')).toBe('"per-peer";r=1;t=30, "app";r=5;t=6');
    expect(header(headers, 'ratelimit-policy')).toBe('"per-peer";q=2;w=60, "app";q=7;w=8');
  });

  it('EV-2: gets the whole answer while it still sends a large body, and no byte of that is taken for a request', async () => {
    await using origin = await startOrigin();
    await using gateway = await startTestGateway({ upstream: origin.port, route: limited({ ...SLOW, rate: 1 }) });
    await exchangeRaw(gateway.port, get());
    const c = await connectRaw(gateway.port);
    const hidden = 'GET /hidden HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(3000);
    sendRequest(c, ['POST /up HTTP/1.1', 'Host: x', `Content-Length: ${4 * hidden.length}`], hidden);
    const { status, headers } = await readResponse(c, 'POST');
    expect([status, header(headers, 'connection')?.toLowerCase()]).toEqual([429, 'close']);
    c.write(hidden);
    await c.readToEnd();
    expect(origin.requests.map(({ target }) => target)).toEqual(['/a']);
  });

  it('EV-2: keeps its connection where little of its body is missing', async () => {
    await using origin = await startOrigin();
    await using gateway = await startTestGateway({ upstream: origin.port, route: limited({ ...SLOW, rate: 1 }) });
    await exchangeRaw(gateway.port, get());
    const c = await connectRaw(gateway.port);
    const statuses: number[] = [];
    for (let i = 0; i < 5; i++) {
      sendRequest(c, ['POST /up HTTP/1.1', 'Host: x', 'Content-Length: 3'], 'abc');
      statuses.push((await readResponse(c, 'POST')).status);
    }
    c.destroy();
    expect(statuses).toEqual([429, 429, 429, 429, 429]);
  });

  it('EV-4: is not asked for its body', async () => {
    await using origin = await startOrigin();
    await using gateway = await startTestGateway({ upstream: origin.port, route: limited({ ...SLOW, rate: 1 }) });
    await exchangeRaw(gateway.port, get());
    const { status, interim } = await exchangeRaw(gateway.port, [
      'POST / HTTP/1.1',
      'Host: x',
      'Content-Length: 3',
      'Expect: 100-continue',
    ]);
    expect([status, interim]).toEqual([429, []]);
  });

  it('EV-8: one that asks for another protocol is counted like all others', async () => {
    await using origin = await startRawOrigin(async (c) => {
      await readHead(c);
      c.write(accepted());
    });
    await using gateway = await startTestGateway({ upstream: origin.port, route: limited({ ...SLOW, rate: 1 }) });
    const c = await connectRaw(gateway.port);
    sendRequest(c, handshake('/'));
    const first = await readHead(c);
    expect([first.startLine, header(first.headers, 'ratelimit')]).toEqual(['HTTP/1.1 101 Switching Protocols', '"per-peer";r=0;t=60']);
    expect((await exchangeRaw(gateway.port, handshake('/'))).status).toBe(429);
    c.destroy();
  });

  it('RL-1: what no route takes meets no limit', async () => {
    await using origin = await startOrigin();
    const sections = { policies: { rateLimit: [{ ...SLOW, rate: 1 }] } };
    await using gateway = await startTestGateway({ upstream: origin.port, route: { match: { path: '/a' } }, sections });
    const none = async () => (await exchangeRaw(gateway.port, ['GET /none HTTP/1.1', 'Host: x'])).status;
    expect([await none(), await none()]).toEqual([404, 404]);
    const statuses = [await exchangeRaw(gateway.port, get()), await exchangeRaw(gateway.port, get())].map(({ status }) => status);
    expect(statuses).toEqual([200, 429]);
  });
});

describe('a quota of a partner', () => {
  const QUOTA = { name: 'partner', rate: 20, burst: 1, key: 'peer', mode: 'queue' };

  it('RL-5: requests wait for their turn, and none is refused', async () => {
    let lastAt = 0;
    await using origin = await startOrigin((_req, res) => {
      lastAt = performance.now();
      res.end();
    });
    await using gateway = await startTestGateway({ upstream: origin.port, listener: { direction: 'egress' }, route: limited(QUOTA) });
    const from = performance.now();
    const all = await Promise.all(Array.from({ length: 6 }, () => exchangeRaw(gateway.port, get())));
    expect(all.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200, 200]);
    expect(lastAt - from).toBeGreaterThan(5 * 50 - 10);
    const lines = await gateway.log.wait(6);
    expect(lines.filter(({ flags }) => flags.includes('queued'))).toHaveLength(5);
  });

  it('RL-5: who leaves the queue is not asked for at the partner', async () => {
    await using origin = await startOrigin();
    await using gateway = await startTestGateway({
      upstream: origin.port,
      listener: { direction: 'egress' },
      route: limited({ ...QUOTA, rate: 2 }),
    });
    await exchangeRaw(gateway.port, get());
    const leaver = await connectRaw(gateway.port);
    sendRequest(leaver, ['GET /leaver HTTP/1.1', 'Host: x']);
    await until(async () => (await gateway.metrics()).value('plumbline_requests_in_flight') === 1, 'one that waits');
    leaver.destroy();
    const waitedMs = await elapsedMs(() => exchangeRaw(gateway.port, get()));
    expect(waitedMs).toBeLessThan(900 + SLACK_MS);
    expect(origin.requests.map(({ target }) => target)).toEqual(['/a', '/a']);
  });

  it('RL-5: a 429 of the partner passes, and the next request waits as long as it says', async () => {
    const askedAt: number[] = [];
    await using origin = await startOrigin((_req, res) => {
      if (askedAt.push(performance.now()) === 1)
        res.writeHead(429, ['Retry-After', '1', 'Content-Length', '0', 'X-RateLimit-Limit', '60', 'X-RateLimit-Remaining', '0']);
      res.end();
    });
    await using gateway = await startTestGateway({
      upstream: origin.port,
      listener: { direction: 'egress' },
      route: limited({ ...QUOTA, burst: 10 }),
    });
    const first = await exchangeRaw(gateway.port, get());
    expect([first.status, header(first.headers, 'retry-after')]).toEqual([429, '1']);
    const metrics = await gateway.metrics();
    const shown = (name: string) => metrics.value(`plumbline_${name}`, { api: 'app', policy: 'partner' });
    expect([shown('quota_remaining'), shown('quota_limit')]).toEqual([0, 60]);
    const late = await exchangeRaw(gateway.port, get('X-Request-Timeout-Ms: 300'));
    expect([late.status, askedAt.length]).toEqual([429, 1]);
    expect((await exchangeRaw(gateway.port, get())).status).toBe(200);
    expect((askedAt[1] ?? 0) - (askedAt[0] ?? 0)).toBeGreaterThan(990);
  });
});
