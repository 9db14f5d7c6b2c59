import { beforeEach, describe, expect, it } from 'vitest';
import { FakeClock } from '../../../test/kit/clock.ts';
import { fakeContract, fakeOperation } from '../../../test/kit/contract.ts';
import { RecordingMeter } from '../../../test/kit/meter.ts';
import type { CheckJob } from '../../core/body-checking.ts';
import { type Contract, type Outcome, VALID } from '../../core/contract.ts';
import type { ContractDocuments } from '../../core/contract-documents.ts';
import {
  HELD_BACK_MS,
  JUDGE_MS,
  LOAD_MS,
  MAX_CONTRACTS,
  MAX_RESTART_MS,
  NOTHING_WAITS_MS,
  QUEUE_BYTES,
  RESTART_MS,
  WorkerCheckPool,
} from './check-pool.ts';
import type { FromWorker, ToWorker } from './messages.ts';
import type { ThreadEvents } from './thread.ts';

/** A thread that a test speaks for. */
interface FakeThread {
  readonly events: ThreadEvents;
  readonly posted: ToWorker[];
  ended: boolean;
}

const OVERLOAD: Outcome = { is: 'skipped', reason: 'overload' };
const operation = fakeOperation();

let clock: FakeClock;
let meter: RecordingMeter;
let threads: FakeThread[];
let known: Map<Contract, ContractDocuments>;
let pool: WorkerCheckPool;
let logged: string[];

beforeEach(() => {
  clock = new FakeClock();
  meter = new RecordingMeter();
  threads = [];
  known = new Map();
  logged = [];
  const log = (_: object, message: string): void => void logged.push(message);
  pool = new WorkerCheckPool({
    start: (events) => {
      const thread: FakeThread = { events, posted: [], ended: false };
      threads.push(thread);
      return {
        post: (message) => void thread.posted.push(message),
        end: async () => {
          thread.ended = true;
        },
      };
    },
    documentsOf: (contract) => known.get(contract),
    clock,
    timers: clock,
    meter,
    logger: { info: log, warn: log, error: log },
  });
});

function documented(name = 'billing'): Contract {
  const contract = fakeContract([operation]);
  const options = { name, uri: `${name}.yaml`, basePath: 'auto', formats: 'assert' } as const;
  known.set(contract, { protocol: 'openapi', options, digest: contract.digest, files: new Map(), foundAt: new Map(), refs: 'files' });
  return contract;
}

function job(contract: Contract, more: Partial<CheckJob> = {}): CheckJob {
  const body = more.body ?? [Buffer.from('{"a":'), Buffer.from('1}')];
  const bytes = body.reduce((sum, { byteLength }) => sum + byteLength, 0);
  const request = { method: 'POST', path: '/payments', query: '', headers: ['Content-Type', 'application/json'] };
  return { contract, operation, side: 'request', request, response: undefined, body, bytes, heldBack: 'nothing', ...more };
}

const check = async (of: CheckJob): Promise<Outcome> => (await pool.check(of)).outcome;

