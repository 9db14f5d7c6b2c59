import { describe, expect, it } from 'vitest';
import { type Sent, api, contractOf, json, ok, request, response, say } from './testing.ts';

const thing = { type: 'object', required: ['name'], properties: { name: { type: 'string' } } };

async function post(
  body: unknown,
  sent: Sent,
  more: { readonly method?: string; readonly openapi?: string; readonly responses?: unknown } = {},
): Promise<string> {
  const { method = 'post', openapi = '3.1.0', responses = ok } = more;
  const contract = await contractOf(
    api({ '/x': { [method]: { ...(body !== undefined && { requestBody: body }), responses } } }, { openapi }),
  );
  return say(request(contract, `${method.toUpperCase()} /x`, sent));
}

const typed = (type: string, body = '{"name":"a"}'): Sent => ({ headers: ['Content-Type', type], body });
const content = (...types: string[]): unknown => ({
  content: Object.fromEntries(types.map((type, i) => [type, { schema: { ...thing, required: [`r${i}`] } }])),
});

describe('request bodies', () => {
  it.each<readonly [title: string, body: unknown, sent: Sent, said: string]>([
    ['right', { content: json(thing) }, { body: '{"name":"a"}' }, 'valid'],
    ['wrong', { content: json(thing) }, { body: '{}' }, 'required body /name'],
    ['missing', { required: true, content: json(thing) }, {}, 'body_required body'],
    ['missing, not required', { content: json(thing) }, {}, 'valid'],
    ['empty', { required: true, content: json(thing) }, { body: '' }, 'body_required body'],
    [
      'empty, chunked',
      { required: true, content: json(thing) },
      { body: '', headers: ['Transfer-Encoding', 'chunked'] },
      'body_required body',
    ],
    ['empty, not required, with its type', { content: json(thing) }, { body: '' }, 'valid'],
    ['not JSON', { content: json(thing) }, { body: '{"name":' }, 'malformed body'],
    ['not UTF-8', { content: json(thing) }, { body: new Uint8Array([0x22, 0xff, 0x22]) }, 'malformed body'],
    ['a byte order mark', { content: json(thing) }, { body: '\ufeff{"name":"a"}' }, 'valid'],
    [
      'a name like those of objects',
      { content: json({ ...thing, additionalProperties: false }) },
      { body: '{"name":"a","__proto__":1}' },
      'additionalProperties body /__proto__',
    ],
    ['equal names: the last counts', { content: json(thing) }, { body: '{"name":1,"name":"a"}' }, 'valid'],
    ['no coercion in JSON', { content: json({ type: 'integer' }) }, { body: '"1"' }, 'type body'],
    ['JSON without a schema', { content: { 'application/json': {} } }, { body: '[' }, 'malformed body'],
    ['sent where none is declared', undefined, { body: '{}' }, 'undocumented_body body'],
    [
      'sent where none is declared, chunked',
      undefined,
      { body: '{}', headers: ['Transfer-Encoding', 'chunked'] },
      'undocumented_body body',
    ],
    ['nothing in it where none is declared', undefined, { body: '' }, 'valid'],
    ['nothing in it where none is declared, chunked', undefined, { body: '', headers: ['Transfer-Encoding', 'chunked'] }, 'valid'],
    [
      'in a coding that nobody knows',
      { content: json(thing) },
      { body: '...', headers: ['Content-Encoding', 'gzip, x'] },
      'skipped encoding',
    ],
    [
      'in one that is taken off before',
      { content: json(thing) },
      { body: '{}', headers: ['Content-Encoding', 'gzip'] },
      'required body /name',
    ],
    ['identity', { content: json(thing) }, { body: '{}', headers: ['Content-Encoding', 'identity'] }, 'required body /name'],
  ])('%s', async (_, body, sent, said) => {
    expect(await post(body, sent)).toBe(said);
  });

  describe('media types', () => {
    it.each<readonly [title: string, types: readonly string[], sent: Sent, said: string]>([
      ['parameters of the actual type', ['application/json'], typed('Application/JSON; charset="utf-8"'), 'required body /r0'],
      ['another one', ['application/json'], typed('application/xml'), 'media_type media_type'],
      ['no media type at all', ['application/json'], typed('json'), 'media_type media_type'],
      ['a vendor type is not application/json', ['application/json'], typed('application/vnd.x+json'), 'media_type media_type'],
      ['a vendor type is JSON', ['application/vnd.x+json'], typed('application/vnd.x+json'), 'required body /r0'],
      ['a range', ['application/*'], typed('application/vnd.x+json'), 'required body /r0'],
      ['a range of suffixes', ['application/*', 'application/*+json'], typed('application/vnd.x+json'), 'required body /r1'],
      ['any', ['*/*'], typed('application/json'), 'required body /r0'],
      ['the most specific one', ['*/*', 'application/*', 'application/json'], typed('application/json'), 'required body /r2'],
      ['parameters tell apart', ['application/json;v=1', 'application/json;v=2'], typed('application/json; v=2'), 'required body /r1'],
      [
        'a parameter of no declared value',
        ['application/json;v=1', 'application/json;v=2'],
        typed('application/json; v=3'),
        'media_type media_type',
      ],
      ['a parameter that is missing', ['application/json;v=1', 'application/json;v=2'], typed('application/json'), 'skipped media_type'],
      ['declared with a charset that nobody sends', ['application/json; charset=utf-8'], typed('application/json'), 'required body /r0'],
      ['none', ['application/json'], { body: '{}', headers: ['Content-Type', '-'] }, 'skipped media_type'],
      [
        'two that differ',
        ['application/json'],
        { body: '{}', headers: ['Content-Type', 'application/json', 'Content-Type', 'text/plain'] },
        'skipped media_type',
      ],
      ['parts that are none', ['multipart/form-data'], typed('multipart/form-data; boundary=x'), 'malformed body'],
      ['XML with a schema', ['application/xml'], typed('application/xml', '<a/>'), 'skipped media_type'],
      ['XML that is none', ['application/xml'], typed('application/xml'), 'malformed body'],
      ['events', ['text/event-stream'], typed('text/event-stream'), 'skipped stream'],
      ['lines of JSON', ['application/x-ndjson'], typed('application/x-ndjson'), 'skipped stream'],
      ['bytes with a schema', ['application/octet-stream'], typed('application/octet-stream'), 'skipped media_type'],
    ])('%s', async (_, types, sent, said) => {
      expect(await post(content(...types), sent)).toBe(said);
    });

    it.each<readonly [title: string, type: string, schema: unknown, body: string, said: string]>([
      ['text', 'text/plain', { type: 'string', maxLength: 3 }, 'abcd', 'maxLength body'],
      ['a number in text', 'text/plain', { type: 'integer' }, '12', 'valid'],
      ['no number in text', 'text/plain', { type: 'integer' }, 'x', 'type body'],
      ['an object in text', 'text/plain', { type: 'object' }, 'x', 'skipped media_type'],
      ['bytes', 'application/octet-stream', { type: 'string', format: 'binary' }, '\u0000', 'valid'],
      ['an image', 'image/png', undefined, 'x', 'valid'],
    ])('%s', async (_, type, schema, body, said) => {
      expect(await post({ content: { [type]: schema === undefined ? {} : { schema } } }, typed(type, body))).toBe(said);
    });
  });

  describe('forms', () => {
    const form = {
      type: 'object',
      required: ['a'],
      properties: {
        a: { type: 'integer' },
        b: { type: 'boolean' },
        l: { type: 'array', items: { type: 'integer' } },
        s: { type: 'string' },
        o: { type: 'object' },
      },
    };
    const type = 'application/x-www-form-urlencoded';
    it.each<readonly [body: string, said: string]>([
      ['a=1&b=true&s=12', 'valid'],
      ['a=x', 'type body /a'],
      ['b=true', 'required body /a'],
      ['a=1&l=1&l=2', 'valid'],
      ['a=1&l=1', 'valid'],
      ['a=1&l=x', 'type body /l/0'],
      ['a=1&a=2', 'type body /a'],
      ['a=1&s=a+b%20c', 'valid'],
      ['a=1&s=%ff', 'malformed body'],
      ['a=1&o=x', 'skipped unsupported'],
      ['a=1&other=x', 'valid'],
    ])('%s', async (body, said) => {
      expect(await post({ content: { [type]: { schema: form } } }, typed(type, body))).toBe(said);
    });

    it('with an encoding of its own', async () => {
      const body = { content: { [type]: { schema: form, encoding: { l: { explode: false }, o: { style: 'deepObject' } } } } };
      expect(await post(body, typed(type, 'a=x&l=1,2'))).toBe('type body /a');
      expect(await post(body, typed(type, 'a=1&l=1,x&o[x]=1'))).toBe('type body /l/1');
      expect(await post(body, typed(type, 'a=1&l=1,2&o[x][y]=1'))).toBe('skipped unsupported');
    });

    it('with a field in doubt, which is not missing for that', async () => {
      const schema = { ...form, required: ['a', 'o'] };
      expect(await post({ content: { [type]: { schema } } }, typed(type, 'a=x&o[x]=1'))).toBe('type body /a');
    });
  });

  describe('methods whose bodies have no meaning', () => {
    const body = { required: true, content: json(thing) };
    it.each<readonly [method: string, openapi: string, sent: Sent, said: string]>([
      ['delete', '3.0.3', {}, 'valid'],
      ['delete', '3.0.3', { body: '{}' }, 'required body /name'],
      ['delete', '3.0.3', typed('text/plain', 'x'), 'valid'],
      ['delete', '3.1.0', {}, 'body_required body'],
      ['get', '3.1.0', { body: '{}' }, 'required body /name'],
    ])('%s in %s', async (method, openapi, sent, said) => {
      expect(await post(body, sent, { method, openapi })).toBe(said);
    });

    it('and that nobody declared are left alone', async () => {
      expect(await post(undefined, { body: '{}' }, { method: 'delete' })).toBe('valid');
    });
  });

  describe('Accept', () => {
    const responses = {
      200: { description: '', content: { 'application/json': {}, 'text/plain': {} } },
      400: { description: '', content: { 'text/html': {} } },
    };
    it.each<readonly [accept: string | undefined, said: string]>([
      [undefined, 'valid'],
      ['*/*', 'valid'],
      ['application/json', 'valid'],
      ['text/*;q=0.1', 'valid'],
      ['text/html', 'not_acceptable header /Accept'],
      ['image/*, text/html', 'not_acceptable header /Accept'],
      ['*/*, application/json;q=0, text/plain;q=0', 'not_acceptable header /Accept'],
      ['*/*;q=0', 'not_acceptable header /Accept'],
      ['application/vnd.x+json', 'valid'],
      ['application/json; v=2', 'valid'],
      ['rubbish', 'valid'],
      ['', 'valid'],
    ])('%s', async (accept, said) => {
      expect(await post(undefined, { headers: accept === undefined ? [] : ['Accept', accept] }, { method: 'get', responses })).toBe(said);
    });

    it('says nothing where a success has no content', async () => {
      const some = { ...responses, 204: { description: '' } };
      expect(await post(undefined, { headers: ['Accept', 'text/html'] }, { method: 'get', responses: some })).toBe('valid');
    });
  });
});

