import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { boundaryOf, dispositionOf, partFields } from './part-head.ts';
import { MultipartReader, type Reading } from './reader.ts';

interface Read {
  readonly parts: ReadonlyArray<{ readonly head: string; readonly body: string }>;
  readonly reading: Reading;
}

/** Reads a body cut at the given places. */
function read(text: string, boundary = 'b', cuts: readonly number[] = []): Read {
  const bytes = Buffer.from(text, 'latin1');
  const parts: Array<{ head: string; body: string }> = [];
  const data: string[] = [];
  const reader = new MultipartReader(boundary, {
    onPart: (head) => void parts.push({ head: Buffer.from(head).toString('latin1'), body: 'unfinished' }),
    onPartData: (piece) => void data.push(Buffer.from(piece).toString('latin1')),
    onPartEnd: () => {
      (parts.at(-1) as { body: string }).body = data.splice(0).join('');
    },
  });
  let from = 0;
  for (const at of [...cuts, bytes.length]) {
    reader.push(bytes.subarray(from, at));
    from = at;
    expect(reader.heldBytes).toBeLessThan(17_000);
  }
  return { parts, reading: reader.end() };
}

const crlf = (...lines: string[]): string => lines.join('\r\n');

describe('multipart bodies', () => {
  it.each<readonly [title: string, text: string, parts: ReadonlyArray<readonly [head: string, body: string]>, reading: Reading]>([
    ['one part', crlf('--b', 'A: 1', '', 'text', '--b--', ''), [['A: 1', 'text']], 'whole'],
    [
      'two',
      crlf('--b', 'A: 1', '', 'x', '--b', 'A: 2', 'B: 3', '', 'y', '--b--'),
      [
        ['A: 1', 'x'],
        ['A: 2\r\nB: 3', 'y'],
      ],
      'whole',
    ],
    ['without header area', crlf('--b', '', 'text', '--b--'), [['', 'text']], 'whole'],
    ['of no bytes', crlf('--b', 'A: 1', '', '', '--b--'), [['A: 1', '']], 'whole'],
    ['without a body', crlf('--b', 'A: 1', '', '--b--'), [['A: 1', '']], 'whole'],
    ['neither', crlf('--b', '', '--b--'), [['', '']], 'whole'],
    ['an empty line at its end', crlf('--b', '', 'text', '', '--b--'), [['', 'text\r\n']], 'whole'],
    ['lines of its own', crlf('--b', '', 'a', '--', '--c', '-b', '', 'z', '--b--'), [['', 'a\r\n--\r\n--c\r\n-b\r\n\r\nz']], 'whole'],
    ['bare line feeds', crlf('--b', '', 'a\n--b\nz', '--b--'), [['', 'a\n--b\nz']], 'whole'],
    ['the delimiter within a line', crlf('--b', '', 'a --b--', '--b--'), [['', 'a --b--']], 'whole'],
    ['preamble and epilogue', crlf('ignore', 'this', '--b', '', 'text', '--b--', '--b', '', 'nor this'), [['', 'text']], 'whole'],
    ['padding behind the delimiter', crlf('--b \t ', '', 'text', '--b--  '), [['', 'text']], 'whole'],
    ['no parts', '--b--\r\n', [], 'whole'],
    ['cut off', crlf('--b', 'A: 1', '', 'text', '--b'), [['A: 1', 'text']], 'malformed'],
    ['cut off in a part', crlf('--b', 'A: 1', '', 'te'), [['A: 1', 'unfinished']], 'malformed'],
    ['no delimiter', 'just text', [], 'malformed'],
    ['nothing', '', [], 'malformed'],
    ['a longer line', crlf('--b', '', 'text', '--bc', 'more', '--b--'), [['', 'text']], 'unclear'],
    ['a header area without end', `--b\r\n${'A: 1\r\n'.repeat(5000)}`, [], 'unclear'],
  ])('%s', (_, text, parts, reading) => {
    expect(read(text)).toEqual({ parts: parts.map(([head, body]) => ({ head, body })), reading });
  });

  it('are read the same however they are cut', () => {
    const piece = fc.constantFrom('\r\n', '--', 'b', '-', 'A: 1', ' ', '\r', '\n', 'x', '--b', '\r\n--b', '--b--');
    const body = fc.array(piece, { maxLength: 30 }).map((pieces) => pieces.join(''));
    const cut = fc.tuple(body, fc.array(fc.nat(120), { maxLength: 20 }));
    fc.assert(
      fc.property(cut, fc.boolean(), ([middle, at], framed) => {
        const text = framed ? `--b\r\n\r\n${middle}\r\n--b--` : middle;
        const cuts = at.map((n) => n % (text.length + 1)).toSorted((a, b) => a - b);
        const each = Array.from({ length: text.length }, (_, i) => i);
        expect(read(text, 'b', cuts)).toEqual(read(text));
        expect(read(text, 'b', each)).toEqual(read(text));
      }),
      { numRuns: 300 },
    );
  });

  it('give back what was put in', () => {
    const bytes = fc.array(fc.constantFrom('a', '\r', '\n', '-', '\xff', '--bound'), { maxLength: 20 }).map((all) => all.join(''));
    fc.assert(
      fc.property(fc.array(bytes, { minLength: 1, maxLength: 5 }), fc.array(fc.nat(500), { maxLength: 10 }), (bodies, at) => {
        const text = `${bodies.map((body) => crlf('--boundary', 'H: v', '', body, '')).join('')}--boundary--\r\n`;
        const cuts = at.map((n) => n % (text.length + 1)).toSorted((a, b) => a - b);
        expect(read(text, 'boundary', cuts)).toEqual({ parts: bodies.map((body) => ({ head: 'H: v', body })), reading: 'whole' });
      }),
      { numRuns: 300 },
    );
  });
});

