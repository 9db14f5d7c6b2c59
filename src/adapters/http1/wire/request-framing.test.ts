import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type RequestFraming, examineRequest } from './request-framing.ts';
import type { ParsedRequestHead } from './request-head.ts';
import { BARE, RULES, get, parsed, post, said } from './testing/examined.ts';

const MALFORMED = /^MALFORMED_REQUEST: /;

describe('HY-1: Host', () => {
  it('is needed in HTTP/1.1, and not in HTTP/1.0', () => {
    expect(said(parsed('GET / HTTP/1.1'))).toBe('MALFORMED_REQUEST: a request of HTTP/1.1 needs a Host');
    expect(said(parsed('GET / HTTP/1.0'))).toEqual({ ...BARE, keepAlive: false });
  });

  it.each(['HTTP/1.1', 'HTTP/1.0'])('stands once, in %s', (version) => {
    expect(said(parsed(`GET / ${version}`, 'Host: x', 'HOST: x'))).toBe('MALFORMED_REQUEST: more than one Host');
  });

  it.each(['', 'x', 'X.Example', 'x:', 'x:80', 'x:65535', 'a_b.c~d', '127.0.0.1:1', '[::1]', '[2001:db8::1]:8080', "%20!$&'()*+;="])(
    '%j is taken',
    (host) => {
      expect(said(parsed('GET / HTTP/1.1', `Host: ${host}`))).toEqual(BARE);
    },
  );

  it.each([
    ':80',
    'x:y',
    'x:-1',
    'x:65536',
    `x:${'9'.repeat(400)}`,
    'x:80:80',
    'a b',
    'a,b',
    'a/b',
    'a?b',
    'a#b',
    'a@b',
    'a\\b',
    '%2',
    '%zz',
    '::1',
    '[::1',
    '[]',
    '[::1]x',
    '[::1%eth0]',
    '[::1/64]',
    '[1.2.3.4]',
    '[v1.x]',
    'é',
  ])('%j is not', (host) => {
    expect(said(parsed('GET / HTTP/1.1', `Host: ${host}`))).toBe('MALFORMED_REQUEST: Host is not a host with or without a port');
    expect(said(parsed('GET / HTTP/1.0', `Host: ${host}`))).toMatch(MALFORMED);
  });
});

describe('HY-1: the target', () => {
  const target = (requestLine: string, host = 'x'): RequestFraming | string => said(parsed(`${requestLine} HTTP/1.1`, `Host: ${host}`));

  it.each([
    ['GET /', 'x'],
    ['GET //a/../%2f?x', 'x'],
    ['OPTIONS *', 'x'],
    ['OPTIONS http://x', 'x'],
    ['GET http://x/', 'x'],
    ['GET HTTP://X?q', 'x'],
    ['GET http://x:80/', 'x'],
    ['GET http://x/', 'x:80'],
    ['GET http://x:/', 'x:080'],
    ['GET https://x/', 'x:443'],
    ['GET http://[::1]:8080/', '[::1]:8080'],
  ])('%s with Host %s is taken', (line, host) => {
    expect(target(line, host)).toEqual(BARE);
  });

  it.each([
    ['GET /a#b', 'x', 'the request target has a fragment'],
    ['GET *', 'x', 'the request target * belongs to OPTIONS alone'],
    ['GET x', 'x', 'the request target is neither a path nor an http URL'],
    ['GET x:80', 'x:80', 'the request target is neither a path nor an http URL'],
    ['GET ftp://x/', 'x', 'the request target is neither a path nor an http URL'],
    ['GET http:/x', 'x', 'the request target is neither a path nor an http URL'],
    ['GET ?a', 'x', 'the request target is neither a path nor an http URL'],
    ['GET http://u:p@x/', 'x', 'the request target has credentials'],
    ['GET http://@x/', 'x', 'the request target has credentials'],
    ['GET http:///a', 'x', 'the request target names no valid host'],
    ['GET http://:80/a', 'x', 'the request target names no valid host'],
    ['GET http://x:y/', 'x', 'the request target names no valid host'],
    ['GET http://a\\b/', 'x', 'the request target names no valid host'],
    ['GET http://y/', 'x', 'the request target names another host than Host'],
    ['GET http://x:81/', 'x', 'the request target names another host than Host'],
    ['GET https://x/', 'x:80', 'the request target names another host than Host'],
    ['GET http://x./', 'x', 'the request target names another host than Host'],
    ['GET http://x/', '', 'the request target names another host than Host'],
  ])('%s with Host %j is not', (line, host, why) => {
    expect(target(line, host)).toBe(`MALFORMED_REQUEST: ${why}`);
  });

  it.each(['x:443', '/', '*'])('%s of CONNECT is refused by name', (text) => {
    expect(target(`CONNECT ${text}`, 'x:443')).toBe('METHOD_NOT_ALLOWED: CONNECT is not served here');
  });

  it('has a limit', () => {
    expect(target(`GET /${'a'.repeat(99)}`)).toEqual(BARE);
    expect(target(`GET /${'a'.repeat(100)}`)).toBe('URI_TOO_LONG: the request target is too long');
  });

  it('in absolute-form gives an HTTP/1.0 request the Host that it lacks', () => {
    const head = parsed('GET http://x:8080/a HTTP/1.0', 'A: 1');
    expect(said(head)).toEqual({ ...BARE, keepAlive: false });
    expect(head.headers).toEqual(['A', '1', 'Host', 'x:8080']);
  });
});

