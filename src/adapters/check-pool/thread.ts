import { Worker } from 'node:worker_threads';
import type { FromWorker, ToWorker } from './messages.ts';
import type { Loss } from './metrics.ts';

/** A thread that judges, as the pool sees it. */
export interface CheckThread {
  post(message: ToWorker, handedOver: readonly ArrayBuffer[]): void;
  /** At once, whatever it does; `onLost` does not follow. Resolves when it is gone. */
  end(): Promise<void>;
}

export interface ThreadEvents {
  onMessage(message: FromWorker): void;
  /** It ended by itself, and why, for people. Comes once, and then nothing more. */
  onLost(loss: Exclude<Loss, 'hung'>, why: string): void;
}

export type StartThread = (events: ThreadEvents) => CheckThread;

/**
 * Old space: the largest contracts that people publish take some 150 MB with their validators, a body of 16 MiB as much again. The young one
 * is not that of the process, which `--max-semi-space-size` makes as large as its traffic wants it.
 */
const LIMITS = { maxOldGenerationSizeMb: 512, maxYoungGenerationSizeMb: 48 };

/** Threads of `entry`, a file that calls `serveChecks`. They take no flag, no environment and no input of this process, and do not keep it alive. */
export function checkThreads(entry: URL, limits: typeof LIMITS = LIMITS): StartThread {
  return ({ onMessage, onLost }) => {
    const worker = new Worker(entry, { name: 'plumbline-checks', execArgv: [], env: {}, resourceLimits: limits });
    worker.unref();
    let ended = false;
    let fault: unknown;
    worker.on('message', (message: FromWorker) => {
      if (!ended) onMessage(message);
    });
    // Followed by `exit`.
    worker.on('error', (error) => {
      fault = error;
    });
    worker.on('exit', (code) => {
      if (ended) return;
      ended = true;
      const { code: reason, message = `exit code ${code}` } = (fault ?? {}) as { readonly code?: string; readonly message?: string };
      onLost(reason === 'ERR_WORKER_OUT_OF_MEMORY' ? 'memory' : 'crashed', message);
    });
    return {
      post: (message, handedOver) => worker.postMessage(message, [...handedOver]),
      end: async () => {
        ended = true;
        await worker.terminate();
      },
    };
  };
}
