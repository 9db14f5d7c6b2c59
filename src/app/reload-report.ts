import type { Problem } from '../config/problem.ts';
import type { Counter, Gauge, Logger, Meter } from '../core/ports.ts';
import type { LoadedContracts } from './contracts.ts';
import { logProblems } from './log-problems.ts';
import { appMetrics } from './metrics.ts';

/** Who asked for a reading: a person is told again what has been said before, a file that was not fixed is not. */
export type Trigger = 'signal' | 'change' | 'retry';

/** As people see them: with their real addresses. */
export type OpenListeners = ReadonlyArray<{ readonly name: string; readonly url: string }>;

type Outcome = 'taken' | 'refused' | 'unchanged';

const UNCHANGED = 'read again: what is in force has not changed';

/** What reloads tell in the log and in the metrics: each thing once, however often the files are read. */
export class ReloadReport {
  readonly #logger: Logger;
  readonly #success: Gauge;
  readonly #outcomes: Readonly<Record<Outcome, Counter>>;
  /** By what it is about: what was said of it last. */
  readonly #said = new Map<string, string>();
  /** Something was refused, and nothing has been taken since. */
  #refused = false;

  constructor(logger: Logger, meter: Meter) {
    this.#logger = logger;
    const outcomes = meter.counter(appMetrics.configReloads);
    this.#outcomes = { taken: outcomes.with('taken'), refused: outcomes.with('refused'), unchanged: outcomes.with('unchanged') };
    this.#success = meter.gauge(appMetrics.configSuccess).with();
    this.#success.set(1);
  }

  /** Before a reading. */
  begin(trigger: Trigger): void {
    if (trigger === 'signal') this.#said.clear();
  }

  /** The configuration as a whole is not taken. */
  refused(generation: number, problems: readonly Problem[]): void {
    this.#success.set(0);
    this.#refused = true;
    if (!this.#isNews('refused', problems)) return;
    this.#outcomes.refused.inc();
    this.#logger.error({ generation }, `the new configuration is refused; generation ${generation} stays in force`);
    logProblems(this.#logger, problems);
  }

  /** Read again, and the same as what is in force, but for versions of contracts that are not taken, and for baselines that are. */
  unchanged({ refusals, baselines: { changed } }: LoadedContracts): void {
    this.#outcomes.unchanged.inc();
    this.#fine();
    if (changed.length > 0)
      this.#logger.info({ contracts: changed }, `read again: the baseline of ${changed.join(', ')} is another one now`);
    if (refusals.length > 0 || changed.length > 0) return;
    this.#logger.info({}, this.#refused ? 'read again: what was refused is gone; the files hold what is in force' : UNCHANGED);
    this.#refused = false;
  }

  /** `was` and `is`: the listeners before and now. */
  taken(generation: number, digest: string, contracts: readonly string[], was: OpenListeners, is: OpenListeners): void {
    this.#outcomes.taken.inc();
    this.#fine();
    this.#refused = false;
    this.#logger.info({ generation, digest, contracts }, `a new configuration is in force: generation ${generation}${suffix(contracts)}`);
    const known = new Set(was.map(({ url }) => url));
    for (const { name, url } of is)
      if (!known.delete(url)) this.#logger.info({ listener: name, url }, `listener ${name} is open on ${url}`);
    for (const url of known) this.#logger.info({ url }, `${url} takes no more connections`);
  }

  /** What is in force was taken with doubts, or without the newest of a contract. */
  doubts(warnings: readonly Problem[], { refusals, warnings: ofContracts }: LoadedContracts): void {
    if (this.#isNews('warnings', warnings)) logProblems(this.#logger, warnings);
    logProblems(this.#logger, ofContracts);
    if (refusals.length > 0) this.#refused = true;
    if (!this.#isNews('contracts', refusals)) return;
    for (const name of new Set(refusals.map(({ contract }) => contract))) {
      this.#logger.error({ contract: name }, `the new version of contract ${name} is refused; what was in force stays`);
    }
    logProblems(this.#logger, refusals);
  }

  /** Keys whose new values a running process cannot take. */
  waiting(keys: readonly string[]): void {
    if (this.#isNews('restart', keys)) this.#logger.warn({ keys }, `needs a restart: ${keys.join(', ')}; the old value is kept`);
  }

  failed(error: unknown): void {
    this.#success.set(0);
    const stack = error instanceof Error ? error.stack : String(error);
    this.#logger.error({ stack }, 'internal error in a reload; what was in force stays');
  }

  #fine(): void {
    this.#success.set(1);
    this.#said.delete('refused');
  }

  #isNews(about: string, what: readonly unknown[]): boolean {
    const text = JSON.stringify(what);
    const news = text !== this.#said.get(about);
    this.#said.set(about, text);
    return news && what.length > 0;
  }
}

function suffix(contracts: readonly string[]): string {
  return contracts.length === 0 ? '' : `, with ${contracts.join(', ')}`;
}
