import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Operation } from '../../../core/contract.ts';
import { api, contractOf, ok, request, say } from '../testing.ts';
import { Matcher } from './matcher.ts';
import { comparePrecedence, segmentsOf } from './template.ts';

const operation = (id: string): Operation => ({ id }) as Operation;

function matcherOf(templates: Readonly<Record<string, readonly string[]>>): Matcher {
  const matcher = new Matcher();
  for (const [template, methods] of Object.entries(templates))
    for (const method of methods) matcher.add(template, method, operation(`${method} ${template}`));
  matcher.seal();
  return matcher;
}

function found(matcher: Matcher, line: string): string {
  const [method = '', path = ''] = line.split(' ');
  const match = matcher.match(method, path);
  if ('miss' in match) return match.miss === 'method' ? `not ${match.allow.join(' ')}` : 'no path';
  const params = [...match.params].map(([name, value]) => ` ${name}=${value}`).join('');
  return match.operation.id + params;
}

describe('the matcher', () => {
  it.each([
    // Concrete before templated, whatever the order.
    ['GET /pets/mine', 'GET /pets/mine'],
    ['GET /pets/7', 'GET /pets/{id} id=7'],
    // A concrete path without the method is 405, not the templated one.
    ['DELETE /pets/mine', 'not GET HEAD'],
    ['DELETE /pets/7', 'DELETE /pets/{id} id=7'],
    // More literals first; a dead end is left again.
    ['GET /a/b/c', 'GET /{p}/b/c p=a'],
    ['GET /a/x/y', 'GET /a/{q}/{r} q=x r=y'],
    ['GET /z/x/y', 'no path'],
    // Literals beside a parameter.
    ['GET /files/report.json', 'GET /files/{id}.json id=report'],
    ['GET /files/.json', 'GET /files/{id} id=.json'],
    ['GET /files/report.xml', 'GET /files/{id} id=report.xml'],
    ['POST /jobs/7:run', 'POST /jobs/{name}:run name=7'],
    ['GET /compare/v1...v2', 'GET /compare/{base}...{head} base=v1 head=v2'],
    // Templates that lack the method leave it to others that match.
    ['PUT /files/report.json', 'PUT /files/{id} id=report.json'],
    // The raw path: %2F separates nothing, parameters stay encoded, unreserved characters may be encoded in literals.
    ['GET /pets/a%2Fb', 'GET /pets/{id} id=a%2Fb'],
    ['GET /p%65ts/mine', 'GET /pets/mine'],
    ['GET /pets%2Fmine', 'no path'],
    ['GET /pets/%zz', 'GET /pets/{id} id=%zz'],
    ['GET /pets%00mine', 'no path'],
    // A trailing slash counts, a parameter is never empty.
    ['GET /pets/mine/', 'no path'],
    ['GET /pets/', 'GET /pets/'],
    ['GET /pets', 'no path'],
    ['GET /pets//', 'no path'],
    // HEAD goes to GET's operation; OPTIONS only where it is declared.
    ['HEAD /pets/7', 'GET /pets/{id} id=7'],
    ['OPTIONS /pets/7', 'not DELETE GET HEAD'],
    // Allow is that of every template which takes the path.
    ['DELETE /files/report.json', 'not GET HEAD PUT'],
    ['get /pets/7', 'not DELETE GET HEAD'],
    ['GET *', 'no path'],
    ['GET ', 'no path'],
  ])('%s', (line, expected) => {
    const matcher = matcherOf({
      '/pets/{id}': ['GET', 'DELETE'],
      '/pets/mine': ['GET'],
      '/pets/': ['GET'],
      '/a/{q}/{r}': ['GET'],
      '/{p}/b/c': ['GET'],
      '/files/{id}': ['GET', 'PUT'],
      '/files/{id}.json': ['GET'],
      '/jobs/{name}:run': ['POST'],
      '/compare/{base}...{head}': ['GET'],
    });
    expect(found(matcher, line)).toBe(expected);
  });

  it('takes the names of each method', () => {
    const matcher = matcherOf({ '/a/{x}': ['GET'], '/a/{y}': ['POST'] });
    expect(found(matcher, 'POST /a/1')).toBe('POST /a/{y} y=1');
  });

  it('is no slower for long paths', () => {
    const matcher = matcherOf({ '/{a}/{b}/{c}': ['GET'], '/x/{b}/{c}': ['GET'], '/x/y/{c}-{d}': ['GET'] });
    expect(found(matcher, `GET ${'/x'.repeat(100_000)}`)).toBe('no path');
    expect(found(matcher, `GET /x/y/${'-'.repeat(100_000)}`)).toContain('/x/y/{c}-{d}');
  });

  const segment = fc.constantFrom('a', 'b', '{x}', '{x}.a', 'a-{x}', '{x}-{y}');
  const template = fc
    .array(segment, { minLength: 1, maxLength: 4 })
    .map((parts) => `/${parts.map((p, i) => p.replaceAll('x', `x${i}`).replaceAll('y', `y${i}`)).join('/')}`);
  const path = fc
    .array(fc.constantFrom('a', 'b', 'c', 'a.a', 'a-b', 'a-b-c', '.a', ''), { minLength: 1, maxLength: 4 })
    .map((parts) => `/${parts.join('/')}`);

  it('agrees with trying every template', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(template, { minLength: 1, maxLength: 12, selector: (t) => t.replace(/\{[^}]*\}/g, '{}') }),
        path,
        (templates, at) => {
          const matcher = matcherOf(Object.fromEntries(templates.map((t) => [t, ['GET']])));
          const match = matcher.match('GET', at);
          const naive = templates
            .filter((t) =>
              new RegExp(
                `^${t
                  .split(/(\{[^}]*\})/)
                  .map((p) => (p.startsWith('{') ? '[^/]+' : p.replace(/[.-]/g, '\\$&')))
                  .join('')}$`,
              ).test(at),
            )
            .sort((a, b) => comparePrecedence(segmentsOf(a), segmentsOf(b)));
          if (naive.length === 0) expect(match).toEqual({ miss: 'path' });
          else if ('operation' in match) {
            const best = naive.filter((t) => comparePrecedence(segmentsOf(t), segmentsOf(naive[0] as string)) === 0);
            expect(best.map((t) => `GET ${t}`)).toContain(match.operation.id);
            // Put together again, the values make the path.
            expect(match.operation.id.slice(4).replace(/\{([^}]*)\}/g, (_, name: string) => match.params.get(name) ?? '?')).toBe(at);
          } else expect.fail('no match');
        },
      ),
      { numRuns: 500 },
    );
  });
});

