import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** Collects what nothing refers to any more; a few times, as what a weak reference told of lives until the turn is over. */
export async function collectGarbage(): Promise<void> {
  for (let i = 0; i < 3; i++) {
    await new Promise((resolve) => setImmediate(resolve));
    collect();
  }
}

/** Bytes in use on the heap once all garbage is gone. */
export async function usedHeapBytes(): Promise<number> {
  await collectGarbage();
  return process.memoryUsage().heapUsed;
}
