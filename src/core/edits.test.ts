import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Edits, forwardAside, forwardHeaders } from './edits.ts';

const edits = (...changes: ReadonlyArray<readonly [name: string, value: string | undefined]>): Edits => {
  const made = new Edits();
  for (const [name, value] of changes) {
    if (value === undefined) made.remove(name.toLowerCase());
    else made.set(name, value);
  }
  return made;
};

describe('forwarded headers', () => {
  it('keep case, order and duplicates where nothing is changed', () => {
    const headers = ['Host', 'a', 'x-Odd-CASE', '1', 'Set-Cookie', 'a=1', 'X-odd-case', '2', 'set-cookie', 'b=2', 'Empty', ''];
    expect(forwardHeaders(headers, new Edits())).toEqual(headers);
  });

  it('leave out hop-by-hop fields and those that Connection lists (RFC 9110 §7.6.1)', () => {
    const headers = ['Connection', 'close, X-Hop', 'x-hop', '1', 'Keep-Alive', '5', 'TE', 'trailers', 'Transfer-Encoding', 'chunked'];
    headers.push('Upgrade', 'h2c', 'Trailer', 'X-Sum', 'Proxy-Connection', 'close', 'X-End', '2');
    expect(forwardHeaders(headers, new Edits())).toEqual(['X-End', '2']);
  });

  it('leave out what the caller names besides', () => {
    expect(forwardHeaders(['EXPECT', '100-continue', 'A', '1'], new Edits(), undefined, new Set(['expect']))).toEqual(['A', '1']);
  });

  it('set in the place of the first of that name, in the sender’s spelling, and drop the others', () => {
    const headers = ['A', '1', 'VIA', 'x', 'B', '2', 'via', 'y'];
    expect(forwardHeaders(headers, edits(['Via', 'z']))).toEqual(['A', '1', 'VIA', 'z', 'B', '2']);
  });

  it('add at the end, in the order of setting, what was not there', () => {
    expect(forwardHeaders(['A', '1'], edits(['X-New', '2'], ['X-Newer', '3']))).toEqual(['A', '1', 'X-New', '2', 'X-Newer', '3']);
  });

  it('remove every field of a name', () => {
    expect(forwardHeaders(['A', '1', 'B', '2', 'a', '3'], edits(['a', undefined]))).toEqual(['B', '2']);
  });

  it('let later edits win over earlier ones', () => {
    const first = edits(['X-Set', 'first'], ['X-Gone', undefined], ['X-Added', 'first'], ['X-Never', 'first']);
    const later = edits(['X-Set', 'later'], ['X-Gone', 'back'], ['X-Added', 'later'], ['X-Never', undefined]);
    expect(forwardHeaders(['X-Set', '0', 'x-gone', '0'], first, later)).toEqual(['X-Set', 'later', 'x-gone', 'back', 'X-Added', 'later']);
  });

  it('carry a field that is set although the message called it hop-by-hop', () => {
    expect(forwardHeaders(['Connection', 'X-Request-ID', 'X-Request-ID', 'forged'], edits(['X-Request-ID', 'ours']))).toEqual([
      'X-Request-ID',
      'ours',
    ]);
  });

  it('agree with a naive model', () => {
    const name = fc.constantFrom('A', 'a', 'B', 'bb', 'BB', 'Connection', 'te', 'Expect', '__proto__', 'constructor');
    const value = fc.constantFrom('1', '2', 'a, bb', 'close', '');
    const changes = fc.array(
      fc.tuple(fc.constantFrom('A', 'a', 'BB', 'Via', '__proto__', 'toString'), fc.option(value, { nil: undefined })),
      {
        maxLength: 4,
      },
    );
    fc.assert(
      fc.property(
        fc.array(fc.tuple(name, value), { maxLength: 10 }),
        changes,
        fc.option(changes, { nil: undefined }),
        (fields, first, later) => {
          const dropped = new Set(['expect']);
          const actual = forwardHeaders(fields.flat(), edits(...first), later && edits(...later), dropped);
          expect(actual).toEqual(naive(fields, first, later ?? [], dropped));
        },
      ),
      { numRuns: 2000 },
    );
  });
});

type Fields = ReadonlyArray<readonly [string, string]>;
type Changes = ReadonlyArray<readonly [string, string | undefined]>;
const HOP = ['connection', 'keep-alive', 'proxy-connection', 'te', 'trailer', 'transfer-encoding', 'upgrade'];

/** The rules in the plainest words: filter, then one change after another. */
function naive(fields: Fields, first: Changes, later: Changes, dropped: ReadonlySet<string>): string[] {
  const listed = fields
    .filter(([n]) => n.toLowerCase() === 'connection')
    .flatMap(([, v]) => v.split(',').map((part) => part.trim().toLowerCase()));
  const out = fields
    .filter(([n]) => ![...HOP, ...listed].includes(n.toLowerCase()) && !dropped.has(n.toLowerCase()))
    .map(([n, v]) => ({ name: n, lower: n.toLowerCase(), value: v }));
  const given = new Set(out.map(({ lower }) => lower));
  const last = new Map<string, { readonly name: string; readonly value: string | undefined; readonly from: number }>();
  for (const [from, list] of [first, later].entries()) {
    const own = new Map<string, { readonly name: string; readonly value: string | undefined }>();
    for (const [n, v] of list) own.set(n.toLowerCase(), { name: n, value: v });
    for (const [lower, change] of own) last.set(lower, { ...change, from });
  }
  const kept = out.flatMap(({ name, lower, value }, i) => {
    const change = last.get(lower);
    if (change === undefined) return [name, value];
    const isFirst = out.findIndex((other) => other.lower === lower) === i;
    return change.value !== undefined && isFirst ? [name, change.value] : [];
  });
  const orderOf = (list: Changes): string[] => [...new Set(list.map(([n]) => n.toLowerCase()))];
  const added = [0, 1].flatMap((from) =>
    orderOf(from === 0 ? first : later).flatMap((lower) => {
      const change = last.get(lower);
      if (change === undefined || change.from !== from || change.value === undefined || given.has(lower)) return [];
      return [change.name, change.value];
    }),
  );
  return [...kept, ...added];
}

describe('fields of an interim answer or a trailer section', () => {
  it('go on without those of the hop and of framing', () => {
    const fields = [
      'Link',
      '</a>',
      'Connection',
      'X-Hop',
      'X-Hop',
      '1',
      'Content-Length',
      '3',
      'Transfer-Encoding',
      'chunked',
      'Host',
      'x',
      'Link',
      '</b>',
    ];
    expect(forwardAside(fields)).toEqual(['Link', '</a>', 'Link', '</b>']);
    expect(forwardAside([])).toEqual([]);
  });
});
