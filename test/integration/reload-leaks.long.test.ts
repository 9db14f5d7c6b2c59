import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { usedHeapBytes } from '../kit/garbage.ts';
import { readResponse } from '../kit/message.ts';
import { startOrigin } from '../kit/origin.ts';
import { connectRaw, sendRequest } from '../kit/raw-client.ts';
import { UNWATCHED, startReloading } from '../kit/reloading.ts';

const BILLING = readFileSync(join(import.meta.dirname, '../../examples/billing/openapi.yaml'), 'utf8');
const ROUNDS = 100;
/** A generation with the billing contract, compiled as far as these requests ask, takes some 340 KB. */
const MAX_GROWTH_BYTES = 8 * 1024 ** 2;

test('100 generations, each with its own contract and its own pool, leave no trace in memory', { timeout: 120_000 }, async () => {
  await using origin = await startOrigin();
  const config = (i: number) => ({
    upstream: origin.port,
    pool: { connections: 100 + i },
    route: { contract: 'billing' },
    sections: { ...UNWATCHED, contracts: { billing: { openapi: 'billing.yaml' } } },
  });
  const version = (i: number): string => BILLING.replace(/^( {2}version:).*$/m, `$1 "${i}"`);
  await using gateway = await startReloading((dir) => {
    writeFileSync(join(dir, 'billing.yaml'), version(0));
    return config(0);
  });
  // A kept connection goes through all generations; another is idle since the first.
  const [kept, idle] = [await connectRaw(gateway.port()), await connectRaw(gateway.port())];
  const ask = async (c: typeof kept): Promise<void> => {
    sendRequest(c, ['POST /v1/customers HTTP/1.1', 'Host: a', 'Content-Type: application/json', 'Content-Length: 2'], '{}');
    expect((await readResponse(c)).status).toBe(200);
  };
  await ask(idle);
  const rounds = async (from: number, count: number): Promise<void> => {
    for (let i = from; i < from + count; i++) {
      writeFileSync(join(gateway.dir, 'billing.yaml'), version(i));
      await gateway.reload(config(i));
      await ask(kept);
    }
  };
  await rounds(1, 15);
  const before = await usedHeapBytes();
  await rounds(16, ROUNDS);
  const grown = (await usedHeapBytes()) - before;
  expect(await gateway.generation()).toBe(ROUNDS + 16);
  expect(grown).toBeLessThan(MAX_GROWTH_BYTES);
  expect(origin.connections).toBeGreaterThan(ROUNDS);
  for (const c of [kept, idle]) c.destroy();
});
