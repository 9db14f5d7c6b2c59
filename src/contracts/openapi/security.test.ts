import { describe, expect, it } from 'vitest';
import type { Outcome } from '../../core/contract.ts';
import type { TokenVerdict } from '../../core/credentials.ts';
import { api, contractOf, load, ok, request, say } from './testing.ts';

const securitySchemes = {
  key: { type: 'apiKey', in: 'header', name: 'X-Api-Key' },
  query: { type: 'apiKey', in: 'query', name: 'key' },
  cookie: { type: 'apiKey', in: 'cookie', name: 'sid' },
  basic: { type: 'http', scheme: 'basic' },
  bearer: { type: 'http', scheme: 'Bearer' },
  jwt: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' },
  opaque: { type: 'http', scheme: 'bearer', bearerFormat: 'opaque' },
  digest: { type: 'http', scheme: 'digest' },
  negotiate: { type: 'http', scheme: 'Negotiate' },
  own: { type: 'http', scheme: 'X-Own' },
  oauth: { type: 'oauth2', flows: { implicit: { authorizationUrl: 'https://a/', scopes: { read: '', write: '' } } } },
  oidc: { type: 'openIdConnect', openIdConnectUrl: 'https://a/' },
  tls: { type: 'mutualTLS' },
};

const documentWith = (security: unknown, own?: unknown, more: object = {}) =>
  api(
    { '/x': { get: { responses: ok, ...(own !== undefined && { security: own }) }, post: { responses: ok } } },
    { security, components: { securitySchemes }, ...more },
  );
const contractWith = (security: unknown, own?: unknown, more: object = {}) => contractOf(documentWith(security, own, more));

const missing = 'credentials security';
const basic = ['Authorization', 'Basic YTpi'];

