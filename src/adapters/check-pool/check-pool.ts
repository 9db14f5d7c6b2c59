import type { CheckJob, CheckPool, CheckedBody } from '../../core/body-checking.ts';
import type { Contract } from '../../core/contract.ts';
import type { ContractDocuments } from '../../core/contract-documents.ts';
import type { Clock, Counter, Gauge, Logger, Meter, Timer, Timers } from '../../core/ports.ts';
import { type Loss, LOSSES, JOB_OUTCOMES, type JobOutcome, checkPoolMetrics } from './metrics.ts';
import { type FromWorker, operationKey } from './messages.ts';
import type { CheckThread, StartThread } from './thread.ts';

/** Bodies that wait or are being judged; also the largest that is judged at all. */
export const QUEUE_BYTES = 16 * 1024 * 1024;
/** How long an exchange is held back, and how long one that is over keeps its bodies. */
export const HELD_BACK_MS = 200;
export const NOTHING_WAITS_MS = 10_000;
/** A body that takes longer, or a contract that does, hangs. */
export const JUDGE_MS = 10_000;
export const LOAD_MS = 60_000;
/** Between losing the worker and starting it again; twice as long each time until it has judged something. */
export const RESTART_MS = 1000;
export const MAX_RESTART_MS = 60_000;
/** Contracts that the worker has at a time. */
export const MAX_CONTRACTS = 16;
/** A worker that had nothing to judge for so long is ended: what a large body made it grow to would stay for good. */
export const IDLE_MS = 5 * 60_000;

export interface CheckPoolParts {
  readonly start: StartThread;
  /** What a contract was made of; undefined where nobody knows. */
  readonly documentsOf: (contract: Contract) => ContractDocuments | undefined;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly meter: Meter;
  readonly logger: Logger;
}

const OVERLOAD: CheckedBody = { outcome: { is: 'skipped', reason: 'overload' }, deprecated: [], drift: [] };
const TOO_LARGE: CheckedBody = { outcome: { is: 'skipped', reason: 'too_large' }, deprecated: [], drift: [] };

interface Waiting {
  readonly job: CheckJob;
  readonly documents: ContractDocuments;
  readonly settle: (checked: CheckedBody) => void;
  /** Who asked has given up. */
  gone: boolean;
  timer: Timer | undefined;
}

/**
 * One worker that judges bodies too large for the event loop: started at the first of them, it makes the contracts that it is asked about from
 * the bytes that they were made of here. What it does or does not do costs verdicts, never traffic.
 */
export class WorkerCheckPool implements CheckPool {
  readonly #parts: CheckPoolParts;
  readonly #bytes: Gauge;
  readonly #jobs: { readonly [O in JobOutcome]: Counter };
  readonly #losses: { readonly [L in Loss]: Counter };
  /** First those that an exchange is held back for. */
  readonly #waiting = { exchange: [] as Waiting[], nothing: [] as Waiting[] };
  #queuedBytes = 0;
  #thread: CheckThread | undefined = undefined;
  /** Its contracts, by the number that it knows them by; the one that was asked about last is the last. */
  readonly #contracts = new Map<ContractDocuments, number>();
  #numbers = 0;
  /** Those in force; undefined: nothing was replaced yet. */
  #wanted: ReadonlySet<ContractDocuments> | undefined = undefined;
  /** What it is at. */
  #current: Waiting | undefined = undefined;
  #limit: Timer | undefined = undefined;
  #idle: Timer | undefined = undefined;
  #pauseMs = RESTART_MS;
  #notBefore = 0;
  #closed = false;

  constructor(parts: CheckPoolParts) {
    this.#parts = parts;
    this.#bytes = parts.meter.gauge(checkPoolMetrics.queueBytes).with();
    const jobs = parts.meter.counter(checkPoolMetrics.jobs);
    this.#jobs = Object.fromEntries(JOB_OUTCOMES.map((outcome) => [outcome, jobs.with(outcome)])) as Record<JobOutcome, Counter>;
    const losses = parts.meter.counter(checkPoolMetrics.restarts);
    this.#losses = Object.fromEntries(LOSSES.map((loss) => [loss, losses.with(loss)])) as Record<Loss, Counter>;
  }