describe('heads of parts', () => {
  const disposition = (value: string) => dispositionOf(new Map([['content-disposition', value]]));

  it('have fields, some of them on several lines', () => {
    const fields = partFields(Buffer.from('Content-Type: text/plain;\r\n charset=utf-8\r\nX-A:1\r\nx-a: 2\r\nX-Empty:'));
    expect(Object.fromEntries(fields ?? [])).toEqual({ 'content-type': 'text/plain; charset=utf-8', 'x-a': '1', 'x-empty': '' });
    expect(partFields(new Uint8Array(0))?.size).toBe(0);
  });

  it.each(['no colon', ': no name', 'a b: space', 'Ünicode: x', 'A: 1\r\nno colon'])('cannot be read: %s', (head) => {
    expect(partFields(Buffer.from(head))).toBeUndefined();
  });

  it('may have bytes that are not UTF-8, and names of such nobody can tell', () => {
    const fields = partFields(Buffer.from('Content-Disposition: form-data; name="\xe4"; filename="\xe4"', 'latin1'));
    expect(dispositionOf(fields ?? new Map())).toMatchObject({ isAmbiguous: true });
  });

  it.each([
    ['form-data; name="a"', 'a'],
    ['form-data; name=a', 'a'],
    ['Form-Data; NAME="a b"; filename="x"', 'a b'],
    ['form-data; filename="; name=b"; name="a"', 'a'],
    ['form-data; filename="\\"; name=b"; name="a"', 'a'],
    ['form-data; filename=x;name=a', 'a'],
    ['form-data; name="größe"', 'größe'],
    ['form-data; name=""', ''],
    ['form-data; filename="a"', undefined],
    ['form-data', undefined],
    ['form-data; name="open', undefined],
  ])('%s', (value, name) => {
    expect(disposition(value)).toEqual({ type: 'form-data', name, isAmbiguous: false });
  });

  it.each(['a%22b', 'a\\"b', 'a%0d%0Ab'])('may have a name that nobody can tell: %s', (name) => {
    expect(disposition(`form-data; name="${name}"`)).toMatchObject({ isAmbiguous: true });
  });

  it('are not held up by hostile parameters', () => {
    const from = performance.now();
    disposition(`form-data; ${'a="\\"'.repeat(3000)}`);
    disposition(`form-data; ${' '.repeat(15_000)}`);
    disposition(`form-data; a=${' '.repeat(15_000)}"`);
    disposition(`form-data; ${'a = '.repeat(4000)}`);
    expect(performance.now() - from).toBeLessThan(50);
  });

  it.each([
    ['multipart/form-data; boundary=abc', 'abc'],
    ['multipart/form-data; boundary="a b"', 'a b'],
    ['multipart/form-data;boundary=*****', '*****'],
    ['multipart/form-data', undefined],
    ['multipart/form-data; boundary=""', undefined],
    ['multipart/form-data; boundary="a "', undefined],
    ['multipart/form-data; boundary="a\\"b"', undefined],
  ])('the boundary of %s', (type, boundary) => {
    expect(boundaryOf(type)).toBe(boundary);
  });
});
