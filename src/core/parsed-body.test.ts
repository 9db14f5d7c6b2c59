import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ParsedBody } from './parsed-body.ts';

function body(bytes: Uint8Array | string, cuts: readonly number[] = []): ParsedBody {
  const whole = Buffer.from(bytes as string);
  const at = [0, ...cuts.map((cut) => cut % (whole.length + 1)).sort((a, b) => a - b), whole.length];
  return new ParsedBody(
    at.slice(1).map((end, i) => whole.subarray(at[i], end)),
    whole.length,
  );
}

describe('a body that was kept whole', () => {
  it('is text and JSON whatever its chunk borders', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.array(fc.nat(500), { maxLength: 5 }), (value, cuts) => {
        const text = JSON.stringify(value);
        const parsed = body(text, cuts);
        expect(parsed.byteLength).toBe(Buffer.byteLength(text));
        expect(parsed.text()).toBe(text);
        expect(parsed.json()).toEqual({ ok: true, value: JSON.parse(text) });
      }),
    );
  });

  it('is decoded and parsed once for all who look', () => {
    const parsed = body('{"a":{}}');
    expect(parsed.json()).toBe(parsed.json());
  });

  it('has no text where it is not UTF-8 (RFC 3629), and the next body is none the worse', () => {
    for (const bytes of [[0xff], [0xc3], [0xed, 0xa0, 0x80], [0xc0, 0xaf], [0x22, 0x80, 0x22]]) {
      const parsed = body(Uint8Array.from(bytes));
      expect([parsed.text(), parsed.text(), parsed.json()]).toEqual([null, null, { ok: false }]);
    }
    expect(body('"é"', [2]).json()).toEqual({ ok: true, value: 'é' });
  });

  it('loses its byte order mark and nothing else', () => {
    expect(body('\ufeff{"a":1}').text()).toBe('{"a":1}');
    expect(body('a\ufeffb').text()).toBe('a\ufeffb');
  });

  it.each(['', '{', 'undefined', '{"a":1}x', "{'a':1}", 'NaN', '[1,]', '\u00a01'])('%j is not JSON (RFC 8259)', (text) => {
    expect(body(text).json()).toEqual({ ok: false });
  });

  it('a nesting without end is an answer, not a crash', () => {
    expect(body('['.repeat(200_000)).json()).toEqual({ ok: false });
    expect(body(`${'['.repeat(5000)}${']'.repeat(5000)}`).json().ok).toBe(true);
  });

  it('keeps a key that is called __proto__ to itself', () => {
    const { value } = body('{"__proto__":{"polluted":1}}').json() as { value: object };
    expect(Object.hasOwn(value, '__proto__')).toBe(true);
    expect(({} as { polluted?: number }).polluted).toBeUndefined();
  });
});
