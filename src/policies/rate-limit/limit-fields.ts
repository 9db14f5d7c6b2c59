import type { Exchange } from '../../core/exchange.ts';
import { type RawHeaders, fieldName, headerList } from '../../core/headers.ts';
import type { RateLimitConfig } from './config.ts';
import { type Limit, passingNow, untilFullMs, untilNextMs } from './gcra.ts';
import type { Asked } from './limit-group.ts';
import { type ListMember, readList } from './structured-list.ts';
import type { Taken } from './take-script.ts';

const STATE = 'RateLimit';
const POLICY = 'RateLimit-Policy';

interface Shown {
  /** Its place among the limits that are asked. */
  readonly at: number;
  /** As a structured-field string: names are letters, digits, `-` and `_`. */
  readonly name: string;
  readonly legacy: boolean;
  readonly burst: number;
}

/** Whole seconds, upwards: nobody comes too early. What is only rounding is not a second more. */
function seconds(ms: number): number {
  return Math.max(0, Math.ceil(ms / 1000 - 1e-6));
}

/** Seconds until the next request passes, for `t` and Retry-After of a refusal: at least 1. */
export function retryAfterSeconds(waitMs: number): number {
  return Math.max(1, seconds(waitMs));
}

/** `t` of RL-2: until the next request passes where none would pass now, else until the whole burst may come again. */
function untilSeconds(level: number, limit: Limit, passing: number): number {
  return passing === 0 ? retryAfterSeconds(untilNextMs(level, limit)) : seconds(untilFullMs(level, limit));
}

/**
 * What the caller is told of the limits that can refuse it (RL-2; the IETF draft "RateLimit header fields for HTTP"). Shadows are not
 * told of, nor are limits that make a request wait. The policy is what is configured; what is left is what counts now, which is this process's
 * share while the shared store is away.
 */
export class LimitFields {
  readonly #shown: readonly Shown[];
  readonly #names: ReadonlySet<string>;
  readonly #policy: string;
  readonly #anyLegacy: boolean;

  constructor(limits: readonly RateLimitConfig[]) {
    const told = limits.map((limit, at) => ({ limit, at })).filter(({ limit }) => limit.mode === 'refuse' && !limit.shadow);
    this.#shown = told.map(({ limit, at }) => ({ at, name: `"${limit.name}"`, legacy: limit.legacyHeaders, burst: limit.burst }));
    this.#names = new Set(told.map(({ limit }) => limit.name));
    this.#policy = told.map(({ limit }) => policyOf(limit)).join(', ');
    this.#anyLegacy = this.#shown.some(({ legacy }) => legacy);
  }

  tell(x: Exchange, asked: Asked): void {
    if (this.#shown.length === 0) return;
    const { taken, numbers } = asked;
    let state = '';
    for (const { at, name } of this.#shown) {
      const limit = numbers.limits[at] as Limit;
      const { level } = taken[at] as Taken;
      const passing = passingNow(level, limit.burst);
      const member = `${name};r=${passing};t=${untilSeconds(level, limit, passing)}`;
      state = state === '' ? member : `${state}, ${member}`;
    }
    x.responseEdits.set(POLICY, this.#policy);
    x.responseEdits.set(STATE, state);
    if (this.#anyLegacy) this.#tellOldWay(x, asked);
  }

  /**
   * The upstream has limits of its own and tells of them: both lists are one then. Of two members with one name ours stays, which was
   * met first; what can't be read as such a list is not sent on.
   */
  join(x: Exchange, headers: RawHeaders): void {
    if (this.#shown.length === 0) return;
    let [state, policy] = [false, false];
    for (let i = 0; i < headers.length; i += 2) {
      const name = headers[i] as string;
      if (name.length === STATE.length) state ||= fieldName(name).lower === 'ratelimit';
      else if (name.length === POLICY.length) policy ||= fieldName(name).lower === 'ratelimit-policy';
    }
    if (state) this.#joinOne(x, headers, STATE);
    if (policy) this.#joinOne(x, headers, POLICY);
  }

  #joinOne(x: Exchange, headers: RawHeaders, field: string): void {
    const ours = x.responseEdits.find(fieldName(field))?.value;
    const theirs = readList(headerList(headers, field.toLowerCase()) ?? '');
    if (ours === undefined || theirs === undefined) return;
    const others = theirs.filter(({ name }: ListMember) => !this.#names.has(name)).map(({ text }) => text);
    x.responseEdits.set(field, [ours, ...others].join(', '));
  }

  /** Of several limits the one that lets least through; `Reset` in seconds from now, as `t`. */
  #tellOldWay(x: Exchange, { taken, numbers }: Asked): void {
    let least: { burst: number; passing: number; until: number } | undefined;
    for (const { at, legacy, burst } of this.#shown) {
      const limit = numbers.limits[at] as Limit;
      const { level } = taken[at] as Taken;
      const passing = passingNow(level, limit.burst);
      if (legacy && (least === undefined || passing < least.passing))
        least = { burst, passing, until: untilSeconds(level, limit, passing) };
    }
    if (least === undefined) return;
    x.responseEdits.set('X-RateLimit-Limit', String(least.burst));
    x.responseEdits.set('X-RateLimit-Remaining', String(least.passing));
    x.responseEdits.set('X-RateLimit-Reset', String(least.until));
  }
}

/** `w`: the seconds in which as many requests as the burst pass at the long-run rate. */
function policyOf(limit: RateLimitConfig): string {
  const { burst, perMs, rate, name } = limit;
  return `"${name}";q=${burst};w=${Math.ceil((burst * perMs) / (rate * 1000))}`;
}
