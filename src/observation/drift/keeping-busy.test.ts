/** Writing and telling come to an end, however busy the traffic is. */
import { expect, it } from 'vitest';
import { FakeClock, settle } from '../../../test/kit/clock.ts';
import { fieldOf } from '../../../test/kit/filled-findings.ts';
import { FakeShares } from '../../../test/kit/finding-share.ts';
import { driftSeen } from '../../../test/kit/findings.ts';
import type { FindingJournal, FindingShare } from '../../core/findings.ts';
import { Findings } from './findings.ts';
import { JournalKeeping } from './journal-keeping.ts';
import { ShareKeeping } from './share-keeping.ts';

/** So many different ones that each part finds as many changed again. */
const HOT = 120;
/** No part may come so late; without a bound it would go on for ever. */
const TOO_MANY = 50;

function busy() {
  const findings = new Findings({ limit: 1000 });
  const traffic = (): void => {
    for (let n = 0; n < HOT; n++) findings.observe(driftSeen(), fieldOf(n));
  };
  traffic();
  return { findings, traffic };
}

it('into state.dir goes what had changed when it was asked for, and not what changes meanwhile for ever', async () => {
  const { findings, traffic } = busy();
  const clock = new FakeClock();
  const parts: number[] = [];
  const journal: FindingJournal = {
    read: () => [],
    write: ({ put }) => {
      parts.push(put.length);
      if (parts.length < TOO_MANY) traffic();
      return undefined;
    },
    writeSaid: () => undefined,
  };
  const keeping = new JournalKeeping(findings, journal, clock);
  let how: unknown = 'unfinished';
  void keeping.write().then((written) => (how = written));
  await clock.advanceAsync(10);
  // The last part has some that changed again.
  expect([how, parts]).toEqual([undefined, [50, 50, 50]]);
  expect(keeping.isBusy).toBe(false);
});

it('to the other replicas, too', async () => {
  const { findings, traffic } = busy();
  const shares = new FakeShares();
  const replica = shares.replica({ atOnce: 16, page: 16 });
  let told = 0;
  const share: FindingShare = {
    offer: (rows) => replica.offer(rows),
    exchange: async (rows) => {
      told += rows.length;
      if (told < TOO_MANY * HOT) traffic();
      return replica.exchange(rows);
    },
  };
  const keeping = new ShareKeeping(findings, share);
  expect(await keeping.exchange()).toBe('kept');
  await settle();
  expect(told).toBeGreaterThanOrEqual(HOT);
  expect(told).toBeLessThan(2 * HOT);
  // What was seen meanwhile is told the next time, and nothing twice.
  told = TOO_MANY * HOT;
  await keeping.exchange();
  expect(told - TOO_MANY * HOT).toBe(HOT);
  const all = [...shares.rows].map(({ seen }) => seen.count);
  expect(new Set(all).size).toBe(1);
  expect(all).toHaveLength(HOT);
  expect(findings.told(findings.ids()[0] as string)?.seen.count).toBe(all[0]);
});