describe('presence and form', () => {
  it.each<readonly [title: string, security: unknown, line: string, headers: readonly string[], said: string]>([
    ['nothing', [{ key: [] }], '/x', [], missing],
    ['a key in a header', [{ key: [] }], '/x', ['x-api-key', 'k'], 'valid'],
    ['an empty key', [{ key: [] }], '/x', ['x-api-key', ''], missing],
    ['an empty key before another', [{ key: [] }], '/x', ['x-api-key', '', 'X-API-KEY', 'k'], 'valid'],
    ['a key in the query', [{ query: [] }], '/x?key=k', [], 'valid'],
    ['an empty one', [{ query: [] }], '/x?key=', [], missing],
    ['its name alone', [{ query: [] }], '/x?key', [], missing],
    ['another case', [{ query: [] }], '/x?Key=k', [], missing],
    ['an encoded name', [{ query: [] }], '/x?k%65y=k', [], 'valid'],
    ['an empty one before another', [{ query: [] }], '/x?key=&key=k', [], 'valid'],
    ['a key in a cookie', [{ cookie: [] }], '/x', ['Cookie', 'a=1; sid=k'], 'valid'],
    ['a cookie of another name', [{ cookie: [] }], '/x', ['Cookie', 'SID=k; xsid=k'], missing],
    ['an empty cookie', [{ cookie: [] }], '/x', ['Cookie', 'sid='], missing],
    ['an empty cookie in quotes', [{ cookie: [] }], '/x', ['Cookie', 'sid=""'], missing],
    ['an empty cookie before another', [{ cookie: [] }], '/x', ['Cookie', 'sid=; a=1', 'Cookie', 'sid=k'], 'valid'],
    ['basic', [{ basic: [] }], '/x', ['Authorization', 'bAsIC YTpi'], 'valid'],
    ['basic that is no base64', [{ basic: [] }], '/x', ['Authorization', 'Basic a:b'], missing],
    ['basic alone', [{ basic: [] }], '/x', ['Authorization', 'Basic'], missing],
    ['another scheme', [{ basic: [] }], '/x', ['Authorization', 'Bearer YTpi'], missing],
    ['a scheme that begins alike', [{ basic: [] }], '/x', ['Authorization', 'Basics YTpi'], missing],
    ['bearer', [{ bearer: [] }], '/x', ['authorization', 'Bearer a.b-c'], 'valid'],
    ['bearer in another case', [{ bearer: [] }], '/x', ['authorization', 'BEARER  a~b+/=='], 'valid'],
    ['bearer without a token', [{ bearer: [] }], '/x', ['Authorization', 'Bearer '], missing],
    ['bearer with two words', [{ bearer: [] }], '/x', ['Authorization', 'Bearer a b'], missing],
    ['bearer in quotes', [{ bearer: [] }], '/x', ['Authorization', 'Bearer "a"'], missing],
    ['a token alone', [{ bearer: [] }], '/x', ['Authorization', 'a.b.c'], missing],
    ['a bearer token in the query', [{ bearer: [] }], '/x?access_token=t', [], missing],
    ['DPoP where bearer is asked for', [{ bearer: [] }], '/x', ['Authorization', 'DPoP t'], missing],
    ['two Authorization fields', [{ bearer: [] }], '/x', ['Authorization', 'Basic YTpi', 'Authorization', 'Bearer t'], 'valid'],
    ['two schemes in one field', [{ bearer: [] }], '/x', ['Authorization', 'Basic YTpi, Bearer t'], missing],
    ['digest', [{ digest: [] }], '/x', ['Authorization', 'Digest username="a", realm="b"'], 'valid'],
    ['digest with a token', [{ digest: [] }], '/x', ['Authorization', 'Digest YTpi=='], missing],
    ['negotiate', [{ negotiate: [] }], '/x', ['Authorization', 'negotiate YII='], 'valid'],
    ['negotiate without a token', [{ negotiate: [] }], '/x', ['Authorization', 'Negotiate'], missing],
    ['a scheme that nobody has registered', [{ own: [] }], '/x', ['Authorization', 'X-OWN a/b, c="d" e'], 'valid'],
    ['its name alone', [{ own: [] }], '/x', ['Authorization', 'x-own'], 'valid'],
    ['an access token', [{ oauth: ['read'] }], '/x', ['Authorization', 'Bearer t'], 'valid'],
    ['one that is bound to a key', [{ oauth: [] }], '/x', ['Authorization', 'DPoP t'], 'valid'],
    ['one in the query', [{ oidc: [] }], '/x?a=1&access_token=t', [], 'valid'],
    ['an empty one in the query', [{ oidc: [] }], '/x?access_token=', [], missing],
    ['an access token and basic', [{ oauth: [] }], '/x', basic, missing],
    ['one of two', [{ key: [] }, { basic: [] }], '/x', basic, 'valid'],
    ['one where both are needed', [{ key: [], basic: [] }], '/x', basic, missing],
    ['both', [{ key: [], basic: [] }], '/x', [...basic, 'X-Api-Key', 'k'], 'valid'],
    [
      'half of each of two',
      [
        { key: [], basic: [] },
        { cookie: [], query: [] },
      ],
      '/x?key=k',
      ['X-Api-Key', 'k'],
      missing,
    ],
    ['optional', [{ key: [] }, {}], '/x', [], 'valid'],
    ['a certificate cannot be seen', [{ tls: [] }], '/x', [], 'valid'],
    ['but what goes with it can', [{ tls: [], key: [] }], '/x', [], missing],
    ['roles are not exchanged', [{ key: ['admin'], basic: ['admin'] }], '/x', [...basic, 'X-Api-Key', 'k'], 'valid'],
  ])('%s', async (_, security, line, headers, said) => {
    expect(say(request(await contractWith(security), `GET ${line}`, { headers }))).toBe(said);
  });

  it('an access token may be in a form, which is not looked at', async () => {
    const form = { headers: ['Content-Type', 'Application/x-www-form-urlencoded; charset=utf-8'], body: 'access_token=t' };
    expect(say(request(await contractWith([{ oauth: [] }]), 'POST /x', form))).toContain('undocumented_body');
    const open = documentWith([{ oauth: [] }], undefined, { openapi: '3.0.3' }) as { paths: { '/x': { post: object } } };
    open.paths['/x'].post = { responses: ok, requestBody: { content: { 'application/x-www-form-urlencoded': {} } } };
    const contract = await contractOf(open);
    expect(say(request(contract, 'POST /x', form))).toBe('skipped unsupported');
    expect(say(request(contract, 'POST /x', { ...form, headers: [...form.headers, 'Authorization', 'Bearer'] }))).toBe(missing);
    expect(say(request(contract, 'POST /x'))).toBe(missing);
  });

  it('an operation has the last word', async () => {
    expect(say(request(await contractWith([{ key: [] }], []), 'GET /x'))).toBe('valid');
    expect(say(request(await contractWith([], [{ key: [] }]), 'GET /x'))).toBe(missing);
    expect(say(request(await contractWith([{ basic: [] }], [{ key: [] }]), 'GET /x', { headers: ['X-Api-Key', 'k'] }))).toBe('valid');
  });
});

