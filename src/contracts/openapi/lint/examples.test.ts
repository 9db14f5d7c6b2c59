import { describe, expect, it } from 'vitest';
import { api, load } from '../testing.ts';
import { type Paths, answers, asks, lints, messages, sends } from './testing.ts';

const AT = '/paths/~1x/get/responses/200/content/application~1json';

describe('examples against their schemas', () => {
  const integer = { type: 'integer' };

  it.each<readonly [title: string, paths: Paths, pointer: string]>([
    ['of a media type', answers({ 'application/json': { schema: integer, example: 'x' } }), `${AT}/example`],
    [
      'of a media type, one of several',
      answers({ 'application/json': { schema: integer, examples: { a: { value: 1 }, b: { value: 1.5 } } } }),
      `${AT}/examples/b/value`,
    ],
    ['of a parameter', asks({ name: 'q', in: 'query', schema: integer, example: 'many' }), '/paths/~1x/get/parameters/0/example'],
    [
      'of a parameter with content',
      asks({ name: 'q', in: 'query', content: { 'application/json': { schema: integer, example: 'x' } } }),
      '/paths/~1x/get/parameters/0/content/application~1json/example',
    ],
    ['in a schema', answers({ 'application/json': { schema: { ...integer, example: 'x' } } }), `${AT}/schema/example`],
    ['in a schema, of a list', answers({ 'application/json': { schema: { ...integer, examples: [1, 'x'] } } }), `${AT}/schema/examples/1`],
    [
      'below a schema',
      answers({ 'application/json': { schema: { properties: { a: { ...integer, example: 'x' } } } } }),
      `${AT}/schema/properties/a/example`,
    ],
    [
      'of a form',
      sends({ 'application/x-www-form-urlencoded': { schema: { type: 'object', required: ['a'] }, example: {} } }),
      '/paths/~1x/put/requestBody/content/application~1x-www-form-urlencoded/example',
    ],
    [
      'of a header',
      { '/x': { get: { responses: { default: { description: '', headers: { N: { schema: integer, example: 'x' } } } } } } },
      '/paths/~1x/get/responses/default/headers/N/example',
    ],
  ])('%s', async (_, paths, pointer) => {
    expect(await lints(api(paths), 'example_invalid')).toEqual([`warning example_invalid ${pointer}`]);
  });

  it.each<readonly [title: string, paths: Paths]>([
    ['that fit', answers({ 'application/json': { schema: integer, example: 1, examples: { a: { value: 2 } } } })],
    ['as the text of a JSON body', answers({ 'application/json': { schema: { type: 'object' }, example: '{"a": 1}' } })],
    ['as the text of a parameter', asks({ name: 'q', in: 'query', schema: { type: 'array', items: integer }, example: '[1]' })],
    [
      'as a list or object in the style of its parameter',
      asks({ name: 'q', in: 'query', schema: { type: 'array', items: integer }, examples: { a: { value: '1,2' }, b: { value: 1 } } }),
    ],
    ['as a number whose text is meant', asks({ name: 'q', in: 'query', schema: { type: 'string' }, example: 12 })],
    ['of a media type that has a form of its own', answers({ 'application/xml': { schema: { type: 'object' }, example: '<a/>' } })],
    ['that stand elsewhere', answers({ 'application/json': { schema: integer, examples: { a: { externalValue: 'https://x.example' } } } })],
    [
      'in a schema, right in one direction',
      sends({ 'application/json': { schema: { properties: { id: { readOnly: true } }, required: ['id'], example: {} } } }),
    ],
    [
      'under a schema that is not judged',
      answers({ 'application/json': { schema: { pattern: '(?=(a+)+$)', type: 'string' }, example: 'a' } }),
    ],
  ])('%s are fine', async (_, paths) => {
    expect(await lints(api(paths), 'example_invalid')).toEqual([]);
  });

  it('of a request lacks what only answers have, and the other way round', async () => {
    const schema = { type: 'object', properties: { id: { readOnly: true }, key: { writeOnly: true } }, required: ['id', 'key'] };
    const sent = { ...sends({ 'application/json': { schema, example: { key: 1 } } }) };
    const got = answers({ 'application/json': { schema, example: { key: 1 } } });
    expect(await lints(api(sent), 'example_invalid')).toEqual([]);
    expect(await lints(api(got), 'example_invalid')).toEqual([`warning example_invalid ${AT}/example`]);
  });

  it('of 3.2: the value, and the text that it becomes', async () => {
    const examples = {
      a: { dataValue: 'x' },
      b: { dataValue: 1, serializedValue: '1.5' },
      c: { serializedValue: '{' },
      d: { serializedValue: '2' },
    };
    const document = api(answers({ 'application/json': { schema: integer, examples } }), { openapi: '3.2.0' });
    expect(await lints(document, 'example_invalid')).toEqual([
      `warning example_invalid ${AT}/examples/a/dataValue`,
      `warning example_invalid ${AT}/examples/b/serializedValue`,
      `warning example_invalid ${AT}/examples/c/serializedValue`,
    ]);
  });

  it('say the first fault, where it is and how many more there are, and no value', async () => {
    const schema = { type: 'object', properties: { a: { type: 'integer' }, b: { type: 'integer' } } };
    const [message] = await messages(
      api(answers({ 'application/json': { schema, example: { a: 'secret', b: 'secret' } } })),
      'example_invalid',
    );
    expect(message).toBe('the example breaks its own schema: must be integer at /a (type), and 1 more');
  });

  it('once, where components share them', async () => {
    const content = { 'application/json': { schema: integer, examples: { a: { $ref: '#/components/examples/A' } } } };
    const responses = { 200: { description: '', content }, 201: { description: '', content }, default: { description: '' } };
    const document = api({ '/x': { get: { responses } } }, { components: { examples: { A: { value: 'x' } } } });
    expect(await lints(document, 'example_invalid')).toEqual(['warning example_invalid /components/examples/A/value']);
  });

  it('in the schema of an item', async () => {
    const document = api(answers({ 'application/jsonl': { itemSchema: { ...integer, example: 'x' } } }), { openapi: '3.2.0' });
    expect(await lints(document, 'example_invalid')).toEqual([
      'warning example_invalid /paths/~1x/get/responses/200/content/application~1jsonl/itemSchema/example',
    ]);
  });

  it('defaults too', async () => {
    const document = api(asks({ name: 'q', in: 'query', schema: { type: 'integer', maximum: 10, default: 20 } }));
    expect(await lints(document, 'default_invalid')).toEqual(['warning default_invalid /paths/~1x/get/parameters/0/schema/default']);
  });

  it('what stands beside $ref in 3.0 is ignored', async () => {
    const document = api(answers({ 'application/json': { schema: { $ref: '#/components/schemas/A', example: 'x' } } }), {
      openapi: '3.0.3',
      components: { schemas: { A: integer } },
    });
    expect(await lints(document, 'example_invalid')).toEqual([]);
  });

  it('a value without end does not stop it', async () => {
    const text = `openapi: 3.1.0
info: { title: T, version: "1" }
paths:
  /x:
    get:
      responses:
        default:
          description: d
          content: { application/json: { schema: { type: object }, example: &a { self: *a } } }
`;
    const { problems } = await load({ 'api.yaml': text }, { eager: true });
    expect(problems.filter(({ code }) => code === 'example_invalid')).toEqual([]);
  });
});
