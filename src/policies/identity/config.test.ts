import { describe, expect, it } from 'vitest';
import { Issues } from '../../core/schema.ts';
import { identitySchema, tokensOf } from './config.ts';

const JWKS = 'https://issuer.example/jwks.json';

function read(section: object) {
  const issues = new Issues();
  const value = identitySchema.parse(section, [], issues);
  return {
    value,
    faults: issues.list.map(({ code, path }) => `${code} ${path.join('.')}`),
    messages: issues.list.map((i) => JSON.stringify(i)),
  };
}

describe('identity.verify', () => {
  it('has defaults that are safe', () => {
    const { value, faults } = read({ verify: { jwks: JWKS, audience: 'billing' } });
    expect(faults).toEqual([]);
    expect(value.verify).toMatchObject({ audience: ['billing'], issuer: undefined, leeway: 30_000, scopeClaim: undefined });
    expect(value.verify?.algorithms.some((alg) => /^HS|none/.test(alg))).toBe(false);
    expect(tokensOf(value)).toMatchObject({ judged: true, tokens: { scopeClaims: ['scope', 'scp'], claims: [] } });
  });

  it.each([
    [{ audience: 'a' }, 'missing_key verify.jwks'],
    [{ jwks: JWKS }, 'missing_key verify.audience'],
    [{ jwks: JWKS, audience: [] }, 'too_few verify.audience'],
    [{ jwks: JWKS, audience: '' }, 'malformed verify.audience'],
    [{ jwks: JWKS, audience: 'a', algorithms: ['HS256'] }, 'not_allowed verify.algorithms.0'],
    [{ jwks: JWKS, audience: 'a', algorithms: ['none'] }, 'not_allowed verify.algorithms.0'],
    [{ jwks: JWKS, audience: 'a', algorithms: [] }, 'too_few verify.algorithms'],
    [{ jwks: JWKS, audience: 'a', leeway: '6m' }, 'out_of_range verify.leeway'],
  ])('%j: %s', (verify, fault) => {
    expect(read({ verify }).faults).toEqual([fault]);
  });

  it.each([
    ['https://issuer.example:8443/a?b=c', undefined],
    ['http://127.0.0.1:8080/jwks', undefined],
    ['http://[::1]/jwks', undefined],
    ['HTTP://LOCALHOST/jwks', undefined],
    ['http://127.1/jwks', undefined],
    ['http://issuer.example/jwks', 'not_allowed'],
    ['http://127.0.0.1.example/jwks', 'not_allowed'],
    ['http://localhost.example/jwks', 'not_allowed'],
    ['file:///etc/jwks.json', 'not_allowed'],
    ['issuer.example/jwks', 'malformed'],
    ['https://', 'malformed'],
    ['https://a b/', 'malformed'],
    ['https://user:s3cret@issuer.example/', 'malformed'],
    ['https://issuer.example/#a', 'malformed'],
    ['https://issuer.example:0/', 'malformed'],
  ])('the address %s is %s', (jwks, fault) => {
    const { faults, messages } = read({ verify: { jwks, audience: 'a' } });
    expect(faults).toEqual(fault === undefined ? [] : [`${fault} verify.jwks`]);
    expect(messages.join()).not.toContain('s3cret');
  });
});

describe('a consumer by token', () => {
  const verify = { jwks: JWKS, audience: 'a' };

  it('asks for what names it', () => {
    const { value, faults } = read({ consumer: [{ jwt: { claim: 'azp', version: 'ver', jwks: JWKS } }, 'userAgent'], verify });
    expect([faults, tokensOf(value).tokens?.claims]).toEqual([[], ['azp', 'ver']]);
  });

  it('alone says nothing of issuer and audience, and is not judged', () => {
    const { value, faults } = read({ consumer: [{ jwt: { claim: 'azp', jwks: JWKS } }, { jwt: { claim: 'client_id' } }] });
    expect(faults).toEqual(['needs_keys consumer.1.jwt']);
    expect(tokensOf(value)).toMatchObject({ judged: false, tokens: { jwks: JWKS, audience: undefined, claims: ['azp', 'client_id'] } });
  });

  it.each([
    [{ consumer: [{ jwt: { claim: 'azp' } }] }, ['needs_keys consumer.0.jwt']],
    [{ consumer: [{ jwt: { claim: 'azp', jwks: 'https://b/' } }], verify }, ['other_keys consumer.0.jwt.jwks']],
    [
      { consumer: [{ jwt: { claim: 'a', jwks: 'https://a/' } }, { jwt: { claim: 'b', jwks: 'https://b/' } }] },
      ['other_keys consumer.1.jwt.jwks'],
    ],
    [{ consumer: [{ jwt: {} }], verify }, ['missing_key consumer.0.jwt.claim']],
    [{ consumer: [{ jwt: { claim: '' } }], verify }, ['malformed consumer.0.jwt.claim']],
    [{ consumer: [{ certificate: 'spiffe' }] }, ['not_in_this_version consumer.0.certificate']],
    [{}, []],
  ])('%j: %j', (section, faults) => {
    expect(read(section).faults).toEqual(faults);
  });

  it('is absent where nothing is configured', () => {
    expect(tokensOf(read({}).value)).toEqual({ tokens: undefined, judged: false });
  });
});
