import { describe, expect, it } from 'vitest';
import { drift, driftSeen } from '../../../test/kit/findings.ts';
import type { Drift } from '../../core/drift.ts';
import type { FindingQuery } from '../../core/views.ts';
import { findingId } from './finding-id.ts';
import { type ContractInForce, Findings, NAMES_PER_PLACE } from './findings.ts';
import type { DriftSeen, FindingState } from './kept-finding.ts';

const ALL: FindingQuery = {
  api: undefined,
  kind: undefined,
  state: undefined,
  operation: undefined,
  consumer: undefined,
  limit: 1000,
  after: undefined,
};
const ID = findingId('billing', drift());

function keeping(limit = 5000) {
  const moves: string[] = [];
  const findings = new Findings({ limit, onMoved: ({ name }, from, to) => void moves.push(`${name} ${from ?? '-'} ${to ?? '-'}`) });
  const see = (more: Partial<Drift> = {}, seen: Partial<DriftSeen> = {}) => findings.observe(driftSeen(seen), drift(more));
  const inForce = (digest: string | undefined, baseline: readonly string[] = []): void =>
    findings.contracts(new Map<string, ContractInForce>([['billing', { digest, baseline: new Map(baseline.map((id) => [id, 'known'])) }]]));
  const state = (id = ID): FindingState | undefined => findings.find(id)?.state;
  const names = (query: Partial<FindingQuery> = {}) => findings.query({ ...ALL, ...query })?.items.map(({ row }) => row.name);
  return { findings, moves, see, inForce, state, names };
}

describe('what is one finding', () => {
  it('the same api, kind, side, place and name, whatever the operation, consumer or pointer', () => {
    const { findings, see } = keeping();
    expect(see()).toBe('new');
    expect(see({ pointer: '/nickname', types: ['null'] }, { operation: 'listInvoices', consumer: 'cron', atMs: 3000 })).toBe('known');
    expect(see({}, { atMs: 2000 })).toBe('known');
    expect(findings.find(ID)?.row).toEqual({
      id: ID,
      kind: 'undocumented_field',
      direction: 'ingress',
      api: 'billing',
      operation: 'getInvoice',
      side: 'response',
      location: 'body',
      pointer: '/items/*/nickname',
      specPointer: '/components/schemas/User',
      name: 'nickname',
      seen: { count: 3, firstSeenAt: 1000, lastSeenAt: 3000 },
      consumers: {
        shop: { count: 2, firstSeenAt: 1000, lastSeenAt: 2000 },
        cron: { count: 1, firstSeenAt: 3000, lastSeenAt: 3000 },
      },
      operations: ['getInvoice', 'listInvoices'],
      evidence: { types: ['null', 'string'], formats: [], values: [] },
      contract: { version: '1.0.0', digest: 'd1' },
      acknowledged: undefined,
    });
  });

  it.each<[string, Partial<Drift>, Partial<DriftSeen>]>([
    ['api', {}, { api: 'other' }],
    ['kind', { kind: 'type' }, {}],
    ['side', { side: 'request' }, {}],
    ['place', { specPointer: '/components/schemas/Invoice' }, {}],
    ['name', { name: 'nick' }, {}],
  ])('another %s is another one', (_, more, seen) => {
    const { findings, see } = keeping();
    see();
    expect(see(more, seen)).toBe('new');
    expect(see(more, seen)).toBe('known');
    expect(see()).toBe('known');
    expect(findings.size).toBe(2);
  });

  it('the id is 16 digits of a hash, the same everywhere and for ever', () => {
    expect(ID).toBe('825ee5aac64c38af');
    // The parts cannot run into each other.
    expect(findingId('a', drift({ name: 'b","c' }))).not.toBe(findingId('a', drift({ name: 'b' })));
  });
});