describe('HY-1: the length of the body', () => {
  it.each([
    ['0', { ...BARE }],
    ['5', { ...BARE, body: 'length', lengthBytes: 5 }],
    ['9007199254740991', { ...BARE, body: 'length', lengthBytes: 2 ** 53 - 1 }],
  ])('Content-Length %s', (value, framing) => {
    expect(post(`content-LENGTH: ${value}`)).toEqual(framing);
  });

  it.each([
    '',
    '+5',
    '-5',
    '5 5',
    '0x5',
    '5.0',
    '1e1',
    '5;',
    '5,',
    ',',
    '5, 6',
    '9007199254740992',
    '9'.repeat(5000),
    '²',
    '5\u00a0',
    '5, 5\u00a0',
  ])('Content-Length %j is none', (value) => {
    expect(post(`Content-Length: ${value}`)).toBe('MALFORMED_REQUEST: Content-Length is not one number of bytes');
  });

  it.each([
    [
      ['Content-Length: 5', 'A: 1', 'content-length: 5'],
      ['Host', 'x', 'Content-Length', '5', 'A', '1'],
    ],
    [['content-length: 5, 5,5'], ['Host', 'x', 'content-length', '5']],
    [
      ['A: 1', 'Content-Length: 005'],
      ['Host', 'x', 'A', '1', 'Content-Length', '5'],
    ],
  ])('%j goes on as one plain number', (fields, headers) => {
    const head = parsed('POST / HTTP/1.1', 'Host: x', ...fields);
    expect(said(head)).toMatchObject({ body: 'length', lengthBytes: 5 });
    expect(head.headers).toEqual(headers);
  });

  it.each([
    ['Content-Length: 5', 'Content-Length: 6'],
    ['Content-Length: 5', 'Content-Length: 5, 5'],
    ['Content-Length: 5', 'Content-Length: 05'],
    ['Content-Length: 0', 'Transfer-Encoding: chunked'],
    ['Transfer-Encoding: chunked', 'Content-Length: 5'],
  ])('%s beside %s is refused', (...fields) => {
    expect(post(...fields)).toMatch(MALFORMED);
  });

  it('GET and DELETE may have one, TRACE may not (RFC 9110 §9.3.8)', () => {
    expect(get('Content-Length: 5')).toMatchObject({ body: 'length' });
    expect(said(parsed('TRACE / HTTP/1.1', 'Host: x', 'Content-Length: 0'))).toEqual(BARE);
    for (const field of ['Content-Length: 1', 'Transfer-Encoding: chunked'])
      expect(said(parsed('TRACE / HTTP/1.1', 'Host: x', field))).toBe('MALFORMED_REQUEST: TRACE has no body');
  });
});

