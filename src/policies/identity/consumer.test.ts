import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Given, exchange } from '../../../test/kit/exchange.ts';
import { Issues } from '../../core/schema.ts';
import { identitySchema } from './config.ts';
import { findConsumer } from './consumer.ts';

const DEFAULTS = identitySchema.parse({}, [], new Issues()).consumer;
const find = (headers: readonly string[], more: Given = {}) => findConsumer(exchange({ headers, ...more }), DEFAULTS);

describe('HD-2: who asks', () => {
  it('HD-2: by default the header, then an API key, then the User-Agent; the first that names somebody', () => {
    const all = ['User-Agent', 'curl/8.5', 'X-API-Key', 'secret', 'x-consumer-name', 'web-shop', 'X-Consumer-Version', '2.1'];
    expect(find(all)).toEqual({ name: 'web-shop', version: '2.1' });
    expect(find(all.slice(0, 4))?.name).toMatch(/^key-/);
    expect(find(all.slice(0, 2))).toEqual({ name: 'curl', version: '8.5' });
    expect(find([])).toBeUndefined();
  });

  it('HD-2: the header names somebody for trusted peers only', () => {
    expect(find(['X-Consumer-Name', 'web-shop', 'User-Agent', 'curl/8.5'], { trusted: false })).toEqual({ name: 'curl', version: '8.5' });
  });

  it.each([
    ['web-shop', 'web-shop'],
    ['Web Shop', 'Web Shop'],
    ['x', 'x'],
    ['n'.repeat(64), 'n'.repeat(64)],
    ['n'.repeat(65), undefined],
    ['', undefined],
    [' web', undefined],
    ['web ', undefined],
    ['web\tshop', undefined],
    ['wéb', undefined],
  ])('HD-2: the name %j is %s', (name, expected) => {
    expect(find(['X-Consumer-Name', name])?.name).toBe(expected);
  });

  it('HD-2: a version that cannot be shown is none, and the name stands', () => {
    expect(find(['X-Consumer-Name', 'shop', 'X-Consumer-Version', 'v'.repeat(65)])).toEqual({ name: 'shop', version: '' });
    expect(find(['X-Consumer-Name', 'shop'])).toEqual({ name: 'shop', version: '' });
  });

  it('HD-2: an API key is a fingerprint, the same for the same key, and never itself', () => {
    const [a, again, b] = [find(['X-API-Key', 'secret-1']), find(['x-api-key', 'secret-1']), find(['X-API-Key', 'secret-2'])];
    expect(a).toEqual({ name: expect.stringMatching(/^key-[0-9a-f]{12}$/), version: '' });
    expect(again).toEqual(a);
    expect(b?.name).not.toBe(a?.name);
    expect(JSON.stringify([a, b])).not.toContain('secret');
    expect(find(['X-API-Key', ''])).toBeUndefined();
  });

  it.each([
    ['curl/8.5.0', { name: 'curl', version: '8.5.0' }],
    ['Mozilla/5.0 (X11; Linux x86_64) Gecko/20100101', { name: 'Mozilla', version: '5.0' }],
    ['node', { name: 'node', version: '' }],
    ['okhttp/5.0.0-alpha(JVM)', { name: 'okhttp', version: '5.0.0-alpha' }],
    ['(comment) curl/8', undefined],
    ['curl/8/9', undefined],
    ['curl/', undefined],
    ['a@b/1', undefined],
    ['', undefined],
    [`${'n'.repeat(65)}/1`, undefined],
    [`n/${'1'.repeat(33)}`, undefined],
  ])('HD-2: the product token of %j is %j (RFC 9110 §10.1.5)', (agent, expected) => {
    expect(find(['User-Agent', agent])).toEqual(expected);
  });

  it('HD-2: whatever a caller sends, a name is short and can be shown', () => {
    const name = fc.constantFrom('X-Consumer-Name', 'X-Consumer-Version', 'User-Agent', 'X-API-Key');
    fc.assert(
      fc.property(fc.array(fc.tuple(name, fc.string({ unit: 'binary-ascii', maxLength: 80 }))), fc.boolean(), (fields, trusted) => {
        const found = find(fields.flat(), { trusted });
        if (found !== undefined) expect(found.name).toMatch(/^[\x20-\x7e]{1,64}$/);
        if (found !== undefined) expect(found.version).toMatch(/^[\x20-\x7e]{0,64}$/);
      }),
    );
  });
});
