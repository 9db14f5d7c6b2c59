import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { connectionOptions, fieldName, headerList, headerValue, headerValues, isFieldValue } from './headers.ts';

const HEADERS = ['Host', 'a', 'X-Twice', '1', 'accept', 'text/html', 'x-twice', '2', 'X-TWICE', '', '__proto__', 'own'];

describe('header fields', () => {
  it('are found in any case, the first of them', () => {
    expect([headerValue(HEADERS, 'host'), headerValue(HEADERS, 'x-twice'), headerValue(HEADERS, 'x')]).toEqual(['a', '1', undefined]);
    expect([headerValue(HEADERS, '__proto__'), headerValue(HEADERS, 'constructor'), headerValue([], 'host')]).toEqual([
      'own',
      undefined,
      undefined,
    ]);
  });

  it('are found all, in order', () => {
    expect(headerValues(HEADERS, 'x-twice')).toEqual(['1', '2', '']);
    expect(headerValues(HEADERS, 'missing')).toEqual([]);
  });

  it('are joined as a list (RFC 9110 §5.3)', () => {
    expect([headerList(HEADERS, 'x-twice'), headerList(HEADERS, 'host'), headerList(HEADERS, 'missing')]).toEqual([
      '1, 2, ',
      'a',
      undefined,
    ]);
  });

  it('agree with a naive model', () => {
    const name = fc.constantFrom('A', 'a', 'Bb', 'bB', 'c', 'CONNECTION');
    fc.assert(
      fc.property(fc.array(fc.tuple(name, fc.string()), { maxLength: 12 }), name, (fields, wanted) => {
        const expected = fields.filter(([n]) => n.toLowerCase() === wanted.toLowerCase()).map(([, v]) => v);
        expect(headerValues(fields.flat(), wanted.toLowerCase())).toEqual(expected);
        expect(headerValue(fields.flat(), wanted.toLowerCase())).toBe(expected[0]);
      }),
    );
  });
});

describe('field names', () => {
  it.each(['Connection', 'KEEP-ALIVE', 'proxy-connection', 'te', 'Trailer', 'Transfer-Encoding', 'upgrade'])('%s is hop-by-hop', (name) => {
    expect(fieldName(name)).toMatchObject({ lower: name.toLowerCase(), hopByHop: true, reserved: false });
  });

  it.each(['Content-Length', 'Host', 'Trailers', 'Via', '__proto__', 'hasOwnProperty'])('%s is end-to-end', (name) => {
    expect(fieldName(name)).toMatchObject({ lower: name.toLowerCase(), hopByHop: false, reserved: false });
  });

  it('are reserved where they begin with X-Plumbline-, and have a bit of their lower case', () => {
    expect([fieldName('X-Plumbline-Any').reserved, fieldName('X-Plumblines').reserved]).toEqual([true, false]);
    expect(fieldName('VIA').bit).toBe(fieldName('via').bit);
    expect(new Set(['via', 'host', 'accept', 'cookie', 'x-a', 'x-b', 'etag'].map((name) => fieldName(name).bit)).size).toBeGreaterThan(3);
  });

  it('are remembered, but long ones and too many are not, and still understood', () => {
    expect(fieldName('X-Remembered')).toBe(fieldName('X-Remembered'));
    const long = 'X'.repeat(65);
    expect(fieldName(long)).not.toBe(fieldName(long));
    for (let i = 0; i < 3000; i++) fieldName(`X-Flood-${i}`);
    expect(fieldName('X-After-Flood')).not.toBe(fieldName('X-After-Flood'));
    expect(fieldName('X-After-Flood').lower).toBe('x-after-flood');
    expect(fieldName('Upgrade').hopByHop).toBe(true);
  });
});

describe('Connection', () => {
  it('lists names in lower case, over all its fields, without empty members', () => {
    expect(connectionOptions(['Connection', 'close, X-One', 'a', 'b', 'connection', ',, X-TWO ,'])).toEqual(['close', 'x-one', 'x-two']);
    expect(connectionOptions(['a', 'b'])).toBeUndefined();
    expect(connectionOptions(['Connection', ''])).toEqual([]);
  });
});

describe('field values', () => {
  it.each(['', 'plain', 'tab\tinside', 'caf\u00e9', '\u00ff'])('%j may be sent', (value) => {
    expect(isFieldValue(value)).toBe(true);
  });

  it.each(['a\r\nb', 'a\nb', 'a\rb', '\0', '\u007f', '\u0100', '€'])('%j may not', (value) => {
    expect(isFieldValue(value)).toBe(false);
  });
});