/** What the promise came to so far. */
function watched(promise: Promise<Outcome>): { outcome: Outcome | undefined } {
  const seen: { outcome: Outcome | undefined } = { outcome: undefined };
  void promise.then((outcome) => {
    seen.outcome = outcome;
  });
  return seen;
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const says = (message: FromWorker, thread = threads.at(-1)): void => thread?.events.onMessage(message);
const loaded = (): void => says({ is: 'loaded', fault: undefined });
const judged = (outcome: Outcome | undefined = VALID): void => says({ is: 'judged', checked: outcome && { outcome, deprecated: [] } });
const did = (thread = threads.at(-1)): string[] => thread?.posted.map((message) => `${message.do} ${message.contract}`) ?? [];
const queued = (): number => meter.value('check_worker_queue_bytes');
const jobs = (outcome: string): number => meter.value('check_worker_jobs_total', { outcome });

describe('a large body', () => {
  it('starts the worker, which gets the contract once and each body as one piece', async () => {
    const contract = documented();
    expect(threads).toEqual([]);
    const first = check(job(contract));
    expect(did()).toEqual(['load 1']);
    loaded();
    const message = threads[0]?.posted[1] as Extract<ToWorker, { do: 'judge' }>;
    expect(Buffer.from(message.body.bytes).toString()).toBe('{"a":1}');
    expect(message.body.request.headers).toEqual(['Content-Type', 'application/json']);
    judged({ is: 'skipped', reason: 'no_schema' });
    expect(await first).toEqual({ is: 'skipped', reason: 'no_schema' });
    const second = check(job(contract));
    judged();
    expect(await second).toBe(VALID);
    expect([threads.length, did(), queued(), jobs('judged')]).toEqual([1, ['load 1', 'judge 1', 'judge 1'], 0, 2]);
  });

  it('of an answer takes what the verdict needs of it along, and nothing else', () => {
    const answer = { status: 201, headers: ['A', 'b'], body: 'stream', rejection: { why: () => 'not to be cloned' } };
    void check(job(documented(), { side: 'response', response: answer }));
    loaded();
    const message = threads[0]?.posted[1] as Extract<ToWorker, { do: 'judge' }>;
    const { body } = message;
    expect(body.response).toEqual({ status: 201, headers: ['A', 'b'] });
    expect(() => structuredClone(body)).not.toThrow();
  });

  it('that an exchange is held back for comes before those that nothing waits for', async () => {
    const contract = documented();
    const order: string[] = [];
    const ask = (name: string, heldBack: CheckJob['heldBack']): void =>
      void check(job(contract, { heldBack })).then(() => order.push(name));
    ask('first', 'nothing');
    ask('second', 'nothing');
    ask('held back', 'exchange');
    loaded();
    for (let i = 0; i < 3; i++) {
      judged();
      await turn();
    }
    expect(order).toEqual(['first', 'held back', 'second']);
  });

  it('larger than the queue is too large, and one that has no room is skipped', async () => {
    const contract = documented();
    const large = (bytes: number): CheckJob => job(contract, { body: [new Uint8Array(bytes)] });
    expect(await check(large(QUEUE_BYTES + 1))).toEqual({ is: 'skipped', reason: 'too_large' });
    expect(threads).toEqual([]);
    const fits = watched(check(large(QUEUE_BYTES)));
    expect(await check(large(1))).toEqual(OVERLOAD);
    loaded();
    judged();
    await turn();
    expect([fits.outcome, queued(), jobs('too_large'), jobs('queue_full')]).toEqual([VALID, 0, 1, 1]);
  });

  it('of a contract that nobody knows the documents of is skipped', async () => {
    expect(await check(job(fakeContract([operation])))).toEqual(OVERLOAD);
    expect([threads.length, jobs('failed')]).toEqual([0, 1]);
  });
});

describe('who waits', () => {
  it.each([
    ['exchange', HELD_BACK_MS],
    ['nothing', NOTHING_WAITS_MS],
  ] as const)('an answer that holds back %s is waited for %d ms', async (heldBack, ms) => {
    const contract = documented();
    const late = watched(check(job(contract, { heldBack })));
    const waits = watched(check(job(contract, { heldBack })));
    await clock.advanceAsync(ms - 1);
    expect([late.outcome, waits.outcome]).toEqual([undefined, undefined]);
    await clock.advanceAsync(1);
    expect([late.outcome, waits.outcome, jobs('late')]).toEqual([OVERLOAD, OVERLOAD, 2]);
    // What the worker is at still counts; what it never got does not.
    expect(queued()).toBe(7);
    loaded();
    expect([queued(), did()]).toEqual([0, ['load 1']]);
  });

  it('too long gets nothing of what comes then, and the next is judged', async () => {
    const contract = documented();
    const late = watched(check(job(contract, { heldBack: 'exchange' })));
    loaded();
    await clock.advanceAsync(HELD_BACK_MS);
    judged();
    await turn();
    expect([late.outcome, jobs('late'), jobs('judged'), queued()]).toEqual([OVERLOAD, 1, 0, 0]);
    const next = check(job(contract));
    judged();
    expect(await next).toBe(VALID);
  });
});

describe('a worker that is lost', () => {
  it('skips all that was asked, and is started again after a pause that grows until it has judged something', async () => {
    const contract = documented();
    for (const pauseMs of [RESTART_MS, 2 * RESTART_MS, 4 * RESTART_MS]) {
      const asked = [watched(check(job(contract))), watched(check(job(contract, { heldBack: 'exchange' })))];
      threads.at(-1)?.events.onLost('crashed', 'planted');
      await turn();
      expect([asked.map(({ outcome }) => outcome), queued()]).toEqual([[OVERLOAD, OVERLOAD], 0]);
      await clock.advanceAsync(pauseMs - 1);
      expect(await check(job(contract))).toEqual(OVERLOAD);
      await clock.advanceAsync(1);
    }
    expect([threads.length, jobs('unavailable'), jobs('failed')]).toEqual([3, 3, 6]);
    expect(meter.value('check_worker_restarts_total', { reason: 'crashed' })).toBe(3);
    const good = check(job(contract));
    loaded();
    judged();
    expect(await good).toBe(VALID);
    void check(job(contract));
    threads.at(-1)?.events.onLost('memory', 'planted');
    await clock.advanceAsync(RESTART_MS);
    void check(job(contract));
    expect(threads).toHaveLength(5);
  });

  it('never waits longer than a minute', async () => {
    const contract = documented();
    for (let i = 0; i < 12; i++) {
      void check(job(contract));
      threads.at(-1)?.events.onLost('crashed', 'planted');
      await clock.advanceAsync(MAX_RESTART_MS);
      expect(threads).toHaveLength(i + 1);
    }
  });

  it.each([
    ['a body', JUDGE_MS, true],
    ['a contract', LOAD_MS, false],
  ])('because %s takes too long is ended', async (_, ms, isLoaded) => {
    const asked = watched(check(job(documented())));
    if (isLoaded) loaded();
    await clock.advanceAsync(ms - 1);
    expect(threads[0]?.ended).toBe(false);
    await clock.advanceAsync(1);
    expect([threads[0]?.ended, asked.outcome, queued()]).toEqual([true, OVERLOAD, 0]);
    expect(meter.value('check_worker_restarts_total', { reason: 'hung' })).toBe(1);
  });

  it('because the system gives no thread costs verdicts alone', async () => {
    pool = new WorkerCheckPool({
      start: () => {
        throw new Error('no threads left');
      },
      documentsOf: (contract) => known.get(contract),
      clock,
      timers: clock,
      meter,
      logger: { info: () => undefined, warn: () => undefined, error: () => undefined },
    });
    const contract = documented();
    expect(await check(job(contract))).toEqual(OVERLOAD);
    expect(await check(job(contract))).toEqual(OVERLOAD);
    expect([jobs('failed'), jobs('unavailable'), queued()]).toEqual([1, 1, 0]);
  });
});

describe('contracts of the worker', () => {
  it('that cannot be made again skip their bodies, and are said so; others are judged', async () => {
    const [bad, good] = [documented('bad'), documented('good')];
    const first = check(job(bad));
    const second = check(job(good));
    says({ is: 'loaded', fault: 'planted' });
    loaded();
    judged();
    expect([await first, await second]).toEqual([OVERLOAD, VALID]);
    expect(logged).toEqual(['the worker cannot use a contract: large bodies are not judged']);
    expect([jobs('failed'), did()]).toEqual([1, ['load 1', 'load 2', 'judge 2']]);
  });

  it('that were replaced are forgotten', async () => {
    const [old, current] = [documented(), documented()];
    for (const contract of [old, current]) {
      void check(job(contract));
      loaded();
      judged();
    }
    pool.retain(new Set([known.get(current) as ContractDocuments]));
    expect(did().at(-1)).toBe('forget 1');
    const again = check(job(current));
    judged();
    expect([await again, did().at(-1)]).toEqual([VALID, 'judge 2']);
    void check(job(old));
    expect(did().at(-1)).toBe('load 3');
  });

  it('are so many at most: the one that was asked about longest ago goes', () => {
    const contracts = Array.from({ length: MAX_CONTRACTS + 1 }, () => documented());
    const [first, second] = contracts as [Contract, Contract];
    for (const contract of contracts.slice(0, MAX_CONTRACTS)) {
      void check(job(contract));
      loaded();
      judged();
    }
    void check(job(first));
    judged();
    void check(job(contracts.at(-1) as Contract));
    expect(did().slice(-2)).toEqual(['forget 2', `load ${MAX_CONTRACTS + 1}`]);
    loaded();
    judged();
    void check(job(second));
    expect(did().at(-1)).toBe(`load ${MAX_CONTRACTS + 2}`);
  });
});

it('deprecated members that the worker has found come along', async () => {
  const deprecated = [{ element: 'request_field', specPointer: '/x' }] as const;
  const asked = pool.check(job(documented()));
  loaded();
  says({ is: 'judged', checked: { outcome: VALID, deprecated } });
  expect(await asked).toEqual({ outcome: VALID, deprecated });
});

describe('the end of the process', () => {
  it('ends the worker; what is asked then, or still was, is skipped', async () => {
    const contract = documented();
    const asked = check(job(contract));
    await pool.close();
    expect([threads[0]?.ended, await asked, await check(job(contract)), jobs('unavailable')]).toEqual([true, OVERLOAD, OVERLOAD, 2]);
    expect(threads).toHaveLength(1);
  });
});
