import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { api, contractOf, ok, request, say } from '../testing.ts';
import { cookie, type Declared, header, integer, judge, list, object, path, query } from './testing.ts';

describe('query parameters', () => {
  it.each<readonly [title: string, declared: Declared, target: string, said: string]>([
    ['absent', query(integer), '/x', 'valid'],
    ['missing', query(integer, { required: true }), '/x?other=1', 'parameter_required query /q'],
    ['an integer', query(integer), '/x?q=5', 'valid'],
    ['no integer', query(integer), '/x?q=ten', 'type query /q'],
    ['a fraction for an integer', query(integer), '/x?q=1.5', 'type query /q'],
    ['out of range', query(integer), '/x?q=0', 'minimum query /q'],
    ['leading zeros', query(integer), '/x?q=007', 'valid'],
    ['empty', query(integer), '/x?q=', 'type query /q'],
    ['empty and allowed', query(integer, { allowEmptyValue: true }), '/x?q=', 'valid'],
    ['without =', query({ type: 'string', minLength: 1 }), '/x?q', 'minLength query /q'],
    ['a boolean', query({ type: 'boolean' }), '/x?q=true', 'valid'],
    ['no boolean', query({ type: 'boolean' }), '/x?q=1', 'type query /q'],
    ['a number stays text where text is wanted', query({ type: 'string', maxLength: 3 }), '/x?q=123', 'valid'],
    ['either type', query({ type: ['integer', 'string'], minimum: 5, minLength: 2 }), '/x?q=12', 'valid'],
    [
      'through $ref and allOf',
      { ...query({ allOf: [{ $ref: '#/components/schemas/I' }, { maximum: 3 }] }), schemas: { I: integer } },
      '/x?q=4',
      'maximum query /q',
    ],
    ['oneOf', query({ oneOf: [{ type: 'integer' }, { type: 'string', pattern: '^a' }] }), '/x?q=b', 'pattern query /q'],
    ['null', query({ type: ['integer', 'null'] }), '/x?q=', 'valid'],
    ['nullable', { ...query({ type: 'integer', nullable: true }), openapi: '3.0.3' }, '/x?q=null', 'valid'],
    ['decoded once', query({ type: 'string', maxLength: 1 }), '/x?q=%F0%9F%98%80', 'valid'],
    [
      'nullable around a type of another schema',
      { ...query({ nullable: true, allOf: [{ type: 'integer' }] }), openapi: '3.0.3' },
      '/x?q=null',
      'valid',
    ],
    ['twice, without a schema that says what it is', { parameters: [{ name: 'q', in: 'query' }] }, '/x?q=1&q=2', 'valid'],
    ['a percent sign that was encoded twice', query({ const: '%41' }), '/x?q=%2541', 'valid'],
    ['+ is a space', query({ const: 'a b' }), '/x?q=a+b', 'valid'],
    ['no percent-encoding', query({ type: 'string' }), '/x?q=%zz', 'parameter_format query /q'],
    ['no UTF-8', query({ type: 'string' }), '/x?q=%ff', 'parameter_format query /q'],
    ['an encoded name', query(integer), '/x?%71=0', 'minimum query /q'],
    ['twice', query(integer), '/x?q=1&q=2', 'parameter_format query /q'],
    ['a name that nobody declared', query(integer), '/x?z=%zz&q=1', 'valid'],
    ['a list', query(list), '/x?q=1&q=2', 'valid'],
    ['a list of one', query(list), '/x?q=1', 'valid'],
    ['a list that is too long', query(list), '/x?q=1&q=2&q=3', 'maxItems query /q'],
    ['a list with a wrong item', query(list), '/x?q=1&q=b', 'type query /q/1'],
    ['a comma in an exploded list is part of an item', query({ type: 'array', items: { const: 'a,b' } }), '/x?q=a,b', 'valid'],
    ['a list or one value', query({ oneOf: [{ type: 'string' }, { type: 'array', items: { type: 'string' } }] }), '/x?q=a&q=b', 'valid'],
    [
      'a name like those of objects',
      { parameters: [{ name: '__proto__', in: 'query', required: true, schema: integer }] },
      '/x?__proto__=0',
      'minimum query /__proto__',
    ],
    ['deepObject, absent', query(object, { style: 'deepObject', explode: true }), '/x?z=1', 'valid'],
    ['deepObject, absent and required', query(object, { style: 'deepObject', required: true }), '/x', 'parameter_required query /q'],
    ['deepObject', query(object, { style: 'deepObject' }), '/x?q[a]=b', 'type query /q/a'],
    ['deepObject, encoded brackets', query(object, { style: 'deepObject' }), '/x?q%5Ba%5D=b', 'type query /q/a'],
    ['deepObject, nested', query(object, { style: 'deepObject' }), '/x?q[a][b]=1', 'skipped unsupported'],
    ['exploded object, nothing there', query(object), '/x', 'valid'],
    ['exploded object', query(object), '/x?a=b', 'type query /q/a'],
    ['object in one piece', query(object, { explode: false }), '/x?q=a,b', 'type query /q/a'],
    ['list in one piece', query(list, { explode: false }), '/x?q=1,2,3', 'maxItems query /q'],
    ['pipes', query(list, { style: 'pipeDelimited' }), '/x?q=1|2|3', 'maxItems query /q'],
    ['a scalar is the same in one piece', query(integer, { explode: false }), '/x?q=0', 'minimum query /q'],
    [
      'content',
      { parameters: [{ name: 'q', in: 'query', content: { 'application/json': { schema: object } } }] },
      '/x?q=%7B%22a%22:%22b%22%7D',
      'type query /q/a',
    ],
    [
      'content, absent and required',
      { parameters: [{ name: 'q', in: 'query', required: true, content: { 'application/json': {} } }] },
      '/x',
      'parameter_required query /q',
    ],
    [
      'a violation outweighs what cannot be judged',
      { parameters: [...query(integer).parameters, { name: 'o', in: 'query', style: 'deepObject', schema: object }] },
      '/x?q=0&o[a][b]=1',
      'minimum query /q',
    ],
  ])('%s', async (_, declared, target, said) => {
    expect(await judge(declared, target)).toBe(said);
  });

  describe('numbers that are larger than binary floating point can hold exactly', () => {
    const int64 = { type: 'integer', format: 'int64', maximum: 9223372036854775000 };
    it.each([
      ['9007199254740993', int64, 'valid'],
      ['9223372036854775999', int64, 'format query /q; maximum query /q'],
      ['9223372036854775001', int64, 'maximum query /q'],
      ['9223372036854775000', int64, 'valid'],
      ['19223372036854775999', int64, 'format query /q; maximum query /q'],
      ['0.1', { type: 'number', multipleOf: 0.01 }, 'valid'],
      ['0.1000000000000000000001', { type: 'number', multipleOf: 0.01 }, 'multipleOf query /q'],
      ['1.00000000000000000000001', { type: 'integer' }, 'type query /q'],
      ['123456789012345678901234567890', { type: 'string', maxLength: 30 }, 'valid'],
    ])('%s', async (value, schema, said) => {
      expect(await judge(query(schema), `/x?q=${value}`)).toBe(said);
    });
  });

  it('keeps the verdict for any text that was encoded', async () => {
    const contract = await contractOf(
      api({
        '/x/{p}': {
          get: {
            parameters: [
              { name: 'p', in: 'path', required: true, schema: { type: 'string' } },
              { name: 'q', in: 'query', schema: { type: 'array', items: { type: 'string' } } },
            ],
            responses: ok,
          },
        },
      }),
    );
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 1 }), fc.array(fc.string({ unit: 'grapheme' })), (p, values) => {
        fc.pre(!/[\uD800-\uDFFF]/.test(p + values.join('').replace(/[\uD800-\uDBFF][\uDC00-\uDFFF]/g, '')) || p.isWellFormed());
        fc.pre(p.isWellFormed() && values.every((v) => v.isWellFormed()));
        const line = `GET /x/${encodeURIComponent(p)}?${new URLSearchParams(values.map((v) => ['q', v])).toString()}`;
        expect(say(request(contract, line))).toBe('valid');
      }),
    );
  });

  it('decodes to exactly what was encoded', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'binary', minLength: 1, maxLength: 8 }), async (text) => {
        fc.pre(text.isWellFormed());
        const contract = await contractOf(
          api({
            '/x/{p}': {
              get: {
                parameters: [
                  { name: 'p', in: 'path', required: true, schema: { const: text } },
                  { name: 'q', in: 'query', schema: { const: text } },
                ],
                responses: ok,
              },
            },
          }),
        );
        const line = (t: string): string => `GET /x/${encodeURIComponent(t)}?${new URLSearchParams([['q', t]]).toString()}`;
        expect(say(request(contract, line(text)))).toBe('valid');
        expect(say(request(contract, line(`${text}!`)))).toBe('const path /p; const query /q');
      }),
      { numRuns: 30 },
    );
  });
});

