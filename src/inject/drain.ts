import { show } from '../core/schema/show.ts';
import type { PodView } from './pod.ts';
import { type Refused, refused } from './result.ts';
import type { InjectSettings } from './settings.ts';

/** How a sidecar ends, in seconds. */
export interface Drain {
  readonly delay: number;
  readonly grace: number;
}

/** Of Kubernetes (v1 PodSpec) and of Plumbline (docs/configuration.md). */
const DEFAULT_PERIOD = 30;
const DEFAULT_GRACE = 25;
/** Until Services no longer lead to a pod that is going. */
const LEGACY_DELAY = 5;
/** For what is cut at the end to be told in the log. */
const MARGIN = 2;

/** The pod's own, in seconds. */
export function terminationPeriod({ spec }: PodView): number | Refused {
  const period = spec.terminationGracePeriodSeconds ?? DEFAULT_PERIOD;
  if (typeof period === 'number' && Number.isInteger(period) && period >= 0 && period <= 1e9) return period;
  return refused('malformed_pod', `spec.terminationGracePeriodSeconds is ${show(period)}, not a number of seconds`);
}

/**
 * A drain that fits into the time that the pod has. That time stays what its owner said: it is how long an app that hangs is waited for, and
 * that is not for a sidecar to change. A native sidecar is told to end when the app is gone, so there is hardly anything to wait for; a legacy one at the
 * same time as the app, so it goes on accepting for a while, and has as long for the rest as the app has. Undefined: as without a word.
 */
export function drainWithin(period: number, form: InjectSettings['form']): Drain | undefined {
  const spare = Math.min(Math.max(period - MARGIN, 0), MAX_SECONDS);
  if (form === 'native') return spare >= DEFAULT_GRACE ? undefined : { delay: 0, grace: spare };
  const delay = Math.min(LEGACY_DELAY, Math.floor(spare / 4));
  return { delay, grace: spare - delay };
}

/** What a configuration may say. */
const MAX_SECONDS = 3600;
