import type { Exchange } from '../core/exchange.ts';
import type { Afterwork, Clock, Timers } from '../core/ports.ts';
import type { ByteBudget } from './byte-budget.ts';
import type { ErrorDetail } from './problem.ts';
import type { UpgradeLimit } from './upgrade-limit.ts';

/** What the run of an exchange needs of the process. */
export interface RunDeps {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly budget: ByteBudget;
  readonly upgrades: UpgradeLimit;
  /** Where checks in report mode, the log and the counters are done: after the answers of this turn of the event loop have left. */
  readonly afterwork: Afterwork;
  readonly errorDetail: ErrorDetail;
  /** A stage threw: a bug of ours. Counted; the exchange goes on as the rules of `core/stage.ts` say. */
  bug(x: Exchange, stage: string, hook: string, error: unknown): void;
}
