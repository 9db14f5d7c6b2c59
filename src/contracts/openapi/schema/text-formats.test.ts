import { describe, expect, it } from 'vitest';
import { Formats } from './formats.ts';

const asserted = new Formats('assert', '3.1');

describe('formats of text', () => {
  it.each([
    ['email', 'a@localhost'],
    ['email', '"a b@c..d"@example.com'],
    ['email', 'a+b=c/d@sub.example.com'],
    ['email', 'postmaster@[192.0.2.1]'],
    ['email', 'a@[IPv6:2001:db8::1]'],
    ['uuid', '00000000-0000-0000-0000-000000000000'],
    ['uri', 'urn:isbn:0451450523'],
    ['uri', 'http://localhost:8080/a?b=c#d'],
    ['uri', 'about:'],
    ['uri', 'app:?a=%20#b'],
    ['uri-reference', 'app:#b'],
    ['uri-reference', '../a'],
    ['uri-template', "http://x.example/~{user.name}/{?q*,lang}/it's"],
    ['date-time', '1998-12-31T23:59:60Z'],
    ['date-time', '2024-02-29t10:00:00.5+02:00'],
    ['date', '2024-02-29'],
    ['time', '23:59:60Z'],
    ['duration', 'P1Y2M3DT4H5M6S'],
    ['hostname', 'xn--nxasmq6b.example'],
    ['ipv6', '::ffff:192.0.2.1'],
    ['regex', '^\\p{L}+$'],
    ['json-pointer', '/a~1b/0'],
    ['byte', 'AAEC\r\nAwQ='],
    ['byte', ''],
    ['url', 'anything'],
    ['iri', 'anything'],
    ['idn-email', 'anything'],
    ['binary', '\u0000'],
    ['password', ''],
    ['date', 'x'.repeat(20_000)],
  ])('%s: %j', (format, text) => {
    expect(asserted.accepts(format, text, false)).toBe(true);
  });

  it.each([
    ['email', 'a b@example.com'],
    ['date-time', '2026-01-01T00:00:00+0530'],
    ['date-time', '2026-01-01T00:00:00+05'],
    ['uri', 'app:?a b'],
    ['email', '@example.com'],
    ['email', 'a@-example.com'],
    ['email', 'a@[256.0.0.1]'],
    ['uuid', 'urn:uuid:00000000-0000-0000-0000-000000000000'],
    ['uri', '/relative'],
    ['uri', 'http://x.example/a b'],
    ['uri-template', '{unclosed'],
    ['date-time', '2023-02-29T00:00:00Z'],
    ['date-time', '2023-01-01T12:59:60Z'],
    ['date-time', '2023-01-01T00:00:00'],
    ['time', '10:00'],
    ['duration', 'P'],
    ['regex', '\\A'],
    ['byte', 'AAE'],
    ['byte', '--__'],
  ])('%s: not %j', (format, text) => {
    expect(asserted.accepts(format, text, false)).toBe(false);
  });

  it('time is not defined in 3.0, and nothing is asserted of annotations', () => {
    expect(new Formats('assert', '3.0').accepts('time', '10:00', false)).toBe(true);
    expect(new Formats('assert', '3.0').accepts('date', 'today', false)).toBe(false);
    expect(new Formats('annotate', '3.1').accepts('date', 'today', false)).toBe(true);
    expect(new Formats('annotate', '3.1').accepts('int32', 2 ** 40, true)).toBe(true);
  });
});
