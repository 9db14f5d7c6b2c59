import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fakeContract, fakeOperation } from '../../../test/kit/contract.ts';
import type { Contract, Match, Operation } from '../../core/contract.ts';
import { FoldedPaths } from './folded-paths.ts';
import { UnknownRoutes, unknownWebhook } from './unknown-route-drift.ts';

const TEMPLATES = ['/pets', '/pets/{id}', '/pets/search', '/files/{name}.json', '/v1/{\0tenant}/orders/{order-id}/lines'];

function contractOf(templates: readonly string[], known: string | undefined = undefined): Contract {
  const operations = templates.map((template): Operation => {
    const escaped = template.replaceAll('~', '~0').replaceAll('/', '~1');
    return { ...fakeOperation({ id: template }), method: 'GET', template, specPointer: `/paths/${escaped}/get` };
  });
  const first = operations[0] as Operation;
  return {
    ...fakeContract(operations),
    pathsOf: (operation) => [operation.template],
    match: (_, path) => (path === known ? { operation: first, params: new Map() } : PATH),
  };
}

/** 60 of them. */
const WORDS = [...'abcdef'].flatMap((a) => [...'ghijklmnop'].map((b) => a + b));
const PATH: Match = { miss: 'path' };
const METHOD: Match = { miss: 'method', allow: ['GET'] };
const routes = (contract = contractOf(TEMPLATES), folded = new FoldedPaths()): UnknownRoutes => new UnknownRoutes(contract, folded);
const asked = (method: string, path: string, match: Match = PATH, of = routes()) => of.drift({ method, headers: [] }, path, match);
const nameOf = (path: string, of = routes()): string | undefined => asked('GET', path, PATH, of)?.name;

describe('an endpoint that the contract does not know', () => {
  it.each([
    ['/health', 'GET /health'],
    ['/', 'GET /'],
    ['/admin/user-list/all_of_them', 'GET /admin/user-list/all_of_them'],
    ['/v2/things', 'GET /v2/things'],
    // The beginning that is known stays as the contract writes it.
    ['/pets/7/photos', 'GET /pets/{id}/photos'],
    ['/pets/search/wide', 'GET /pets/search/wide'],
    ['/pets/alice@example.com/photos/12', 'GET /pets/{id}/photos/{}'],
    ['/files/a.json/parts', 'GET /files/{name}.json/parts'],
    ['/files/.json/parts', 'GET /files/{}/parts'],
    ['/v1/acme/orders/77/lines/3', 'GET /v1/{tenant}/orders/{order-id}/lines/{}'],
    // What may be a value is none.
    ['/users/42', 'GET /users/{}'],
    ['/users/0190a6c0-7e1a-7000-8000-000000000000/keys', 'GET /users/{}/keys'],
    ['/users/alice@example.com', 'GET /users/{}'],
    ['/users/%61lice', 'GET /users/{}'],
    ['/blobs/aGVsbG8gd29ybGQ', 'GET /blobs/{}'],
    ['/blobs/3f2a', 'GET /blobs/{}'],
    ['/People/Alice', 'GET /{}/{}'],
    ['/-x/_y', 'GET /{}/{}'],
    [`/${'a'.repeat(32)}`, `GET /${'a'.repeat(32)}`],
    [`/${'a'.repeat(33)}`, 'GET /{}'],
    ['/v100', 'GET /{}'],
    ['/a//b/', 'GET /a//b/'],
    [`/${'x/'.repeat(300)}`, `GET ${'/x'.repeat(12)}/{}`],
  ])('%s', (path, name) => {
    expect(asked('GET', path)).toMatchObject({
      kind: 'undocumented_endpoint',
      side: 'request',
      location: 'route',
      specPointer: '/paths',
      name,
    });
  });

  it('is none where only slashes are too many', () => {
    const of = routes(contractOf(TEMPLATES, '/pets'));
    expect([asked('GET', '/pets/', PATH, of), asked('GET', '//pets', PATH, of)]).toEqual([undefined, undefined]);
    expect(asked('GET', '/petz/', PATH, of)).toBeDefined();
  });

  it('is none where only the case is another, or a parameter of the path is there', () => {
    const of = routes(contractOf(TEMPLATES, '/pets'));
    for (const path of ['/Pets', '/PETS/', '/pets;jsessionid=4711', '/pets;v=1/'])
      expect(asked('GET', path, PATH, of), path).toBeUndefined();
    const ids = routes(contractOf(TEMPLATES, '/pets/Rex'));
    expect(asked('GET', '/Pets/Rex', PATH, ids)).toBeUndefined();
    expect(asked('GET', '/Pets/Rex/photos', PATH, ids)?.name).toBe('GET /pets/{id}/photos');
    expect(asked('GET', '/Petz', PATH, of)?.name).toBe('GET /{}');
    // The document has that path, and not this method.
    expect(asked('GET', '/Pets/Rex', PATH, of)?.name).toBe('GET /pets/{id}');
  });

  it('words of which there are many are values', () => {
    const of = routes();
    const words = Array.from({ length: 22 }, (_, i) => `x${'abcdefghijklmnopqrstuvw'[i]}`);
    expect(words.map((word) => nameOf(`/users/${word}/keys`, of)).slice(0, 20)).toEqual(
      words.slice(0, 20).map((word) => `GET /users/${word}/keys`),
    );
    expect(nameOf('/users/xu/keys', of)).toBe('GET /users/{}/keys');
    expect(nameOf('/users/xa/keys', of)).toBe('GET /users/{}/keys');
    // Elsewhere nothing was learned.
    expect(nameOf('/teams/xa', of)).toBe('GET /teams/xa');
  });

  it('what one route has learned the others of the API know', () => {
    const folded = new FoldedPaths();
    for (const word of WORDS.slice(0, 25)) nameOf(`/users/${word}`, routes(contractOf(TEMPLATES), folded));
    expect(nameOf('/users/abz', routes(contractOf(TEMPLATES), folded))).toBe('GET /users/{}');
  });

  it('there are few, however many paths are asked for', () => {
    const of = routes();
    const names = new Set(WORDS.flatMap((first) => WORDS.map((second) => nameOf(`/${first}/${second}`, of))));
    expect(names.size).toBeLessThan(70);
    expect(nameOf('/new/place', of)).toBe('GET /{}/{}');
    // Deep ones, each at a place of its own.
    const deep = routes();
    expect(new Set(WORDS.flatMap((word) => WORDS.map((second) => nameOf(`/v1/${word}/${second}/x`, deep)))).size).toBeLessThan(70);
  });

  it('never has a character that no template has', () => {
    fc.assert(
      fc.property(fc.webPath(), (path) => {
        const name = nameOf(path === '' ? '/' : path);
        expect(name).toMatch(/^GET (?:\/(?:\{\}|[a-z][a-z_-]{0,31}|v\d\d?|\{[a-z-]+\}(?:\.json)?)?)+$/);
      }),
    );
  });
});

