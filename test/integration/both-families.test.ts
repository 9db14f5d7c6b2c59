/** One listener for callers of IPv6 and of IPv4, who are who they are by either. */
import { createServer } from 'node:net';
import { describe, expect, test } from 'vitest';
import { startTestGateway } from '../kit/gateway.ts';
import { HAS_IPV6, withoutIpv6 } from '../kit/ipv6.ts';
import { header } from '../kit/message.ts';
import { startOrigin } from '../kit/origin.ts';
import { exchangeRaw } from '../kit/raw-client.ts';
import { UNWATCHED, startReloading } from '../kit/reloading.ts';

/** Takes the kit's host away: nobody names one. */
const DEFAULT = { host: undefined };
const GET = ['GET / HTTP/1.1', 'Host: x'];
const SPEAKS_FOR = [...GET, 'X-Consumer-Name: shop', 'X-Forwarded-For: 192.0.2.7', 'Forwarded: for=192.0.2.7'];

describe.skipIf(!HAS_IPV6)('HD-4: by both families', () => {
  test.each([
    {
      trusted: '127.0.0.0/8',
      four: { xff: '192.0.2.7, 127.0.0.1', forwarded: 'for=192.0.2.7, for=127.0.0.1;proto=http;host=x', consumer: 'shop' },
      six: { xff: '::1', forwarded: 'for="[::1]";proto=http;host=x', consumer: 'unknown' },
    },
    {
      trusted: '::1/128',
      four: { xff: '127.0.0.1', forwarded: 'for=127.0.0.1;proto=http;host=x', consumer: 'unknown' },
      six: { xff: '192.0.2.7, ::1', forwarded: 'for=192.0.2.7, for="[::1]";proto=http;host=x', consumer: 'shop' },
    },
  ])('$trusted alone is believed', async ({ trusted, four, six }) => {
    await using origin = await startOrigin();
    await using gateway = await startTestGateway({ upstream: origin.port, listener: DEFAULT, sections: { trust: { peers: [trusted] } } });
    for (const [i, [host, expected]] of [['127.0.0.1', four] as const, ['::1', six] as const].entries()) {
      expect((await exchangeRaw(gateway.port, SPEAKS_FOR, '', host)).status).toBe(200);
      const { headers } = origin.requests[i] ?? { headers: [] };
      expect([header(headers, 'x-forwarded-for'), header(headers, 'forwarded')]).toEqual([expected.xff, expected.forwarded]);
      const line = (await gateway.log.wait(i + 1))[i];
      expect(line).toMatchObject({ peer: host, consumer: expected.consumer });
    }
  });

  test('a limit for each address knows them apart, and IPv4 by its own name', async () => {
    await using origin = await startOrigin();
    const rateLimit = [{ name: 'each', rate: 1, per: '60s', key: 'peer' }];
    await using gateway = await startTestGateway({ upstream: origin.port, listener: DEFAULT, route: { policies: { rateLimit } } });
    const status = async (host: string): Promise<number> => (await exchangeRaw(gateway.port, GET, '', host)).status;
    expect([await status('127.0.0.1'), await status('::1'), await status('127.0.0.1'), await status('::1')]).toEqual([200, 200, 429, 429]);
  });
});

test('a gateway serves where there is no IPv6, and says where', async () => {
  await using origin = await startOrigin();
  const options = { upstream: origin.port, listener: DEFAULT, sections: { ...UNWATCHED, probes: { port: 0 } } };
  await using reloading = await withoutIpv6(() => startReloading(options));
  const { listeners, probes } = reloading.gateway;
  expect([listeners[0]?.url, probes?.url]).toEqual([
    expect.stringMatching(/^http:\/\/0\.0\.0\.0:\d+$/),
    expect.stringMatching(/^http:\/\/0\.0\.0\.0:\d+$/),
  ]);
  expect((await exchangeRaw(reloading.port(), GET)).status).toBe(200);
});

test.skipIf(!HAS_IPV6)('naming what was the default changes nothing: the port stays open', async () => {
  await using origin = await startOrigin();
  const options = (host: string | undefined) => ({ upstream: origin.port, listener: { host }, sections: UNWATCHED });
  await using reloading = await startReloading(options(undefined));
  const { url } = reloading.gateway.listeners[0] as { readonly url: string };
  expect(url).toMatch(/^http:\/\/\[::\]:\d+$/);
  await reloading.reload(options('::'));
  expect([await reloading.generation(), reloading.gateway.listeners[0]?.url]).toEqual([2, url]);
  expect((await exchangeRaw(reloading.port(), GET, '', '::1')).status).toBe(200);
});

test('a port that somebody has on every IPv4 address is taken, and said to be', async () => {
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(0, '0.0.0.0', resolve));
  const { port } = other.address() as { readonly port: number };
  try {
    await expect(startTestGateway({ upstream: 1, listener: { ...DEFAULT, port } })).rejects.toThrow(
      `listener main cannot listen on [::]:${port}: the port is taken (EADDRINUSE)`,
    );
  } finally {
    await new Promise((done) => other.close(done));
  }
});
