import { describe, expect, it } from 'vitest';
import { type Given, answerOf, exchange, fakeDeps, routeSpec, sentHeaders } from '../../../test/kit/exchange.ts';
import { forwardHeaders } from '../../core/edits.ts';
import { headerValue, headerValues } from '../../core/headers.ts';
import type { RouteSpec } from '../../core/policy.ts';
import type { Answer } from '../../core/stage.ts';
import { identity } from './stage.ts';
import type { IdentityConfig } from './config.ts';

const CONFIG: IdentityConfig = {
  ids: 'anyone',
  consumer: [{ from: 'header', header: 'x-team', version: 'x-team-version' }, { from: 'userAgent' }],
  tokens: undefined,
  judged: false,
};

function identified(given: Given, config: Partial<IdentityConfig> = {}, direction: RouteSpec['direction'] = 'ingress') {
  const deps = fakeDeps();
  const stage = identity.compile({ ...CONFIG, ...config }, routeSpec({ direction }), deps);
  const x = exchange(given);
  const refused = (stage.onRequest(x) as Answer | undefined)?.rejection?.code;
  const headers = sentHeaders(x);
  const returned = (answerHeaders: readonly string[] = []) => {
    const answer = answerOf(200, { headers: answerHeaders });
    return forwardHeaders(stage.onResponse(x, answer).headers, x.responseEdits);
  };
  return {
    x,
    refused,
    headers,
    returned,
    get: (name: string) => headerValue(headers, name),
    dropped: deps.meter.series('untrusted_headers_total'),
  };
}

/** What FixedRandom gives: one `hex` for the pseudonym, then UUIDs. */
const PSEUDONYM = '1.1 plumbline-00000001';
const UUID = '00000000-0000-7000-8000-000000000002';
const strangers = { trusted: false, address: '203.0.113.7' };

describe('the numbers of an exchange', () => {
  it('HD: X-Request-ID and X-Correlation-ID are kept, forwarded and returned', () => {
    const { x, headers, returned } = identified({ headers: ['x-request-id', 'abc', 'X-Correlation-Id', 'whole'], ...strangers });
    expect([x.requestId, x.correlationId]).toEqual(['abc', 'whole']);
    expect(headers.slice(0, 4)).toEqual(['x-request-id', 'abc', 'X-Correlation-Id', 'whole']);
    expect(returned().slice(0, 4)).toEqual(['X-Request-ID', 'abc', 'X-Correlation-ID', 'whole']);
  });

  it('HD: made where there is none; the correlation ID is then the request ID', () => {
    const { x, get, returned } = identified({});
    expect([x.requestId, x.correlationId, get('x-request-id'), get('x-correlation-id')]).toEqual([UUID, UUID, UUID, UUID]);
    expect(headerValue(returned(), 'x-request-id')).toBe(UUID);
  });

  it.each(['', 'a b', 'x'.repeat(129), 'a\tb', 'é', 'a/b', '<script>'])('HD-1: a request ID %j is replaced and counted', (value) => {
    const { x, dropped } = identified({ headers: ['X-Request-ID', value] });
    expect([x.requestId, dropped]).toEqual([UUID, { 'header=x-request-id': 1 }]);
  });

  it.each(['a', 'A-Z.a_z:0-9', 'x'.repeat(128)])('HD: a request ID %j is kept', (value) => {
    expect(identified({ headers: ['X-Request-ID', value] }).x.requestId).toBe(value);
  });

  it('HD: trust.ids: peers takes them from trusted peers only', () => {
    const headers = ['X-Request-ID', 'abc', 'X-Correlation-ID', 'whole'];
    const stranger = identified({ headers, ...strangers }, { ids: 'peers' });
    expect([stranger.x.requestId, stranger.x.correlationId]).toEqual([UUID, UUID]);
    expect(stranger.dropped).toEqual({ 'header=x-request-id': 1, 'header=x-correlation-id': 1 });
    expect(identified({ headers }, { ids: 'peers' }).x.requestId).toBe('abc');
  });

  it('HD: on egress the request ID that the app passed on is the cause; forwarded, not returned', () => {
    const { x, get, returned } = identified({ headers: ['X-Request-ID', 'abc'] }, {}, 'egress');
    expect([x.causationId, get('x-causation-id'), headerValue(returned(), 'x-causation-id')]).toEqual(['abc', 'abc', undefined]);
  });

  it('HD: on ingress X-Causation-ID is kept as it came, and no other is made', () => {
    expect(identified({ headers: ['X-Causation-ID', 'cause', 'X-Request-ID', 'abc'] }).x.causationId).toBe('cause');
    const { x, get, dropped } = identified({ headers: ['X-Causation-ID', 'no cause'] });
    expect([x.causationId, get('x-causation-id'), dropped]).toEqual(['', undefined, { 'header=x-causation-id': 1 }]);
  });
});