describe('a method that the contract does not know', () => {
  it('is named with the template, and stands at the path', () => {
    expect(asked('DELETE', '/pets/7', METHOD)).toMatchObject({
      kind: 'undocumented_method',
      specPointer: '/paths/~1pets~1{id}',
      name: 'DELETE /pets/{id}',
    });
    expect(asked('DELETE', '/pets/search', METHOD)?.name).toBe('DELETE /pets/search');
  });

  it('is told apart only if it is one', () => {
    expect(asked('X-4711', '/pets', METHOD)?.name).toBe('_OTHER /pets');
    const webdav = { ...fakeOperation(), method: 'PROPFIND' };
    const of = routes({ ...contractOf(TEMPLATES), operations: [webdav] });
    expect(asked('PROPFIND', '/x', PATH, of)?.name).toBe('PROPFIND /x');
  });

  it.each(['HEAD', 'OPTIONS'])('servers answer %s of themselves', (method) => {
    expect([asked(method, '/pets', METHOD), asked(method, '/elsewhere')]).toEqual([undefined, undefined]);
  });
});

describe('a webhook that the contract does not know', () => {
  it.each([
    ['pull_request', 'pull_request'],
    ['invoice.payment_failed', 'invoice.payment_failed'],
    ['orders/create', 'orders/create'],
    ['customer-7734920118', '{}'],
    ['alice@example.com', '{}'],
    ['a b', '{}'],
    ['x'.repeat(200), '{}'],
    ['', '{}'],
    [undefined, '{}'],
  ])('%s', (named, name) => {
    expect(unknownWebhook(named)).toMatchObject({ kind: 'undocumented_webhook', specPointer: '/webhooks', name });
    expect(asked('POST', '/hook', { miss: 'webhook', ...(named !== undefined && { named }) })).toEqual(unknownWebhook(named));
  });

  it('and one that comes by another method', () => {
    const { pathsOf: _, ...webhooks } = contractOf(TEMPLATES);
    expect(asked('PUT', '/hook/7734', METHOD, routes(webhooks))).toMatchObject({ kind: 'undocumented_method', name: 'PUT' });
  });
});