describe('servers', () => {
  const paths = { '/pets': { get: { responses: ok } } };
  const at = async (servers: unknown, line: string, basePath = 'auto'): Promise<string> =>
    say(request(await contractOf(api(paths, { servers }), { basePath }), line));

  it.each([
    ['none', undefined, ['/pets']],
    ['absolute', [{ url: 'https://api.example.com' }], ['/pets']],
    ['with a path', [{ url: 'https://api.example.com/v1/' }], ['/v1/pets']],
    ['relative', [{ url: '/v1' }, { url: 'v2' }, { url: './v3/../v4' }], ['/v1/pets', '/v2/pets', '/v4/pets']],
    ['several with one path', [{ url: 'https://a.example/v1' }, { url: 'https://b.example/v1/' }], ['/v1/pets']],
    [
      'with listed variables',
      [{ url: 'https://{host}/{v}', variables: { host: { default: 'a.example' }, v: { default: 'v1', enum: ['v1', 'v2'] } } }],
      ['/v1/pets', '/v2/pets'],
    ],
    ['with an open variable', [{ url: 'https://a.example/{tenant}', variables: { tenant: { default: 'x' } } }], ['/x/pets', '/any/pets']],
  ])('%s', async (_, servers, known) => {
    for (const path of known) expect(await at(servers, `GET ${path}`), path).toBe('valid');
    expect(await at(servers, 'GET /v9/pets/x')).toBe('no path');
    if (!known.includes('/pets')) expect(await at(servers, 'GET /pets')).toBe('no path');
  });

  it('a configured path replaces them, none leaves paths as they are', async () => {
    const servers = [{ url: '/v1' }];
    expect(await at(servers, 'GET /billing/pets', '/billing/')).toBe('valid');
    expect(await at(servers, 'GET /v1/pets', '/billing')).toBe('no path');
    expect(await at(servers, 'GET /pets', 'none')).toBe('valid');
  });

  it('of a path and of an operation stand in for those of the document', async () => {
    const contract = await contractOf(
      api(
        { '/a': { servers: [{ url: '/p' }], get: { responses: ok }, put: { servers: [{ url: '/o' }], responses: ok } } },
        { servers: [{ url: '/d' }] },
      ),
    );
    expect(say(request(contract, 'GET /p/a'))).toBe('valid');
    expect(say(request(contract, 'PUT /o/a'))).toBe('valid');
    expect(say(request(contract, 'PUT /p/a'))).toBe('no method, but GET HEAD');
    expect(say(request(contract, 'GET /d/a'))).toBe('no path');
  });
});
