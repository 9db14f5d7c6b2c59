import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type FakeShare, FakeShares } from '../../../test/kit/finding-share.ts';
import { AT_MS } from '../../../test/kit/finding-rows.ts';
import type { Drift } from '../../core/drift.ts';
import type { FindingRow } from '../../core/findings.ts';
import { Findings } from './findings.ts';
import { ShareKeeping } from './share-keeping.ts';

interface Replica {
  readonly findings: Findings;
  readonly share: FakeShare;
  readonly keeping: ShareKeeping;
}

function replica(shares: FakeShares, findings = new Findings({ limit: 100 })): Replica {
  const share = shares.replica();
  return { findings, share, keeping: new ShareKeeping(findings, share) };
}

function see({ findings }: Replica, number: number, consumer = 'shop', digest = 'd1', atMs = AT_MS): void {
  const drift: Drift = {
    kind: 'undocumented_field',
    side: 'response',
    location: 'body',
    pointer: `/field${number}`,
    specPointer: '#/Invoice',
    name: `field${number}`,
    types: ['string'],
    formats: [],
  };
  findings.observe(
    { direction: 'ingress', api: 'billing', operation: 'getInvoice', contractVersion: digest, digest, consumer, atMs },
    drift,
  );
}

/** Counts by name. */
function counts({ findings }: Replica): Record<string, number> {
  const found = findings.query({
    api: undefined,
    kind: undefined,
    state: undefined,
    operation: undefined,
    consumer: undefined,
    limit: 1000,
    after: undefined,
  });
  return Object.fromEntries((found?.items ?? []).map(({ row }) => [row.name, row.seen.count]).sort());
}

const idOf = ({ findings }: Replica, name: string): string => findings.ids().find((id) => findings.find(id)?.row.name === name) ?? '';

type Step = { readonly at: number } & ({ readonly see: number } | { readonly exchange: 'well' | 'call_lost' | 'answer_lost' });
const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    { weight: 4, arbitrary: fc.record({ at: fc.nat({ max: 2 }), see: fc.nat({ max: 9 }) }) },
    {
      weight: 2,
      arbitrary: fc.record({
        at: fc.nat({ max: 2 }),
        exchange: fc.constantFrom('well' as const, 'call_lost' as const, 'answer_lost' as const),
      }),
    },
  ),
  { maxLength: 60 },
);

it('whatever gets lost on the way, in the end all have counted everything once', async () => {
  await fc.assert(
    fc.asyncProperty(steps, async (history) => {
      const shares = new FakeShares();
      const replicas = [replica(shares), replica(shares), replica(shares)] as const;
      const expected = new Map<string, number>();
      for (const step of history) {
        const one = replicas[step.at as 0];
        if ('see' in step) {
          const name = `field${step.see}`;
          expected.set(name, (expected.get(name) ?? 0) + 1);
          see(one, step.see, `consumer${step.at}`);
        } else if ('exchange' in step) {
          one.share.fault = step.exchange === 'well' ? undefined : step.exchange;
          expect(await one.keeping.exchange()).toBe(step.exchange === 'well' ? 'kept' : 'unavailable');
        }
      }
      for (let round = 0; round < 2; round++) for (const { keeping } of replicas) expect(await keeping.exchange()).toBe('kept');
      const all = Object.fromEntries([...expected].sort());
      expect(replicas.map(counts)).toEqual([all, all, all]);
      for (const { findings } of replicas) {
        for (const id of findings.ids()) {
          const { seen, consumers } = findings.told(id) as FindingRow;
          expect(Object.values(consumers).reduce((sum, { count }) => sum + count, 0)).toBe(seen.count);
        }
      }
    }),
    { numRuns: 200 },
  );
});

it('what is seen while an exchange is on its way is counted, and told with the next', async () => {
  const shares = new FakeShares();
  const [a, b] = [replica(shares), replica(shares)];
  see(a, 1);
  const exchanged = a.keeping.exchange();
  for (let i = 0; i < 5; i++) {
    await Promise.resolve();
    see(a, 1);
  }
  await exchanged;
  expect(counts(a)).toEqual({ field1: 6 });
  await a.keeping.exchange();
  await b.keeping.exchange();
  expect(counts(b)).toEqual({ field1: 6 });
});

it('more than a call takes goes in several, and none of it is told twice when one of them fails', async () => {
  const shares = new FakeShares();
  const [a, b] = [replica(shares), replica(shares)];
  await a.keeping.exchange();
  for (let i = 0; i < 40; i++) see(a, i);
  a.share.fault = 'answer_lost';
  expect(await a.keeping.exchange()).toBe('unavailable');
  expect(Object.values(counts(a))).toEqual(Array.from({ length: 40 }, () => 1));
  for (let i = 0; i < 40; i++) see(a, i);
  expect(await a.keeping.exchange()).toBe('kept');
  await b.keeping.exchange();
  expect(Object.values(counts(b))).toEqual(Array.from({ length: 40 }, () => 2));
});

