import { Worker } from 'node:worker_threads';
import type { DocumentReader, PlacedWanted, Position, ReadFile } from '../../core/document-reading.ts';
import type { Timer, Timers } from '../../core/ports.ts';
import type { FromThread, ToThread } from './messages.ts';
import { Assembly } from './parts.ts';

/** A file of 64 MiB takes some 500 MB while it is read. */
const LIMITS = { maxOldGenerationSizeMb: 1024, maxYoungGenerationSizeMb: 64 };
/** Nothing is worth waiting longer for. */
const MAX_MS = 60_000;
/** A contract of many files asks again soon. */
const IDLE_MS = 2000;

/** Reads documents in a thread that is there as long as it is needed: while one is read or parsed, requests go on. */
export class WorkerDocumentReader implements DocumentReader {
  readonly #entry: URL;
  readonly #timers: Timers;
  #worker: Worker | undefined;
  #idle: Timer | undefined;
  /** One after the other. */
  #last: Promise<unknown> = Promise.resolve();
  #settle: ((message: FromThread) => void) | undefined;

  /** `entry`: a file that calls `serveReading`. */
  constructor(entry: URL, timers: Timers) {
    this.#entry = entry;
    this.#timers = timers;
  }

  read(uri: string, bytes: Uint8Array): Promise<ReadFile> {
    return this.#queued(async () => {
      const read = await this.#ask({ do: 'read', uri, bytes }, 'read');
      if (!read.hasValue) return read.content as ReadFile;
      const assembly = new Assembly();
      for (let { part } = await this.#ask({ do: 'more' }, 'part'); part !== undefined; { part } = await this.#ask({ do: 'more' }, 'part'))
        assembly.put(part);
      return { ...(read.content as ReadFile), value: assembly.value };
    });
  }

  place(bytes: Uint8Array, wanted: PlacedWanted): Promise<readonly Position[]> {
    return this.#queued(async () => (await this.#ask({ do: 'place', bytes, wanted }, 'placed')).positions as readonly Position[]);
  }

  /** Ends the thread; what is being read fails. */
  async close(): Promise<void> {
    this.#idle?.cancel();
    await this.#end('it is not read any more');
  }

  #queued<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#last.then(async () => {
      this.#idle?.cancel();
      try {
        return await work();
      } finally {
        this.#idle = this.#timers.after(IDLE_MS, () => void this.#end('idle'));
      }
    });
    this.#last = done.catch(() => undefined);
    return done;
  }

  async #ask<Is extends FromThread['is']>(message: ToThread, is: Is): Promise<Extract<FromThread, { readonly is: Is }>> {
    const worker = this.#worker ?? this.#start();
    const { promise, resolve } = Promise.withResolvers<FromThread>();
    this.#settle = resolve;
    const limit = this.#timers.after(MAX_MS, () => void this.#end(`it takes longer than ${MAX_MS / 1000} s`));
    worker.postMessage(message);
    const answer = await promise;
    limit.cancel();
    if (answer.is === 'failed') throw new Error(answer.why);
    if (answer.is !== is) throw new Error(`the thread answered ${answer.is}`);
    return answer as Extract<FromThread, { readonly is: Is }>;
  }

  #start(): Worker {
    const worker = new Worker(this.#entry, { name: 'plumbline-documents', execArgv: [], env: {}, resourceLimits: LIMITS });
    worker.unref();
    this.#worker = worker;
    let why = 'the thread that reads it ended';
    worker.on('message', (message: FromThread) => {
      if (worker === this.#worker) this.#answer(message);
    });
    // Followed by `exit`.
    worker.on('error', (error: unknown) => {
      const { code, message } = error as { readonly code?: string; readonly message?: string };
      why = code === 'ERR_WORKER_OUT_OF_MEMORY' ? 'it takes too much memory' : String(message);
    });
    worker.on('exit', () => {
      if (worker !== this.#worker) return;
      this.#worker = undefined;
      this.#answer({ is: 'failed', why });
    });
    return worker;
  }

  #answer(message: FromThread): void {
    const settle = this.#settle;
    this.#settle = undefined;
    settle?.(message);
  }

  async #end(why: string): Promise<void> {
    const worker = this.#worker;
    this.#worker = undefined;
    this.#answer({ is: 'failed', why });
    await worker?.terminate();
  }
}
