import { describe, expect, it } from 'vitest';
import type { Contract, ContractRequest, DeprecatedUse, Operation } from '../../../core/contract.ts';
import { ParsedBody } from '../../../core/parsed-body.ts';
import { budget } from '../schema/budget.ts';
import { api, contractOf, json, ok } from '../testing.ts';

const head = (more: Partial<ContractRequest> = {}): ContractRequest => ({ method: 'POST', path: '/x', query: '', headers: [], ...more });
const said = (uses: readonly DeprecatedUse[]): string[] => uses.map(({ element, specPointer }) => `${element} ${specPointer}`);
const only = ({ operations }: Contract): Operation => operations[0] as Operation;
const parsed = (value: unknown): ParsedBody => {
  const bytes = Buffer.from(typeof value === 'string' ? value : JSON.stringify(value));
  return new ParsedBody([bytes], bytes.byteLength);
};
const JSON_HEADERS = ['Content-Type', 'application/json'];

/** What of a request's body is deprecated, as pointers from its schema. */
async function fields(schema: unknown, value: unknown, more: Readonly<Record<string, unknown>> = {}): Promise<string[]> {
  const contract = await contractOf(api({ '/x': { post: { requestBody: { content: json(schema) }, responses: ok } } }, more));
  const uses = only(contract).deprecatedParts?.inBody(head({ headers: JSON_HEADERS }), undefined, parsed(value));
  const base = '/paths/~1x/post/requestBody/content/application~1json/schema';
  return said(uses ?? []).map((use) => use.replace('request_field ', '').replace(base, ''));
}

/** As text: an object with a member `then` would be taken for a promise. */
const ifA = (holds: unknown, fails: unknown): unknown =>
  JSON.parse(`{"if":{"required":["a"]},"then":${JSON.stringify(holds)},"else":${JSON.stringify(fails)}}`);

const old = { type: 'string', deprecated: true };
const thing = { type: 'object', properties: { old, name: { type: 'string' } } };