describe('what a violation says', () => {
  const told = async (security: unknown, headers: readonly string[] = [], token?: TokenVerdict) => {
    const contract = await contractWith(security);
    const outcome = contract.operations[0]?.checkRequestHead({ method: 'GET', path: '/x', query: '', headers }, new Map(), token);
    return outcome?.is === 'invalid' ? outcome.violations.map(({ rule, specPointer, detail }) => `${rule} ${specPointer} ${detail}`) : [];
  };

  it('what is needed, and what is missing of the nearest', async () => {
    expect(await told([{ key: [], basic: [] }, { oauth: [] }])).toEqual([
      'credentials /security needs credentials: key and basic, or oauth',
    ]);
    expect(await told([{ key: [], basic: [] }, { oauth: [] }], ['X-Api-Key', 'hunter2'])).toEqual([
      'credentials /security/0 needs credentials: key and basic, or oauth; nearest is key and basic: basic is missing',
    ]);
    expect(await told([{ key: [] }, { basic: [], cookie: [] }], ['Authorization', 'Basic ?', 'Cookie', 'sid=1'])).toEqual([
      'credentials /security/1 needs credentials: key, or basic and cookie; nearest is basic and cookie: basic is not in its form',
    ]);
  });

  const of = (...scopes: readonly string[]): TokenVerdict => ({
    is: 'verified',
    token: { principal: 'p', scopes: new Set(scopes), claims: new Map() },
  });
  const bad: TokenVerdict = { is: 'invalid', detail: 'the token has expired' };
  const bearer = ['Authorization', 'Bearer t'];

  it('what is wrong with a token that was verified', async () => {
    expect(await told([{ key: [] }, { bearer: [] }], bearer, bad)).toEqual([
      'credentials_invalid /security/1/bearer bearer: the token has expired',
    ]);
    expect(await told([{ oidc: ['a', 'b', 'c'] }], bearer, of('b'))).toEqual([
      'scope_missing /security/0/oidc/0 oidc: the token lacks the scope a',
      'scope_missing /security/0/oidc/2 oidc: the token lacks the scope c',
    ]);
  });

  it.each<readonly [title: string, security: unknown, token: TokenVerdict | undefined, rules: readonly string[]]>([
    ['nothing verifies', [{ oauth: ['read'] }], undefined, []],
    ['all scopes', [{ oauth: ['read', 'write'] }], of('write', 'read', 'more'), []],
    ['no scopes needed', [{ oauth: [] }], of(), []],
    ['one of two alternatives as a whole', [{ oauth: ['write'] }, { oauth: ['read'] }], of('read'), []],
    ['half of each', [{ oauth: ['read', 'write'] }, { oidc: ['read', 'admin'] }], of('read'), ['scope_missing']],
    ['too few for one, nothing for the other', [{ key: [] }, { oauth: ['write'] }], of('read'), ['scope_missing']],
    ['a scheme whose tokens are something else', [{ opaque: [] }], bad, []],
    ['a scheme whose tokens are JWTs', [{ jwt: [] }], bad, ['credentials_invalid']],
    ['roles of a bearer scheme', [{ jwt: ['admin'] }], of(), []],
    ['a bad token that is not asked for', [{ cookie: [] }], bad, ['credentials']],
    ['a bad token where it is optional', [{ oauth: ['read'] }, {}], bad, []],
    ['a bad token beside a missing key', [{ oauth: [], key: [] }], bad, ['credentials']],
    ['scopes beside a missing key', [{ oauth: ['write'], key: [] }], of(), ['credentials']],
  ])('%s', async (_, security, token, rules) => {
    expect((await told(security, bearer, token)).map((line) => line.split(' ')[0])).toEqual(rules);
  });

  it('what is not known is no violation, unless something else is missing', async () => {
    const verdict = async (security: unknown, headers = bearer): Promise<Outcome | undefined> =>
      (await contractWith(security)).operations[0]?.checkRequestHead({ method: 'GET', path: '/x', query: '', headers }, new Map(), {
        is: 'unknown',
        why: 'keys',
      });
    expect(await verdict([{ oauth: ['read'] }])).toEqual({ is: 'skipped', reason: 'unverified' });
    expect(await verdict([{ key: [] }, { oauth: [] }])).toEqual({ is: 'skipped', reason: 'unverified' });
    expect(await verdict([{ key: [] }, { oauth: [] }], [...bearer, 'X-Api-Key', 'k'])).toEqual({ is: 'valid' });
    expect((await verdict([{ key: [], oauth: [] }]))?.is).toBe('invalid');
    expect((await verdict([{ oauth: [] }], basic))?.is).toBe('invalid');
  });

  it('what to ask for', async () => {
    const asked = async (security: unknown) => (await contractWith(security)).operations[0]?.challenge;
    expect(await asked([{ basic: [] }])).toBe('Basic realm="Test"');
    expect(await asked([{ bearer: [] }, { oauth: ['read'] }, { key: [] }])).toBe('Bearer realm="Test", ApiKey');
    expect(await asked([{ digest: [] }])).toBe('Digest');
    expect(await asked([])).toBeUndefined();
    expect(await asked([{ key: [] }, {}])).toBeUndefined();
    const { operations } = await contractWith([{ basic: [] }], undefined, { info: { title: 'a "b" \\ \u{1f600}\r\nc', version: '1' } });
    expect(operations[0]?.challenge).toBe('Basic realm="a b  c"');
  });

  it('RFC 6750 §3.1: why a token was refused, and which scopes it would need', async () => {
    const challenge = async (security: unknown, token: TokenVerdict) => {
      const [operation] = (await contractWith(security)).operations;
      const outcome = operation?.checkRequestHead({ method: 'GET', path: '/x', query: '', headers: bearer }, new Map(), token);
      return outcome?.is === 'invalid' && operation?.challengeTo(outcome.violations[0] as never);
    };
    expect(await challenge([{ oauth: ['read'] }, { key: [] }], bad)).toBe('Bearer realm="Test", error="invalid_token", ApiKey');
    expect(await challenge([{ key: [] }, { oauth: ['read', 'write'] }], of('read'))).toBe(
      'Bearer realm="Test", error="insufficient_scope", scope="read write"',
    );
    expect(await challenge([{ oidc: ['a"b', 'c'] }], of())).toBe('Bearer realm="Test", error="insufficient_scope", scope="c"');
    expect(await challenge([{ oauth: ['write'], key: [] }], of())).toBe('Bearer realm="Test", ApiKey');
  });

  it('whether a token counts, and which fields carry a key', async () => {
    const of = async (security: unknown) => (await contractWith(security)).operations[0];
    const asks = async (security: unknown, headers: readonly string[] = []) =>
      (await of(security))?.asksForToken({ method: 'GET', path: '/x', query: '', headers });
    const operation = await of([{ key: [], basic: [] }, { query: [] }, { cookie: [], key: [] }]);
    expect([await asks([{ key: [], basic: [] }, { query: [] }]), operation?.keyFields]).toEqual([false, ['x-api-key']]);
    for (const name of ['bearer', 'jwt', 'oauth', 'oidc']) expect(await asks([{ key: [] }, { [name]: [] }])).toBe(true);
    for (const security of [[{ opaque: [] }], [{ basic: [] }], [{ oauth: [] }, {}], []]) expect(await asks(security)).toBe(false);
    // Not where something else lets the request in as a whole.
    const key = ['X-Api-Key', 'k'];
    expect([await asks([{ oauth: [] }, { key: [] }], key), await asks([{ oauth: [] }, { key: [], basic: [] }], key)]).toEqual([
      false,
      true,
    ]);
    expect(await asks([{ oauth: [], key: [] }], key)).toBe(true);
    expect((await of([{ key: [] }, {}]))?.keyFields).toEqual(['x-api-key']);
    expect((await of([{ tls: [] }]))?.keyFields).toEqual([]);
  });
});

