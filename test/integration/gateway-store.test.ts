import { expect, it } from 'vitest';
import { startFakeRedis } from '../kit/fake-redis.ts';
import { startGatewayProcess } from '../kit/gateway-process.ts';
import { startTestGateway } from '../kit/gateway.ts';
import { startOrigin } from '../kit/origin.ts';
import { describeRedis, startRedis } from '../kit/redis.ts';
import { until } from '../kit/until.ts';

it('a store in memory: its records are in /metrics, and nothing of Redis is', async () => {
  await using origin = await startOrigin();
  await using gateway = await startTestGateway({ upstream: origin.port });
  const metrics = await (await fetch(`${gateway.adminUrl}/metrics`)).text();
  const names = new Set([...metrics.matchAll(/^plumbline_(store_\w+)/gm)].map(([, name]) => name));
  expect([...names].sort()).toEqual(['store_bytes', 'store_evictions_total', 'store_records', 'store_refused_total']);
});

it('a gateway whose Redis is not there starts and serves', async () => {
  await using origin = await startOrigin();
  const fake = await startFakeRedis(() => undefined);
  await fake[Symbol.asyncDispose]();
  const url = fake.url.replace('//', '//user:s3cr3t@');
  await using gateway = await startTestGateway({ upstream: origin.port, sections: { store: { kind: 'redis', url } } });
  expect((await fetch(`http://127.0.0.1:${gateway.port}/`)).status).toBe(200);
  expect((await gateway.metrics()).value('plumbline_store_up', { kind: 'redis' })).toBe(0);
  const shown = await (await fetch(`${gateway.adminUrl}/api/config`)).text();
  expect(shown).toContain('redis://***@127.0.0.1');
  expect(shown).not.toContain('s3cr3t');
});

describeRedis('a process with a store in Redis', () => {
  it('tells of it, counts replicas, and ends in time though Redis stands still', async () => {
    await using origin = await startOrigin();
    await using redis = await startRedis();
    const options = { upstream: origin.port, sections: { drain: { grace: '50ms' }, store: { kind: 'redis', url: redis.url } } };
    await using a = await startGatewayProcess(options);
    await using b = await startGatewayProcess(options);
    const replicas = async (adminUrl: string): Promise<string | undefined> =>
      /^plumbline_store_replicas (\d+)$/m.exec(await (await fetch(`${adminUrl}/metrics`)).text())?.[1];
    await until(async () => (await replicas(b.adminUrl)) === '2', 'the second counts both');
    redis.pause();
    const begin = performance.now();
    b.kill('SIGTERM');
    expect(await b.exited).toEqual({ code: 0, signal: null });
    expect(performance.now() - begin).toBeLessThan(3000);
    redis.resume();
    expect((await fetch(`http://127.0.0.1:${a.port}/`)).status).toBe(200);
  }, 60_000);
});
