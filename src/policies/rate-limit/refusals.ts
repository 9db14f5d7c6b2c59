import { rejection } from '../../core/rejection.ts';
import { type Answer, refuse } from '../../core/stage.ts';
import type { RateLimitConfig } from './config.ts';
import { type Limit, untilNextMs } from './gcra.ts';
import { retryAfterSeconds } from './limit-fields.ts';
import type { Asked } from './limit-group.ts';
import type { Taken } from './take-script.ts';

/** 429: `first` is the place of the first limit that stops the request; the answer says when all of them would let it pass. */
export function overLimit(limits: readonly RateLimitConfig[], asked: Asked, first: number): Answer {
  const { name } = limits[first] as RateLimitConfig;
  const seconds = retryAfterSeconds(waitMs(limits, asked));
  return limited(`the limit "${name}" is used up; the next request passes in ${seconds} s`, seconds);
}

/** Milliseconds until every limit that stops the request lets one pass. */
export function waitMs(limits: readonly RateLimitConfig[], { taken, numbers }: Asked): number {
  let longest = 0;
  for (let i = 0; i < taken.length; i++) {
    const { allowed, level } = taken[i] as Taken;
    if (!allowed && !(limits[i] as RateLimitConfig).shadow) longest = Math.max(longest, untilNextMs(level, numbers.limits[i] as Limit));
  }
  return longest;
}

/** 429: there is no place in the queue, or its turn would come too late. */
export function turnedAway(name: string, why: 'full' | 'late', untilTurnMs: number): Answer {
  const seconds = retryAfterSeconds(untilTurnMs);
  const detail =
    why === 'full' ? 'has as many requests waiting as may wait' : `lets the request pass in ${seconds} s, later than it can wait`;
  return limited(`the limit "${name}" ${detail}`, seconds);
}

function limited(detail: string, seconds: number): Answer {
  return refuse(rejection('RATE_LIMITED', detail, { headers: ['Retry-After', String(seconds)] }));
}

/** 503: a limit wants nothing let through that could not be counted together with the other replicas (RL-3). */
export const NOT_COUNTED = refuse(
  rejection('OVERLOADED', 'the store that replicas count in does not answer', { headers: ['Retry-After', '1'] }),
);