  check(job: CheckJob): Promise<CheckedBody> {
    const documents = this.#parts.documentsOf(job.contract.viewOf?.contract ?? job.contract);
    const refused = this.#refusal(job, documents);
    if (refused !== undefined || documents === undefined) {
      this.#jobs[refused ?? 'failed'].inc();
      return Promise.resolve(refused === 'too_large' ? TOO_LARGE : OVERLOAD);
    }
    const { promise, resolve } = Promise.withResolvers<CheckedBody>();
    const waiting: Waiting = { job, documents, settle: resolve, gone: false, timer: undefined };
    const { timers } = this.#parts;
    waiting.timer = timers.after(job.heldBack === 'exchange' ? HELD_BACK_MS : NOTHING_WAITS_MS, () => this.#late(waiting));
    this.#count(job.bytes);
    this.#waiting[job.heldBack].push(waiting);
    this.#next();
    return promise;
  }

  /** Contracts that were made of others than these are not needed any more. */
  retain(wanted: ReadonlySet<ContractDocuments>): void {
    this.#wanted = wanted;
    for (const documents of this.#contracts.keys()) if (!wanted.has(documents)) this.#forget(documents);
  }

  /** Ends the worker; what is still asked is skipped. */
  async close(): Promise<void> {
    this.#closed = true;
    const thread = this.#abandon('unavailable');
    await thread?.end();
  }

  /** Why a job is not even queued. */
  #refusal({ bytes }: CheckJob, documents: ContractDocuments | undefined): JobOutcome | undefined {
    if (bytes > QUEUE_BYTES) return 'too_large';
    if (documents === undefined) return 'failed';
    if (this.#closed || this.#parts.clock.monotonicMs() < this.#notBefore) return 'unavailable';
    return this.#queuedBytes + bytes > QUEUE_BYTES ? 'queue_full' : undefined;
  }

  #count(bytes: number): void {
    this.#queuedBytes += bytes;
    this.#bytes.set(this.#queuedBytes);
  }

  #next(): void {
    if (this.#current !== undefined) return;
    this.#idle?.cancel();
    const waiting = this.#waiting.exchange.shift() ?? this.#waiting.nothing.shift();
    if (waiting === undefined) {
      this.#idle = this.#parts.timers.after(IDLE_MS, () => void this.#abandon('unavailable')?.end());
      return;
    }
    this.#current = waiting;
    const { documents } = waiting;
    const number = this.#contracts.get(documents);
    if (number === undefined) return this.#load(documents);
    this.#contracts.delete(documents);
    this.#contracts.set(documents, number);
    this.#judge(waiting, number);
  }

  #load(documents: ContractDocuments): void {
    for (const oldest of this.#contracts.keys()) {
      if (this.#contracts.size < MAX_CONTRACTS) break;
      this.#forget(oldest);
    }
    this.#numbers += 1;
    this.#contracts.set(documents, this.#numbers);
    this.#post({ do: 'load', contract: this.#numbers, documents }, [], LOAD_MS);
  }

  #judge({ job }: Waiting, contract: number): void {
    const { side, request, response } = job;
    // Forwarding still has the chunks: the worker gets a copy, which costs a fifth of a millisecond a MiB.
    const bytes = new Uint8Array(job.bytes);
    let at = 0;
    for (const chunk of job.body) {
      bytes.set(chunk, at);
      at += chunk.byteLength;
    }
    const body = {
      operation: operationKey(job.operation),
      webhooks: job.contract.viewOf?.naming,
      side,
      request: { method: request.method, path: request.path, query: request.query, headers: [...request.headers] },
      response: response && { status: response.status, headers: [...response.headers] },
      bytes,
      wantsDrift: job.wantsDrift,
    };
    this.#post({ do: 'judge', contract, body }, [bytes.buffer], JUDGE_MS);
  }