describe('states', () => {
  it('new until somebody acknowledges it; said again with the same note, the first time stands', () => {
    const { findings, see, state, moves } = keeping();
    see();
    expect(state()).toBe('new');
    expect(findings.acknowledge(ID, { at: 5, note: 'known' })?.acknowledged).toEqual({ at: 5, note: 'known' });
    expect(state()).toBe('acknowledged');
    expect(findings.acknowledge(ID, { at: 9, note: 'known' })?.acknowledged).toEqual({ at: 5, note: 'known' });
    expect(findings.acknowledge(ID, { at: 9, note: 'ticket 7' })?.acknowledged).toEqual({ at: 9, note: 'ticket 7' });
    expect(see()).toBe('known');
    expect(moves).toEqual(['nickname - new', 'nickname new acknowledged']);
    expect(findings.acknowledge('0000000000000000', { at: 5, note: '' })).toBeUndefined();
  });

  it('an acknowledgement can be taken back, even where the clock was set back', () => {
    const { findings, see, state } = keeping();
    see();
    findings.acknowledge(ID, { at: 5, note: 'known' });
    expect(findings.withdraw(ID, { at: 1 })?.acknowledged).toEqual({ at: 6, note: '', withdrawn: true });
    expect(state()).toBe('new');
    expect(findings.withdraw(ID, { at: 50 })?.acknowledged?.at).toBe(6);
    findings.acknowledge(ID, { at: 2, note: 'known' });
    expect([state(), findings.find(ID)?.row.acknowledged]).toEqual(['acknowledged', { at: 7, note: 'known' }]);
  });

  it('resolved when the contract has changed and it was not seen since; seen again it is what it was', () => {
    const { findings, see, inForce, state } = keeping();
    inForce('d1');
    see();
    see({ name: 'other' });
    const other = findingId('billing', drift({ name: 'other' }));
    findings.acknowledge(other, { at: 5, note: '' });
    inForce('d2');
    expect([state(), state(other)]).toEqual(['resolved', 'resolved']);
    const again = { digest: 'd2', contractVersion: '2.0.0' };
    expect(see({}, again)).toBe('new'); // to be told of once more
    expect(see({}, again)).toBe('known');
    expect(see({ name: 'other' }, again)).toBe('known');
    expect([state(), state(other)]).toEqual(['new', 'acknowledged']);
    expect(findings.find(ID)?.row.contract).toEqual({ version: '2.0.0', digest: 'd2' });
  });

  it('a contract that is taken back brings its findings back', () => {
    const { see, inForce, state } = keeping();
    inForce('d1');
    see();
    inForce('d2');
    inForce('d1');
    expect(state()).toBe('new');
  });

  it('an exchange that began before the reload resolves nothing that was seen after it', () => {
    const { see, inForce, state } = keeping();
    inForce('d1');
    see();
    inForce('d2');
    see({}, { digest: 'd2' });
    expect(see({}, { digest: 'd1' })).toBe('known');
    expect(state()).toBe('new');
  });

  it('nothing is resolved before the contracts are loaded, nor by one that cannot be; all of an API that has none any more is', () => {
    const { findings, see, inForce, state } = keeping();
    see();
    expect(state()).toBe('new');
    inForce(undefined);
    expect(state()).toBe('new');
    findings.contracts(new Map());
    expect(state()).toBe('resolved');
    expect(see({}, { digest: '', contractVersion: '' })).toBe('new');
    expect(state()).toBe('new');
  });

  it('a baseline acknowledges what it lists, as long as it lists it, unless a person did', () => {
    const { findings, see, inForce, state } = keeping();
    inForce('d1', [ID]);
    expect(see()).toBe('new');
    expect([state(), findings.find(ID)?.baseline]).toEqual(['acknowledged', 'known']);
    findings.withdraw(ID, { at: 1 });
    expect(state()).toBe('acknowledged');
    inForce('d1');
    expect([state(), findings.find(ID)?.baseline]).toEqual(['new', undefined]);
    findings.acknowledge(ID, { at: 5, note: '' });
    inForce('d1', [ID]);
    inForce('d1');
    expect(state()).toBe('acknowledged');
  });
});

