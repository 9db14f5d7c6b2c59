import { beforeEach, describe, expect, it } from 'vitest';
import {
  OVERLOAD,
  clock,
  meter,
  threads,
  known,
  pool,
  logged,
  startPool,
  documented,
  job,
  check,
  watched,
  turn,
  says,
  loaded,
  judged,
  did,
  queued,
  jobs,
} from '../../../test/kit/check-pool.ts';
import { type Contract, VALID } from '../../core/contract.ts';
import type { ContractDocuments } from '../../core/contract-documents.ts';
import { IDLE_MS, JUDGE_MS, LOAD_MS, MAX_CONTRACTS, MAX_RESTART_MS, RESTART_MS } from './check-pool.ts';

beforeEach(() => startPool());

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
    startPool(() => {
      throw new Error('no threads left');
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

  it('that were replaced while they were asked about are forgotten after the last who asked', async () => {
    const [old, current] = [documented('old'), documented('current')];
    const asked = [check(job(old)), check(job(old))];
    pool.retain(new Set([known.get(current) as ContractDocuments]));
    loaded();
    judged();
    expect(did()).toEqual(['load 1', 'judge 1', 'judge 1']);
    judged();
    expect([await Promise.all(asked), did().at(-1)]).toEqual([[VALID, VALID], 'forget 1']);
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

describe('the end of the process', () => {
  it('ends the worker; what is asked then, or still was, is skipped', async () => {
    const contract = documented();
    const asked = check(job(contract));
    await pool.close();
    expect([threads[0]?.ended, await asked, await check(job(contract)), jobs('unavailable')]).toEqual([true, OVERLOAD, OVERLOAD, 2]);
    expect(threads).toHaveLength(1);
  });
});

describe('a worker that has nothing to do', () => {
  it('is ended after five minutes, with what it has grown to, and started again at the next large body', async () => {
    const contract = documented();
    const judgeOne = async (): Promise<void> => {
      const asked = check(job(contract));
      loaded();
      judged();
      expect(await asked).toBe(VALID);
    };
    await judgeOne();
    await clock.advanceAsync(IDLE_MS - 1);
    const second = check(job(contract));
    judged();
    expect(await second).toBe(VALID);
    await clock.advanceAsync(IDLE_MS - 1);
    expect([threads.length, threads[0]?.ended]).toEqual([1, false]);
    await clock.advanceAsync(10);
    expect(threads[0]?.ended).toBe(true);
    await judgeOne();
    expect([threads.length, did()]).toEqual([2, ['load 2', 'judge 2']]);
  });
});