describe('HY-1: Transfer-Encoding', () => {
  it.each(['chunked', 'CHUNKED', 'Chunked'])('%s', (value) => {
    expect(post(`Transfer-Encoding:\t${value} `)).toEqual({ ...BARE, body: 'chunked' });
  });

  it.each([['gzip, chunked'], ['identity, chunked'], ['x-new,chunked'], ['gzip', 'chunked']])('%s is not known here', (...values) => {
    expect(post(...values.map((value) => `Transfer-Encoding: ${value}`))).toMatch(/^UNSUPPORTED_TRANSFER_CODING: /);
  });

  it.each([
    [''],
    [','],
    ['chunked,'],
    [',chunked'],
    ['gzip'],
    ['identity'],
    ['xchunked'],
    ['chunked, gzip'],
    ['chunked, chunked'],
    ['chunked', 'chunked'],
    ['chunked', 'identity'],
    ['chunked', ''],
    ['chunked;a=b'],
    ['"chunked"'],
    ['gzip;a="b, chunked'],
    ['chun ked'],
    ['chunked\u00a0'],
    ['\u00a0chunked'],
  ])('%j is refused', (...values) => {
    expect(post(...values.map((value) => `Transfer-Encoding: ${value}`))).toMatch(MALFORMED);
  });

  it('is unknown to HTTP/1.0', () => {
    expect(said(parsed('POST / HTTP/1.0', 'Transfer-Encoding: chunked'))).toBe('MALFORMED_REQUEST: HTTP/1.0 knows no Transfer-Encoding');
  });
});

describe('the number of fields', () => {
  const many = (n: number): RequestFraming | string => get(...Array.from({ length: n - 1 }, () => 'a: 1'));

  it('is bounded', () => {
    expect(many(1000)).toEqual(BARE);
    expect(many(1001)).toBe('HEADERS_TOO_LARGE: more than 1000 header fields');
  });
});

describe('any head', () => {
  const value = fc.oneof(
    fc.constantFrom('chunked', '5', '05', '5, 5', 'close', 'upgrade', 'websocket', 'h2c', '100-continue', 'x', 'y:80', 'host', 'a', ''),
    fc.string({ unit: fc.constantFrom(...'a5,;: \t"xé'), maxLength: 8 }),
  );
  const name = fc.constantFrom(
    ...['Host', 'Content-Length', 'Transfer-Encoding', 'Connection', 'Upgrade', 'Expect', 'HTTP2-Settings', 'A', 'content_length', 'x_y'],
  );
  const target = fc.constantFrom('/', '*', 'http://x', 'http://x:80/a', 'https://x/', '/#', 'x', '//');
  const method = fc.constantFrom('GET', 'POST', 'OPTIONS', 'TRACE', 'CONNECT');

  it('is refused, or has one length, one coding, one Host; and a second look finds the same body', () => {
    const head = fc.record({ method, target, minor: fc.constantFrom(0 as const, 1 as const), fields: fc.array(fc.tuple(name, value)) });
    fc.assert(
      fc.property(head, ({ method, target, minor, fields }) => {
        const made: ParsedRequestHead = { method, target, minor, headers: fields.flatMap(([n, v]) => [n, v.trim()]) };
        const first = examineRequest(made, RULES);
        if ('code' in first) return;
        const of = (wanted: string): string[] =>
          made.headers.filter((_, i) => made.headers[i - 1]?.toLowerCase() === wanted && i % 2 === 1);
        expect(of('host')).toHaveLength(minor === 1 || target.startsWith('http') ? 1 : of('host').length & 1);
        expect(of('content-length').filter((text) => text !== String(Number(text)))).toEqual([]);
        expect(of('content-length').length).toBeLessThanOrEqual(first.body === 'chunked' ? 0 : 1);
        expect(first.body === 'chunked').toBe(of('transfer-encoding').length > 0);
        const { body, lengthBytes, expectsContinue } = first;
        expect(examineRequest(made, RULES)).toMatchObject({ body, lengthBytes, expectsContinue });
      }),
      { numRuns: 5000 },
    );
  });
});
