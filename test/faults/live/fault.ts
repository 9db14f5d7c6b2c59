/** What a fault is: data. What is promised of it stands in numbers and codes, so that the test and the page say the same. */
import { CODES, type RejectionCode } from '../../../src/core/rejection.ts';
import type { ConfigurationName } from './configurations.ts';
import type { Step } from './steps.ts';

/** One final answer that a client is promised, or the reason why there is none. */
export type Promised =
  /** The upstream's own, whole. `run`: the number of the execution that it tells of, where that is promised. */
  | { readonly as: 'whole'; readonly status: number; readonly run?: number; readonly replayed?: true }
  | { readonly as: 'refused'; readonly code: RejectionCode }
  /** The upstream's own, visibly broken off. */
  | { readonly as: 'broken'; readonly status: number; readonly code: RejectionCode; readonly flags: readonly string[] }
  /** `instead`: of what, a code or a status. */
  | { readonly as: 'fallback'; readonly status: number; readonly instead: RejectionCode | number }
  /** The client has left: nothing is sent, the log tells of it. */
  | { readonly as: 'left' };

export interface Expected {
  readonly answers: readonly Promised[];
  /** Requests that came to the upstream, whole or not. `any`: not promised, as it is a matter of microseconds. */
  readonly asked: number | 'any';
  /** Requests that came whole; absent: all of them. */
  readonly whole?: number;
  /** Tries of the last request, where that says more than `asked`. */
  readonly attempts?: number;
  /** Breaker of the upstream afterwards. */
  readonly circuit?: 'open' | 'closed';
  /** What the same request under the same key gets next, with the upstream in order; and how many requests have come to it by then. */
  readonly again?: { readonly gets: Promised; readonly asked: number };
}

export interface Fault {
  /** Unique; what `-t` takes. */
  readonly id: string;
  /** In words, for the table. */
  readonly what: string;
  /** The rule and what it promises: `EV-7: …`. */
  readonly promise: string;
  /** Where the route leads, if it is not to the scripted upstream. */
  readonly to?: 'refusing' | 'full';
  /** Every connection meets it, whatever the configuration says. */
  readonly always?: true;
  /** Limits of time are short enough to be met. */
  readonly limits?: 'short';
  /**
   * Of the upstream's first connection, or of every one where the configuration says that it always meets the fault. `REQUEST` in a client's
   * step is the request of the configuration; `PATH` and `KEY` stand for its target and its field with the idempotency key, if it has one.
   */
  readonly upstream: readonly Step[];
  readonly client: readonly Step[];
  /** What is promised, by configuration. */
  readonly expect: Readonly<Partial<Record<ConfigurationName, Expected>>>;
}

export interface Group {
  readonly title: string;
  readonly faults: readonly Fault[];
}

// ---------------------------------------------------------------- what is promised, written short

export const whole = (status = 200, run?: number): Promised => ({ as: 'whole', status, ...(run !== undefined && { run }) });
export const replayed = (run: number): Promised => ({ as: 'whole', status: 200, run, replayed: true });
export const refused = (code: RejectionCode): Promised => ({ as: 'refused', code });
export const fallback = (instead: RejectionCode | number): Promised => ({ as: 'fallback', status: 203, instead });
export const left: Promised = { as: 'left' };
export function broken(code: RejectionCode = 'UPSTREAM_RESET', flags: readonly string[] = ['upstream-broken']): Promised {
  return { as: 'broken', status: 200, code, flags };
}

export function gets(answer: Promised, asked: Expected['asked'], more: Omit<Expected, 'answers' | 'asked'> = {}): Expected {
  return { answers: [answer], asked, ...more };
}

// ---------------------------------------------------------------- the same in words

function answerInWords(promised: Promised): string {
  switch (promised.as) {
    case 'whole':
      return promised.replayed === true ? `${promised.status}, replayed` : String(promised.status);
    case 'refused':
      return `${CODES[promised.code].status} ${promised.code}`;
    case 'broken':
      return `${promised.status}, broken off (${promised.code})`;
    case 'fallback':
      return `${promised.status} from the fallback (instead of ${promised.instead})`;
    case 'left':
      return 'nothing (499 CLIENT_CLOSED in the log)';
  }
}

const times = (n: number): string => (n === 0 ? 'never' : n === 1 ? 'once' : n === 2 ? 'twice' : `${n} times`);

/** What a test of this expectation asserts: from the same values. */
export function inWords({ answers, asked, whole: wholes, attempts, circuit, again }: Expected): string {
  const parts = [answers.length === 0 ? 'no answer, no line in the log' : answers.map(answerInWords).join(', then ')];
  if (asked !== 'any')
    parts.push(`upstream asked ${times(asked)}${wholes !== undefined && wholes !== asked ? ` (wholly ${times(wholes)})` : ''}`);
  if (attempts !== undefined && attempts !== asked) parts.push(`${attempts} tries`);
  if (circuit !== undefined) parts.push(`circuit ${circuit}`);
  if (again !== undefined) parts.push(`the same key again: ${answerInWords(again.gets)}, upstream asked ${times(again.asked)} in all`);
  return parts.join('; ');
}
