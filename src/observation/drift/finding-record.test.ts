import { describe, expect, it } from 'vitest';
import { fakeContract, fakeOperation } from '../../../test/kit/contract.ts';
import { exchange, routeSpec } from '../../../test/kit/exchange.ts';
import { findingRow } from '../../../test/kit/finding-rows.ts';
import { drift, findingRecord } from '../../../test/kit/findings.ts';
import type { Match } from '../../core/contract.ts';
import type { Drift } from '../../core/drift.ts';
import { findingId } from './finding-id.ts';

const ID = findingId('billing', drift());

function seeing(limit?: number) {
  const kit = findingRecord(limit);
  const contract = fakeContract([fakeOperation({ id: 'getInvoice' })]);
  const x = (operation = 'getInvoice', consumer = 'shop') => {
    const one = exchange({ route: routeSpec({ contract }), match: { operation: fakeOperation({ id: operation }), params: new Map() } });
    one.requestId = 'r1';
    one.consumer = { name: consumer, version: '' };
    return one;
  };
  const inForce = (digest: string): void => kit.record.contracts(new Map([['billing', { digest, baseline: new Map<string, string>() }]]));
  const see = (more: Partial<Drift> = {}, of = x()): void => kit.record.drift(of, drift(more));
  const gauges = (): Record<string, number> => kit.meter.series('drift_findings');
  return { ...kit, contract, x, inForce, see, gauges };
}

const labels = (operation: string, kind: string, state: string): string =>
  `direction=ingress,api=billing,operation=${operation},kind=${kind},state=${state}`;

describe('the gauge', () => {
  it('counts distinct findings by the operation in which each was seen first', () => {
    const { record, see, x, gauges, meter } = seeing();
    see();
    see();
    see({}, x('listInvoices'));
    see({ name: 'other' });
    see({ kind: 'type' }, x('listInvoices'));
    expect(gauges()).toEqual({ [labels('getInvoice', 'undocumented_field', 'new')]: 2, [labels('listInvoices', 'type', 'new')]: 1 });
    record.acknowledge(ID, 'known');
    expect(gauges()).toEqual({
      [labels('getInvoice', 'undocumented_field', 'new')]: 1,
      [labels('getInvoice', 'undocumented_field', 'acknowledged')]: 1,
      [labels('listInvoices', 'type', 'new')]: 1,
    });
    record.withdraw(ID);
    expect(meter.value('drift_findings', { state: 'acknowledged' })).toBe(0);
    expect(meter.value('drift_findings', { state: 'new' })).toBe(3);
  });

  it('is 0 when the contract has changed, and gone with the next change; it comes back with the finding', () => {
    const { contract, inForce, see, gauges, meter } = seeing();
    inForce(contract.digest);
    see();
    expect(meter.born('drift_findings')).toBe(2);
    inForce('another');
    expect([gauges(), meter.born('drift_findings')]).toEqual([{}, 2]);
    inForce('a third');
    expect(meter.born('drift_findings')).toBe(0);
    inForce(contract.digest);
    expect(gauges()).toEqual({ [labels('getInvoice', 'undocumented_field', 'new')]: 1 });
  });

  it('tells of what was kept before once the contracts are there: what is resolved, or in a baseline, is never called new and takes no series', () => {
    const { contract, record, gauges, meter } = seeing();
    const kept = (number: number, digest: string) =>
      findingRow(number, { operation: `o${number}`, contract: { version: '1.0.0', digest }, api: 'billing' });
    const [old, listed, open] = [kept(1, 'old'), kept(2, contract.digest), kept(3, contract.digest)];
    record.findings.restore([old, listed, open]);
    record.findings.absorb([kept(4, 'old')]);
    expect(meter.born('drift_findings')).toBe(0);
    expect(record.acknowledge(open.id, 'known')?.state).toBe('acknowledged');
    expect(record.withdraw(open.id)?.state).toBe('new');
    record.contracts(new Map([['billing', { digest: contract.digest, baseline: new Map([[listed.id, '']]) }]]));
    expect(gauges()).toEqual({ [labels('o2', 'undocumented_field', 'acknowledged')]: 1, [labels('o3', 'undocumented_field', 'new')]: 1 });
    expect(meter.born('drift_findings')).toBe(4);
    record.contracts(new Map([['billing', { digest: 'next', baseline: new Map<string, string>() }]]));
    expect(gauges()).toEqual({});
  });

  it('does not lose count where another replica has seen it earlier, in another operation', () => {
    const { record, see, gauges } = seeing();
    see();
    const row = record.findings.find(ID)?.row as NonNullable<ReturnType<typeof record.findings.find>>['row'];
    record.findings.takeDifferences();
    record.findings.absorb([{ ...row, operation: 'a', seen: { ...row.seen, firstSeenAt: 0 } }]);
    record.acknowledge(ID, '');
    expect(gauges()).toEqual({ [labels('getInvoice', 'undocumented_field', 'acknowledged')]: 1 });
    expect(record.find(ID)?.operation).toBe('a');
  });
});

