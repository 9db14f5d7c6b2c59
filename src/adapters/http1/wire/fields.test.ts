import { describe, expect, it } from 'vitest';
import { parseFields } from './fields.ts';
import { parseResponseHead } from './response-head.ts';

const fields = (...lines: readonly string[]): string[] | string => parseFields(lines.map((line) => `${line}\r\n`).join(''), 0);

describe('field lines (RFC 9112 §5)', () => {
  it('keep their names as written and their order, values without the whitespace around them', () => {
    expect(fields('A:1', 'b: 2 ', 'A:\t3 4\t', 'Empty:', 'Obs: caf\xe9')).toEqual([
      'A',
      '1',
      'b',
      '2',
      'A',
      '3 4',
      'Empty',
      '',
      'Obs',
      'caf\xe9',
    ]);
    expect(parseFields('', 0)).toEqual([]);
  });

  it.each([
    ['a space before the colon', ['A : 1'], 'whitespace stands between a field name and its colon'],
    ['a tab before the colon', ['A\t: 1'], 'whitespace stands between a field name and its colon'],
    ['a space in a name', ['A B: 1'], 'whitespace stands between a field name and its colon'],
    ['a folded line', ['A: 1', ' 2'], 'a field line is folded, or begins with whitespace'],
    ['no name', [': 1'], 'a field has no name'],
    ['no colon', ['A'], 'a field line has no colon'],
    ['a name that is no token', ['A(): 1'], 'a field name has a character that none may have'],
    ['a CR in a value', ['A: 1\rB: 2'], 'the head has a CR that ends no line'],
    ['a CR before a line’s end', ['A: 1\r', 'B: 2'], 'the head has a CR that ends no line'],
    ['a LF in a value', ['A: 1\nB: 2'], 'a line of the head ends without CR'],
    ['a NUL', ['A: 1\0'], 'a field value has a control character'],
  ])('HY-1: %s is a fault', (_, lines, why) => {
    expect(fields(...lines)).toBe(why);
  });
});

describe('a status line (RFC 9112 §4)', () => {
  const head = (line: string) => parseResponseHead(`${line}\r\nA: 1\r\n`);

  it.each([
    ['HTTP/1.1 200 OK', 200, 1],
    ['HTTP/1.0 599 ', 599, 0],
    ['HTTP/1.9 100', 100, 1],
    ['HTTP/1.1 999 caf\xe9', 999, 1],
  ])('%s', (line, status, minor) => {
    expect(head(line)).toEqual({ status, minor, headers: ['A', '1'] });
  });

  it.each([
    'HTTP/1.1 abc OK',
    'HTTP/1.1 20 OK',
    'HTTP/1.1 099 OK',
    'HTTP/1.1 2000 OK',
    'HTTP/1.1 -20 OK',
    'HTTP/1.1  200 OK',
    'HTTP/1.1200 OK',
    'HTTP/1.x 200 OK',
    'HTTP/2.0 200 OK',
    'http/1.1 200 OK',
    'HTTP/1.1 200 O\0K',
    'HTTP/1.1 200 OK\rA: 1',
    '',
  ])('HY-4: %j is none', (line) => {
    expect(head(line)).toEqual(expect.any(String));
  });
});
