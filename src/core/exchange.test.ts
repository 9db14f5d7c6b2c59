import { describe, expect, it } from 'vitest';
import { fakeOperation, violation } from '../../test/kit/contract.ts';
import { attempt, exchange, routeSpec } from '../../test/kit/exchange.ts';
import { rejection } from './rejection.ts';

const LEFT = rejection('CLIENT_CLOSED', 'the client left');
const LATE = rejection('UPSTREAM_TIMEOUT', 'too late');

describe.each([
  ['an exchange', exchange],
  ['a try', attempt],
])('cancelling %s', (_what, make) => {
  it('happens once, and tells everybody who waits', () => {
    const c = make();
    const told: string[] = [];
    c.onCancel((r) => told.push(`a ${r.code}`));
    c.onCancel((r) => told.push(`b ${r.code}`));
    c.cancel(LATE);
    c.cancel(LEFT);
    expect([c.cancelled, told]).toEqual([LATE, ['a UPSTREAM_TIMEOUT', 'b UPSTREAM_TIMEOUT']]);
  });

  it('tells one who comes later at once', () => {
    const c = make();
    c.cancel(LATE);
    const told: string[] = [];
    c.onCancel((r) => told.push(r.code))();
    expect(told).toEqual(['UPSTREAM_TIMEOUT']);
  });

  it('does not tell one who withdrew, and withdrawing twice takes away nobody else', () => {
    const c = make();
    const told: string[] = [];
    const withdraw = c.onCancel(() => told.push('a'));
    c.onCancel(() => told.push('b'));
    withdraw();
    withdraw();
    c.cancel(LATE);
    withdraw();
    expect(told).toEqual(['b']);
  });

  it('tells everybody even where one withdraws another meanwhile', () => {
    const c = make();
    const told: string[] = [];
    c.onCancel(() => withdrawB());
    const withdrawB = c.onCancel(() => told.push('b'));
    c.onCancel(() => told.push('c'));
    c.cancel(LATE);
    expect(told).toContain('c');
  });

  it('comes to nothing once an answer has turned round', () => {
    const c = make();
    c.settled = true;
    c.cancel(LATE);
    expect(c.cancelled).toBeUndefined();
  });
});

describe('an exchange', () => {
  it('knows its operation, or what to call it where there is none', () => {
    const operation = fakeOperation({ id: 'getInvoice' });
    expect(exchange({ match: { operation, params: new Map() } }).operationId).toBe('getInvoice');
    expect(exchange({ match: { miss: 'path' } }).operationId).toBe('_unmatched');
    expect(exchange({ route: routeSpec({ unmatchedOperation: '_none' }) }).operationId).toBe('_none');
  });

  it('counts findings by side', () => {
    const x = exchange();
    x.findings.push(
      { ...violation(), mode: 'report' },
      { ...violation({ side: 'response' }), mode: 'report' },
      { ...violation(), mode: 'report' },
    );
    expect([x.count('request'), x.count('response')]).toEqual([2, 1]);
  });

  it('shares no state with another', () => {
    const [a, b] = [exchange(), exchange()];
    a.requestEdits.set('A', '1');
    a.flags.push('x');
    a.retryReasons.push('y');
    expect([b.requestEdits.size, b.flags, b.retryReasons, b.timeoutAliases]).toEqual([0, [], [], []]);
  });
});