describe('what the document says', () => {
  const problems = async (document: unknown, files: Record<string, unknown> = {}) =>
    (await load({ 'api.json': document, ...files })).problems.map(({ severity, code, pointer, suggestion }) =>
      [severity, code, pointer, suggestion].filter((part) => part !== undefined).join(' '),
    );

  it('a name that is none, and a list that is none', async () => {
    expect(await problems(documentWith([{ Key: [] }]))).toEqual(['error unknown_security_scheme /security/0/Key key']);
    expect(await problems(documentWith([{ key: null }, { oauth: ['read', 7] }]))).toEqual([
      'warning wrong_type /security/0/key',
      'warning wrong_type /security/1/oauth',
    ]);
  });

  it('scopes of what has none before 3.1', async () => {
    expect(await problems(documentWith([{ key: ['admin'] }], undefined, { openapi: '3.0.3' }))).toContain(
      'warning not_in_this_version /security/0/key',
    );
    expect(await problems(documentWith([{ key: ['admin'] }]))).toEqual([]);
  });

  it('flows', async () => {
    const flows = { deviceAuthorization: {}, implict: {} };
    const more = { components: { securitySchemes: { oauth: { type: 'oauth2', flows } } } };
    const at = '/components/securitySchemes/oauth/flows';
    expect(await problems(documentWith([{ oauth: [] }], undefined, more))).toEqual([
      `warning not_in_this_version ${at}/deviceAuthorization`,
      `warning unknown_field ${at}/implict`,
    ]);
    expect(await problems(documentWith([{ oauth: [] }], undefined, { ...more, openapi: '3.2.0' }))).toEqual([
      `warning unknown_field ${at}/implict`,
    ]);
  });

  it('3.2: a scheme may be named by its URI; a component of that name comes first', async () => {
    const schemes = { components: { securitySchemes: { key: { type: 'apiKey', in: 'query', name: 'k' }, '#/a': securitySchemes.basic } } };
    const security = [{ 'schemes.json#/components/securitySchemes/key': [] }, { '#/a': [] }, { '#/components/securitySchemes/key': [] }];
    const document = documentWith(security, undefined, {
      openapi: '3.2.0',
      components: { securitySchemes: { ...securitySchemes, '#/a': securitySchemes.basic } },
    });
    const { contract } = await load({ 'api.json': document, 'schemes.json': schemes });
    if (contract === undefined) throw new Error('refused');
    for (const [line, headers, said] of [
      ['GET /x?k=1', [], 'valid'],
      ['GET /x', basic, 'valid'],
      ['GET /x', ['X-Api-Key', 'k'], 'valid'],
      ['GET /x?key=1', [], missing],
    ] as const)
      expect(say(request(contract, line, { headers }))).toBe(said);
    expect(await problems({ ...document, openapi: '3.1.0' })).toContain(
      'error unknown_security_scheme /security/0/schemes.json#~1components~1securitySchemes~1key',
    );
    expect(await problems(documentWith([{ './gone.json': [] }, { plain: [] }], undefined, { openapi: '3.2.0' }))).toEqual([
      'error unknown_security_scheme /security/0/.~1gone.json',
      'error unknown_security_scheme /security/1/plain',
    ]);
  });
});