it('every observation is counted, by the operation at hand; what finds no place is counted besides', () => {
  const { meter, see, x } = seeing(1);
  see();
  see({}, x('listInvoices'));
  see({ name: 'other' });
  see({ name: 'other' });
  expect(meter.series('drift_observations_total')).toEqual({
    'direction=ingress,api=billing,operation=getInvoice,kind=undocumented_field': 3,
    'direction=ingress,api=billing,operation=listInvoices,kind=undocumented_field': 1,
  });
  expect(meter.value('observation_dropped_total', { reason: 'findings' })).toBe(2);
});

it('with a limit of 0 nothing is asked for, kept or called dropped', () => {
  const { record, meter, see } = seeing(0);
  see();
  expect([record.wantsDrift, record.findings.size, meter.value('observation_dropped_total')]).toEqual([false, 0, 0]);
});

describe('the log', () => {
  it('has one line for a new finding, and one more when a resolved one is new again', () => {
    const { contract, inForce, lines, see, x } = seeing();
    inForce(contract.digest);
    see({ value: '"nick"' });
    see();
    const line = {
      msg: 'drift.finding',
      id: ID,
      kind: 'undocumented_field',
      api: 'billing',
      operation: 'getInvoice',
      pointer: '/items/*/nickname',
      consumer: 'shop',
      evidence: { types: ['string'], formats: [], values: ['"nick"'] },
      side: 'response',
      name: 'nickname',
      spec_pointer: '/components/schemas/User',
      request_id: 'r1',
    };
    expect(lines).toEqual([line]);
    inForce('another');
    // It began before the reload.
    see();
    expect(lines).toHaveLength(1);
    const after = exchange({ route: routeSpec({ contract: { ...contract, digest: 'another' } }), match: x().match as Match });
    see({}, after);
    see({}, after);
    expect(lines).toEqual([line, { ...line, consumer: 'unknown', evidence: { types: ['string'], formats: [] }, request_id: '' }]);
  });

  it('has no more than fifty at once, and one a second then; what is left out is counted', () => {
    const { clock, lines, meter, see } = seeing();
    for (let i = 0; i < 60; i++) see({ name: `n${i}` });
    expect([lines.length, meter.value('observation_dropped_total', { reason: 'finding_lines' })]).toEqual([50, 10]);
    clock.advance(2000);
    for (let i = 60; i < 65; i++) see({ name: `n${i}` });
    expect([lines.length, meter.value('observation_dropped_total', { reason: 'finding_lines' })]).toEqual([52, 13]);
  });
});

describe('the span', () => {
  it('tells of what was found on its exchange, of twenty things at most; without one nothing is kept', () => {
    const { see, x } = seeing();
    const sampled = x();
    sampled.trace = { parentId: '', flags: '01', state: '' };
    see({}, sampled);
    expect(sampled.foundDrift).toEqual([
      { id: ID, kind: 'undocumented_field', side: 'response', location: 'body', pointer: '/items/*/nickname' },
    ]);
    for (let i = 0; i < 30; i++) see({ name: `n${i}` }, sampled);
    expect(sampled.foundDrift).toHaveLength(20);
    const other = x();
    see({}, other);
    expect(other.foundDrift).toBeUndefined();
  });
});

it('an item has instants, the most frequent consumer first, and no values but those that may be shown', () => {
  const { record, see, x } = seeing();
  see({}, x('getInvoice', 'cron'));
  see();
  see();
  record.acknowledge(ID, 'known');
  const at = expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/) as unknown;
  expect(
    record.query({
      api: undefined,
      kind: undefined,
      state: undefined,
      operation: undefined,
      consumer: undefined,
      limit: 9,
      after: undefined,
    }),
  ).toEqual({
    items: [
      {
        id: ID,
        kind: 'undocumented_field',
        state: 'acknowledged',
        direction: 'ingress',
        api: 'billing',
        operation: 'getInvoice',
        operations: ['getInvoice'],
        side: 'response',
        location: 'body',
        pointer: '/items/*/nickname',
        specPointer: '/components/schemas/User',
        name: 'nickname',
        count: 3,
        firstSeen: at,
        lastSeen: at,
        consumers: [
          { name: 'shop', count: 2, lastSeen: at },
          { name: 'cron', count: 1, lastSeen: at },
        ],
        contractVersion: expect.any(String) as unknown,
        evidence: { types: ['string'], formats: [] },
        acknowledgement: { by: 'person', note: 'known', at },
        proposal: 'declare `nickname` (string) in /components/schemas/User',
      },
    ],
    next: null,
  });
});

it('an acknowledgement of the baseline is told apart', () => {
  const { contract, record, see } = seeing();
  record.contracts(new Map([['billing', { digest: contract.digest, baseline: new Map([[ID, 'ticket 7']]) }]]));
  see();
  expect([record.find(ID)?.state, record.find(ID)?.acknowledgement]).toEqual(['acknowledged', { by: 'baseline', note: 'ticket 7' }]);
});
