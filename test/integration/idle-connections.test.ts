/** What a kept connection costs on which nothing is asked. `scripts/ci/soak.ts` opens five thousand. */
import { expect, test } from 'vitest';
import { roomFor, soakIdle, toldIdle } from '../soak/idle.ts';

const WANTED = 1000;
const MAX_BYTES_EACH = 40 * 1024;

test(`${WANTED} idle connections take less than ${MAX_BYTES_EACH / 1024} KiB each, and each is of use still`, {
  timeout: 60_000,
}, async () => {
  const connections = roomFor(WANTED);
  const memory = await soakIdle(connections);
  console.log(toldIdle(memory));
  expect(memory.connections).toBe(WANTED);
  expect(memory.bytesEach).toBeLessThan(MAX_BYTES_EACH);
});
