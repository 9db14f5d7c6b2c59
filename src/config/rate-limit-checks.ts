import type { Issues, Path } from '../core/schema.ts';
import { DEFAULT_QUEUE, type RateLimitConfig } from '../policies/rate-limit/config.ts';
import type { Configuration } from './schema.ts';

/** The longest wait without a deadline (RL-5). */
const LONGEST_WAIT_MS = 30_000;

/** Limits that are right by themselves and do something else than they look. `at`: the policies that these are of. */
export function checkRateLimits(
  limits: readonly RateLimitConfig[] | undefined,
  store: Configuration['store'],
  at: Path,
  issues: Issues,
): void {
  for (const [i, limit] of (limits ?? []).entries()) {
    const warn = (key: string, code: string, message: string): void => {
      // Of a limit that has an error anywhere the numbers are not those that were meant.
      if (!issues.touches([...at, 'rateLimit', i])) issues.warn([...at, 'rateLimit', i, key], { code, message });
    };
    const { rate, perMs, burst, mode, queue, shadow, onStoreError, legacyHeaders } = limit;
    if (mode === 'refuse' && queue !== DEFAULT_QUEUE) {
      warn('queue', 'never_used', 'nobody waits without `mode: queue`: this never has a say');
    }
    if (legacyHeaders && (mode === 'queue' || shadow)) {
      warn('legacyHeaders', 'never_used', 'callers are told nothing of a limit that refuses nothing: this never has a say');
    }
    if (onStoreError === 'refuse' && store.kind === 'memory') {
      warn('onStoreError', 'never_used', 'the store is in memory, which always answers: `refuse` never has a say');
    }
    if (mode === 'queue' && perMs / rate > LONGEST_WAIT_MS) {
      warn(
        'rate',
        'never_waits',
        'the next request passes later than one waits without a deadline (30 s): instead of waiting it is refused',
      );
    }
    // `w` of RateLimit-Policy is in whole seconds, upwards: half a second reads as twice as long.
    if (mode === 'refuse' && (burst * perMs) / rate < 500) {
      const message = `callers are told "${burst} in 1 s" (RateLimit-Policy has whole seconds), and those who keep to it send less than they may`;
      warn('burst', 'window_under_second', message);
    }
  }
}