describe('bounds', () => {
  it('at the limit the oldest resolved ones go, and without any new ones are dropped', () => {
    const { findings, see, inForce, names, moves } = keeping(2);
    inForce('d1');
    see({ name: 'a' }, { atMs: 2000 });
    see({ name: 'b' }, { atMs: 1000 });
    expect(see({ name: 'c' })).toBe('dropped');
    expect(findings.latest).toBeUndefined();
    expect(see({ name: 'a' })).toBe('known');
    inForce('d2');
    expect(see({ name: 'c' }, { digest: 'd2' })).toBe('new');
    expect(names()).toEqual(['c', 'a']);
    expect(moves.slice(-2)).toEqual(['b resolved -', 'c - new']);
    expect(findings.takeChanged().gone).toEqual([findingId('billing', drift({ name: 'b' }))]);
    expect(see({ name: 'd' }, { digest: 'd2' })).toBe('new');
    expect(see({ name: 'e' }, { digest: 'd2' })).toBe('dropped');
    // What went is not found by its key either.
    inForce('d3');
    expect(see({ name: 'b' }, { digest: 'd3' })).toBe('new');
    expect(findings.size).toBe(2);
  });

  it('none is kept where the limit is 0', () => {
    const { findings, see } = keeping(0);
    expect([see(), findings.size]).toEqual(['dropped', 0]);
  });

  it('names beyond a hundred at one place are one finding: keys of a map that the contract calls an object', () => {
    const { findings, see, names } = keeping();
    for (let i = 0; i < NAMES_PER_PLACE; i++) expect(see({ name: `k${i}`, pointer: `/map/k${i}` })).toBe('new');
    expect(see({ name: 'further', pointer: '/map/further' })).toBe('new');
    expect(see({ name: 'more', pointer: '/map/more' })).toBe('known');
    expect(see({ name: 'k7' })).toBe('known');
    expect(see({ name: 'elsewhere', specPointer: '/paths/~1x' })).toBe('new');
    expect(findings.size).toBe(NAMES_PER_PLACE + 2);
    const others = findings.find(findingId('billing', drift({ name: '_other' })))?.row;
    expect([others?.pointer, others?.seen.count]).toEqual(['/map/*', 2]);
    expect(names()).toContain('_other');
  });

  it('twenty consumers are told apart, the rest is one; a finding knows twenty operations', () => {
    const { findings, see } = keeping();
    for (let i = 0; i < 30; i++) see({}, { consumer: `c${i}`, operation: `o${String(i).padStart(2, '0')}` });
    see({}, { consumer: 'c3' });
    see({}, { consumer: '__proto__' });
    const row = findings.find(ID)?.row;
    expect(Object.keys(row?.consumers ?? {})).toHaveLength(21);
    expect([row?.consumers['c3']?.count, row?.consumers['_other']?.count]).toEqual([2, 11]);
    expect(row?.operations).toHaveLength(20);
  });

  it('texts are cut, and the same long ones are the same finding', () => {
    const { findings, see } = keeping();
    const long = { name: 'n'.repeat(5000), specPointer: `/${'s'.repeat(5000)}`, pointer: `/${'p'.repeat(5000)}`, value: 'v'.repeat(5000) };
    const seen = { consumer: 'c'.repeat(5000), operation: 'o'.repeat(5000), contractVersion: 'v'.repeat(5000) };
    expect(see(long, seen)).toBe('new');
    expect(see(long, seen)).toBe('known');
    expect(see(long, seen)).toBe('known');
    expect(findings.size).toBe(1);
    expect(JSON.stringify(findings.query(ALL)).length).toBeLessThan(6000);
    expect(findings.query(ALL)?.items[0]?.row.seen.count).toBe(3);
  });

  it('of values that may be shown the smallest eight stay', () => {
    const { findings, see } = keeping();
    for (const value of ['9', '8', '7', '6', '5', '4', '3', '2', '1', '5']) see({ value });
    expect(findings.find(ID)?.row.evidence.values).toEqual(['1', '2', '3', '4', '5', '6', '7', '8']);
  });
});

describe('the list', () => {
  function three() {
    const kept = keeping();
    kept.inForce('d1');
    kept.see({ name: 'gone' }, { atMs: 9000, digest: 'd0' });
    kept.see({ name: 'old' }, { atMs: 1000 });
    kept.see({ name: 'late', kind: 'type' }, { atMs: 3000, operation: 'b', consumer: 'cron' });
    kept.see({ name: 'known' }, { atMs: 4000 });
    kept.findings.acknowledge(findingId('billing', drift({ name: 'known' })), { at: 1, note: '' });
    kept.see({ name: 'foreign' }, { atMs: 2000, api: 'other', digest: '' });
    return kept;
  }

  it('has new ones first, then acknowledged, then resolved; the last seen first', () => {
    expect(three().names()).toEqual(['late', 'foreign', 'old', 'known', 'gone']);
  });

  it.each<[Partial<FindingQuery>, string[]]>([
    [{ api: 'other' }, ['foreign']],
    [{ kind: 'type' }, ['late']],
    [{ state: 'acknowledged' }, ['known']],
    [{ state: 'resolved' }, ['gone']],
    [{ operation: 'b' }, ['late']],
    [{ consumer: 'cron' }, ['late']],
    [{ consumer: 'nobody' }, []],
  ])('%j', (query, expected) => {
    expect(three().names(query)).toEqual(expected);
  });

  it('is paged, and ends however the findings move in between', () => {
    const { findings, see, names } = three();
    const first = findings.query({ ...ALL, limit: 2 });
    expect(first?.items.map(({ row }) => row.name)).toEqual(['late', 'foreign']);
    see({ name: 'late', kind: 'type' }, { atMs: 99_000 });
    const second = findings.query({ ...ALL, limit: 2, after: first?.next as string });
    expect(second?.items.map(({ row }) => row.name)).toEqual(['old', 'known']);
    const third = findings.query({ ...ALL, limit: 2, after: second?.next as string });
    expect([third?.items.map(({ row }) => row.name), third?.next]).toEqual([['gone'], null]);
    for (const after of ['', 'x', ID, '3-1-0123456789abcdef', '0-1-0123456789abcdeg', '0--1-0123456789abcdef'])
      expect(findings.query({ ...ALL, after })).toBeUndefined();
    expect(names({ limit: 5 })).toHaveLength(5);
  });
});
