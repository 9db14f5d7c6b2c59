import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { readKeys } from './read-keys.ts';

const rsa = (bits: number) => generateKeyPairSync('rsa', { modulusLength: bits }).publicKey.export({ format: 'jwk' });
const ec = (namedCurve: string) => generateKeyPairSync('ec', { namedCurve }).publicKey.export({ format: 'jwk' });
const ed = () => generateKeyPairSync('ed25519').publicKey.export({ format: 'jwk' });
const RSA = rsa(2048);
const P256 = ec('P-256');

const found = (keys: readonly unknown[], alg: string, kid?: string) => readKeys(JSON.stringify({ keys }))?.find(alg, kid).length;

describe('a JSON Web Key Set', () => {
  it.each([
    ['RS256', RSA, 1],
    ['PS512', RSA, 1],
    ['ES256', RSA, 0],
    ['HS256', RSA, 0],
    ['none', RSA, 0],
    ['ES256', P256, 1],
    ['ES384', P256, 0],
    ['ES384', ec('P-384'), 1],
    ['ES512', ec('P-521'), 1],
    ['EdDSA', ed(), 1],
    ['Ed25519', { ...ed(), alg: 'EdDSA' }, 1],
    ['RS256', { ...RSA, alg: 'RS256' }, 1],
    ['RS384', { ...RSA, alg: 'RS256' }, 0],
    ['RS256', { ...RSA, use: 'sig' }, 1],
    ['RS256', { ...RSA, use: 'enc' }, 0],
    ['RS256', { ...RSA, key_ops: ['verify'] }, 1],
    ['RS256', { ...RSA, key_ops: ['encrypt'] }, 0],
    ['RS256', { ...RSA, key_ops: 'verify' }, 0],
    ['RS256', rsa(1024), 0],
    ['RS256', { ...RSA, n: '!' }, 0],
    ['RS256', { kty: 'RSA', n: 'A'.repeat(5000), e: 'AQAB' }, 0],
    ['ES256', { ...P256, x: 7 }, 0],
    ['ES256', { ...P256, y: P256.x }, 0],
    ['HS256', { kty: 'oct', k: 'c2VjcmV0' }, 0],
  ])('RFC 7517: for %s, %o: %d', (alg, jwk, count) => {
    expect(found([jwk], alg)).toBe(count);
  });

  it('takes the public half of a key that should never have been shown', () => {
    const key = generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' });
    const [read] = readKeys(JSON.stringify({ keys: [key] }))?.find('EdDSA', undefined) ?? [];
    expect(read?.type).toBe('public');
  });

  it('RFC 7517 §4.5: a key is chosen by its name; one without may be any, and a token without may be of any', () => {
    const keys = [{ ...RSA, kid: 'a' }, { ...RSA, kid: 'b' }, RSA];
    expect([found(keys, 'RS256', 'a'), found(keys, 'RS256', 'c'), found(keys, 'RS256')]).toEqual([2, 1, 3]);
    const set = readKeys(JSON.stringify({ keys }));
    expect([set?.has('a'), set?.has('c'), set?.count]).toEqual([true, false, 3]);
  });

  it('is bounded: in its keys, and in those that one token is held against', () => {
    const keys = Array.from({ length: 150 }, () => P256);
    expect([readKeys(JSON.stringify({ keys }))?.count, found(keys, 'ES256')]).toEqual([100, 16]);
  });

  it.each(['', '[]', 'null', '"keys"', '{}', '{"keys":null}', '{"__proto__":{"keys":[]}}'])('%j is none', (text) => {
    expect(readKeys(text)).toBeUndefined();
  });
});
