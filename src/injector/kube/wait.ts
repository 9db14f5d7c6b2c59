import type { Timers } from '../../core/ports.ts';

/** Resolves after `ms` milliseconds, or as soon as `signal` aborts: who waits looks at the signal. */
export function wait(timers: Timers, ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const done = (): void => {
      timer.cancel();
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = timers.after(ms, done);
    signal.addEventListener('abort', done);
  });
}
