import type { CheckJob } from '../../src/core/body-checking.ts';
import { type Contract, type Outcome, VALID } from '../../src/core/contract.ts';
import type { ContractDocuments } from '../../src/core/contract-documents.ts';
import { WorkerCheckPool } from '../../src/adapters/check-pool/check-pool.ts';
import type { FromWorker, ToWorker } from '../../src/adapters/check-pool/messages.ts';
import type { StartThread, ThreadEvents } from '../../src/adapters/check-pool/thread.ts';
import { FakeClock } from './clock.ts';
import { fakeContract, fakeOperation } from './contract.ts';
import { RecordingMeter } from './meter.ts';

/** A pool whose threads a test speaks for, made anew by `startPool`. */

/** A thread that a test speaks for. */
export interface FakeThread {
  readonly events: ThreadEvents;
  readonly posted: ToWorker[];
  ended: boolean;
}

export const OVERLOAD: Outcome = { is: 'skipped', reason: 'overload' };
export const operation = fakeOperation();

export let clock: FakeClock;
export let meter: RecordingMeter;
export let threads: FakeThread[];
export let known: Map<Contract, ContractDocuments>;
export let pool: WorkerCheckPool;
export let logged: string[];

const fakeThread: StartThread = (events) => {
  const thread: FakeThread = { events, posted: [], ended: false };
  threads.push(thread);
  return {
    post: (message) => void thread.posted.push(message),
    end: async () => {
      thread.ended = true;
    },
  };
};

export function startPool(start: StartThread = fakeThread): void {
  clock = new FakeClock();
  meter = new RecordingMeter();
  threads = [];
  known = new Map();
  logged = [];
  const log = (_: object, message: string): void => void logged.push(message);
  pool = new WorkerCheckPool({
    start,
    documentsOf: (contract) => known.get(contract),
    clock,
    timers: clock,
    meter,
    logger: { info: log, warn: log, error: log },
  });
}

export function documented(name = 'billing'): Contract {
  const contract = fakeContract([operation]);
  const options = { name, uri: `${name}.yaml`, basePath: 'auto', formats: 'assert' } as const;
  known.set(contract, { protocol: 'openapi', options, digest: contract.digest, files: new Map(), foundAt: new Map(), refs: 'files' });
  return contract;
}

export function job(contract: Contract, more: Partial<CheckJob> = {}): CheckJob {
  const body = more.body ?? [Buffer.from('{"a":'), Buffer.from('1}')];
  const bytes = body.reduce((sum, { byteLength }) => sum + byteLength, 0);
  const request = { method: 'POST', path: '/payments', query: '', headers: ['Content-Type', 'application/json'] };
  return {
    contract,
    operation,
    side: 'request',
    request,
    response: undefined,
    body,
    bytes,
    heldBack: 'nothing',
    wantsDrift: true,
    ...more,
  };
}

export const check = async (of: CheckJob): Promise<Outcome> => (await pool.check(of)).outcome;

/** What the promise came to so far. */
export function watched(promise: Promise<Outcome>): { outcome: Outcome | undefined } {
  const seen: { outcome: Outcome | undefined } = { outcome: undefined };
  void promise.then((outcome) => {
    seen.outcome = outcome;
  });
  return seen;
}

export const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
export const says = (message: FromWorker, thread = threads.at(-1)): void => thread?.events.onMessage(message);
export const loaded = (): void => says({ is: 'loaded', fault: undefined });
export const judged = (outcome: Outcome | undefined = VALID): void =>
  says({ is: 'judged', checked: outcome && { outcome, deprecated: [], drift: [] } });
export const did = (thread = threads.at(-1)): string[] => thread?.posted.map((message) => `${message.do} ${message.contract}`) ?? [];
export const queued = (): number => meter.value('check_worker_queue_bytes');
export const jobs = (outcome: string): number => meter.value('check_worker_jobs_total', { outcome });
