import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ReplyGuard } from './reply-guard.ts';

function guard(asked: number): ReplyGuard {
  const made = new ReplyGuard();
  for (let i = 0; i < asked; i++) made.asked();
  return made;
}

const read = (asked: number, ...chunks: string[]): boolean[] => {
  const made = guard(asked);
  return chunks.map((chunk) => made.read(Buffer.from(chunk, 'latin1')));
};

const text = fc.string({ unit: fc.constantFrom('a', 'é', ' ', '$', '-', ':') });
const { reply } = fc.letrec<{ reply: string }>((tie) => ({
  reply: fc.oneof(
    { depthSize: 'small', maxDepth: 4 },
    text.map((t) => `+${t}\r\n`),
    text.map((t) => `-ERR ${t}\r\n`),
    fc.integer().map((n) => `:${n}\r\n`),
    fc.constantFrom('$-1\r\n', '*-1\r\n', '*0\r\n', '$0\r\n\r\n'),
    fc.uint8Array({ maxLength: 20 }).map((b) => `$${b.length}\r\n${Buffer.from(b).toString('latin1')}\r\n`),
    fc.array(tie('reply'), { maxLength: 4 }).map((all) => `*${all.length}\r\n${all.join('')}`),
  ),
}));

describe('what a server sends', () => {
  it('passes as often as it was asked for, however it is cut into pieces, and not once more', () => {
    fc.assert(
      fc.property(fc.array(reply, { minLength: 1, maxLength: 5 }), fc.array(fc.nat(), { maxLength: 6 }), (replies, cuts) => {
        const whole = Buffer.from(replies.join(''), 'latin1');
        const made = guard(replies.length);
        const places = [...new Set([0, ...cuts.map((cut) => cut % (whole.length + 1)), whole.length])].sort((a, b) => a - b);
        for (const [i, from] of places.entries()) expect(made.read(whole.subarray(from, places[i + 1]))).toBe(true);
        expect(made.read(Buffer.from('+'))).toBe(false);
      }),
    );
  });

  it.each([
    ['a push of RESP 3, which the library would stumble over', '>1\r\n_\r\n'],
    ['HTTP', 'HTTP/1.1 400 Bad Request\r\n'],
    ['nothing before the line ends', '\r\n'],
    ['a number that is none', ':12a\r\n'],
    ['a length that is none', '$x\r\n'],
    ['a length below -1', '$-2\r\n'],
    ['a length of 9 GB', '$9000000000\r\n'],
    ['a list of a billion', '*1000000000\r\n'],
    ['a number without end', ':000000000000000000001'],
    ['a line without end', `+${'a'.repeat(20_000)}`],
    ['lists in lists in lists …', '*1\r\n'.repeat(9)],
    ['a bulk string that is longer than it says', '$1\r\nab\r\n'],
    ['a carriage return without its line feed', '+a\rb'],
    ['a bulk string whose end is half of one', '$1\r\na\rb'],
  ])('%s does not', (_, sent) => {
    expect(read(1, sent)).toEqual([false]);
  });

  it('that nobody asked for does not', () => {
    expect(read(0, '$-1\r\n')).toEqual([false]);
    expect(read(1, '+a\r\n', '+b\r\n')).toEqual([true, false]);
  });
});
