import { describe, expect, it } from 'vitest';
import { api, contractOf, ok, request, response, say } from '../testing.ts';

interface Said {
  readonly openapi?: string;
  readonly type?: string;
  /** What stands beside `schema`. */
  readonly more?: Readonly<Record<string, unknown>>;
  readonly sentAs?: string;
}

type Part = readonly [head: readonly string[], body: string];

/** Parts as RFC 2046 writes them. */
function body(...parts: readonly Part[]): string {
  return `${parts.map(([head, text]) => `--b\r\n${head.map((line) => `${line}\r\n`).join('')}\r\n${text}\r\n`).join('')}--b--\r\n`;
}

/** A part of a form, with further lines of its head. */
const field = (name: string, text: string, ...head: readonly string[]): Part => [
  [`Content-Disposition: form-data; name="${name}"`, ...head],
  text,
];
const JSON_TYPE = 'Content-Type: application/json';

async function posted(schema: unknown, sent: string, { openapi = '3.1.0', type = 'multipart/form-data', more = {}, sentAs }: Said = {}) {
  const content = { [type]: { ...(schema !== undefined && { schema }), ...more } };
  const contract = await contractOf(api({ '/x': { post: { requestBody: { content }, responses: ok } } }, { openapi }));
  return say(request(contract, 'POST /x', { headers: ['Content-Type', sentAs ?? `${type}; boundary=b`], body: sent }));
}

