import { describe, expect, it } from 'vitest';
import { type HeadRead, HeadReader } from './head-reader.ts';

const HEAD = 'GET / HTTP/1.1\r\nHost: x\r\n';
const bytes = (text: string): Buffer => Buffer.from(text, 'latin1');

/** What the last of these pieces brings, and how many of its bytes were taken. */
function read(maxBytes: number, ...pieces: readonly string[]): { read: HeadRead; consumedBytes: number } {
  const reader = new HeadReader(maxBytes);
  const reads = pieces.map((piece) => reader.take(bytes(piece), 0));
  expect(reads.slice(0, -1).every((each) => each === undefined)).toBe(true);
  return { read: reads.at(-1), consumedBytes: reader.consumedBytes };
}

describe('a head', () => {
  it('ends with its empty line, whatever follows', () => {
    expect(read(100, `${HEAD}\r\nmore`)).toEqual({ read: { text: HEAD }, consumedBytes: HEAD.length + 2 });
  });

  it('is the same, however it is cut in two', () => {
    const all = `${HEAD}\r\n`;
    for (let at = 1; at < all.length; at++) {
      expect(read(100, all.slice(0, at), `${all.slice(at)}more`), String(at)).toEqual({
        read: { text: HEAD },
        consumedBytes: all.length - at,
      });
    }
    expect(read(100, ...all)).toEqual({ read: { text: HEAD }, consumedBytes: 1 });
  });

  it('may be as long as the limit, and no longer', () => {
    const text = HEAD.slice(0, -2);
    expect(read(text.length, `${HEAD}\r\n`).read).toEqual({ text: HEAD });
    expect(read(text.length - 1, `${HEAD}\r\n`).read).toBe('too_large');
    expect(read(text.length, ...`${HEAD}\r\n`).read).toEqual({ text: HEAD });
    expect(read(text.length - 1, HEAD, '\r\n').read).toBe('too_large');
  });

  it('that never ends is given up a few bytes over the limit', () => {
    expect(read(20, `${HEAD}A`).read).toBe('too_large');
    expect(read(10, 'GET /a-long-path').read).toBe('line_too_large');
    const reader = new HeadReader(1000);
    let pieces = 0;
    reader.take(bytes('GET / HTTP/1.1\r\n'), 0);
    while (reader.take(bytes('A: 1\r\n'), 0) === undefined && pieces < 10_000) pieces += 1;
    expect(pieces).toBeLessThan(170);
    expect(reader.refusedLine).toBe('GET / HTTP/1.1\r\n');
  });

  it('HY-1: with a line that ends in LF alone is no head, at once', () => {
    expect(read(100, 'GET / HTTP/1.1\nHost').read).toBe('bare_lf');
    expect(read(100, 'GET / HTTP/1.1\r', '\nHost: x\n').read).toBe('bare_lf');
  });
});
