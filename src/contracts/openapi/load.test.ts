import { describe, expect, it } from 'vitest';
import type { ContractProblem } from '../../core/contract-loading.ts';
import { api, type Files, json, load, ok } from './testing.ts';

const problemsOf = async (files: Files): Promise<readonly ContractProblem[]> => (await load(files)).problems;
const brief = (p: ContractProblem): string => `${p.severity} ${p.code} ${p.file}:${p.line}:${p.column} ${p.pointer}`;

const yaml = (paths: string, head = 'openapi: 3.1.0\ninfo: { title: T, version: 1.0.0 }\n'): Files => ({ 'api.yaml': head + paths });

const get = (inner: string): Files => yaml(`paths:\n  /x/{id}:\n    get:\n${inner.replace(/^/gm, '      ')}`);
const withId = (inner: string): Files => get(`parameters: [{ name: id, in: path, required: true, schema: {} }]\n${inner}`);
const responses = 'responses: { 200: { description: fine } }';
const schema = (text: string): Files => withId(`${responses}\nrequestBody:\n  content:\n    application/json:\n      schema: ${text}`);

describe('the document check', () => {
  it.each<readonly [title: string, files: Files, problem: string]>([
    ['no object', { 'api.yaml': 'just text' }, 'error not_an_object api.yaml:1:1 '],
    ['no YAML', { 'api.yaml': 'a: [1\nb: 2' }, 'error not_parsed api.yaml:2:1 '],
    ['no JSON', { 'api.json': '{\n  "openapi": "3.1.0",\n}' }, 'error not_parsed api.json:3:1 '],
    ['nothing', { 'api.yaml': '' }, 'error not_parsed api.yaml:0:0 '],
    ['two equal keys', { 'api.yaml': 'openapi: 3.1.0\nopenapi: 3.1.0\n' }, 'error not_parsed api.yaml:2:1 '],
    ['Swagger 2.0', { 'api.yaml': 'swagger: "2.0"' }, 'error unsupported_version api.yaml:1:1 /swagger'],
    ['Swagger 2.0 as a number', { 'api.yaml': 'swagger: 2.0' }, 'error unsupported_version api.yaml:1:1 /swagger'],
    ['OpenAPI 3.3', { 'api.yaml': 'openapi: 3.3.0' }, 'error unsupported_version api.yaml:1:1 /openapi'],
    ['OpenAPI 3.20', { 'api.yaml': 'openapi: 3.20.0' }, 'error unsupported_version api.yaml:1:1 /openapi'],
    ['a number for a version', { 'api.yaml': 'info: {}\nopenapi: 3.1' }, 'error unsupported_version api.yaml:2:1 /openapi'],
    ['no version', { 'api.yaml': 'info: {}' }, 'error missing_version api.yaml:1:1 '],
    ['no info', { 'api.yaml': 'openapi: 3.1.0\npaths: {}' }, 'error missing_info api.yaml:1:1 '],
    ['no info.version', { 'api.yaml': 'openapi: 3.1.0\ninfo: { title: T }\npaths: {}' }, 'error missing_version api.yaml:2:1 /info'],
    ['no paths', { 'api.yaml': 'openapi: 3.1.0\ninfo: { title: T, version: "1" }' }, 'error missing_paths api.yaml:1:1 '],
    [
      'an unresolved reference',
      schema('{ $ref: "#/components/schemas/Nope" }'),
      'error unresolved_reference api.yaml:11:23 /paths/~1x~1{id}/get/requestBody/content/application~1json/schema/$ref',
    ],
    [
      'a missing file',
      schema('{ $ref: "other.yaml#/A" }'),
      'error file_unreadable api.yaml:11:23 /paths/~1x~1{id}/get/requestBody/content/application~1json/schema/$ref',
    ],
    [
      'a remote reference',
      schema('{ $ref: "https://x.example/a.json" }'),
      'error remote_reference api.yaml:11:23 /paths/~1x~1{id}/get/requestBody/content/application~1json/schema/$ref',
    ],
    [
      'references in a circle',
      withId(`${responses}\nrequestBody: { $ref: "#/paths/~1x~1{id}/get/requestBody" }`),
      'error circular_reference api.yaml:8:7 /paths/~1x~1{id}/get/requestBody',
    ],
    [
      'a parameter of no template',
      yaml(`paths:\n  /x:\n    get:\n      parameters: [{ name: id, in: path, required: true }]\n      ${responses}`),
      'error unknown_path_parameter api.yaml:6:20 /paths/~1x/get/parameters/0',
    ],
    ['a template without its parameter', get(responses), 'error undeclared_path_parameter api.yaml:5:5 /paths/~1x~1{id}/get'],
    [
      'one path twice',
      yaml(
        `paths:\n  /a/{x}: { get: { parameters: [{ name: x, in: path, required: true, schema: {} }], ${responses} } }\n  /a/{y}: { get: { parameters: [{ name: y, in: path, required: true, schema: {} }], ${responses} } }`,
      ),
      'error ambiguous_path api.yaml:5:13 /paths/~1a~1{y}/get',
    ],
    ['braces', yaml('paths:\n  /a/{x: {}'), 'error bad_path api.yaml:4:3 /paths/~1a~1{x'],
    ['no slash', yaml('paths:\n  a: {}'), 'error bad_path api.yaml:4:3 /paths/a'],
    [
      'a duplicate operationId',
      yaml(`paths:\n  /a: { get: { operationId: x, ${responses} } }\n  /b: { get: { operationId: x, ${responses} } }`),
      'error duplicate_operation_id api.yaml:5:16 /paths/~1b/get/operationId',
    ],
    [
      'a duplicate parameter',
      get(
        `parameters: [{ name: id, in: path, required: true, schema: {} }, { name: id, in: path, required: true, schema: {} }]\n${responses}`,
      ),
      'error duplicate_parameter api.yaml:6:72 /paths/~1x~1{id}/get/parameters/1',
    ],
    [
      'a parameter in the body',
      get(`parameters: [{ name: b, in: body }, { name: id, in: path, required: true, schema: {} }]\n${responses}`),
      'error bad_parameter api.yaml:6:20 /paths/~1x~1{id}/get/parameters/0',
    ],
    [
      'a type that is none',
      schema('{ type: strin }'),
      'error bad_schema api.yaml:11:23 /paths/~1x~1{id}/get/requestBody/content/application~1json/schema/type',
    ],
    [
      'a keyword with a wrong value',
      schema('{ minimum: "3" }'),
      'error bad_schema api.yaml:11:23 /paths/~1x~1{id}/get/requestBody/content/application~1json/schema/minimum',
    ],
    [
      'a schema that is none',
      schema('[]'),
      'error bad_schema api.yaml:11:13 /paths/~1x~1{id}/get/requestBody/content/application~1json/schema',
    ],
    [
      'items of draft 4',
      schema('{ items: [{}] }'),
      'error bad_schema api.yaml:11:23 /paths/~1x~1{id}/get/requestBody/content/application~1json/schema/items',
    ],
    [
      'a boolean limit in 3.1',
      schema('{ minimum: 1, exclusiveMinimum: true }'),
      'error bad_schema api.yaml:11:35 /paths/~1x~1{id}/get/requestBody/content/application~1json/schema/exclusiveMinimum',
    ],
    [
      'a bad pattern',
      schema('{ pattern: "(" }'),
      'error bad_pattern api.yaml:11:23 /paths/~1x~1{id}/get/requestBody/content/application~1json/schema/pattern',
    ],
    [
      'a bad pattern for names',
      schema('{ patternProperties: { "(": {} } }'),
      'error bad_pattern api.yaml:11:45 /paths/~1x~1{id}/get/requestBody/content/application~1json/schema/patternProperties/(',
    ],
    [
      'a pattern that may take for ever',
      schema('{ pattern: "^(?!x)(a+)+$" }'),
      'warning pattern_not_judged api.yaml:11:23 /paths/~1x~1{id}/get/requestBody/content/application~1json/schema/pattern',
    ],
    [
      'no responses in 3.0',
      { 'api.yaml': 'openapi: 3.0.3\ninfo: { title: T, version: "1" }\npaths:\n  /x:\n    get: {}' },
      'error missing_responses api.yaml:5:5 /paths/~1x/get',
    ],
    ['no responses in 3.1', yaml('paths: { /x: { get: {} } }'), 'warning missing_responses api.yaml:3:16 /paths/~1x/get'],
    [
      'a response without a description',
      withId('responses: { 200: {} }'),
      'warning missing_description api.yaml:7:20 /paths/~1x~1{id}/get/responses/200',
    ],
    [
      'a status that is none',
      withId('responses: { 2xx: { description: a } }'),
      'error bad_status api.yaml:7:20 /paths/~1x~1{id}/get/responses/2xx',
    ],
    [
      'a media type that is none',
      withId(`${responses}\nrequestBody: { content: { json: {} } }`),
      'error bad_media_type api.yaml:8:33 /paths/~1x~1{id}/get/requestBody/content/json',
    ],
    [
      'an unknown security scheme',
      withId(`${responses}\nsecurity: [{ nope: [] }]`),
      'error unknown_security_scheme api.yaml:8:20 /paths/~1x~1{id}/get/security/0/nope',
    ],
    ['a method in upper case', yaml(`paths:\n  /x: { GET: { ${responses} } }`), 'error bad_method api.yaml:4:9 /paths/~1x/GET'],
  ])('%s', async (_, files, expected) => {
    const { problems, contract } = await load(files);
    expect(problems.map(brief)).toContain(expected);
    expect(contract === undefined).toBe(expected.startsWith('error'));
    for (const p of problems) expect(p.message.length).toBeGreaterThan(10);
  });

  it('finds every problem at once, errors first', async () => {
    const problems = await problemsOf(
      yaml(
        'paths:\n  /a:\n    get: { responses: { 200: {} }, security: [{ s: [] }] }\n  b: {}\n  /c/{d}:\n    get: { responses: { 2x: {} } }',
      ),
    );
    expect(problems.map((p) => `${p.severity} ${p.code} ${p.line}`)).toEqual([
      'error unknown_security_scheme 5',
      'error bad_path 6',
      'error undeclared_path_parameter 8',
      'error bad_status 8',
      'warning missing_description 5',
    ]);
  });

  it('suggests what was meant', async () => {
    const suggestion = async (files: Files) => (await problemsOf(files)).find((p) => p.suggestion !== undefined)?.suggestion;
    expect(await suggestion(schema('{ type: int }'))).toBe('integer');
    expect(await suggestion({ 'api.yaml': 'openapi: 3.0' })).toBe('3.0.4');
    expect(await suggestion({ 'api.yaml': 'openapi: 3.1' })).toBe('3.1.2');
    expect(await suggestion({ 'api.yaml': 'openapi: 3.2' })).toBe('3.2.0');
    expect(await suggestion({ 'api.yaml': 'openapi: 9' })).toBeUndefined();
    expect(await suggestion(schema('{ type: null }'))).toBe('"null"');
    expect(await suggestion(withId('responses: { 2xx: { description: a } }'))).toBe('2XX');
    expect(await suggestion(get(`parameters: [{ name: ID, in: path, required: true, schema: {} }]\n${responses}`))).toBe('id');
    expect((await problemsOf({ 'api.yaml': 'swagger: "2.0"' }))[0]?.message).toMatch(/convert/);
  });

  it('what no operation uses cannot make a verdict wrong', async () => {
    const { contract, problems } = await load({
      'api.json': api({ '/x': { get: { responses: ok } } }, { components: { schemas: { A: { type: 'strin' } } } }),
    });
    expect(contract).toBeDefined();
    expect(problems.map((p) => `${p.severity} ${p.code}`)).toEqual(['warning bad_schema']);
  });

  it('says what it took in another sense than it was written, if it is asked for everything', async () => {
    const { problems } = await load(
      {
        'api.json': api(
          {
            '/x': {
              post: {
                requestBody: {
                  content: json({
                    allOf: [
                      { type: 'object', required: true },
                      { $ref: '#/components/schemas/A', maxLength: 1 },
                      { nullable: true, oneOf: [{}] },
                    ],
                  }),
                },
                responses: ok,
              },
            },
          },
          { openapi: '3.0.3', components: { schemas: { A: { type: 'string', pattern: '^[\\w-.]+$' } } } },
        ),
      },
      { eager: true },
    );
    expect(problems.map((p) => `${p.severity} ${p.code}`).sort()).toEqual([
      'info legacy_pattern',
      'info missing_response_schema',
      'info nullable_without_type',
      'info ref_siblings',
      'warning missing_error_response',
      'warning no_repeat_story',
      'warning sloppy_schema',
    ]);
  });

  it('bounds what it lists', async () => {
    const paths = Object.fromEntries(Array.from({ length: 1500 }, (_, i) => [`/p${i}`, { get: { responses: { 200: {} } } }]));
    const { problems } = await load({ 'api.json': api(paths) });
    expect(problems.length).toBe(201);
    expect(problems.at(-1)?.message).toBe('1300 more of missing_description are not listed');
  });

  it('eager: compiles everything', async () => {
    const deep = { type: 'object', properties: Object.fromEntries(Array.from({ length: 6000 }, (_, i) => [`p${i}`, { allOf: [{}] }])) };
    const { contract, problems } = await load(
      { 'api.json': api({ '/x': { get: { responses: { 200: { description: '', content: json(deep) } } } } }) },
      { eager: true },
    );
    expect(contract?.warmUp()).toBe(false);
    expect(problems.map((p) => `${p.severity} ${p.code} ${p.pointer}`)).toEqual([
      'warning missing_error_response /paths/~1x/get/responses',
      'warning schema_not_judged /paths/~1x/get/responses/200/content/application~1json/schema',
    ]);
  });
});
