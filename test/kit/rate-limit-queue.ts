import { answerOf, exchange, fakeDeps, routeSpec, type FakeDeps } from './exchange.ts';
import { type RawHeaders, headerValue } from '../../src/core/headers.ts';
import { Issues } from '../../src/core/schema.ts';
import type { Answer, Stage } from '../../src/core/stage.ts';
import { rateLimitSchema } from '../../src/policies/rate-limit/config.ts';
import { rateLimit } from '../../src/policies/rate-limit/stage.ts';

/** One in 100 ms, at once. */
export const QUOTA = { name: 'partner', rate: 10, burst: 1, mode: 'queue' };

/** A route towards a partner, with limits as they are written in a file. */
export function queueing(limits: readonly object[], deps: FakeDeps = fakeDeps()) {
  const stage = rateLimit.compile(rateLimitSchema.parse(limits, [], new Issues()), routeSpec({ direction: 'egress' }), deps) as Stage;
  const startMs = deps.clock.monotonicMs();
  /** `200 at 0`: when each was let through, or what it was refused with, in the order in which that happened. */
  const log: string[] = [];
  const send = (name: string, { deadlineMs, consumer = 'app' }: { deadlineMs?: number; consumer?: string } = {}) => {
    const x = exchange({ startedAt: deps.clock.monotonicMs() });
    x.consumer = { name: consumer, version: '' };
    if (deadlineMs !== undefined) x.deadlineAt = deps.clock.monotonicMs() + deadlineMs;
    const state = stage.open?.(x);
    const done = (refused: Answer | undefined): void => {
      const what = x.cancelled === undefined ? (refused?.status ?? 'passes') : 'cancelled';
      const after = headerValue(refused?.rejection?.headers ?? [], 'retry-after');
      log.push(`${name} ${what}${after === undefined ? '' : ` after ${after}`} at ${deps.clock.monotonicMs() - startMs}`);
    };
    const asked = stage.onRequest?.(x, state);
    if (asked instanceof Promise) void asked.then(done);
    else done(asked);
    return {
      x,
      answered: (status: number, headers: RawHeaders = []) => stage.onResponse?.(x, answerOf(status, { headers }), state) as Answer,
    };
  };
  return { ...deps, deps, stage, send, log };
}
