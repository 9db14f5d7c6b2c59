import { describe, expect, it } from 'vitest';
import type { ContractProblem } from '../../core/contract-loading.ts';
import { api, contractOf, type Files, json, load, ok, request, response, say } from './testing.ts';

const problemsOf = async (files: Files): Promise<readonly ContractProblem[]> => (await load(files)).problems;
const brief = (p: ContractProblem): string => `${p.severity} ${p.code} ${p.file}:${p.line}:${p.column} ${p.pointer}`;
const responses = 'responses: { 200: { description: fine } }';

describe('files', () => {
  const root = api({
    '/a': { $ref: 'paths/a.json' },
    '/b/{id}': {
      parameters: [{ $ref: './common.yaml#/parameters/Id' }],
      get: {
        responses: { 200: { $ref: 'common.yaml#/responses/Thing' }, default: { $ref: 'common.yaml#/responses/with%20blank~1slash' } },
      },
    },
  });
  const files: Files = {
    'api.json': root,
    'paths/a.json': { post: { requestBody: { content: json({ $ref: '../common.yaml#/schemas/Thing' }) }, responses: ok } },
    'common.yaml': `
parameters:
  Id: { name: id, in: path, required: true, schema: { $ref: '#/schemas/Number' } }
responses:
  Thing:
    description: a thing
    headers: { X-Count: { $ref: '#/headers/Count' } }
    content: { application/json: { schema: { $ref: '#/schemas/Thing' } } }
  with blank/slash: { description: odd }
headers:
  Count: { required: true, schema: { type: integer } }
schemas:
  Number: { type: integer }
  Thing: { type: object, properties: { parent: { $ref: '#/schemas/Thing' }, n: { $ref: "numbers.json" } } }
`,
    'numbers.json': { type: 'integer', minimum: 1 },
  };

  it('are followed, circles too', async () => {
    const { contract, problems, files: read } = await load(files);
    expect(problems).toEqual([]);
    expect([...read].sort()).toEqual(['api.json', 'common.yaml', 'numbers.json', 'paths/a.json']);
    if (contract === undefined) throw new Error('refused');
    expect(say(request(contract, 'GET /b/x'))).toBe('type path /id');
    expect(say(request(contract, 'POST /a', { body: '{"parent":{"n":0}}' }))).toBe('minimum body /parent/n');
    expect(say(response(contract, 'GET /b/1', { body: '{"n":1}' }))).toBe('header_required header /X-Count');
    const outcome = request(contract, 'POST /a', { body: '{"n":0}' });
    expect('is' in outcome && outcome.is === 'invalid' && outcome.violations[0]?.specPointer).toBe('numbers.json#/minimum');
  });

  it('a problem in another file is placed there', async () => {
    const broken = { ...files, 'numbers.json': '{\n  "type": "nothing"\n}' };
    expect((await problemsOf(broken)).map(brief)).toEqual(['error bad_schema numbers.json:2:3 /type']);
    const unparsed = { ...files, 'numbers.json': '{\n  "type": \n}' };
    expect((await problemsOf(unparsed)).map(brief)).toContain('error not_parsed numbers.json:3:1 ');
  });

  it('a digest over all of them', async () => {
    const digest = async (of: Files) => (await load(of)).contract?.digest;
    expect(await digest(files)).toMatch(/^[0-9a-f]{12}$/);
    expect(await digest(files)).toBe(await digest({ ...files }));
    expect(await digest({ ...files, 'numbers.json': { type: 'integer', minimum: 2 } })).not.toBe(await digest(files));
  });

  it('a reference goes through references on its way', async () => {
    const contract = await contractOf(
      api(
        {
          '/x': {
            get: {
              parameters: [
                { $ref: '#/components/parameters/Q' },
                { name: 'r', in: 'query', schema: { $ref: '#/paths/~1x/get/parameters/0/schema' } },
              ],
              responses: ok,
            },
          },
        },
        { components: { parameters: { Q: { name: 'q', in: 'query', schema: { type: 'integer' } } } } },
      ),
    );
    expect(say(request(contract, 'GET /x?r=a'))).toBe('type query /r');
  });

  it('a bomb of aliases costs nothing', async () => {
    const lines = [
      'a0: &a0 { type: object, properties: { x: {} } }',
      ...Array.from({ length: 25 }, (_, i) => `a${i + 1}: &a${i + 1} { type: object, properties: { l: *a${i}, r: *a${i} } }`),
    ];
    const files: Files = {
      'api.yaml': `openapi: 3.1.0\ninfo: { title: T, version: '1' }\n${lines.join('\n')}\npaths:\n  /x: { post: { requestBody: { content: { application/json: { schema: *a25 } } }, ${responses} } }\n`,
    };
    const { contract } = await load(files);
    if (contract === undefined) throw new Error('refused');
    expect(say(request(contract, 'POST /x', { body: '{"l":{"r":1}}' }))).toBe('type body /l/r');
  });

  it('examples are no schemas: what they hold is not looked at', async () => {
    const { contract, problems } = await load({
      'api.json': api({
        '/x': {
          get: {
            responses: {
              200: {
                description: '',
                content: {
                  'application/json': {
                    schema: { example: { $ref: 'nowhere.json' }, enum: [{ $ref: 'nowhere.json' }] },
                    example: { $ref: 'nowhere.json' },
                  },
                },
              },
            },
          },
        },
      }),
    });
    expect(problems).toEqual([]);
    expect(contract).toBeDefined();
  });
});
