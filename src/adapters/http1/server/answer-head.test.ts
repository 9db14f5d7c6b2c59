import { describe, expect, it } from 'vitest';
import { type Asked, answerHead, interimHead } from './answer-head.ts';

const GET: Asked = { isHead: false, httpVersion: '1.1', keepAlive: true };
const HEAD: Asked = { ...GET, isHead: true };
const OLD: Asked = { ...GET, httpVersion: '1.0' };
const LAST: Asked = { ...GET, keepAlive: false };
const LENGTH = ['Content-Length', '5'];

/** Status line left out. */
function fields(status: number, headers: readonly string[], asked: Asked): string[] | undefined {
  return answerHead(status, headers, asked)?.text.split('\r\n').slice(1, -2);
}

describe('the head of an answer', () => {
  it.each<[string, number, readonly string[], Asked, readonly string[], string]>([
    ['a length is kept', 200, LENGTH, GET, ['Content-Length: 5'], 'length'],
    ['without one it is chunked', 200, [], GET, ['Transfer-Encoding: chunked'], 'chunked'],
    ['HTTP/1.0 is told by the end', 200, [], OLD, ['Connection: close'], 'close'],
    ['HTTP/1.0 that keeps is told so', 200, LENGTH, OLD, ['Content-Length: 5', 'Connection: keep-alive'], 'length'],
    ['the last one says so', 200, LENGTH, LAST, ['Content-Length: 5', 'Connection: close'], 'length'],
    [
      'a close that is there is not doubled',
      200,
      [...LENGTH, 'Connection', 'close'],
      LAST,
      ['Content-Length: 5', 'Connection: close'],
      'length',
    ],
    ['a close is heeded', 200, [...LENGTH, 'connection', 'Close'], GET, ['Content-Length: 5', 'connection: Close'], 'length'],
    ['what else Connection says is not ours', 200, ['Connection', 'x', ...LENGTH], GET, ['Content-Length: 5'], 'length'],
    ['a coding is ours to write', 200, ['transfer-encoding', 'gzip'], GET, ['Transfer-Encoding: chunked'], 'chunked'],
    [
      'a protocol to change to has its Connection',
      426,
      ['upgrade', 'TLS/1.0', ...LENGTH],
      GET,
      ['upgrade: TLS/1.0', 'Content-Length: 5', 'Connection: Upgrade'],
      'length',
    ],
    ['HEAD keeps its length and has no body', 200, LENGTH, HEAD, ['Content-Length: 5'], 'none'],
    ['HEAD without length', 200, [], HEAD, [], 'none'],
    ['204 has neither', 204, ['A', 'b', ...LENGTH], GET, ['A: b'], 'none'],
    ['204 bare', 204, [], GET, [], 'none'],
    ['304 keeps its length', 304, LENGTH, GET, ['Content-Length: 5'], 'none'],
    ['304 bare', 304, [], GET, [], 'none'],
    ['205 has a body of none', 205, ['Content-Length', '0'], GET, ['Content-Length: 0'], 'length'],
    ['HEAD in HTTP/1.0 keeps the connection', 200, [], { ...HEAD, httpVersion: '1.0' }, ['Connection: keep-alive'], 'none'],
  ])('%s', (_, status, headers, asked, expected, framing) => {
    expect(fields(status, headers, asked)).toEqual(expected);
    expect(answerHead(status, headers, asked)?.framing).toBe(framing);
  });

  it('case, order and number of fields stay', () => {
    const headers = ['SET-cookie', 'a=1', 'x', '', 'Set-Cookie', 'b=2', 'Content-Length', '0'];
    expect(answerHead(299, headers, GET)?.text).toBe(
      'HTTP/1.1 299 \r\nSET-cookie: a=1\r\nx: \r\nSet-Cookie: b=2\r\nContent-Length: 0\r\n\r\n',
    );
  });

  it.each([['-1'], ['5x'], [''], ['9007199254740993']])('a length of %j can be kept by nobody', (length) => {
    expect(answerHead(200, ['Content-Length', length], GET)).toBeUndefined();
  });

  it('two lengths neither', () => {
    expect(answerHead(200, [...LENGTH, ...LENGTH], GET)).toBeUndefined();
  });

  it('an interim one has no framing', () => {
    expect(interimHead(103, ['Link', '</a>', 'Content-Length', '3', 'Connection', 'close', 'Transfer-Encoding', 'chunked', 'X', 'y'])).toBe(
      'HTTP/1.1 103 Early Hints\r\nLink: </a>\r\nX: y\r\n',
    );
  });
});
