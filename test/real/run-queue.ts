import { readFileSync } from 'node:fs';
import { elapsedMs } from '../kit/timing.ts';

/**
 * How long a process was ready to run and another had the processor (Linux; elsewhere 0). On a machine that does other work, and runs
 * other tests, that is most of what a clock shows, and it is not the time that the process takes.
 */
export type RunQueue = () => number;

/** Of this thread. */
export const ownWaitMs: RunQueue = () => waitedMs('/proc/thread-self/schedstat');

/** Of the main thread of the process that this thread started last. Undefined or gone: 0. */
export function waitOfLastChild(): RunQueue {
  const pid = read('/proc/thread-self/children').trim().split(' ').at(-1);
  return () => waitedMs(`/proc/${pid}/task/${pid}/schedstat`);
}

/** The second figure is nanoseconds in the queue (Documentation/scheduler/sched-stats.rst of the kernel). */
function waitedMs(path: string): number {
  return Number(read(path).split(' ')[1] ?? 0) / 1e6;
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

/** Milliseconds that `work` takes, without what was spent in one of these queues: the longest, since two may wait at the same time. */
export async function busyMs(queues: readonly RunQueue[], work: () => Promise<unknown>): Promise<number> {
  const before = queues.map((queue) => queue());
  const tookMs = await elapsedMs(work);
  return tookMs - Math.max(...queues.map((queue, i) => queue() - (before[i] ?? 0)));
}
