import { describe, expect, it } from 'vitest';
import { dropFraming, responseFraming } from './response-framing.ts';
import { parseResponseHead } from './response-head.ts';

function framing(lines: readonly string[], method = 'GET', statusLine = 'HTTP/1.1 200 OK') {
  const head = parseResponseHead(`${[statusLine, ...lines].join('\r\n')}\r\n`);
  if (typeof head === 'string') throw new Error(head);
  const result = responseFraming(head, method);
  return { result, headers: head.headers };
}

describe('RFC 9112 §6.3: how the body of an answer ends', () => {
  it.each([
    [['Content-Length: 5'], 'GET', 200, 5],
    [['content-LENGTH: 005'], 'GET', 200, 5],
    [['Content-Length: 9007199254740991'], 'GET', 200, Number.MAX_SAFE_INTEGER],
    [['Transfer-Encoding: chunked'], 'GET', 200, 'chunked'],
    [['transfer-encoding: Chunked'], 'GET', 200, 'chunked'],
    [[], 'GET', 200, 'until-close'],
    [['X-Content-Length: 5', 'Content-Lengths: 5'], 'GET', 200, 'until-close'],
    [['Content-Length: 5'], 'HEAD', 200, 0],
    [['Transfer-Encoding: chunked'], 'HEAD', 200, 0],
    [[], 'HEAD', 200, 0],
    [['Content-Length: 5'], 'GET', 304, 0],
    [[], 'GET', 304, 0],
    [[], 'GET', 204, 0],
    [['Content-Length: 5'], 'GET', 204, 0],
    [[], 'GET', 205, 0],
    [['Content-Length: 5'], 'GET', 205, 5],
    [['Content-Length: 5'], 'head', 200, 5],
  ] as const)('%j to a %s with %i: %s', (lines, method, status, body) => {
    expect(framing(lines, method, `HTTP/1.1 ${status} x`).result).toMatchObject({ body });
  });

  it.each([
    [['Content-Length: 5', 'Content-Length: 6']],
    [['Content-Length: 0', 'Content-Length: 6']],
    [['Content-Length: 5', 'Content-Length: 5', 'Content-Length: 6']],
    [['Content-Length: 5, 6']],
    [['Content-Length:']],
    [['Content-Length: -1']],
    [['Content-Length: +1']],
    [['Content-Length: 0x1']],
    [['Content-Length: 1.0']],
    [['Content-Length: 1e1']],
    [['Content-Length: 9007199254740992']],
    [['Content-Length: 5', 'Transfer-Encoding: chunked']],
    [['Transfer-Encoding: chunked', 'Content-Length: 0']],
    [['Transfer-Encoding: gzip']],
    [['Transfer-Encoding: identity']],
    [['Transfer-Encoding: gzip, chunked']],
    [['Transfer-Encoding: chunked, chunked']],
    [['Transfer-Encoding: chunked;q=1']],
    [['Transfer-Encoding:']],
    [['Transfer-Encoding: chunked', 'Transfer-Encoding: chunked']],
    [['Transfer-Encoding: chunked', 'Transfer-Encoding: gzip']],
  ])('%j is a fault, whatever the request and the status', (lines) => {
    expect(typeof framing(lines).result).toBe('string');
    expect(typeof framing(lines, 'HEAD').result).toBe('string');
    expect(typeof framing(lines, 'GET', 'HTTP/1.1 304 x').result).toBe('string');
  });

  it('chunks in HTTP/1.0 are a fault (§6.1)', () => {
    expect(typeof framing(['Transfer-Encoding: chunked'], 'GET', 'HTTP/1.0 200 OK').result).toBe('string');
  });

  it('equal lengths become one in plain digits, at the first place', () => {
    const { result, headers } = framing(['A: 1', 'content-length: 05, 05', 'B: 2', 'Content-Length: 5', 'CONTENT-LENGTH: 5', 'C: 3']);
    expect(result).toMatchObject({ body: 5 });
    expect(headers).toEqual(['A', '1', 'content-length', '5', 'B', '2', 'C', '3']);
  });

  it('a 204 loses what it may not have, a 304 and an answer to HEAD keep it', () => {
    const lines = ['Content-Length: 5', 'A: 1'];
    expect(framing(lines, 'GET', 'HTTP/1.1 204 x').headers).toEqual(['A', '1']);
    expect(framing(lines, 'GET', 'HTTP/1.1 304 x').headers).toHaveLength(4);
    expect(framing(lines, 'HEAD').headers).toHaveLength(4);
  });

  it('takes framing out wherever it stands', () => {
    const headers = ['content-length', '1', 'A', '1', 'Transfer-Encoding', 'x', 'Content-Length', '2'];
    dropFraming(headers);
    expect(headers).toEqual(['A', '1']);
  });
});

describe('RFC 9112 §9.3: what becomes of the connection', () => {
  const length = 'Content-Length: 0';
  const unhinted = Number.POSITIVE_INFINITY;
  it.each([
    ['HTTP/1.1', [length], unhinted],
    ['HTTP/1.1', [length, 'Connection: close'], 0],
    ['HTTP/1.1', [length, 'Connection: x, CLOSE'], 0],
    ['HTTP/1.1', [length, 'Connection: x', 'Connection: close'], 0],
    ['HTTP/1.1', [length, 'Connection: keep-alive, close'], 0],
    ['HTTP/1.1', [length, 'Connection: closed'], unhinted],
    ['HTTP/1.0', [length], 0],
    ['HTTP/1.0', [length, 'Connection: Keep-Alive'], unhinted],
    ['HTTP/1.0', [length, 'Connection: keep-alive', 'Connection: close'], 0],
    ['HTTP/1.1', [], 0],
    ['HTTP/1.0', ['Connection: keep-alive'], 0],
    ['HTTP/1.1', [length, 'Keep-Alive: timeout=5'], 5000],
    ['HTTP/1.1', [length, 'Keep-Alive: max=100, Timeout=7'], 7000],
    ['HTTP/1.1', [length, 'Keep-Alive: timeout=0'], 0],
    ['HTTP/1.1', [length, 'Keep-Alive: timeout=9, timeout=x'], 9000],
    ['HTTP/1.1', [length, 'Keep-Alive: timeout=9', 'Keep-Alive: timeout=3'], 3000],
    ['HTTP/1.1', [length, 'Keep-Alive: xtimeout=5'], unhinted],
    ['HTTP/1.1', [length, 'Keep-Alive: timeout=-5'], unhinted],
    ['HTTP/1.1', [length, 'Keep-Alive:'], unhinted],
    ['HTTP/1.1', [length, 'Keep-Alive: timeout=5', 'Connection: close'], 0],
  ] as const)('%s %j is kept for %d ms', (version, lines, keptMs) => {
    expect(framing(lines, 'GET', `${version} 200 OK`).result).toMatchObject({ keptMs });
  });
});
