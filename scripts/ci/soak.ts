/**
 * A gigabyte of JSON and a gigabyte of WebSocket frames each way through a gateway of its own, and five thousand idle connections: all of it
 * arrives as it was sent, and memory stays as it is. `node scripts/ci/soak.ts`; prints its figures, exit code 0 where every limit holds.
 */
import { type BodyFraming, soakBodies } from '../../test/soak/bodies.ts';
import { soakFrames } from '../../test/soak/frames.ts';
import { roomFor, soakIdle, toldIdle } from '../../test/soak/idle.ts';
import { type Growth, MIB, told } from '../../test/soak/memory.ts';

const BYTES = 1024 * MIB;
const MAX_GROWTH_BYTES = 64 * MIB;
const CONNECTIONS = 5000;
const MAX_IDLE_BYTES = 40 * 1024;

let failures = 0;
function hold(ok: boolean, figures: string, limit: string): void {
  console.log(`${ok ? 'ok    ' : 'FAILED'} ${figures}${ok ? '' : `; the limit is ${limit}`}`);
  if (!ok) failures++;
}

async function flow(name: string, soak: () => Promise<Growth>): Promise<void> {
  const growth = await soak();
  hold(growth.peakBytes - growth.warmBytes < MAX_GROWTH_BYTES, told(name, BYTES, growth), `${MAX_GROWTH_BYTES / MIB} MiB more than warm`);
}

async function main(): Promise<void> {
  for (const framing of ['length', 'chunked'] as const satisfies readonly BodyFraming[])
    await flow(`JSON in report mode (${framing})`, () => soakBodies(BYTES, framing));
  await flow('WebSocket frames', () => soakFrames(BYTES));
  const connections = roomFor(CONNECTIONS);
  if (connections < CONNECTIONS)
    console.log(`!!! only ${connections} connections instead of ${CONNECTIONS}: this process may open no more files`);
  const idle = await soakIdle(connections);
  hold(idle.bytesEach < MAX_IDLE_BYTES, toldIdle(idle), `${MAX_IDLE_BYTES / 1024} KiB each`);
}

try {
  await main();
} catch (error) {
  hold(false, (error as Error).stack ?? String(error), 'that it ends');
}
if (failures > 0) process.exitCode = 1;
