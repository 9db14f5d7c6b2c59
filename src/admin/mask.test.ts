import { describe, expect, it } from 'vitest';
import { maskSecrets } from './mask.ts';

describe('maskSecrets', () => {
  it.each([
    [{ token: 'x' }, { token: '***' }],
    [
      { adminToken: 'x', PASSWORD: 1, dbPasswd: 'x' },
      { adminToken: '***', PASSWORD: '***', dbPasswd: '***' },
    ],
    [
      { secret: { a: 'x' }, credentials: ['x'] },
      { secret: '***', credentials: '***' },
    ],
    [
      { token: '', secret: null, password: undefined },
      { token: '', secret: null, password: undefined },
    ],
    ['https://u:p@host/x?y=a@b', 'https://***@host/x?y=a@b'],
    [
      ['redis://:p@h:1', 'see amqp+ssl://u@h and http://h/'],
      ['redis://***@h:1', 'see amqp+ssl://***@h and http://h/'],
    ],
    ['no url: a@b, http://host/@x', 'no url: a@b, http://host/@x'],
    [
      { apiKey: { header: 'X-API-Key' }, n: 1, b: true, z: null },
      { apiKey: { header: 'X-API-Key' }, n: 1, b: true, z: null },
    ],
  ])('%j → %j', (given, expected) => {
    expect(maskSecrets(given)).toEqual(expected);
  });

  it('keeps a key named like the prototype as a key', () => {
    const masked = maskSecrets(JSON.parse('{"__proto__":{"token":"x"}}')) as object;
    expect(JSON.stringify(masked)).toBe('{"__proto__":{"token":"***"}}');
    expect(Object.getPrototypeOf(masked)).toBe(Object.prototype);
  });

  it('ends, however deep', () => {
    const circular: Record<string, unknown> = {};
    circular.self = circular;
    expect(JSON.stringify(maskSecrets(circular))).toContain('***');
  });

  it('takes linear time on a long string of near misses', () => {
    const long = 'a://'.repeat(50_000);
    const started = process.hrtime.bigint();
    maskSecrets(long);
    maskSecrets('a+'.repeat(100_000));
    expect(Number(process.hrtime.bigint() - started) / 1e6).toBeLessThan(1000);
  });
});
