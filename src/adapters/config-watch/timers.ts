import type { Timers } from '../../core/ports.ts';

/**
 * Timers for what waits seconds and is hardly ever cancelled. The wheel that requests use would turn a hundred times a second for as
 * long as one of its timers is set; this one lets an idle process sleep, and never keeps it alive.
 */
export const sparseTimers: Timers = Object.freeze({
  after: (ms: number, fn: () => void) => {
    const timer = setTimeout(fn, ms).unref();
    return { cancel: () => clearTimeout(timer) };
  },
});