it('what one replica acknowledges, or takes back, holds on all with their next exchange', async () => {
  const shares = new FakeShares();
  const [a, b] = [replica(shares), replica(shares)];
  see(a, 1);
  await a.keeping.exchange();
  await b.keeping.exchange();
  const id = idOf(a, 'field1');
  for (const [at, change, state] of [
    [1, () => a.findings.acknowledge(id, { at: AT_MS, note: 'ours' }), 'acknowledged'],
    [2, () => b.findings.withdraw(id, { at: AT_MS + 1 }), 'new'],
    [3, () => b.findings.acknowledge(id, { at: AT_MS + 2, note: 'theirs' }), 'acknowledged'],
  ] as const) {
    change();
    for (const { keeping } of [a, b, a]) await keeping.exchange();
    expect([a.findings.find(id)?.state, b.findings.find(id)?.state], String(at)).toEqual([state, state]);
  }
  expect(counts(b)).toEqual({ field1: 1 });
});

it('a process that was started with what it had written adds only what the others lack', async () => {
  const shares = new FakeShares();
  const before = replica(shares);
  for (let i = 0; i < 3; i++) see(before, 1);
  see(before, 2);
  await before.keeping.exchange();
  see(before, 2); // written, and not told: it was killed
  before.findings.acknowledge(idOf(before, 'field2'), { at: AT_MS, note: 'known' });
  see(before, 3);
  const written = before.findings.takeChanged().put;
  const other = replica(shares);
  await other.keeping.exchange();
  for (let i = 0; i < 4; i++) see(other, 1);
  await other.keeping.exchange();
  const findings = new Findings({ limit: 100 });
  findings.restore(written);
  const after = replica(shares, findings);
  see(after, 1);
  expect(await after.keeping.exchange()).toBe('kept');
  await other.keeping.exchange();
  const all = { field1: 8, field2: 2, field3: 1 };
  expect([counts(after), counts(other)]).toEqual([all, all]);
  expect(other.findings.find(idOf(other, 'field2'))?.state).toBe('acknowledged');
  const { calls } = after.share;
  await after.keeping.exchange();
  expect(after.share.calls - calls).toBe(1);
});

it('a store that has forgotten everything has it again from whoever knows', async () => {
  const shares = new FakeShares();
  const [a, b] = [replica(shares), replica(shares)];
  for (let i = 0; i < 10; i++) see(a, i);
  await a.keeping.exchange();
  await b.keeping.exchange();
  a.findings.acknowledge(idOf(a, 'field3'), { at: AT_MS, note: 'known' });
  await a.keeping.exchange();
  shares.forget();
  see(b, 5);
  for (const { keeping } of [b, a, b]) expect(await keeping.exchange()).toBe('kept');
  const all = Object.fromEntries(Array.from({ length: 10 }, (_, i) => [`field${i}`, i === 5 ? 2 : 1]));
  expect([counts(a), counts(b)]).toEqual([all, all]);
  expect(shares.rows).toHaveLength(10);
  expect(b.findings.find(idOf(b, 'field3'))?.state).toBe('acknowledged');
});

it('nothing is told before it was heard what the others know, and nothing at all once it is closed', async () => {
  const shares = new FakeShares();
  const a = replica(shares);
  see(a, 1);
  a.share.isAway = true;
  expect(await a.keeping.exchange()).toBe('unavailable');
  expect(a.findings.takeDifferences()).toHaveLength(1);
  a.share.isAway = false;
  a.keeping.close();
  expect([await a.keeping.exchange(), a.share.calls]).toEqual(['unavailable', 1]);
});

it('two contracts in force at once, as in a rollout: a finding is what it is under each replica’s own, whoever saw it last', async () => {
  const shares = new FakeShares();
  const [old, fresh, idle] = [replica(shares), replica(shares), replica(shares)];
  const under = (digest: string) => new Map([['billing', { digest, baseline: new Map<string, string>() }]]);
  old.findings.contracts(under('d1'));
  for (const { findings } of [fresh, idle]) findings.contracts(under('d2'));
  const states: string[] = [];
  let atMs = AT_MS;
  const round = async (seer: Replica, digest: string): Promise<void> => {
    see(seer, 1, 'shop', digest, ++atMs);
    for (const { keeping } of [old, fresh, idle, old, fresh, idle]) await keeping.exchange();
    const id = idOf(old, 'field1');
    states.push([old, fresh, idle].map(({ findings }) => findings.find(id)?.state).join(' '));
  };
  await round(old, 'd1'); // only the old one sees it: the new contract may know the field
  for (let i = 0; i < 4; i++) {
    await round(fresh, 'd2');
    await round(old, 'd1');
  }
  expect(states).toEqual(['new resolved resolved', ...Array.from({ length: 8 }, () => 'new new new')]);
});
