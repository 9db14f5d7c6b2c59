import { describe, expect, it } from 'vitest';
import { type Given, exchange, fakeDeps, routeSpec, sentHeaders } from '../../../test/kit/exchange.ts';
import { headerValue, headerValues } from '../../core/headers.ts';
import { tracing } from './stage.ts';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const PARENT = `00-${TRACE}-b7ad6b7169203331-01`;
/** What FixedRandom gives first and second. */
const SPAN = '0000000000000001';
const NEW_TRACE = '00000000000000000000000000000002';

function traced(given: Given, ids: 'anyone' | 'peers' = 'anyone') {
  const deps = fakeDeps();
  const x = exchange(given);
  tracing.compile({ ids, sample: undefined }, routeSpec(), deps).onRequest(x);
  const headers = sentHeaders(x);
  const dropped = deps.meter.series('untrusted_headers_total');
  return { x, headers, dropped, get: (name: string) => headerValue(headers, name) };
}

describe('the trace of an exchange', () => {
  it('HD: goes on from the caller’s, with a span of ours as the parent', () => {
    const { x, headers } = traced({ headers: ['Traceparent', PARENT, 'tracestate', 'a=1,b=2'] });
    expect(headers).toEqual(['Traceparent', `00-${TRACE}-${SPAN}-01`, 'tracestate', 'a=1,b=2']);
    expect([x.traceId, x.spanId]).toEqual([TRACE, SPAN]);
  });

  it('HD: begins here where there is none, sampled and random', () => {
    const { x, headers, dropped } = traced({ headers: ['A', '1'] });
    expect(headers).toEqual(['A', '1', 'traceparent', `00-${NEW_TRACE}-${SPAN}-03`]);
    expect([x.traceId, x.spanId, dropped]).toEqual([NEW_TRACE, SPAN, {}]);
  });

  it.each([
    ['a bad version', ['traceparent', PARENT.replace('00-', 'ff-')]],
    ['two of them', ['traceparent', PARENT, 'Traceparent', PARENT]],
    ['rubbish', ['traceparent', 'rubbish']],
  ])('HD: begins anew with %s, and the state of the old one is not passed on', (_what, given) => {
    const { headers, get, dropped } = traced({ headers: [...given, 'Tracestate', 'a=1', 'TraceState', 'b=2'] });
    expect(headerValues(headers, 'traceparent')).toEqual([`00-${NEW_TRACE}-${SPAN}-03`]);
    expect(get('tracestate')).toBeUndefined();
    expect(dropped).toEqual({ 'header=traceparent': 1, 'header=tracestate': 1 });
  });

  it('HD: is taken from trusted peers only where trust.ids says so; what is dropped counts', () => {
    const given = { headers: ['traceparent', PARENT, 'tracestate', 'a=1', 'baggage', 'k=v'] };
    const stranger = traced({ ...given, trusted: false }, 'peers');
    expect(stranger.headers).toEqual(['traceparent', `00-${NEW_TRACE}-${SPAN}-03`]);
    expect(stranger.dropped).toEqual({ 'header=traceparent': 1, 'header=tracestate': 1, 'header=baggage': 1 });
    expect(traced({ ...given, trusted: true }, 'peers').x.traceId).toBe(TRACE);
    expect(traced({ ...given, trusted: false }, 'anyone').x.traceId).toBe(TRACE);
  });
});

describe('baggage', () => {
  it('HD: passes as it is within the limits', () => {
    expect(traced({ headers: ['Baggage', 'a=1', 'baggage', 'b=2;p'] }).headers.slice(0, 4)).toEqual(['Baggage', 'a=1', 'baggage', 'b=2;p']);
  });

  it('HD: over the limits all its fields together lose members from the end', () => {
    const members = Array.from({ length: 40 }, (_, i) => `k${i}=v`);
    const { headers } = traced({ headers: ['Baggage', members.join(','), 'A', '1', 'baggage', members.join(',')] });
    expect(headers.slice(0, 4)).toEqual(['Baggage', `${members.join(',')}, ${members.slice(0, 24).join(',')}`, 'A', '1']);
  });

  it('HD: of which nothing fits is dropped', () => {
    expect(traced({ headers: ['baggage', `a=${'v'.repeat(9000)}`] }).get('baggage')).toBeUndefined();
  });
});