  #post(message: Parameters<CheckThread['post']>[0], handedOver: readonly ArrayBuffer[], withinMs: number): void {
    try {
      this.#thread ??= this.#parts.start({
        onMessage: (answer) => this.#onMessage(answer),
        onLost: (loss, why) => this.#lost(loss, why),
      });
      this.#thread.post(message, handedOver);
    } catch (error) {
      // The system gives no further thread.
      return this.#lost('crashed', String(error));
    }
    this.#limit = this.#parts.timers.after(withinMs, () => {
      void this.#thread?.end();
      this.#lost('hung', `no answer within ${withinMs / 1000} s`);
    });
  }

  #onMessage(answer: FromWorker): void {
    const waiting = this.#current;
    if (waiting === undefined) return;
    this.#limit?.cancel();
    if (answer.is === 'loaded') return this.#loaded(waiting, answer.fault);
    this.#pauseMs = RESTART_MS;
    this.#finish(waiting, answer.checked === undefined ? 'failed' : 'judged', answer.checked ?? OVERLOAD);
    this.#next();
  }

  #loaded(waiting: Waiting, fault: string | undefined): void {
    const { documents } = waiting;
    const number = this.#contracts.get(documents);
    if (fault !== undefined) {
      const contract = documents.options.name;
      this.#parts.logger.error({ contract, reason: fault }, 'the worker cannot use a contract: large bodies are not judged');
      this.#contracts.delete(documents);
      this.#finish(waiting, 'failed', OVERLOAD);
    } else if (waiting.gone || number === undefined) this.#finish(waiting, 'late', OVERLOAD);
    else return this.#judge(waiting, number);
    this.#next();
  }

  #finish(waiting: Waiting, how: JobOutcome, checked: CheckedBody): void {
    if (this.#current === waiting) {
      this.#current = undefined;
      // Of an exchange that began before its contract was replaced; another such one makes it again.
      if (this.#wanted?.has(waiting.documents) === false && !this.#isAwaited(waiting.documents)) this.#forget(waiting.documents);
    }
    this.#count(-waiting.job.bytes);
    this.#settle(waiting, how, checked);
  }

  #settle(waiting: Waiting, how: JobOutcome, checked: CheckedBody): void {
    if (waiting.gone) return;
    waiting.gone = true;
    waiting.timer?.cancel();
    this.#jobs[how].inc();
    waiting.settle(checked);
  }

  /** Who asked waits no longer. What the worker has already is judged to its end, for nobody. */
  #late(waiting: Waiting): void {
    if (this.#current === waiting) return this.#settle(waiting, 'late', OVERLOAD);
    const queue = this.#waiting[waiting.job.heldBack];
    queue.splice(queue.indexOf(waiting), 1);
    this.#finish(waiting, 'late', OVERLOAD);
  }

  #lost(loss: Loss, why: string): void {
    const { clock, logger } = this.#parts;
    this.#losses[loss].inc();
    const pauseMs = this.#pauseMs;
    this.#notBefore = clock.monotonicMs() + pauseMs;
    this.#pauseMs = Math.min(2 * pauseMs, MAX_RESTART_MS);
    logger.warn({ reason: loss, pauseMs, why }, 'the worker that judges large bodies was lost; until it is started again they are skipped');
    this.#abandon('failed');
  }

  /** All that was asked is skipped; there is no thread any more. */
  #abandon(how: JobOutcome): CheckThread | undefined {
    const thread = this.#thread;
    this.#thread = undefined;
    this.#limit?.cancel();
    this.#idle?.cancel();
    this.#contracts.clear();
    const all = [this.#current, ...this.#waiting.exchange.splice(0), ...this.#waiting.nothing.splice(0)];
    for (const waiting of all) if (waiting !== undefined) this.#finish(waiting, how, OVERLOAD);
    return thread;
  }

  #isAwaited(documents: ContractDocuments): boolean {
    const { exchange, nothing } = this.#waiting;
    return [exchange, nothing].some((queue) => queue.some((waiting) => waiting.documents === documents));
  }

  #forget(documents: ContractDocuments): void {
    const number = this.#contracts.get(documents);
    // The one that it is at will be asked for, and forgotten after that.
    if (number === undefined || this.#current?.documents === documents) return;
    this.#contracts.delete(documents);
    this.#thread?.post({ do: 'forget', contract: number }, []);
  }
}