describe('what only trusted peers may say', () => {
  it.each([
    'X-Consumer-Name',
    'X-Consumer-Version',
    'X-Team',
    'x-team-version',
    'X-Retry-Attempt',
    'X-Plumbline-Overloaded',
    'X-Plumbline-No-Retry',
    'X-Plumbline-Anything',
  ])('HD-1: %s of others is dropped and counted', (name) => {
    const { get, dropped, x } = identified({ headers: [name, 'forged'], ...strangers });
    expect([get(name.toLowerCase()), dropped]).toEqual([undefined, { [`header=${name.toLowerCase()}`]: 1 }]);
    expect(x.consumer.name).toBe('unknown');
  });

  it.each(['X-Consumer-Name', 'X-Consumer-Version', 'X-Team', 'x-team-version'])('HD: %s of a trusted peer is forwarded', (name) => {
    const { get, dropped } = identified({ headers: [name, 'web-shop'] });
    expect([get(name.toLowerCase()), dropped]).toEqual(['web-shop', {}]);
  });

  it.each(['X-Retry-Attempt', 'X-Plumbline-Overloaded', 'X-Plumbline-No-Retry'])(
    'HD: %s of a trusted peer is ours to write: not passed on',
    (name) => {
      const { get, dropped } = identified({ headers: [name, '1'] });
      expect([get(name.toLowerCase()), dropped]).toEqual([undefined, {}]);
    },
  );

  it('HD-1: any other X-Plumbline-* is nobody’s to send', () => {
    const { get, dropped } = identified({ headers: ['X-Plumbline-Secret', '1', 'x-plumbline-secret', '2'] });
    expect([get('x-plumbline-secret'), dropped]).toEqual([undefined, { 'header=x-plumbline-secret': 2 }]);
  });

  it('HD-1: names that callers invent fill no memory: 50 of them have a series, the rest one', () => {
    const headers = Array.from({ length: 80 }, (_, i) => [`X-Plumbline-N${i}`, '1']).flat();
    const { dropped } = identified({ headers });
    expect([Object.keys(dropped).length, dropped['header=_other']]).toEqual([51, 30]);
  });

  it('HD-2: the consumer is the first source that names one, else unknown', () => {
    expect(identified({ headers: ['X-Team', 'shop', 'X-Team-Version', '3'] }).x.consumer).toEqual({ name: 'shop', version: '3' });
    expect(identified({ headers: ['User-Agent', 'curl/8'] }).x.consumer).toEqual({ name: 'curl', version: '8' });
    expect(identified({}).x.consumer).toEqual({ name: 'unknown', version: '' });
  });
});

