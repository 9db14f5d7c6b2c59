/** D1: findings, how often each was seen and what was said of it outlive the process, and all replicas know the same. */
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { acknowledge, drift, drifting, finds, startDrifting } from '../kit/drifting.ts';
import { startTestGateway } from '../kit/gateway.ts';
import { describeRedis, startRedis } from '../kit/redis.ts';

/** A directory for one test. */
function stateDir(): { readonly dir: string; [Symbol.dispose](): void } {
  const dir = mkdtempSync(join(tmpdir(), 'plumbline-findings-'));
  chmodSync(dir, 0o700);
  return { dir, [Symbol.dispose]: () => rmSync(dir, { recursive: true, force: true }) };
}

it('a restart with state.dir forgets nothing', async () => {
  using state = stateDir();
  await using origin = await startDrifting();
  const options = drifting(origin, { state: { dir: state.dir } });
  const first = await startTestGateway(options);
  await drift(first, 418, 3);
  await drift(first, 451, 1);
  await finds(first, { 418: 'new 3', 451: 'new 1' });
  expect((await acknowledge(first, 418)).status).toBe(200);
  await drift(first, 418, 1);
  await first[Symbol.asyncDispose]();
  await using again = await startTestGateway(options);
  await finds(again, { 418: 'acknowledged 4', 451: 'new 1' });
  await drift(again, 418, 1);
  await finds(again, { 418: 'acknowledged 5', 451: 'new 1' });
  const metrics = await again.metrics();
  expect(metrics.value('plumbline_findings_kept_age_seconds', { where: 'state_dir' })).toBeLessThan(5);
  expect(metrics.value('plumbline_drift_findings', { state: 'acknowledged', api: 'api' })).toBe(1);
});

it('without either, findings are in memory alone, and an acknowledgement is answered', async () => {
  await using origin = await startDrifting();
  await using gateway = await startTestGateway(drifting(origin));
  await drift(gateway, 418, 1);
  await finds(gateway, { 418: 'new 1' });
  expect((await acknowledge(gateway, 418)).status).toBe(200);
  expect(await (await fetch(`${gateway.adminUrl}/metrics`)).text()).not.toContain('plumbline_findings_kept_age_seconds{');
});

describeRedis('with a store that replicas share', () => {
  it('all know what each has seen, exactly, and what was said to one', async () => {
    await using redis = await startRedis();
    await using origin = await startDrifting();
    const options = drifting(origin, { store: { kind: 'redis', url: redis.url } });
    await using a = await startTestGateway(options);
    await using b = await startTestGateway(options);
    await drift(a, 418, 3);
    await drift(b, 418, 2);
    await drift(b, 451, 2);
    await finds(a, { 418: 'new 3' });
    await finds(b, { 418: 'new 2', 451: 'new 2' });
    expect((await acknowledge(a, 418)).status).toBe(200);
    expect((await acknowledge(b, 451)).status).toBe(200);
    await finds(b, { 418: 'acknowledged 5', 451: 'acknowledged 2' });
    expect((await acknowledge(a, 418)).status).toBe(200);
    await finds(a, { 418: 'acknowledged 5', 451: 'acknowledged 2' });
    await using late = await startTestGateway(options);
    await finds(late, { 418: 'acknowledged 5', 451: 'acknowledged 2' });
  }, 30_000);

  it('one that is away keeps no acknowledgement, says so, and has all when it is back, though it has forgotten everything', async () => {
    await using redis = await startRedis();
    await using origin = await startDrifting();
    const options = drifting(origin, { store: { kind: 'redis', url: redis.url, timeout: '100ms' } });
    await using gateway = await startTestGateway(options);
    await drift(gateway, 418, 3);
    await finds(gateway, { 418: 'new 3' });
    expect((await acknowledge(gateway, 418)).status).toBe(200);
    await redis.kill();
    await drift(gateway, 451, 2);
    await finds(gateway, { 418: 'acknowledged 3', 451: 'new 2' });
    const refused = await acknowledge(gateway, 451);
    expect([refused.status, refused.headers.get('content-type')]).toEqual([503, 'application/problem+json']);
    expect(((await refused.json()) as { detail: string }).detail).toContain('may not outlive it: the shared store is away');
    await finds(gateway, { 418: 'acknowledged 3', 451: 'acknowledged 2' });
    await redis.restart();
    await expect.poll(async () => (await acknowledge(gateway, 451)).status, { timeout: 10_000 }).toBe(200);
    await using other = await startTestGateway(options);
    await finds(other, { 418: 'acknowledged 3', 451: 'acknowledged 2' });
  }, 30_000);

  it('and with state.dir: what both have is counted once', async () => {
    using state = stateDir();
    await using redis = await startRedis();
    await using origin = await startDrifting();
    const store = { kind: 'redis', url: redis.url };
    const options = drifting(origin, { store, state: { dir: state.dir } });
    const first = await startTestGateway(options);
    await drift(first, 418, 3);
    await finds(first, { 418: 'new 3' });
    await first[Symbol.asyncDispose]();
    const alone = await startTestGateway(drifting(origin, { state: { dir: state.dir } }));
    await drift(alone, 418, 2); // while there is no store: it is behind then
    await finds(alone, { 418: 'new 5' });
    expect((await acknowledge(alone, 418)).status).toBe(200);
    await alone[Symbol.asyncDispose]();
    await using again = await startTestGateway(options);
    await finds(again, { 418: 'acknowledged 5' });
    await using other = await startTestGateway(drifting(origin, { store }));
    await finds(other, { 418: 'acknowledged 5' });
  }, 30_000);
});
