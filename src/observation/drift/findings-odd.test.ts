/** What seldom happens to findings. */
import { expect, it } from 'vitest';
import { drift, driftSeen } from '../../../test/kit/findings.ts';
import type { Drift } from '../../core/drift.ts';
import { findingId } from './finding-id.ts';
import { type ContractInForce, Findings } from './findings.ts';
import type { DriftSeen, FindingState } from './kept-finding.ts';

const ID = findingId('billing', drift());

function keeping(limit = 5000) {
  const findings = new Findings({ limit });
  const see = (more: Partial<Drift> = {}, seen: Partial<DriftSeen> = {}) => findings.observe(driftSeen(seen), drift(more));
  const inForce = (digest: string | undefined): void =>
    findings.contracts(new Map<string, ContractInForce>([['billing', { digest, baseline: new Map() }]]));
  const state = (id = ID): FindingState | undefined => findings.find(id)?.state;
  return { findings, see, inForce, state };
}

it('what went is not kept for a journal and for replicas that nobody has', () => {
  const { findings, see, inForce } = keeping(10);
  for (let release = 1; release <= 20; release++) {
    inForce(`d${release}`);
    for (let n = 0; n < 10; n++) see({ name: `r${release}-${n}` }, { digest: `d${release}`, atMs: release });
  }
  // All that went has left a word for the journal, and nothing else.
  expect([findings.size, findings.waiting]).toEqual([10, { unwritten: 190, untold: 10 }]);
  const { put, gone } = findings.takeChanged();
  expect([put.length, gone.length, findings.takeDifferences().length]).toEqual([10, 190, 10]);
  expect(findings.waiting).toEqual({ unwritten: 0, untold: 0 });
});

it('one whose id is there under another spelling (a store that cannot keep half a character) is that one, and is counted once', () => {
  const { findings, see } = keeping();
  const half = { name: 'nick\ud800name' };
  see(half);
  const [row] = findings.takeDifferences() as [NonNullable<ReturnType<typeof findings.told>>];
  const restarted = keeping();
  restarted.findings.restore([{ ...row, name: 'nick\ufffdname' }]);
  expect([restarted.see(half), restarted.see(half)]).toEqual(['known', 'known']);
  expect([restarted.findings.size, restarted.findings.find(row.id)?.row.seen.count]).toEqual([1, 3]);
  expect(restarted.findings.ids()).toEqual([row.id]);
});

it('a contract that could not be loaded resolves nothing, also once it is there again', () => {
  const { see, inForce, state } = keeping();
  inForce('d1');
  see({ kind: 'lost_update' });
  const id = findingId('billing', drift({ kind: 'lost_update' }));
  inForce(undefined);
  expect(see({ kind: 'lost_update' }, { digest: '', contractVersion: '' })).toBe('known');
  expect(state(id)).toBe('new');
  inForce('d1');
  expect(state(id)).toBe('new');
});

it('with room for the resolved alone, what was seen first while no contract could be loaded stays open until one is', () => {
  const { see, inForce, state } = keeping();
  inForce(undefined);
  expect(see({}, { digest: '', contractVersion: '' })).toBe('new');
  expect(state()).toBe('new');
});
