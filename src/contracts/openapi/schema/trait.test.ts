import { describe, expect, it } from 'vitest';
import type { Trait } from '../../../core/contract.ts';
import { api, contractOf, json, ok, response, under } from '../testing.ts';

async function traits(schema: unknown, value: unknown, schemas: Record<string, unknown> = {}): Promise<Array<Trait | undefined>> {
  const judged = await under(schema, { components: { schemas } });
  return judged.violations(value).map(({ trait }) => trait);
}

const integers = { type: 'integer' };

describe('the place of a broken rule', () => {
  it.each<[string, unknown, unknown, string]>([
    ['a member', { properties: { a: { properties: { 'b/c': integers } } } }, { a: { 'b/c': 'x' } }, '/a/b~1c'],
    ['an item of a list', { items: { properties: { a: integers } } }, [{}, { a: 'x' }], '/*/a'],
    ['an item at its position', { prefixItems: [{}, integers] }, [1, 'x'], '/*'],
    ['a member of a map', { additionalProperties: { properties: { a: integers } } }, { 'alice@example.com': { a: 'x' } }, '/*/a'],
    ['a member by a pattern', { patternProperties: { '^n': integers } }, { nnn: 'x' }, '/*'],
    ['a member that is unevaluated', { unevaluatedProperties: integers }, { secret: 'x' }, '/*'],
    ['a member beside a map', { properties: { a: integers }, additionalProperties: true }, { a: 'x', b: 1 }, '/a'],
    ['a declared member whose name is a number', { properties: { 7: integers } }, { 7: 'x' }, '/7'],
    ['a missing member', { items: { required: ['id'] } }, [{}], '/*/id'],
    ['a member too many', { additionalProperties: false }, { colour: 1 }, '/colour'],
    ['a member too many whose name is data', { additionalProperties: false }, { 'alice@example.com': 1 }, '/*'],
    ['one of unevaluated ones', { unevaluatedProperties: false }, { '2026-11-30': 1 }, '/*'],
    ['a name that is not allowed', { propertyNames: { maxLength: 3 } }, { secret: 1 }, '/*'],
    ['below a reference', { $ref: '#/components/schemas/Rows' }, { rows: { x: 'a' } }, '/rows/*'],
  ])('%s', async (_, schema, value, place) => {
    const schemas = { Rows: { properties: { rows: { $ref: '#/components/schemas/Map' } } }, Map: { additionalProperties: integers } };
    expect((await traits(schema, value, schemas)).map((trait) => trait?.place)).toEqual([place]);
  });

  it('of a parameter begins with its name, whatever that is', async () => {
    const parameters = [{ name: '3', in: 'query', schema: { type: 'array', items: integers } }];
    const contract = await contractOf(api({ '/x': { get: { parameters, responses: ok } } }));
    const found = contract.match('GET', '/x');
    if (!('operation' in found)) throw new Error('no operation');
    const outcome = found.operation.checkRequestHead({ method: 'GET', path: '/x', query: '3=a', headers: [] }, new Map());
    expect(outcome).toMatchObject({ violations: [{ pointer: '/3/0', trait: { place: '/3/*' } }] });
  });
});

describe('what was there', () => {
  it.each<[unknown, string, string | undefined]>([
    [null, 'null', undefined],
    [true, 'boolean', undefined],
    [1.5, 'number', undefined],
    [{}, 'object', undefined],
    [[], 'array', undefined],
    ['seven', 'string', undefined],
    ['2026-11-30', 'string', 'date'],
    ['alice@example.com', 'string', 'email'],
  ])('%j is told of by its type and form', async (value, type, format) => {
    expect(await traits({ properties: { a: integers } }, { a: value })).toMatchObject([{ type, format }]);
  });

  it('integers are told apart from numbers', async () => {
    expect(await traits({ type: 'string' }, 7)).toMatchObject([{ type: 'integer' }]);
    expect(await traits({ properties: { n: { enum: [1] } } }, { n: 2 })).toMatchObject([{ type: 'integer' }]);
  });

  it('of a member too many too', async () => {
    expect(await traits({ additionalProperties: false }, { colour: [1] })).toMatchObject([{ type: 'array' }]);
    expect(await traits({ unevaluatedProperties: false }, { colour: 'x' })).toMatchObject([{ type: 'string' }]);
  });

  it('not of what is missing', async () => {
    expect(await traits({ required: ['a'] }, {})).toMatchObject([{ type: undefined }]);
  });

  it('alternatives that none fits: by their types, or by their names', async () => {
    expect(await traits({ oneOf: [{ type: 'integer' }, { type: 'boolean' }] }, 'x')).toMatchObject([{ fits: 'no_type', type: 'string' }]);
    const kind = (more: object): object => ({ type: 'object', required: ['kind'], properties: { kind: { type: 'string' }, ...more } });
    const pets = { Cat: kind({ lives: integers }), Dog: { ...kind({}), required: ['kind', 'barks'] } };
    const oneOf = [{ $ref: '#/components/schemas/Cat' }, { $ref: '#/components/schemas/Dog' }];
    const named = { oneOf, discriminator: { propertyName: 'kind', mapping: { meow: 'Cat' } } };
    expect(await traits(named, { kind: 'fish', lives: 'x' }, pets)).toMatchObject([{ fits: 'no_name', type: 'object' }]);
    expect(await traits({ oneOf: [{}, {}] }, 'x')).toMatchObject([{ fits: undefined }]);
  });
});

describe('what is missing and deprecated', () => {
  const sunset = '2030-01-01';
  it.each<[string, unknown, Record<string, unknown>, Trait['deprecated']]>([
    ['without a date', { deprecated: true }, {}, { sunsetAt: undefined }],
    ['with one', { deprecated: true, 'x-deprecation': { sunset } }, {}, { sunsetAt: Date.UTC(2030, 0, 1) }],
    ['by reference', { $ref: '#/components/schemas/Old' }, { Old: { deprecated: true } }, { sunsetAt: undefined }],
    ['by a reference in a circle', { $ref: '#/components/schemas/Old' }, { Old: { $ref: '#/components/schemas/Old' } }, undefined],
    ['not at all', { deprecated: false }, {}, undefined],
  ])('%s', async (_, member, schemas, deprecated) => {
    const contract = await contractOf(
      api(
        { '/x': { get: { responses: { 200: { description: 'fine', content: json({ required: ['a'], properties: { a: member } }) } } } } },
        { components: { schemas: { Other: { deprecated: true }, ...schemas } } },
      ),
    );
    expect(response(contract, 'GET /x', { body: '{}' })).toMatchObject({ violations: [{ trait: { deprecated } }] });
  });

  it('a header of an answer', async () => {
    const headers = {
      'X-Old': { required: true, deprecated: true, 'x-deprecation': { sunset }, schema: {} },
      'X-New': { required: true, schema: {} },
    };
    const contract = await contractOf(api({ '/x': { get: { responses: { 200: { description: 'fine', headers } } } } }));
    const outcome = response(contract, 'GET /x', {});
    const found = outcome.is === 'invalid' ? outcome.violations.map(({ trait }) => trait?.deprecated) : [];
    expect(found).toEqual([{ sunsetAt: Date.UTC(2030, 0, 1) }, undefined]);
  });
});
