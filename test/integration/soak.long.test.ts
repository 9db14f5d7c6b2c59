/** What `scripts/ci/soak.ts` does with a gigabyte, with less: bodies and frames pass byte by byte, and memory stays as it is. */
import { expect, test, vi } from 'vitest';
import { soakBodies } from '../soak/bodies.ts';
import { soakFrames } from '../soak/frames.ts';
import { MIB, told } from '../soak/memory.ts';

vi.setConfig({ testTimeout: 60_000 }); // processes are started, and much is sent

const BYTES = 64 * MIB;
/** The rule says 64 MiB; what has passed through is collected long before (`http1/handed-on.ts`). */
const MAX_GROWTH_BYTES = 40 * MIB;

test.each(['length', 'chunked'] as const)('JSON in report mode (%s), both ways at the same time', async (framing) => {
  const growth = await soakBodies(BYTES, framing);
  console.log(told(`JSON, ${framing}`, BYTES, growth));
  expect(growth.peakBytes - growth.warmBytes).toBeLessThan(MAX_GROWTH_BYTES);
});

test('WebSocket frames, both ways at the same time', async () => {
  const growth = await soakFrames(BYTES);
  console.log(told('WebSocket', BYTES, growth));
  expect(growth.peakBytes - growth.warmBytes).toBeLessThan(MAX_GROWTH_BYTES);
});