describe('PC-3: deprecated members of a body', () => {
  it.each<readonly [title: string, schema: unknown, value: unknown, found: readonly string[]]>([
    ['a member', thing, { old: 'x', name: 'y' }, ['/properties/old']],
    ['one that is not there', thing, { name: 'y' }, []],
    [
      'one that is null, where null is allowed',
      { properties: { a: { type: ['string', 'null'], deprecated: true } } },
      { a: null },
      ['/properties/a'],
    ],
    ['one whose value breaks its schema: it was sent all the same', thing, { old: 1 }, ['/properties/old']],
    ['deprecated: false', { properties: { a: { deprecated: false } } }, { a: 1 }, []],
    ['in items, once however many', { type: 'array', items: thing }, [{ old: '1' }, {}, { old: '2' }], ['/items/properties/old']],
    [
      'in prefixItems, and not in the items after them',
      { prefixItems: [thing], items: {} },
      [{ old: '1' }],
      ['/prefixItems/0/properties/old'],
    ],
    ['nothing in items that prefixItems cover', { prefixItems: [{}], items: thing }, [{ old: '1' }], []],
    ['in what contains asks for', { contains: { required: ['old'], ...thing } }, [1, { old: 'x' }], ['/contains/properties/old']],
    ['nested', { properties: { in: thing } }, { in: { old: 'x' } }, ['/properties/in/properties/old']],
    [
      'in allOf',
      { allOf: [thing, { properties: { b: old } }] },
      { old: 'x', b: 'y' },
      ['/allOf/0/properties/old', '/allOf/1/properties/b'],
    ],
    ['by pattern', { patternProperties: { '^x-': old } }, { 'x-a': 'b', y: 'c' }, ['/patternProperties/^x-']],
    ['as an additional one', { properties: { a: {} }, additionalProperties: old }, { a: '1', b: '2' }, ['/additionalProperties']],
    ['not as an additional one what is declared', { properties: { a: {} }, additionalProperties: old }, { a: '1' }, []],
    ['where another is there', { dependentSchemas: { name: thing } }, { name: 'x', old: 'y' }, ['/dependentSchemas/name/properties/old']],
    ['not where the other is not there', { dependentSchemas: { name: thing } }, { old: 'y' }, []],
    ['below not: says nothing', { not: { required: ['no'], ...thing } }, { old: 'x' }, []],
    ['the body as a whole', { type: 'object', deprecated: true }, {}, ['']],
    ['a name like those of objects', { properties: { constructor: old } }, {}, []],
    ['a name like those of objects, sent', { properties: { constructor: old } }, { constructor: 'x' }, ['/properties/constructor']],
  ])('PC-3: %s', async (_, schema, value, found) => {
    expect(await fields(schema, value)).toEqual(found);
  });

  const card = { type: 'object', required: ['number'], properties: { kind: { const: 'card' }, number: {}, code: old } };
  const bank = { type: 'object', required: ['iban'], properties: { kind: { const: 'bank' }, iban: {}, code: {} } };

  it.each<readonly [title: string, schema: unknown, value: unknown, found: readonly string[]]>([
    ['oneOf: in the branch that fits', { oneOf: [card, bank] }, { kind: 'card', number: 1, code: 'x' }, ['/oneOf/0/properties/code']],
    ['oneOf: of another branch, not', { oneOf: [card, bank] }, { kind: 'bank', iban: 1, code: 'x' }, []],
    ['oneOf: of branches that both fit, not', { oneOf: [card, bank] }, { number: 1, iban: 2, code: 'x' }, []],
    ['anyOf: in each that fits', { anyOf: [card, bank] }, { number: 1, iban: 2, code: 'x' }, ['/anyOf/0/properties/code']],
    ['anyOf: of another branch, not', { anyOf: [card, bank] }, { kind: 'bank', iban: 2, code: 'x' }, []],
    ['then', ifA(thing, {}), { a: 1, old: 'x' }, ['/then/properties/old']],
    ['else', ifA({}, thing), { old: 'x' }, ['/else/properties/old']],
    ['if itself, where it holds', { if: { required: ['a'], ...thing } }, { a: 1, old: 'x' }, ['/if/properties/old']],
    ['if itself, not where it fails', { if: { required: ['a'], ...thing } }, { old: 'x' }, []],
  ])('PC-3: %s', async (_, schema, value, found) => {
    expect(await fields(schema, value)).toEqual(found);
  });

  it('PC-3: through references, and names the place that says it', async () => {
    const components = { schemas: { Thing: thing, Node: { properties: { next: { $ref: '#/components/schemas/Node' }, old } } } };
    const at = (pointer: string) => `/components/schemas/${pointer}`;
    expect(await fields({ $ref: '#/components/schemas/Thing' }, { old: 'x' }, { components })).toEqual([at('Thing/properties/old')]);
    const node = { $ref: '#/components/schemas/Node' };
    expect(await fields(node, { next: { next: { old: 'x' } } }, { components })).toEqual([at('Node/properties/old')]);
    expect(await fields(node, { next: { next: {} } }, { components })).toEqual([]);
    const beside = { properties: { a: { $ref: '#/components/schemas/Node', deprecated: true } } };
    expect(await fields(beside, { a: {} }, { components })).toEqual(['/properties/a']);
    // OpenAPI 3.0.4 §4.7.23: what stands beside $ref is ignored.
    expect(await fields(beside, { a: {} }, { components, openapi: '3.0.3' })).toEqual([]);
    const wrapped = { properties: { a: { allOf: [node], nullable: true, deprecated: true } } };
    expect(await fields(wrapped, { a: {} }, { components, openapi: '3.0.3' })).toEqual(['/properties/a']);
    expect(await fields(wrapped, { a: null }, { components, openapi: '3.0.3' })).toEqual(['/properties/a']);
  });

  it('PC-3: circles that lead to something deprecated from every side are found from every side', async () => {
    const ref = (name: string) => ({ $ref: `#/components/schemas/${name}` });
    const components = {
      schemas: {
        A: { properties: { b: ref('B') } },
        B: { properties: { a: ref('A'), c: ref('C') } },
        C: { properties: { b: ref('B'), old } },
      },
    };
    const value = { a: { b: { c: { old: 'x' } } }, b: { c: { old: 'x' } }, c: { b: { c: { old: 'x' } } } };
    const contract = await contractOf(
      api(
        Object.fromEntries(
          ['A', 'B', 'C'].map((name) => [`/${name}`, { post: { requestBody: { content: json(ref(name)) }, responses: ok } }]),
        ),
        { components },
      ),
    );
    for (const operation of contract.operations)
      expect(said(operation.deprecatedParts?.inBody(head({ headers: JSON_HEADERS }), undefined, parsed(value)) ?? [])).toEqual([
        'request_field /components/schemas/C/properties/old',
      ]);
  });

  it('PC-3: what two schemas lead to is found through both', async () => {
    const ref = (name: string) => ({ $ref: `#/components/schemas/${name}` });
    const components = { schemas: { X: { properties: { z: ref('Z') } }, Y: { properties: { z: ref('Z') } }, Z: { properties: { old } } } };
    const root = { properties: { x: ref('X'), y: ref('Y') } };
    for (const name of ['x', 'y'])
      expect(await fields(root, { [name]: { z: { old: 'a' } } }, { components })).toEqual(['/components/schemas/Z/properties/old']);
  });

  it('PC-3: what a schema leads to is looked through bit by bit: a large one finds nothing at first', async () => {
    const names = Array.from({ length: 450 }, (_, i) => `P${i}`);
    const schemas = Object.fromEntries(names.map((name, i) => [name, { properties: { [i === 449 ? 'old' : 'name']: old } }]));
    const root = { properties: Object.fromEntries(names.map((name) => [name, { $ref: `#/components/schemas/${name}` }])) };
    const contract = await contractOf(
      api({ '/x': { post: { requestBody: { content: json(root) }, responses: ok } } }, { components: { schemas } }),
    );
    const looks = Array.from({ length: 4 }, () =>
      said(only(contract).deprecatedParts?.inBody(head({ headers: JSON_HEADERS }), undefined, parsed({ P449: { old: 'x' } })) ?? []),
    );
    const found = ['request_field /components/schemas/P449/properties/old'];
    expect(looks).toEqual([[], [], found, found]);
  });

  it('PC-3: in answers, by status and media type', async () => {
    const responses = {
      200: { description: '', content: { 'application/json': { schema: thing }, 'application/problem+json': { schema: {} } } },
      '4XX': { description: '', content: json({ properties: { code: old } }) },
    };
    const operation = only(await contractOf(api({ '/x': { get: { responses } } })));
    const of = (status: number, type: string) =>
      said(operation.deprecatedParts?.inBody(head(), { status, headers: ['Content-Type', type] }, parsed({ old: 'x', code: 'y' })) ?? []);
    const place = (pointer: string) => `response_field /paths/~1x/get/responses/${pointer}`;
    expect(of(200, 'application/json')).toEqual([place('200/content/application~1json/schema/properties/old')]);
    expect(of(404, 'application/json; charset=utf-8')).toEqual([place('4XX/content/application~1json/schema/properties/code')]);
    expect(of(200, 'application/problem+json')).toEqual([]);
    expect(of(200, 'text/plain')).toEqual([]);
    expect(of(500, 'application/json')).toEqual([]);
  });

  it('PC-3: nothing is found in what is not JSON, and in a huge body not everything is looked at', async () => {
    expect(await fields(thing, '{"old":')).toEqual([]);
    const deep = `${'{"next":'.repeat(5000)}{"old":"x"}${'}'.repeat(5000)}`;
    const node = { $ref: '#/components/schemas/Node' };
    expect(await fields(node, deep, { components: { schemas: { Node: { properties: { next: node, old } } } } })).toEqual([]);
    const items = { items: { oneOf: [card, bank] } };
    const endingInCard = (banks: number) => [...Array.from({ length: banks }, () => ({ kind: 'bank', iban: 1 })), { number: 1, code: 'x' }];
    expect(await fields(items, endingInCard(100))).toEqual(['/items/oneOf/0/properties/code']);
    expect(await fields(items, endingInCard(100_000))).toEqual([]);
  });

  it('PC-3: what was looked through in one body leaves nothing short for what comes after it, a new contract perhaps', async () => {
    await fields(
      { type: 'array', items: thing },
      Array.from({ length: 50_000 }, () => ({ old: 'x' })),
    );
    expect(budget.left).toBe(Infinity);
  });
});

