import { describe, expect, it } from 'vitest';
import { api, contractOf, json, ok } from '../testing.ts';
import { BASE, JSON_HEADERS, type More, drift, head, only, parsed } from './testing.ts';

describe('D1: values beside extensible enumerations', () => {
  const values = async (schema: unknown, value: unknown, more: More = {}) =>
    (await drift({ type: 'object', properties: { v: schema } }, { v: value }, more)).map(
      ({ kind, specPointer, pointer }) => `${kind} ${specPointer.replace(BASE, '#')} ${pointer}`,
    );
  const outside = (keyword: string) => [`undocumented_enum_value #/properties/v${keyword} /v`];
  const zalando = { type: 'string', 'x-extensible-enum': ['A', 'B'] };
  const marked = { type: 'string', enum: ['A', 'B'], 'x-extensible': true };
  const open = { anyOf: [{ type: 'string', enum: ['A', 'B'] }, { type: 'string' }] };

  it.each<readonly [title: string, schema: unknown, keyword: string]>([
    ['x-extensible-enum', zalando, '/x-extensible-enum'],
    ['x-extensible beside enum', marked, '/enum'],
    ['an enumeration or any text', open, '/anyOf'],
    ['or null', { oneOf: [zalando, { type: 'null' }] }, '/oneOf/0/x-extensible-enum'],
    ['in allOf', { allOf: [marked] }, '/allOf/0/enum'],
    ['beside another enumeration', { anyOf: [zalando, { enum: ['C'] }] }, '/anyOf/0/x-extensible-enum'],
  ])('%s', async (_, schema, keyword) => {
    expect(await values(schema, 'Z')).toEqual(outside(keyword));
    expect(await values(schema, 'A')).toEqual([]);
    expect(await values(schema, 1)).toEqual([]);
  });

  it.each<readonly [title: string, schema: unknown]>([
    ['a plain enumeration: the validator says that', { type: 'string', enum: ['A', 'B'] }],
    ['x-extensible: false', { ...marked, 'x-extensible': false }],
    ['one special value or any text', { anyOf: [{ const: 'A' }, { type: 'string' }] }],
    ['an enumeration or a text of a pattern', { anyOf: [{ enum: ['A', 'B'] }, { type: 'string', pattern: '^Z' }] }],
    ['an enumeration or a date', { anyOf: [{ enum: ['A', 'B'] }, { type: 'string', format: 'date' }] }],
    ['in one of several branches', { oneOf: [zalando, { type: 'string', pattern: '^Z' }] }],
  ])('says nothing of %s', async (_, schema) => {
    expect(await values(schema, 'Z')).toEqual([]);
  });

  it('each value is looked at each time, however known the shape; of several the first is shown to those who may see it', async () => {
    const document = api({ '/x': { post: { requestBody: { content: json({ items: zalando }) }, responses: ok } } });
    const { driftParts } = only(await contractOf(document));
    const look = (value: unknown) => driftParts?.inBody(head(), undefined, parsed(value)) ?? [];
    for (let i = 0; i < 3; i++) expect(look(['A', 'B'])).toEqual([]);
    const [first, ...more] = look(['A', 'secret', 'other']);
    expect(first).toEqual({
      kind: 'undocumented_enum_value',
      side: 'request',
      location: 'body',
      pointer: '/*',
      specPointer: `${BASE}/items/x-extensible-enum`,
      name: '',
      types: ['string'],
      formats: [],
      value: '"secret"',
    });
    expect(more).toEqual([]);
  });

  it('the validator lets other values pass where the enumeration is marked as extensible, and there alone', async () => {
    const operation = only(
      await contractOf(
        api({ '/x': { post: { requestBody: { content: json({ properties: { m: marked, p: { enum: ['A'] } } }) }, responses: ok } } }),
      ),
    );
    const verdict = (value: unknown) =>
      operation.checkRequestBody(head({ headers: [...JSON_HEADERS, 'Content-Length', '9'] }), parsed(value)).is;
    expect(verdict({ m: 'Z' })).toBe('valid');
    expect(verdict({ m: 1 })).toBe('invalid');
    expect(verdict({ p: 'Z' })).toBe('invalid');
  });

  it('formats that no verdict looks at, where a text is certainly not in them', async () => {
    const of = async (format: string, value: unknown, setting: 'assert' | 'annotate', more: More = {}) =>
      (await drift({ properties: { v: { type: 'string', format } } }, { v: value }, more, setting)).map(
        ({ kind, specPointer }) => `${kind} ${specPointer.replace(BASE, '#')}`,
      );
    const told = ['format #/properties/v/format'];
    expect(await of('date-time', 'yesterday', 'annotate')).toEqual(told);
    expect(await of('date-time', '2026-01-02T03:04:05Z', 'annotate')).toEqual([]);
    expect(await of('date-time', 'yesterday', 'assert')).toEqual([]);
    expect(await of('uuid', 'x', 'annotate')).toEqual(told);
    expect(await of('time', '10:00', 'annotate', { openapi: '3.0.3' })).toEqual([]);
    expect(await of('base64url', '+/', 'assert')).toEqual(told);
    expect(await of('idn-email', 'nobody', 'assert')).toEqual(told);
    expect(await of('iri', 'https://exämple.com', 'assert')).toEqual([]);
    expect(await of('my-format', 'x', 'annotate')).toEqual([]);
  });
});
