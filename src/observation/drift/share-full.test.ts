/** A share that has no room for another finding: what is only here is not lost, nor said to be kept. */
import { beforeEach, expect, it } from 'vitest';
import { FakeClock } from '../../../test/kit/clock.ts';
import { FakeShares } from '../../../test/kit/finding-share.ts';
import { drift, driftSeen } from '../../../test/kit/findings.ts';
import { RecordingMeter } from '../../../test/kit/meter.ts';
import { findingId } from './finding-id.ts';
import { Findings } from './findings.ts';
import { FindingKeeping } from './keeping.ts';

const idOf = (name: string): string => findingId('billing', drift({ name }));
const [FIRST, SECOND] = [idOf('first'), idOf('second')];

let shares: FakeShares;
beforeEach(() => {
  shares = new FakeShares();
  shares.limit = 1;
});

function replica() {
  const findings = new Findings({ limit: 100 });
  const clock = new FakeClock();
  const keeping = new FindingKeeping({
    findings,
    clock,
    timers: clock,
    random: { unit: () => 0.5 },
    meter: new RecordingMeter(),
    logger: { info: () => undefined, warn: () => undefined, error: () => undefined },
    bug: (error) => {
      throw error;
    },
  });
  keeping.shareThrough(shares.replica({ atOnce: 16, page: 16 }));
  const see = (name: string, times: number): void => {
    for (let i = 0; i < times; i++) findings.observe(driftSeen(), drift({ name }));
  };
  const count = (id: string): number | undefined => findings.find(id)?.row.seen.count;
  const acknowledge = (id: string): Promise<string | undefined> => {
    findings.acknowledge(id, { at: 5, note: 'known' });
    return keeping.keep(id);
  };
  return { findings, keeping, see, count, acknowledge };
}

const inShare = (): Record<string, number> => Object.fromEntries(shares.rows.map(({ name, seen }) => [name, seen.count]));

it('an acknowledgement of what is not in it is not told to be kept, however often it is said; of what is in it, it is', async () => {
  const { findings, keeping, see, acknowledge } = replica();
  see('first', 1);
  expect(await acknowledge(FIRST)).toBeUndefined();
  see('second', 1);
  for (let again = 0; again < 2; again++) expect(await acknowledge(SECOND)).toBe('the shared store has no room for this finding');
  expect(await acknowledge(FIRST)).toBeUndefined();
  findings.withdraw(SECOND, { at: 9 });
  expect(await keeping.keep(SECOND)).toBe('the shared store has no room for this finding');
  shares.limit = 2;
  findings.withdraw(SECOND, { at: 9 });
  expect(await keeping.keep(SECOND)).toBeUndefined();
  expect(await acknowledge(SECOND)).toBeUndefined();
  expect(shares.rows.map(({ acknowledged }) => acknowledged?.note)).toEqual(['known', 'known']);
});

it('once there is room, it has all that was counted before, and the count here does not go back', async () => {
  const { see, count, keeping } = replica();
  see('first', 1);
  await keeping.keep();
  see('second', 1000);
  await keeping.keep();
  see('second', 1);
  await keeping.keep();
  expect(inShare()).toEqual({ first: 1 });
  shares.limit = 2;
  see('second', 1);
  await keeping.keep();
  expect([count(SECOND), inShare()]).toEqual([1002, { first: 1, second: 1002 }]);
});

it('where another replica has found room for it, what was counted here is told to it, too', async () => {
  const [here, there] = [replica(), replica()];
  here.see('first', 1);
  await here.keeping.keep();
  here.see('second', 1000);
  await here.keeping.keep();
  shares.limit = 2;
  there.see('second', 3);
  await there.keeping.keep();
  await here.keeping.keep();
  expect([here.count(SECOND), inShare()]).toEqual([1000, { first: 1, second: 1000 }]);
  await there.keeping.keep();
  expect(there.count(SECOND)).toBe(1000);
});