describe('PC-3: deprecated parameters and headers', () => {
  const parameter = (name: string, place: string, more: object = {}) => ({
    name,
    in: place,
    deprecated: true,
    schema: { type: 'string' },
    ...more,
  });
  const document = api({
    '/x': {
      post: {
        parameters: [
          parameter('q', 'query'),
          parameter('filter', 'query', { style: 'deepObject', schema: { type: 'object' } }),
          parameter('X-Old', 'header'),
          parameter('session', 'cookie'),
          { name: 'new', in: 'query', schema: { type: 'string' } },
          { name: 'type', in: 'query', schema: { $ref: '#/components/schemas/Old' } },
        ],
        responses: {
          200: {
            description: '',
            headers: { 'X-Legacy': { deprecated: true, schema: { type: 'string' } }, 'X-New': { schema: { type: 'string' } } },
          },
        },
      },
    },
    '/y/{id}': { get: { parameters: [parameter('id', 'path', { required: true })], responses: ok } },
  });
  const place = (i: number): string => `/paths/~1x/post/parameters/${i}`;
  const contract = contractOf({ ...document, components: { schemas: { Old: { type: 'string', deprecated: true } } } });

  it.each<readonly [title: string, request: Partial<ContractRequest>, found: readonly string[]]>([
    ['none is there', { query: 'new=1', headers: ['X-New', '1', 'Cookie', 'other=1'] }, []],
    ['in the query, encoded', { query: 'new=1&%71=2&q=3' }, [`parameter ${place(0)}`]],
    ['as deepObject', { query: 'filter[a]=1&filter%5Bb%5D=2' }, [`parameter ${place(1)}`]],
    ['a name that only begins like it', { query: 'qq=1&filters=2' }, []],
    ['a header, in any case', { headers: ['x-OLD', '1'] }, [`header ${place(2)}`]],
    ['a cookie', { headers: ['Cookie', 'a=b; session=1'] }, [`parameter ${place(3)}`]],
    ['its schema says so', { query: 'type=a' }, [`parameter ${place(5)}`]],
  ])('PC-3: %s', async (_, sent, found) => {
    expect(said(only(await contract).deprecatedParts?.inHeads(head(sent), undefined) ?? [])).toEqual(found);
  });

  it('PC-3: one in the path is there in every request', async () => {
    const [, get] = (await contract).operations;
    expect(said(get?.deprecatedParts?.inHeads(head(), undefined) ?? [])).toEqual(['parameter /paths/~1y~1{id}/get/parameters/0']);
  });

  it('PC-3: headers of the answer', async () => {
    const answered = async (status: number, ...headers: string[]) =>
      said(only(await contract).deprecatedParts?.inHeads(head(), { status, headers }) ?? []);
    expect(await answered(200, 'x-legacy', '1')).toEqual(['header /paths/~1x/post/responses/200/headers/X-Legacy']);
    expect(await answered(200, 'X-New', '1')).toEqual([]);
    expect(await answered(404, 'X-Legacy', '1')).toEqual([]);
  });

  it('PC-3: nothing is looked for where no file says deprecated', async () => {
    expect(only(await contractOf(api({ '/x': { get: { responses: ok } } }))).deprecatedParts).toBeUndefined();
  });
});
