/** Scenarios at a rate that does not depend on the answers, and what must hold of them. Pure. */
import type { ConstantArrivalRateScenario, Options } from 'k6/options';

/**
 * An iteration that finds no virtual user free is dropped: then less was sent than was asked for, and the figures are void. So there are as many as
 * arrive in two seconds: a machine may stand still that long before one is dropped.
 */
const STALL_SECONDS = 2;
const LEAST_USERS = 10;
const MOST_USERS = 2000;

export function usersFor(rate: number): number {
  return Math.min(MOST_USERS, Math.max(LEAST_USERS, Math.ceil(rate * STALL_SECONDS)));
}

/** Longer than the longest request: one that is cut off at the end of its scenario would be in no figure. */
export const GRACE = '10s';

type Steady = { readonly rate: number; readonly seconds: number; readonly from?: number; readonly exec?: string };

/** `rate` iterations a second for `seconds`, beginning `from` seconds after the test; all it sends carries `tags`. */
export function atRate(
  { rate, seconds, from = 0, exec = 'default' }: Steady,
  tags: Record<string, string> = {},
): ConstantArrivalRateScenario {
  return {
    executor: 'constant-arrival-rate',
    exec,
    rate,
    timeUnit: '1s',
    duration: `${seconds}s`,
    startTime: `${from}s`,
    gracefulStop: GRACE,
    preAllocatedVUs: usersFor(rate),
    tags,
  };
}

export type Thresholds = NonNullable<Options['thresholds']>;

export interface Limits {
  readonly p95Ms: number;
  readonly p99Ms: number;
  /** Fewer requests than this, and the run has shown nothing. */
  readonly atLeast: number;
}

/** Of all that carries a tag, `way:direct`. A threshold on a tag also brings its figures into the summary. */
export function thresholdsOf(tag: string, { p95Ms, p99Ms, atLeast }: Limits): Thresholds {
  return {
    [`http_req_duration{${tag}}`]: [`p(95)<${p95Ms}`, `p(99)<${p99Ms}`],
    [`http_req_failed{${tag}}`]: ['rate<0.001'],
    [`http_reqs{${tag}}`]: [`count>=${atLeast}`],
  };
}

/** Of every test. k6 passes over a rate of which there is no sample; so scripts also say how many requests there must be. */
export const ALWAYS: Thresholds = { dropped_iterations: ['count<1'], checks: ['rate>0.999'] };

/** Of a rate that is kept nine tenths arrive: the first and the last of a scenario may fall out of it. */
export function nearly(requests: number): number {
  return Math.max(1, Math.floor(requests * 0.9));
}

export const TREND_STATS = ['min', 'med', 'p(95)', 'p(99)', 'max'];
