import type { Exchange } from '../../core/exchange.ts';
import { forwardedTimeoutMs } from '../../core/forwarded-timeout.ts';
import type { Deps, RouteSpec } from '../../core/policy.ts';
import type { Clock } from '../../core/ports.ts';
import type { Answer, Maybe } from '../../core/stage.ts';
import type { RateLimitConfig } from './config.ts';
import { Decisions } from './decisions.ts';
import type { Limit } from './gcra.ts';
import { type Asked, LimitGroup, limitOf } from './limit-group.ts';
import type { Line, Waiter } from './line.ts';
import { Quota } from './quota.ts';
import { NOT_COUNTED, turnedAway, waitMs } from './refusals.ts';
import type { Taken } from './take-script.ts';

/** How long a request without a deadline waits. */
const MAX_WAIT_MS = 30_000;

/** The limits of a route at which requests wait for their turn (RL-5): asked together, waited at in one line for each of their keys. */
export class Turns {
  readonly group: LimitGroup;
  readonly decisions: Decisions;
  /** At most one request in so many milliseconds, in the long run. */
  readonly spacingMs: number;
  readonly #name: string;
  readonly #places: number;
  readonly #quotas: readonly Quota[];
  readonly #clock: Clock;

  constructor(limits: readonly RateLimitConfig[], route: RouteSpec, deps: Deps) {
    this.group = new LimitGroup(limits, route, deps);
    this.decisions = new Decisions(limits, route, deps.meter);
    this.spacingMs = Math.max(...limits.map((limit) => limitOf(limit).intervalMs));
    this.#name = limits[0]?.name ?? '';
    this.#places = Math.min(...limits.map(({ queue }) => queue));
    this.#clock = deps.clock;
    this.#quotas = limits.map((limit) => {
      const quota = deps.live(`rateLimit/quota/${route.api}/${limit.name}`, () => new Quota(limit.name, limit.burst, route, deps));
      quota.configured(limit);
      return quota;
    });
  }

  /** What the partner announces stands for the first of its limits: ours have names of their own. */
  get quota(): Quota {
    return this.#quotas[0] as Quota;
  }

  /** Shows what is left after a request that passed. `from`: the place of these limits' first among those that were asked. */
  counted({ taken, numbers }: Asked, from: number): void {
    for (const [i, quota] of this.#quotas.entries()) {
      quota.counted((taken[from + i] as Taken).level, numbers.limits[from + i] as Limit);
    }
  }

  /** The refusal of one for whom there is no place in the line, or whose turn would come too late; undefined: it may stand in it. */
  refusal(x: Exchange, line: Line<Asked>): Answer | undefined {
    const turnAt = line.turnAt(line.length, this.spacingMs);
    const why = line.length >= this.#places ? 'full' : isLate(x, this.#clock.monotonicMs() + MAX_WAIT_MS, turnAt) ? 'late' : undefined;
    return why === undefined ? undefined : this.turnAway(x, why, turnAt);
  }

  turnAway(x: Exchange, why: 'full' | 'late', turnAt: number): Answer {
    this.decisions.turnedAway(x.consumer.name);
    return turnedAway(this.#name, why, turnAt - this.#clock.monotonicMs());
  }

  /** Waits in the line. Undefined: it may go on, or it was given up meanwhile. */
  wait(x: Exchange, keys: readonly string[], line: Line<Asked>): Maybe<Answer | undefined> {
    if (x.cancelled !== undefined) return undefined;
    x.flags.push('queued');
    return new Promise((resolve) => {
      const from = this.#clock.monotonicMs();
      const waiting = new Waiting(x, keys, this, from + MAX_WAIT_MS, (answer) => {
        x.owedFrom = this.#clock.monotonicMs();
        x.waitedMs += x.owedFrom - from;
        resolve(answer);
      });
      line.join(waiting);
      waiting.withdraw = x.onCancel(() => {
        line.leave(waiting);
        resolve(undefined);
      });
    });
  }
}

/** `giveUpAt`: where there is no deadline. */
function isLate({ deadlineAt }: Exchange, giveUpAt: number, turnAt: number): boolean {
  return deadlineAt === undefined ? turnAt > giveUpAt : forwardedTimeoutMs(deadlineAt - turnAt) <= 0;
}

class Waiting implements Waiter<Asked> {
  /** No longer told of a cancel. */
  withdraw = (): void => undefined;
  readonly #x: Exchange;
  readonly #keys: readonly string[];
  readonly #turns: Turns;
  readonly #giveUpAt: number;
  readonly #resolve: (answer: Answer | undefined) => void;

  constructor(x: Exchange, keys: readonly string[], turns: Turns, giveUpAt: number, resolve: (answer: Answer | undefined) => void) {
    this.#x = x;
    this.#keys = keys;
    this.#turns = turns;
    this.#giveUpAt = giveUpAt;
    this.#resolve = resolve;
  }

  isLate(turnAt: number): boolean {
    return isLate(this.#x, this.#giveUpAt, turnAt);
  }

  ask(): Maybe<Asked | number | 'over'> {
    const asked = this.#turns.group.ask(this.#keys);
    return asked instanceof Promise ? asked.then((late) => this.#heard(late)) : this.#heard(asked);
  }

  granted(asked: Asked): void {
    this.#turns.decisions.passed(asked, this.#x.consumer.name);
    this.#turns.counted(asked, 0);
    this.#settle(undefined);
  }

  late(turnAt: number): void {
    this.#settle(this.#turns.turnAway(this.#x, 'late', turnAt));
  }

  unwanted(asked: Asked): void {
    this.#turns.group.giveBack(this.#keys, asked);
  }

  #heard(asked: Asked | 'unavailable'): Asked | number | 'over' {
    if (asked !== 'unavailable') return this.#turns.group.refusing(asked) < 0 ? asked : waitMs(this.#turns.group.limits, asked);
    this.#turns.decisions.unasked(this.#x.consumer.name);
    this.#settle(NOT_COUNTED);
    return 'over';
  }

  #settle(answer: Answer | undefined): void {
    this.withdraw();
    this.#resolve(answer);
  }
}
