import { describe, expect, it } from 'vitest';
import { ChunkedDecoder } from './chunked-decoder.ts';

/** What comes of a body in these pieces: its bytes and trailers and what is left behind it, or why it breaks. */
function decoded(pieces: readonly string[], maxTrailerBytes = 100) {
  let body = '';
  const decoder = new ChunkedDecoder((chunk) => {
    body += chunk.toString('latin1');
  }, maxTrailerBytes);
  let left = '';
  for (const piece of pieces) left = piece.slice(decoder.decode(Buffer.from(piece, 'latin1'), 0));
  if (decoder.broken) return decoder.fault;
  return decoder.ended ? { body, trailers: decoder.trailers, left } : 'goes on';
}

const plain = { body: 'abcdefghijk', trailers: [], left: '' };

describe('the chunked coding (RFC 9112 §7.1)', () => {
  it.each([
    ['two chunks', '3\r\nabc\r\n8\r\ndefghijk\r\n0\r\n\r\n', plain],
    ['sizes in any case, with zeros before', '000b\r\nabcdefghijk\r\n00\r\n\r\n', plain],
    ['a size in capitals', 'B\r\nabcdefghijk\r\n0\r\n\r\n', plain],
    ['extensions', '3;a\r\nabc\r\n8;b="c d"\r\ndefghijk\r\n0;e\r\n\r\n', plain],
    ['trailers', '0\r\nA: 1\r\nb:2\r\n\r\n', { body: '', trailers: ['A', '1', 'b', '2'], left: '' }],
    ['a request behind it', '0\r\n\r\nGET', { body: '', trailers: [], left: 'GET' }],
  ])('%s, whole and byte by byte', (_, text, expected) => {
    expect(decoded([text])).toEqual(expected);
    const end = text.length - expected.left.length;
    expect(decoded([...text.slice(0, end)])).toEqual({ ...expected, left: '' });
  });

  it.each([
    ['no size', '\r\nabc', 'a chunk does not begin with a size in hex'],
    ['a size with a sign', '+3\r\nabc', 'a chunk does not begin with a size in hex'],
    ['a size with a prefix', '0x3\r\nabc', 'a chunk size is not plain hex'],
    ['a space after the size', '3 \r\nabc', 'whitespace stands after a chunk size'],
    ['a size line that ends in LF', '3\nabc', 'the line of a chunk size ends without CR'],
    ['a size line that ends in CR', '3\rabc', 'a chunk size has a CR that ends no line'],
    ['an extension with LF', '3;a\nabc', 'a chunk extension has a control character'],
    ['fourteen digits', '10000000000000\r\n', 'a chunk size is too large'],
    ['fourteen digits, zeros with them', '00000000000003\r\nabc', 'a chunk size is too large'],
    ['a chunk longer than its size', '3\r\nabcd\r\n', 'a chunk is longer than its size'],
    ['a chunk that ends in LF', '3\r\nabc\n0\r\n', 'a chunk is longer than its size'],
    ['a chunk that ends in CR', '3\r\nabc\r0\r\n', 'a chunk does not end with CR LF'],
    [
      'a trailer with a space before its colon',
      '0\r\nA : 1\r\n\r\n',
      'in the trailer section: whitespace stands between a field name and its colon',
    ],
    ['a trailer line that ends in LF', '0\r\nA: 1\nB: 2', 'a line of the trailer section ends without CR'],
  ])('HY-1: %s breaks it, whole and byte by byte', (_, text, why) => {
    expect(decoded([text])).toBe(why);
    expect(decoded([...text])).toBe(why);
  });

  it('takes a trailer section as long as the limit, and gives up one that never ends', () => {
    const trailer = `A: ${'x'.repeat(95)}\r\n`;
    expect(decoded(['0\r\n', trailer, '\r\n'])).toMatchObject({ trailers: ['A', 'x'.repeat(95)] });
    expect(decoded(['0\r\n', `A: ${'x'.repeat(110)}`])).toBe('the trailer section is too large');
    expect(decoded(['0\r\n', ...Array<string>(30).fill('A: 1\r\n')])).toBe('the trailer section is too large');
  });

  it('gives up extensions that are long, in one line or over all', () => {
    expect(decoded([`1;${'a'.repeat(1100)}`])).toBe('chunk extensions are too long');
    const small = `1;${'a'.repeat(1000)}\r\nx\r\n`;
    expect(decoded([small.repeat(16)])).toBe('goes on');
    expect(decoded([small.repeat(17)])).toBe('chunk extensions are too long');
  });

  it('can be used for another body', () => {
    const decoder = new ChunkedDecoder(() => undefined, 100);
    decoder.decode(Buffer.from('0x'), 0);
    decoder.reset();
    decoder.decode(Buffer.from('0\r\nA: 1\r\n\r\n'), 0);
    expect([decoder.ended, decoder.broken, decoder.fault, decoder.trailers]).toEqual([true, false, '', ['A', '1']]);
  });
});
