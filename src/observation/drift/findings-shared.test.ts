import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { drift, driftSeen } from '../../../test/kit/findings.ts';
import type { FindingRow } from '../../core/findings.ts';
import { merge } from '../../core/merge-findings.ts';
import { findingId } from './finding-id.ts';
import { Findings } from './findings.ts';

const ID = findingId('billing', drift());
const NAMES = ['a', 'b', 'c'];

/** All rows, as JSON that does not depend on the order of members. */
function rowsOf(findings: Findings): string {
  const rows = NAMES.flatMap((name) => findings.find(findingId('billing', drift({ name })))?.row ?? []);
  return JSON.stringify(rows.map((row) => ({ ...row, consumers: Object.entries(row.consumers).sort() })));
}

/** What replicas have together. */
class Share {
  readonly rows = new Map<string, FindingRow>();

  exchange(findings: Findings): void {
    for (const row of findings.takeDifferences()) {
      const known = this.rows.get(row.id);
      this.rows.set(row.id, known === undefined ? row : merge(known, row));
    }
    findings.absorb([...this.rows.values()]);
  }
}

describe('replicas', () => {
  const step = fc.oneof(
    {
      weight: 8,
      arbitrary: fc.record({
        do: fc.constant('see' as const),
        name: fc.constantFrom(...NAMES),
        consumer: fc.constantFrom('x', 'y', '__proto__'),
      }),
    },
    { weight: 3, arbitrary: fc.record({ do: fc.constant('exchange' as const) }) },
    {
      weight: 1,
      arbitrary: fc.record({ do: fc.constantFrom('acknowledge' as const, 'withdraw' as const), name: fc.constantFrom(...NAMES) }),
    },
  );

  it('know the same in the end, and nothing twice, however they see and exchange', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.integer({ min: 0, max: 2 }), step), { maxLength: 60 }), (steps) => {
        const share = new Share();
        const replicas = [0, 1, 2].map(() => new Findings({ limit: 10 }));
        const counts = new Map<string, number>();
        for (const [at, [which, one]] of steps.entries()) {
          const findings = replicas[which] as Findings;
          if (one.do === 'exchange') share.exchange(findings);
          else if (one.do === 'see') {
            findings.observe(driftSeen({ consumer: one.consumer, operation: `o${which}`, atMs: at }), drift({ name: one.name }));
            for (const key of [one.name, `${one.name} ${one.consumer}`]) counts.set(key, (counts.get(key) ?? 0) + 1);
          } else if (one.do === 'acknowledge') findings.acknowledge(findingId('billing', drift({ name: one.name })), { at, note: 'n' });
          else findings.withdraw(findingId('billing', drift({ name: one.name })), { at });
        }
        for (const findings of [...replicas, ...replicas]) share.exchange(findings);
        const [first, second, third] = replicas.map(rowsOf);
        expect([second, third]).toEqual([first, first]);
        for (const name of NAMES) {
          const row = (replicas[0] as Findings).find(findingId('billing', drift({ name })))?.row;
          expect(row?.seen.count ?? 0).toBe(counts.get(name) ?? 0);
          for (const consumer of ['x', 'y', '__proto__']) {
            const seen = row !== undefined && Object.hasOwn(row.consumers, consumer) ? row.consumers[consumer] : undefined;
            expect(seen?.count ?? 0).toBe(counts.get(`${name} ${consumer}`) ?? 0);
          }
        }
      }),
    );
  });

  it('a replica that still has the older contract resolves nothing here', () => {
    const findings = new Findings({ limit: 10 });
    findings.contracts(new Map([['billing', { digest: 'd2', baseline: new Map<string, string>() }]]));
    findings.observe(driftSeen({ digest: 'd2' }), drift());
    const [row] = findings.takeDifferences() as [FindingRow];
    findings.absorb([{ ...row, seen: { ...row.seen, lastSeenAt: 9000 }, contract: { version: '1', digest: 'd1' } }]);
    expect([findings.find(ID)?.state, findings.find(ID)?.row.contract.digest]).toEqual(['new', 'd2']);
  });

  it('what was seen here and not told yet stands beside what the others say', () => {
    const [one, other] = [new Findings({ limit: 10 }), new Findings({ limit: 10 })];
    const share = new Share();
    one.observe(driftSeen({ consumer: 'x' }), drift());
    share.exchange(one);
    other.observe(driftSeen({ consumer: 'y' }), drift());
    other.absorb([...share.rows.values()]);
    const row = other.find(ID)?.row;
    expect([row?.seen.count, row?.consumers['x']?.count, row?.consumers['y']?.count]).toEqual([2, 1, 1]);
    expect(other.takeDifferences()).toMatchObject([{ seen: { count: 1 }, consumers: { y: { count: 1 } } }]);
  });

  it('what others have found is there, and not told as if it were found here', () => {
    const [one, other] = [new Findings({ limit: 10 }), new Findings({ limit: 1 })];
    one.observe(driftSeen(), drift());
    one.observe(driftSeen({ atMs: 2000 }), drift({ name: 'b' }));
    const share = new Share();
    share.exchange(one);
    share.exchange(other);
    expect([other.size, other.takeDifferences(), other.takeChanged().put.length]).toEqual([1, [], 1]);
    expect(other.observe(driftSeen(), drift())).toBe('known');
  });
});

describe('a restart', () => {
  it('forgets nothing, and changes nothing', () => {
    const [before, after] = [new Findings({ limit: 10 }), new Findings({ limit: 10 })];
    before.observe(driftSeen(), drift({ name: 'a', value: '1' }));
    before.observe(driftSeen({ consumer: '__proto__' }), drift({ name: 'b' }));
    before.acknowledge(findingId('billing', drift({ name: 'a' })), { at: 5, note: 'known' });
    // As a file has them.
    after.restore(JSON.parse(JSON.stringify(before.takeChanged().put)) as FindingRow[]);
    expect(rowsOf(after)).toBe(rowsOf(before));
    expect([after.takeChanged(), after.takeDifferences()]).toEqual([{ put: [], gone: [] }, []]);
    expect(after.observe(driftSeen(), drift({ name: 'b' }))).toBe('known');
  });

  it('with a smaller limit it keeps what was acknowledged and what was seen last, and deletes nothing', () => {
    const [before, after] = [new Findings({ limit: 10 }), new Findings({ limit: 2 })];
    for (const [i, name] of NAMES.entries()) before.observe(driftSeen({ atMs: i }), drift({ name }));
    before.acknowledge(findingId('billing', drift({ name: 'a' })), { at: 5, note: '' });
    after.restore(before.takeChanged().put);
    expect(NAMES.filter((name) => after.find(findingId('billing', drift({ name }))) !== undefined)).toEqual(['a', 'c']);
    expect(after.takeChanged()).toEqual({ put: [], gone: [] });
  });

  it('what could not be written is given again, as it is then', () => {
    const findings = new Findings({ limit: 1 });
    findings.contracts(new Map([['billing', { digest: 'd1', baseline: new Map<string, string>() }]]));
    findings.observe(driftSeen({ digest: 'd0' }), drift({ name: 'a' }));
    findings.observe(driftSeen(), drift());
    const changes = findings.takeChanged();
    expect(changes).toMatchObject({ put: [{ id: ID }], gone: [findingId('billing', drift({ name: 'a' }))] });
    findings.observe(driftSeen(), drift());
    findings.giveBack(changes);
    expect(findings.takeChanged()).toMatchObject({ put: [{ id: ID, seen: { count: 2 } }], gone: changes.gone });
    expect(findings.takeChanged()).toEqual({ put: [], gone: [] });
  });
});