describe('path parameters', () => {
  it.each<readonly [title: string, declared: Declared, target: string, said: string]>([
    ['an integer', path(integer), '/x/5', 'valid'],
    ['no integer', path(integer), '/x/abc', 'type path /p'],
    ['an encoded slash', path({ const: 'a/b' }), '/x/a%2Fb', 'valid'],
    ['code points', path({ type: 'string', maxLength: 1 }), '/x/%F0%9F%98%80', 'valid'],
    ['a plus is a plus', path({ const: 'a+b' }), '/x/a+b', 'valid'],
    ['no UTF-8', path({ type: 'string' }), '/x/%ff', 'parameter_format path /p'],
    ['a list', path(list), '/x/1,2', 'valid'],
    ['a list that is too long', path(list), '/x/1,2,3', 'maxItems path /p'],
    ['an encoded comma is part of an item', path({ type: 'array', items: { const: 'a,b' } }), '/x/a%2Cb', 'valid'],
    ['label', path(integer, { style: 'label' }), '/x/.0', 'minimum path /p'],
    ['label without its dot', path(integer, { style: 'label' }), '/x/5', 'parameter_format path /p'],
    ['an object', path(object), '/x/a,b', 'type path /p/a'],
  ])('%s', async (_, declared, target, said) => {
    expect(await judge(declared, target)).toBe(said);
  });
});

