/** D1: what `kill -9` may take along of findings: what was seen within the last five seconds, and nothing that was acknowledged. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { acknowledge, drift, drifting, finds, found, startDrifting } from '../kit/drifting.ts';
import { startGatewayProcess, type GatewayProcess } from '../kit/gateway-process.ts';
import { startTestGateway } from '../kit/gateway.ts';
import { describeRedis, startRedis } from '../kit/redis.ts';

/** docs/drift.md: what is younger is in memory alone. */
const INTERVAL_MS = 5000;

/** Has 418 answered for so long; gives the instant of each answer. */
async function driftFor(gateway: GatewayProcess, ms: number): Promise<number[]> {
  const seen: number[] = [];
  for (const until = performance.now() + ms; performance.now() < until; ) {
    await drift(gateway, 418, 1);
    seen.push(performance.now());
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return seen;
}

const countOf = (shown: string | undefined): number => Number(shown?.split(' ')[1]);

/** Killed after twelve seconds of traffic; early in it something was acknowledged, which takes along what was seen before. */
async function killedInTraffic(gateway: GatewayProcess): Promise<{ atLeast: number; atMost: number }> {
  await drift(gateway, 451, 1);
  await drift(gateway, 409, 1);
  const before = await driftFor(gateway, 2000);
  await finds(gateway, { 409: 'new 1', 418: `new ${before.length}`, 451: 'new 1' });
  expect((await acknowledge(gateway, 409)).status).toBe(200);
  const seen = [...before, ...(await driftFor(gateway, 10_000))];
  const killedAt = performance.now();
  gateway.kill('SIGKILL');
  await gateway.exited;
  const atLeast = seen.filter((at) => at < killedAt - INTERVAL_MS).length;
  expect(atLeast).toBeGreaterThan(before.length + 50);
  return { atLeast, atMost: seen.length };
}

it('with state.dir', { timeout: 120_000 }, async () => {
  const dir = mkdtempSync(join(tmpdir(), 'plumbline-findings-'));
  try {
    await using origin = await startDrifting();
    const options = drifting(origin, { state: { dir } });
    await using gateway = await startGatewayProcess(options);
    const { atLeast, atMost } = await killedInTraffic(gateway);
    await using again = await startGatewayProcess(options);
    const after = await found(again);
    expect([after['409'], after['451']]).toEqual(['acknowledged 1', 'new 1']);
    expect(countOf(after['418'])).toBeGreaterThanOrEqual(atLeast);
    expect(countOf(after['418'])).toBeLessThanOrEqual(atMost);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
});

describeRedis('with a store that replicas share', () => {
  it('it is with the others, and what they have seen comes within five seconds', { timeout: 120_000 }, async () => {
    await using redis = await startRedis();
    await using origin = await startDrifting();
    const options = drifting(origin, { store: { kind: 'redis', url: redis.url } });
    await using other = await startTestGateway(options);
    await using gateway = await startGatewayProcess(options);
    const { atLeast, atMost } = await killedInTraffic(gateway);
    await using again = await startTestGateway(options);
    const after = await found(again);
    expect([after['409'], after['451']]).toEqual(['acknowledged 1', 'new 1']);
    expect(countOf(after['418'])).toBeGreaterThanOrEqual(atLeast);
    expect(countOf(after['418'])).toBeLessThanOrEqual(atMost);
    await finds(other, after, INTERVAL_MS);
    await drift(other, 418, 5);
    const all = { ...after, 418: `new ${countOf(after['418']) + 5}` };
    await finds(other, all);
    // Told by one within its five seconds, heard by the other within its own.
    await finds(again, all, 2 * INTERVAL_MS);
  });
});