describe('forms of parts', () => {
  const schema = {
    type: 'object',
    required: ['id'],
    properties: {
      id: { type: 'integer' },
      active: { type: 'boolean' },
      tags: { type: 'array', maxItems: 2, items: { type: 'string', maxLength: 3 } },
      numbers: { type: 'array', items: { type: 'number' } },
      meta: { type: 'object', required: ['a'], properties: { a: { type: 'integer' } } },
      list: { type: 'array', items: { type: 'object', required: ['a'] } },
      photo: { type: 'string', format: 'binary' },
      photos: { type: 'array', items: { type: 'string', format: 'binary' } },
      short: { type: 'string', maxLength: 3 },
    },
  };
  const id = field('id', '7');

  it.each<readonly [title: string, parts: readonly Part[], said: string]>([
    ['a scalar by its type', [id], 'valid'],
    ['a scalar of another type', [field('id', 'x')], 'type body /id'],
    ['a required part is missing', [field('active', 'true')], 'required body /id'],
    ['a boolean', [id, field('active', 'yes')], 'type body /active'],
    ['a list of one', [id, field('tags', 'abc')], 'valid'],
    ['the item of a list of one', [id, field('tags', 'abcd')], 'maxLength body /tags/0'],
    ['a list of two', [id, field('tags', 'a'), field('tags', 'b')], 'valid'],
    ['a list of three', [id, field('tags', 'a'), field('tags', 'b'), field('tags', 'c')], 'maxItems body /tags'],
    ['an item', [id, field('tags', 'a'), field('tags', 'abcd')], 'maxLength body /tags/1'],
    ['items that are no text', [id, field('numbers', '1'), field('numbers', 'x')], 'type body /numbers/1'],
    ['a scalar that comes twice', [id, field('id', '8')], 'type body /id'],
    ['an object is JSON', [id, field('meta', '{"a":1}', JSON_TYPE)], 'valid'],
    ['an object that does not fit', [id, field('meta', '{"a":"x"}', JSON_TYPE)], 'type body /meta/a'],
    ['an object without Content-Type', [id, field('meta', '{}')], 'required body /meta/a'],
    ['an object that calls itself text', [id, field('meta', '{"a":"x"}', 'Content-Type: text/plain')], 'type body /meta/a'],
    ['no JSON where it must be', [id, field('meta', 'a=1')], 'malformed body /meta'],
    ['a list of objects, one a part', [id, field('list', '{"a":1}', JSON_TYPE), field('list', '{}', JSON_TYPE)], 'required body /list/1/a'],
    ['a list of objects in one part', [id, field('list', '[{"a":1},{"a":2}]', JSON_TYPE)], 'valid'],
    ['a file', [id, field('photo', '\u0000\u0001', 'Content-Type: image/png')], 'valid'],
    ['files', [id, field('photos', 'a', 'Content-Type: image/png'), field('photos', 'b')], 'valid'],
    ['a file where text has a rule', [id, field('short', 'abcd', 'Content-Type: image/png')], 'skipped unsupported'],
    ['text with a rule', [id, field('short', 'abcd', 'Content-Type: text/plain; charset=utf-8')], 'maxLength body /short'],
    ['text of another charset', [id, field('short', 'abcd', 'Content-Type: text/plain; charset=utf-16')], 'skipped unsupported'],
    ['text that is coded', [id, field('short', 'YWJjZA==', 'Content-Transfer-Encoding: base64')], 'skipped unsupported'],
    ['an undeclared part', [id, field('more', 'x')], 'valid'],
    [
      'text as clients in Java send it',
      [id, field('short', 'abcd', 'Content-Type: text/plain; charset=ISO-8859-1')],
      'maxLength body /short',
    ],
    ['the same beyond ASCII', [id, field('short', 'äöü', 'Content-Type: text/plain; charset=ISO-8859-1')], 'skipped unsupported'],
    ['a name written as RFC 5987 has it', [id, [["Content-Disposition: form-data; name*=UTF-8''%C3%A4"], 'x']], 'skipped unsupported'],
    [
      'a path of Windows before the name',
      [id, [['Content-Disposition: form-data; filename="C:\\d\\"; name="photo"'], 'x']],
      'skipped unsupported',
    ],
    ['a name that nobody can tell', [id, field('a%22b', 'x')], 'skipped unsupported'],
    ['no parts', [], 'required body /id'],
    ['a part without a name', [id, [[], 'x']], 'malformed body'],
    ['a part of another disposition', [id, [['Content-Disposition: attachment; name="id"'], 'x']], 'malformed body'],
    ['a head that cannot be read', [id, [['no head'], 'x']], 'malformed body'],
    ['a number beyond doubles', [field('id', '9007199254740993')], 'valid'],
  ])('%s', async (_, parts, said) => {
    expect(await posted(schema, body(...parts))).toBe(said);
  });

  it('an undeclared part breaks a closed schema, whatever is in it', async () => {
    expect(await posted({ ...schema, additionalProperties: false }, body(id, field('more', 'x', 'Content-Type: image/png')))).toBe(
      'additionalProperties body /more',
    );
    expect(await posted({ ...schema, additionalProperties: { type: 'integer' } }, body(id, field('more', 'x')))).toBe(
      'skipped unsupported',
    );
  });

  it('parts of alternatives are read as any of them would', async () => {
    const oneOf = [
      { properties: { kind: { const: 'n' }, value: { type: 'integer' } } },
      { properties: { kind: { const: 't' }, value: { type: 'string', minLength: 2 } } },
    ];
    const kinds = { type: 'object', required: ['kind'], properties: { kind: { type: 'string' } }, oneOf };
    expect(await posted(kinds, body(field('kind', 't'), field('value', '12')))).toBe('valid');
    expect(await posted(kinds, body(field('kind', 'n'), field('value', '12')))).toBe('valid');
    expect(await posted(kinds, body(field('kind', 'n'), field('value', 'x')))).toContain('body /value');
  });

  it('a name like those of objects is a name', async () => {
    expect(await posted({ type: 'object', additionalProperties: false }, body(field('__proto__', 'x')))).toBe(
      'additionalProperties body /__proto__',
    );
  });

  it.each([
    ['no boundary', 'multipart/form-data', body(id), 'malformed body'],
    ['an empty boundary', 'multipart/form-data; boundary=""', body(id), 'malformed body'],
    ['another boundary', 'multipart/form-data; boundary=c', body(id), 'malformed body'],
    ['cut off', 'multipart/form-data; boundary=b', body(id).slice(0, -6), 'malformed body'],
    ['no parts at all', 'multipart/form-data; boundary=b', '{"id":7}', 'malformed body'],
  ])('%s', async (_, sentAs, sent, said) => {
    expect(await posted(schema, sent, { sentAs })).toBe(said);
    expect(await posted(undefined, sent, { sentAs })).toBe(said);
  });

  it('without a schema well-formedness is all', async () => {
    expect(await posted(undefined, body(field('a', 'x')))).toBe('valid');
  });

  it('bounds what it keeps', async () => {
    const many = Array.from({ length: 1001 }, (_, i) => field(`n${i}`, ''));
    expect(await posted(schema, body(id, ...many))).toBe('skipped too_large');
    expect(await posted(schema, body(id, field('short', 'x'.repeat(300_000))))).toBe('skipped too_large');
    expect(await posted(schema, body(id, field('photo', 'x'.repeat(300_000))))).toBe('valid');
  });

  describe('encoding', () => {
    const encoded = (encoding: unknown, openapi = '3.1.0'): Said => ({ more: { encoding }, openapi });
    const png = 'Content-Type: image/png';

    it.each<readonly [title: string, encoding: unknown, parts: readonly Part[], said: string]>([
      ['the media type of a part', { photo: { contentType: 'image/png, image/jpeg' } }, [id, field('photo', 'x', png)], 'valid'],
      ['a range', { photo: { contentType: 'image/*' } }, [id, field('photo', 'x', png)], 'valid'],
      ['another', { photo: { contentType: 'image/gif' } }, [id, field('photo', 'x', png)], 'media_type media_type /photo'],
      ['none', { photo: { contentType: 'image/gif' } }, [id, field('photo', 'x')], 'valid'],
      ['scalars as JSON', { id: { contentType: 'application/json' } }, [field('id', '"x"', JSON_TYPE)], 'type body /id'],
      [
        'scalars as JSON that are none',
        { short: { contentType: 'application/json' } },
        [id, field('short', 'abc')],
        'malformed body /short',
      ],
      [
        'in XML',
        { meta: { contentType: 'application/xml' } },
        [id, field('meta', '<a/>', 'Content-Type: application/xml')],
        'skipped unsupported',
      ],
      [
        'a header that must be there',
        { photo: { headers: { 'X-Rate': { required: true, schema: { type: 'integer' } } } } },
        [id, field('photo', 'x')],
        'header_required header /X-Rate',
      ],
      [
        'a header of another type',
        { photo: { headers: { 'X-Rate': { schema: { type: 'integer' } } } } },
        [id, field('photo', 'x', 'x-rate: y')],
        'type header /X-Rate',
      ],
      ['a style that is not told apart', { tags: { style: 'form', explode: false } }, [id, field('tags', 'a,b')], 'skipped unsupported'],
      ['the style of queries', { tags: { style: 'form' } }, [id, field('tags', 'a'), field('tags', 'b')], 'valid'],
    ])('%s', async (_, encoding, parts, said) => {
      expect(await posted(schema, body(...parts), encoded(encoding))).toBe(said);
    });

    it('of 3.0 has no styles for parts', async () => {
      const styled = { tags: { contentType: 'text/csv', style: 'pipeDelimited' } };
      expect(await posted(schema, body(id, field('tags', 'a', 'Content-Type: text/plain')), encoded(styled, '3.0.3'))).toBe(
        'media_type media_type /tags',
      );
      expect(await posted(schema, body(id, field('tags', 'a', 'Content-Type: text/plain')), encoded(styled))).toBe('skipped unsupported');
    });

    it('is about requests alone before 3.2', async () => {
      const content = { 'multipart/form-data': { schema, encoding: { photo: { contentType: 'image/gif' } } } };
      const said = async (openapi: string): Promise<string> => {
        const contract = await contractOf(api({ '/x': { get: { responses: { 200: { description: '', content } } } } }, { openapi }));
        const headers = ['Content-Type', 'multipart/form-data; boundary=b'];
        return say(response(contract, 'GET /x', { headers, body: body(id, field('photo', 'x', png)) }));
      };
      expect([await said('3.1.0'), await said('3.2.0')]).toEqual(['valid', 'media_type media_type /photo']);
    });
  });
});

