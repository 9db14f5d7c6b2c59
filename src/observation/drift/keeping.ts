import type { FindingJournal, FindingShare } from '../../core/findings.ts';
import type { Clock, Counter, Gauge, Logger, Meter, Random, Timer, Timers } from '../../core/ports.ts';
import type { FindingKeeper } from './finding-record.ts';
import type { Findings } from './findings.ts';
import { JournalKeeping } from './journal-keeping.ts';
import { keepingMetrics } from './metrics.ts';
import { ShareKeeping } from './share-keeping.ts';

/** What is seen is kept every four seconds, give or take an eighth, so that replicas do not all come at once; with the time that it takes, within five. */
const EVERY_MS = 4000;
const JITTER = 0.125;
/** A person who acknowledges something waits for the other replicas for so long at most. */
const PATIENCE_MS = 2000;
/** What a start and an end wait for the share. */
const START_MS = 1000;
const END_MS = 1000;

export interface FindingKeepingParts {
  readonly findings: Findings;
  readonly clock: Pick<Clock, 'monotonicMs'>;
  readonly timers: Timers;
  readonly random: Pick<Random, 'unit'>;
  readonly meter: Meter;
  readonly logger: Logger;
  /** What our own code threw. */
  readonly bug: (error: unknown) => void;
}

/**
 * Has findings outlive the process, in a journal, and has replicas know of each other's, through a share: now and then, and before somebody is told that
 * an acknowledgement holds. Nothing on the data path waits for it; what cannot be kept now stays in memory and is tried again. See docs/drift.md.
 */
export class FindingKeeping implements FindingKeeper {
  readonly #parts: FindingKeepingParts;
  #journal: JournalKeeping | undefined = undefined;
  #share: ShareKeeping | undefined = undefined;
  #file: Place | undefined = undefined;
  #store: Place | undefined = undefined;
  #next: Timer | undefined = undefined;

  constructor(parts: FindingKeepingParts) {
    this.#parts = parts;
  }

  /** Takes in what the journal has; before traffic comes. */
  keepIn(journal: FindingJournal): void {
    const { findings, timers } = this.#parts;
    this.#journal = new JournalKeeping(findings, journal, timers);
    this.#file = new Place('state_dir', 'the drift findings cannot be written into state.dir; they go on in memory', this.#parts);
  }

  shareThrough(share: FindingShare): void {
    this.#share = new ShareKeeping(this.#parts.findings, share);
    this.#store = new Place(
      'store',
      'the drift findings cannot be exchanged with the other replicas; each goes on with its own',
      this.#parts,
    );
  }

  /** Begins. Resolves when what the other replicas know has come, or after a second. */
  async start(): Promise<void> {
    if (this.#journal === undefined && this.#share === undefined) return;
    this.#schedule();
    void this.#write();
    await this.#within(START_MS, this.#exchange());
  }

  /** Resolves when all that was said until now, of the finding `id` above all, is kept, with undefined; or with the reason, for people, why it is not. */
  async keep(id = ''): Promise<string | undefined> {
    const exchanged = this.#exchange();
    const failed = await this.#write();
    if (this.#journal !== undefined && (failed === undefined || this.#journal.writeSaid(id))) return undefined;
    const how = this.#share === undefined ? 'unavailable' : await this.#within(PATIENCE_MS, exchanged);
    const hasRoom = this.#share?.hasRefused(id) !== true;
    if (how === 'kept' && hasRoom) return undefined;
    if (failed !== undefined) return `state.dir cannot be written: ${failed.message}`;
    if (how === 'kept') return 'the shared store has no room for this finding';
    return this.#share === undefined ? undefined : 'the shared store is away';
  }

  /** Before a scrape. */
  publish(): void {
    this.#file?.publish();
    this.#store?.publish();
  }

  /** Keeps what is not kept yet, for the last time; takes a second at most. */
  async close(): Promise<void> {
    this.#next?.cancel();
    // What the others have said meanwhile is not needed for an end; what was seen here is, should the share take too long.
    this.#journal?.writeAtOnce();
    if (this.#share !== undefined) await this.#within(END_MS, this.#exchange());
    this.#share?.close();
    this.#journal?.writeAtOnce();
    this.#journal = undefined;
  }

  #schedule(): void {
    const { timers, random } = this.#parts;
    this.#next = timers.after(EVERY_MS * (1 + JITTER * (2 * random.unit() - 1)), () => {
      this.#schedule();
      // One that takes so long is on its way with what there is.
      if (this.#journal?.isBusy === false) void this.#write();
      if (this.#share?.isBusy === false) void this.#exchange();
    });
  }

  async #write(): Promise<Error | undefined> {
    let failed: Error | undefined;
    try {
      failed = await this.#journal?.write();
    } catch (error) {
      this.#parts.bug(error);
      failed = error as Error;
    }
    if (failed === undefined) this.#file?.kept();
    else this.#file?.failed(failed.message);
    return failed;
  }

  async #exchange(): Promise<'kept' | 'unavailable'> {
    let how: 'kept' | 'unavailable' = 'unavailable';
    try {
      how = (await this.#share?.exchange()) ?? how;
    } catch (error) {
      this.#parts.bug(error);
    }
    if (how === 'kept') this.#store?.kept();
    else this.#store?.failed(how);
    return how;
  }

  async #within(ms: number, exchanged: Promise<'kept' | 'unavailable'>): Promise<'kept' | 'unavailable'> {
    const late = Promise.withResolvers<'unavailable'>();
    const timer = this.#parts.timers.after(ms, () => late.resolve('unavailable'));
    const how = await Promise.race([exchanged, late.promise]);
    timer.cancel();
    return how;
  }
}

/** What is known of one of the places, for metrics and log. */
class Place {
  readonly #problem: string;
  readonly #clock: FindingKeepingParts['clock'];
  readonly #logger: Logger;
  readonly #age: Gauge;
  readonly #failures: Counter;
  #keptAt: number;
  #isFailing = false;

  constructor(name: 'state_dir' | 'store', problem: string, { clock, logger, meter }: FindingKeepingParts) {
    this.#problem = problem;
    this.#clock = clock;
    this.#logger = logger;
    this.#age = meter.gauge(keepingMetrics.keptAge).with(name);
    this.#failures = meter.counter(keepingMetrics.failures).with(name);
    this.#keptAt = clock.monotonicMs();
  }

  kept(): void {
    this.#keptAt = this.#clock.monotonicMs();
    if (this.#isFailing) this.#logger.info({}, 'the drift findings are kept again');
    this.#isFailing = false;
  }

  failed(reason: string): void {
    this.#failures.inc();
    if (!this.#isFailing) this.#logger.warn({ reason }, this.#problem);
    this.#isFailing = true;
  }

  publish(): void {
    this.#age.set((this.#clock.monotonicMs() - this.#keptAt) / 1000);
  }
}