describe('header and cookie parameters', () => {
  it.each<readonly [title: string, declared: Declared, headers: readonly string[], said: string]>([
    ['any case', header(integer), ['x-h', '0'], 'minimum header /X-H'],
    ['missing', header(integer, { required: true }), [], 'parameter_required header /X-H'],
    ['a list', header(list), ['X-H', '1, 2'], 'valid'],
    ['a list in two lines', header(list), ['X-H', '1', 'X-H', '2,3'], 'maxItems header /X-H'],
    ['one value in two lines', header(integer), ['X-H', '1', 'X-H', '2'], 'type header /X-H'],
    ['values are not percent-decoded', header({ const: '%41' }), ['X-H', '%41'], 'valid'],
    ['an object', header(object), ['X-H', 'a, b'], 'type header /X-H/a'],
    ['commas in quotes', header(list), ['X-H', '1,"2,3"'], 'skipped unsupported'],
    [
      'Accept, Content-Type and Authorization are ignored',
      { parameters: ['Accept', 'content-type', 'Authorization'].map((name) => ({ name, in: 'header', required: true, schema: integer })) },
      [],
      'valid',
    ],
    ['a cookie', cookie(integer), ['Cookie', 'a=b; c=0'], 'minimum cookie /c'],
    ['a missing cookie', cookie(integer, { required: true }), ['Cookie', 'a=b'], 'parameter_required cookie /c'],
    ['a quoted cookie', cookie(integer), ['Cookie', 'c="5"'], 'valid'],
    ['an encoded cookie', cookie({ const: 'a b' }), ['Cookie', 'c=a%20b'], 'valid'],
    ['a cookie that is not encoded', cookie({ const: '100%' }), ['Cookie', 'c=100%'], 'valid'],
    ['a list in a cookie', cookie(list, { explode: false }), ['Cookie', 'c=1,2,3'], 'maxItems cookie /c'],
    ['an exploded list in a cookie', cookie(list), ['Cookie', 'c=1,2'], 'skipped unsupported'],
  ])('%s', async (_, declared, headers, said) => {
    expect(await judge(declared, '/x', headers)).toBe(said);
  });

  it('an operation replaces what its path declares', async () => {
    const contract = await contractOf(
      api({
        '/x': {
          parameters: [{ name: 'q', in: 'query', required: true, schema: integer }],
          get: { parameters: [{ name: 'q', in: 'query', schema: { type: 'string' } }], responses: ok },
          head: { responses: ok },
        },
      }),
    );
    expect(say(request(contract, 'GET /x?q=a'))).toBe('valid');
    expect(say(request(contract, 'HEAD /x'))).toBe('parameter_required query /q');
  });
});
