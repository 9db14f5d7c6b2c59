import { describe, expect, it } from 'vitest';
import type { RequestRules } from './request-framing.ts';
import type { ParsedRequestHead } from './request-head.ts';
import { BARE, RULES, get, parsed, post, said } from './testing/examined.ts';

describe('Expect', () => {
  it.each([
    ['Expect: 100-continue', true],
    ['EXPECT: 100-Continue', true],
    ['Expect: 100-continue, 100-CONTINUE', true],
    ['A: 1', false],
  ])('%s: %s', (field, expectsContinue) => {
    expect(post(field, 'Content-Length: 1')).toMatchObject({ expectsContinue });
    expect(post(field, 'Transfer-Encoding: chunked')).toMatchObject({ expectsContinue });
  });

  it('of a request without a body means nothing (RFC 9110 §10.1.1)', () => {
    expect(get('Expect: 100-continue')).toEqual(BARE);
  });

  it.each(['', 'more', '100-continue;q=1', '100-continue, more', '100-continue,', '101-continue'])('%j cannot be met', (value) => {
    expect(post(`Expect: ${value}`, 'Content-Length: 1')).toBe('EXPECTATION_FAILED: only 100-continue can be expected');
    expect(get(`Expect: ${value}`)).toMatch(/^EXPECTATION_FAILED/);
  });

  it('is passed over in HTTP/1.0', () => {
    for (const value of ['100-continue', 'more'])
      expect(said(parsed('POST / HTTP/1.0', `Expect: ${value}`, 'Content-Length: 1'))).toMatchObject({ expectsContinue: false });
  });
});

describe('Connection', () => {
  it.each([
    ['1.1', '', true],
    ['1.1', 'keep-alive', true],
    ['1.1', 'CLOSE', false],
    ['1.1', 'x, close ,y', false],
    ['1.1', 'keep-alive, close', false],
    ['1.1', 'close-not', true],
    ['1.1', 'close\u00a0', true],
    ['1.1', 'x,\tclose\t', false],
    ['1.0', '', false],
    ['1.0', 'Keep-Alive', true],
    ['1.0', 'x,KEEP-alive', true],
    ['1.0', 'keep-alive, close', false],
  ])('HTTP/%s, %j: the connection goes on: %s', (version, value, keepAlive) => {
    expect(said(parsed(`GET / HTTP/${version}`, 'Host: x', `Connection: ${value}`))).toMatchObject({ keepAlive });
  });

  it('is read over all its fields', () => {
    expect(get('Connection: keep-alive', 'CONNECTION: close')).toMatchObject({ keepAlive: false });
  });

  it('takes the fields that it names away before anybody judges them', () => {
    const head = parsed('GET / HTTP/1.1', 'Host: x', 'Connection: X-Hop, te', 'x-hop: 1', 'A: 1', 'X-HOP: 2', 'TE: trailers');
    expect(said(head)).toEqual(BARE);
    expect(head.headers).toEqual(['Host', 'x', 'A', '1']);
  });

  const OURS =
    'x-request-id X-CORRELATION-ID x-causation-id traceparent tracestate baggage x-consumer-name x-consumer-version x-request-timeout-ms ' +
    'x-retry-attempt x-plumbline-no-retry x-plumbline-any forwarded x-forwarded-for x-forwarded-proto x-forwarded-host via host ' +
    'content-length transfer-encoding content-type content-encoding Authorization cookie x-team';
  const rules: RequestRules = { ...RULES, ownFields: ['x-team'] };

  it.each(OURS.split(' '))('HY-3: may not name %s', (name) => {
    for (const value of [name, `close,${name}`, `keep-alive , ${name} ,x`])
      expect(said(parsed('GET / HTTP/1.1', 'Host: x', `Connection: ${value}`), rules)).toBe(
        `MALFORMED_REQUEST: Connection names ${name.toLowerCase()}, a field that goes to the service`,
      );
  });

  it('costs little with thousands of names and fields', () => {
    const names = Array.from({ length: 4000 }, (_, i) => i.toString(36)).join(',');
    const head = parsed('GET / HTTP/1.1', 'Host: x', `Connection: ${names}`, ...Array.from({ length: 900 }, (_, i) => `a${i}: 1`));
    const from = performance.now();
    expect(said(head)).toEqual(BARE);
    expect(performance.now() - from).toBeLessThan(100);
  });
});

describe('HY-1: underscores', () => {
  const NAMES =
    'x_request_id X_Request-ID x-forwarded_for X_FORWARDED_HOST x_plumbline_fallback content_length Transfer_Encoding Content_Type x_consumer_name x_team';

  it.each(NAMES.split(' '))('%s shadows one of ours', (name) => {
    const rules: RequestRules = { ...RULES, ownFields: ['x-team'] };
    const head = (): ParsedRequestHead => parsed('GET / HTTP/1.1', 'Host: x', `${name}: 1`);
    expect(said(head(), rules)).toMatch(/^MALFORMED_REQUEST: the field name \S+_\S+ has _ where a field that the gateway relies on has -$/);
    expect(said(head(), { ...rules, underscores: 'pass' })).toEqual(BARE);
  });

  it.each(['my_field', '_', 'x_request', 'x__request_id', 'host_'])('%s shadows none', (name) => {
    expect(get(`${name}: 1`)).toEqual(BARE);
  });
});

describe('EV-8: Upgrade', () => {
  const upgrade = (value: string, ...fields: readonly string[]): string | undefined => {
    const result = get(`Upgrade: ${value}`, 'Connection: keep-alive, UPGRADE', ...fields);
    return typeof result === 'string' ? result : result.upgrade;
  };

  it.each([
    ['websocket', 'websocket'],
    ['WebSocket', 'WebSocket'],
    ['foo/2, bar', 'foo/2, bar'],
    ['h2c', undefined],
    ['H2C', undefined],
    ['HTTP/2.0', undefined],
    ['TLS/1.2, HTTP/1.1', undefined],
    ['h2c,websocket', 'websocket'],
    ['web socket', undefined],
    ['', undefined],
    [',', undefined],
  ])('to %j is passed on as %j', (value, passed) => {
    expect(upgrade(value)).toBe(passed);
  });

  it('is read over all its fields', () => {
    expect(upgrade('a', 'UPGRADE: h2c', 'upgrade: b')).toBe('a, b');
  });

  it('needs to be listed, HTTP/1.1, and no body', () => {
    expect(get('Upgrade: websocket')).toEqual(BARE);
    expect(get('Connection: upgrade')).toEqual(BARE);
    expect(upgrade('websocket', 'Content-Length: 1')).toBeUndefined();
    expect(upgrade('websocket', 'Transfer-Encoding: chunked')).toBeUndefined();
    const old = parsed('GET / HTTP/1.0', 'Upgrade: websocket', 'Connection: upgrade');
    expect(said(old)).toMatchObject({ upgrade: undefined });
  });

  it('takes HTTP2-Settings away, named in Connection or not', () => {
    for (const connection of ['Upgrade, HTTP2-Settings', 'Upgrade']) {
      const head = parsed('GET / HTTP/1.1', 'Host: x', 'Upgrade: h2c', 'http2-SETTINGS: AAMAAABk', `Connection: ${connection}`, 'A: 1');
      expect(said(head)).toEqual(BARE);
      expect(head.headers.filter((text) => /^http2-settings$/i.test(text))).toEqual([]);
    }
  });
});
