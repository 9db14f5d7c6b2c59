import { describe, expect, it } from 'vitest';
import { api, contractOf, ok, request, say } from './testing.ts';

const securitySchemes = {
  key: { type: 'apiKey', in: 'header', name: 'X-Api-Key' },
  query: { type: 'apiKey', in: 'query', name: 'key' },
  cookie: { type: 'apiKey', in: 'cookie', name: 'sid' },
  basic: { type: 'http', scheme: 'basic' },
  bearer: { type: 'http', scheme: 'Bearer' },
  digest: { type: 'http', scheme: 'digest' },
  oauth: { type: 'oauth2', flows: {} },
  tls: { type: 'mutualTLS' },
};

async function contractWith(security: unknown, own?: unknown) {
  return contractOf(
    api({ '/x': { get: { responses: ok, ...(own !== undefined && { security: own }) } } }, { security, components: { securitySchemes } }),
  );
}

const missing = 'credentials security';

describe('security', () => {
  it.each<readonly [title: string, security: unknown, line: string, headers: readonly string[], said: string]>([
    ['nothing', [{ key: [] }], '/x', [], missing],
    ['a key in a header', [{ key: [] }], '/x', ['x-api-key', 'k'], 'valid'],
    ['an empty key', [{ key: [] }], '/x', ['x-api-key', ''], missing],
    ['a key in the query', [{ query: [] }], '/x?key=k', [], 'valid'],
    ['a key in a cookie', [{ cookie: [] }], '/x', ['Cookie', 'a=1; sid=k'], 'valid'],
    ['basic', [{ basic: [] }], '/x', ['Authorization', 'basic YTpi'], 'valid'],
    ['another scheme', [{ basic: [] }], '/x', ['Authorization', 'Bearer YTpi'], missing],
    ['bearer', [{ bearer: [] }], '/x', ['authorization', 'Bearer a.b-c'], 'valid'],
    ['bearer without a token', [{ bearer: [] }], '/x', ['Authorization', 'Bearer '], missing],
    ['any other scheme by its name', [{ digest: [] }], '/x', ['Authorization', 'Digest username="a"'], 'valid'],
    ['an access token', [{ oauth: ['read'] }], '/x', ['Authorization', 'Bearer t'], 'valid'],
    ['one of two', [{ key: [] }, { basic: [] }], '/x', ['Authorization', 'Basic YTpi'], 'valid'],
    ['one where both are needed', [{ key: [], basic: [] }], '/x', ['Authorization', 'Basic YTpi'], missing],
    ['both', [{ key: [], basic: [] }], '/x', ['Authorization', 'Basic YTpi', 'X-Api-Key', 'k'], 'valid'],
    ['optional', [{ key: [] }, {}], '/x', [], 'valid'],
    ['a certificate cannot be seen', [{ tls: [] }], '/x', [], 'valid'],
  ])('%s', async (_, security, line, headers, said) => {
    expect(say(request(await contractWith(security), `GET ${line}`, { headers }))).toBe(said);
  });

  it('an operation has the last word', async () => {
    expect(say(request(await contractWith([{ key: [] }], []), 'GET /x'))).toBe('valid');
    expect(say(request(await contractWith([], [{ key: [] }]), 'GET /x'))).toBe(missing);
  });

  it('says what to ask for', async () => {
    const challenge = async (security: unknown) => (await contractWith(security)).operations[0]?.challenge;
    expect(await challenge([{ basic: [] }])).toBe('Basic realm="Test"');
    expect(await challenge([{ bearer: [] }, { oauth: [] }, { key: [] }])).toBe('Bearer, ApiKey');
    expect(await challenge([{ digest: [] }])).toBe('Digest');
    expect(await challenge([])).toBeUndefined();
    expect(await challenge([{ key: [] }, {}])).toBeUndefined();
  });

  it('names the fields of API keys, those that may be left out too', async () => {
    const fields = async (security: unknown) => (await contractWith(security)).operations[0]?.keyFields;
    expect(await fields([{ key: [], basic: [] }, { query: [] }, { cookie: [], key: [] }])).toEqual(['x-api-key']);
    expect(await fields([{ key: [] }, {}])).toEqual(['x-api-key']);
    expect(await fields([{ tls: [] }])).toEqual([]);
    expect(await fields([])).toEqual([]);
  });

  it('comes first, and names what is missing but no credential', async () => {
    const contract = await contractWith([{ key: [], basic: [] }, { oauth: [] }]);
    const outcome = request(contract, 'GET /x', { headers: ['X-Api-Key', 'hunter2'] });
    expect(outcome).toEqual({
      is: 'invalid',
      violations: [
        {
          rule: 'credentials',
          side: 'request',
          location: 'security',
          pointer: '',
          specPointer: '/security',
          detail: 'needs credentials: key and basic, or oauth',
        },
      ],
    });
  });
});