describe('parts in order', () => {
  const mixed: Said = { type: 'multipart/mixed', openapi: '3.2.0' };
  const json = (text: string): Part => [[JSON_TYPE], text];
  const schema = {
    type: 'array',
    minItems: 2,
    maxItems: 3,
    prefixItems: [{ type: 'object', required: ['a'] }, {}],
    items: { type: 'integer' },
  };

  it.each<readonly [title: string, parts: readonly Part[], said: string]>([
    ['by their places', [json('{"a":1}'), [['Content-Type: image/png'], 'x']], 'valid'],
    ['one that does not fit', [json('{}'), [[], 'x']], 'required body /0/a'],
    ['behind the prefix', [json('{"a":1}'), [[], 'x'], [['Content-Type: text/plain'], 'y']], 'type body /2'],
    ['too few', [json('{"a":1}')], 'minItems body'],
    ['too many', [json('{"a":1}'), [[], ''], [[], '1'], [[], '2']], 'maxItems body'],
    ['not JSON', [json('{'), [[], '']], 'malformed body /0'],
    [
      'nobody can read',
      [
        [['Content-Type: application/xml'], '<a/>'],
        [[], ''],
      ],
      'skipped media_type',
    ],
  ])('%s', async (_, parts, said) => {
    expect(await posted(schema, body(...parts), mixed)).toBe(said);
  });

  it('have encodings by place', async () => {
    const more = { prefixEncoding: [{}, { contentType: 'image/*' }], itemEncoding: { contentType: 'application/json' } };
    const said = (...parts: readonly Part[]): Promise<string> => posted(schema, body(...parts), { ...mixed, more });
    expect(await said(json('{"a":1}'), [['Content-Type: image/png'], 'x'], json('3'))).toBe('valid');
    expect(await said(json('{"a":1}'), [['Content-Type: text/css'], 'x'], json('"3"'))).toBe('media_type media_type /1; type body /2');
  });

  it('are items of a stream', async () => {
    const more = { itemSchema: { type: 'object', required: ['a'] }, itemEncoding: { contentType: 'application/json' } };
    expect(await posted(undefined, body(json('{"a":1}'), json('{}')), { ...mixed, more })).toBe('required body /1/a');
  });

  it('have no meaning before 3.2', async () => {
    expect(await posted(schema, body(json('{}')), { type: 'multipart/mixed' })).toBe('skipped media_type');
    expect(await posted(undefined, body(json('{}')), { type: 'multipart/mixed' })).toBe('valid');
    expect(await posted(undefined, 'x', { type: 'multipart/mixed' })).toBe('malformed body');
  });
});