describe('responses', () => {
  const responses = {
    200: {
      description: '',
      content: json(thing),
      headers: {
        'X-Rate': { required: true, schema: { type: 'integer' } },
        'X-List': { schema: { type: 'array', items: { type: 'integer' } } },
        'Content-Type': { required: true, schema: { const: 'x' } },
      },
    },
    '2XX': { description: '', content: json({ type: 'integer' }) },
    204: { description: '' },
    304: { description: '' },
    404: { description: '' },
    500: { description: '', content: { 'text/plain': { schema: { type: 'string' } } } },
  };
  const good = ['Content-Type', 'application/json', 'X-Rate', '1'];
  const answered = async (line: string, answer: Parameters<typeof response>[2], sent?: Sent): Promise<string> =>
    say(response(await contractOf(api({ '/x': { get: { responses } } })), line, answer, sent));

  it.each<readonly [title: string, answer: Parameters<typeof response>[2], said: string]>([
    ['right', { headers: good, body: '{"name":"a"}' }, 'valid'],
    ['wrong', { headers: good, body: '{}' }, 'required body /name'],
    ['not JSON', { headers: good, body: 'oops' }, 'malformed body'],
    ['a range of statuses', { status: 201, body: '"x"' }, 'type body'],
    ['an undocumented status', { status: 503 }, 'undocumented_status status'],
    ['a header is missing', { headers: ['Content-Type', 'application/json'], body: '{"name":"a"}' }, 'header_required header /X-Rate'],
    [
      'a header is wrong',
      { headers: ['Content-Type', 'application/json', 'x-rate', 'many', 'X-List', '1, b'], body: '{"name":"a"}' },
      'type header /X-Rate; type header /X-List/1',
    ],
    ['another media type', { headers: ['Content-Type', 'text/html', 'X-Rate', '1'], body: '<p>' }, 'media_type media_type'],
    ['no media type', { headers: ['X-Rate', '1'], body: '{}' }, 'skipped media_type'],
    ['empty', { headers: good, body: '' }, 'body_required body'],
    ['empty, as its head says', { headers: [...good, 'Content-Length', '0'] }, 'body_required body'],
    ['a body that nobody describes', { status: 404, body: 'anything' }, 'valid'],
    ['204', { status: 204 }, 'valid'],
    ['304', { status: 304 }, 'valid'],
    ['206 is not judged', { status: 206, body: '{"na' }, 'skipped stream'],
    ['in a coding that nobody knows', { headers: [...good, 'Content-Encoding', 'compress'], body: '...' }, 'skipped encoding'],
    ['in one that is taken off before', { headers: [...good, 'Content-Encoding', 'br'], body: '{}' }, 'required body /name'],
    ['empty text', { status: 500, headers: ['Content-Type', 'text/plain'], body: '' }, 'valid'],
  ])('%s', async (_, answer, said) => {
    expect(await answered('GET /x', answer)).toBe(said);
  });

  it.each<readonly [title: string, types: readonly string[], headers: readonly string[], said: string]>([
    ['JSON', ['application/json', 'text/plain'], ['Content-Type', 'application/json'], 'body_required body'],
    ['text', ['application/json', 'text/plain'], ['Content-Type', 'text/plain'], 'valid'],
    ['nobody knows what', ['application/json', 'text/plain'], ['X', ''], 'valid'],
    ['nobody knows what, where it can only be JSON', ['application/json', 'application/x+json'], ['X', ''], 'body_required body'],
  ])('an empty body: %s', async (_, types, headers, said) => {
    const content = Object.fromEntries(types.map((type) => [type, {}]));
    const contract = await contractOf(api({ '/x': { get: { responses: { 200: { description: '', content } } } } }));
    expect(say(response(contract, 'GET /x', { headers: [...headers, 'Content-Length', '0'] }))).toBe(said);
    // Chunked, it is not known to be empty before it has come.
    expect(say(response(contract, 'GET /x', { headers, body: '' }))).toBe(headers[0] === 'X' ? 'skipped media_type' : said);
  });

  it('HEAD has headers and no body', async () => {
    expect(await answered('HEAD /x', { headers: good })).toBe('valid');
    expect(await answered('HEAD /x', { headers: ['Content-Type', 'application/json'] })).toBe('header_required header /X-Rate');
  });

  it('default is for what has no status of its own', async () => {
    const contract = await contractOf(
      api({ '/x': { get: { responses: { 200: { description: '' }, default: { description: '', content: json(thing) } } } } }),
    );
    expect(say(response(contract, 'GET /x', { status: 500, body: '{}' }))).toBe('required body /name');
    expect(say(response(contract, 'GET /x', { status: 200, body: '{}' }))).toBe('valid');
  });

  it('a range, or not modified, instead of a documented 200', async () => {
    const contract = await contractOf(api({ '/x': { get: { responses: ok } } }));
    expect(say(response(contract, 'GET /x', { status: 206 }))).toBe('undocumented_status status');
    expect(say(response(contract, 'GET /x', { status: 206 }, { headers: ['Range', 'bytes=0-1'] }))).toBe('skipped stream');
    expect(say(response(contract, 'GET /x', { status: 304 }, { headers: ['If-None-Match', '"a"'] }))).toBe('valid');
    expect(say(response(contract, 'GET /x', { status: 304 }))).toBe('undocumented_status status');
  });

  it('an operation of 3.1 without responses is not judged', async () => {
    const contract = await contractOf(api({ '/x': { get: {} } }));
    expect(say(response(contract, 'GET /x', { status: 200 }))).toBe('skipped no_schema');
  });
});
