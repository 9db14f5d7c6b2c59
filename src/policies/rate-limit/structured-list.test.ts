import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readList } from './structured-list.ts';

const read = (text: string) => readList(text)?.map(({ name, params }) => [name, Object.fromEntries(params)]);

describe('a list of names with parameters (RFC 9651)', () => {
  it.each([
    ['"default";r=50;t=30', [['default', { r: 50, t: 30 }]]],
    [
      '"a";r=1,"b";r=2',
      [
        ['a', { r: 1 }],
        ['b', { r: 2 }],
      ],
    ],
    ['"a" ; r=1', undefined],
    [
      '"a"; r=1;  t=2 ,\t"b"',
      [
        ['a', { r: 1, t: 2 }],
        ['b', {}],
      ],
    ],
    [' "a"  ', [['a', {}]]],
    ['default;q=10', [['default', { q: 10 }]]],
    [String.raw`"a\"b\\";r=1`, [['a"b\\', { r: 1 }]]],
    [
      '"a";pk=:Y2Rn:;x=?1;y=?0;z;qu="content-bytes";tok=a/b;d=1.5;n=-3',
      [['a', { pk: ':Y2Rn:', x: true, y: false, z: true, qu: 'content-bytes', tok: 'a/b', d: 1.5, n: -3 }]],
    ],
    ['"a";r=1;r=2', [['a', { r: 2 }]]],
    ['"a";r=999999999999999', [['a', { r: 999_999_999_999_999 }]]],
  ])('RL-5: %s', (text, expected) => {
    expect(read(text)).toEqual(expected);
  });

  it.each([
    '',
    ' ',
    ',',
    '"a",',
    '"a";',
    '"a";r=',
    '"a";R=1',
    '"a";r=1.',
    '"a";r=1.2345',
    '"a";r=1000000000000000',
    '"a" "b"',
    '"a',
    '"ä"',
    '"a\\n"',
    '1;r=1',
    '"a";r=1;;t=2',
    'limit=1, remaining=2',
    '"a";r=:*:',
    '"a";x=?2',
    '\t"a"',
    '"a";r=--1',
    '"a"\n',
  ])('RL-5: %j is none', (text) => {
    expect(readList(text)).toBeUndefined();
  });

  it('RL-5: keeps how a member was written, and reads it in time that grows with its length', () => {
    expect(readList('"a";r=1 , "b" , c;x')?.map(({ text }) => text)).toEqual(['"a";r=1', '"b"', 'c;x']);
    expect(readList(`"${'a'.repeat(5000)}"`)).toBeUndefined();
    const from = performance.now();
    for (const text of [
      '"'.repeat(4096),
      '\\'.repeat(4096),
      ';a'.repeat(2048),
      '"a";r=1,'.repeat(500),
      ' '.repeat(4096),
      `"a"${' '.repeat(4000)}`,
    ])
      readList(text);
    expect(performance.now() - from).toBeLessThan(500);
  });

  it('RL-5: never throws, and reads what it has read again', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom('"', 'a', ';', '=', ',', ' ', '1', '.', '\\', ':', '?', '\t', '-'), maxLength: 40 }),
        (text) => {
          const members = readList(text);
          if (members === undefined) return;
          expect(read(members.map((member) => member.text).join(', '))).toEqual(read(text));
        },
      ),
      { numRuns: 2000 },
    );
  });
});