describe('the way that a request has come', () => {
  it('HD: Via gets our entry both ways, after those before us', () => {
    const { get, returned } = identified({ headers: ['Via', '1.0 fred', 'via', '1.1 p.example'] });
    expect(get('via')).toBe(`1.0 fred, 1.1 p.example, ${PSEUDONYM}`);
    expect(headerValues(returned(['Via', '1.1 cache']), 'via')).toEqual([`1.1 cache, ${PSEUDONYM}`]);
    expect(headerValue(identified({}).returned(), 'via')).toBe(PSEUDONYM);
  });

  it('HD-3: the same pseudonym again is PROXY_LOOP', () => {
    expect(identified({ headers: ['Via', '1.1 a, 1.1 PLUMBLINE-x, 1.1 plumbline-00000001'] }).refused).toBe('PROXY_LOOP');
    expect(identified({ headers: ['Via', '1.1 plumbline-00000001', 'Via', '1.1 another proxy'] }).refused).toBe('PROXY_LOOP');
    expect(identified({ headers: ['Via', '1.1 plumbline-00000002'] }).refused).toBeUndefined();
  });

  it('HD-3: more than 20 of us is PROXY_LOOP', () => {
    const via = (n: number) =>
      Array.from({ length: n }, (_, i) => `1.1 plumbline-${(0xabc0 + i).toString(16).padStart(8, '0')}`).join(', ');
    expect(identified({ headers: ['Via', via(20)] }).refused).toBeUndefined();
    expect(identified({ headers: ['Via', via(21)] }).refused).toBe('PROXY_LOOP');
  });

  it('HD-3: the pseudonym is random for each listener, and outlives a reload', () => {
    const deps = fakeDeps();
    const via = (listener: string): string | undefined => {
      const x = exchange();
      void identity.compile(CONFIG, routeSpec({ listener }), deps).onRequest(x);
      return headerValue(sentHeaders(x), 'via');
    };
    const [a, b] = [via('a'), via('b')];
    expect(a).toMatch(/^1\.1 plumbline-[0-9a-f]{8}$/);
    expect(a).not.toBe(b);
    expect(via('a')).toBe(a);
  });
});

describe('Forwarded and X-Forwarded-*', () => {
  const FORGED = [
    'Host',
    'billing',
    'X-Forwarded-For',
    '9.9.9.9',
    'X-Forwarded-Proto',
    'https',
    'X-Forwarded-Host',
    'evil',
    'Forwarded',
    'for=9.9.9.9',
  ];

  it('HD: appended to for trusted peers', () => {
    const { get } = identified({ headers: FORGED, address: '10.0.0.9' });
    expect(get('x-forwarded-for')).toBe('9.9.9.9, 10.0.0.9');
    expect([get('x-forwarded-proto'), get('x-forwarded-host')]).toEqual(['https', 'evil']);
    expect(get('forwarded')).toBe('for=9.9.9.9, for=10.0.0.9;proto=http;host=billing');
  });

  it('HD: overwritten for others', () => {
    const { get } = identified({ headers: FORGED, ...strangers });
    expect(get('x-forwarded-for')).toBe('203.0.113.7');
    expect([get('x-forwarded-proto'), get('x-forwarded-host')]).toEqual(['http', 'billing']);
    expect(get('forwarded')).toBe('for=203.0.113.7;proto=http;host=billing');
  });

  it('HD: a forged X-Forwarded-Host goes even where there is no Host to put in its place', () => {
    expect(identified({ headers: ['X-Forwarded-Host', 'evil'], ...strangers }).get('x-forwarded-host')).toBeUndefined();
  });

  it('HD: Forwarded is written only where the caller sent it, with IPv6 and odd hosts quoted (RFC 7239 §6)', () => {
    expect(identified({ headers: ['Host', 'billing'] }).get('forwarded')).toBeUndefined();
    const { get } = identified({ headers: ['Host', '[::1]:80', 'Forwarded', ''], address: '2001:db8::1' });
    expect(get('forwarded')).toBe('for="[2001:db8::1]";proto=http;host="[::1]:80"');
    expect(identified({ headers: ['Host', 'a"b\\c', 'Forwarded', 'for=x'], ...strangers }).get('forwarded')).toContain('host="a\\"b\\\\c"');
  });
});
