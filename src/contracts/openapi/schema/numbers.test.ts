import { describe, expect, it } from 'vitest';
import { api, contractOf, json, load, ok, request, say } from '../testing.ts';

/** What a contract with this schema says of JSON text, interpreted and compiled. */
async function judging(schema: string): Promise<(text: string) => string> {
  const document = JSON.stringify(api({ '/x': { post: { requestBody: { content: json('SCHEMA') }, responses: ok } } }));
  const contract = await contractOf(document.replace('"SCHEMA"', schema));
  return (text) => {
    const first = say(request(contract, 'POST /x', { body: text }));
    for (let more = true; more; ) more = contract.warmUp();
    expect(say(request(contract, 'POST /x', { body: text }))).toBe(first);
    return first;
  };
}

describe('numbers are judged as they were written', () => {
  it.each<readonly [schema: string, text: string, said: string]>([
    ['{"maximum": 9007199254740992}', '9007199254740992', 'valid'],
    ['{"maximum": 9007199254740992}', '9007199254740993', 'maximum body'],
    ['{"maximum": 9223372036854775807}', '9223372036854775807', 'valid'],
    ['{"maximum": 9223372036854775807}', '9223372036854775808', 'maximum body'],
    ['{"maximum": 9223372036854775807}', '9223372036854775808.0', 'maximum body'],
    ['{"exclusiveMaximum": 9007199254740993}', '9007199254740992', 'valid'],
    ['{"exclusiveMaximum": 9007199254740993}', '9007199254740993', 'exclusiveMaximum body'],
    ['{"exclusiveMinimum": 1}', '1.00000000000000000001', 'valid'],
    ['{"minimum": 0.1}', '0.1000000000000000000001', 'valid'],
    ['{"minimum": -9223372036854775808}', '-9223372036854775809', 'minimum body'],
    ['{"const": 9007199254740993}', '9007199254740993', 'valid'],
    ['{"const": 9007199254740993}', '9007199254740992', 'const body'],
    ['{"const": 9007199254740992}', '9007199254740993', 'const body'],
    ['{"enum": ["a", 9007199254740993]}', '9007199254740993', 'valid'],
    ['{"enum": ["a", 9007199254740993]}', '"a"', 'valid'],
    ['{"enum": ["a", 9007199254740993]}', '9007199254740994', 'enum body'],
    ['{"multipleOf": 2}', '9007199254740993', 'multipleOf body'],
    ['{"multipleOf": 0.01}', '0.30000000000000004', 'multipleOf body'],
    ['{"multipleOf": 0.01}', '12345678901234567.89', 'valid'],
    ['{"uniqueItems": true}', '[9007199254740992, 9007199254740993]', 'valid'],
    ['{"uniqueItems": true}', '[9007199254740993, 9007199254740993.0]', 'uniqueItems body'],
    ['{"uniqueItems": true}', '[{"a": 9007199254740993}, {"a": 9007199254740992}]', 'valid'],
    ['{"type": "number"}', '1e400', 'valid'],
    ['{"type": "integer"}', '1e400', 'valid'],
    ['{"type": "string"}', '1e400', 'type body'],
    ['{"type": "object", "minProperties": 9}', '9007199254740993', 'type body'],
    ['{"format": "int64"}', '9223372036854775807', 'valid'],
    ['{"format": "int64"}', '9223372036854775808', 'format body'],
    ['{"format": "int64"}', '-9223372036854775808', 'valid'],
    ['{"format": "int64"}', '-9223372036854775809', 'format body'],
    ['{"format": "uint64"}', '18446744073709551615', 'valid'],
    ['{"format": "uint64"}', '18446744073709551616', 'format body'],
    ['{"format": "int32"}', '2147483648', 'format body'],
    ['{"format": "uint8"}', '-1', 'format body'],
    ['{"not": {"maximum": 9007199254740992}}', '9007199254740993', 'valid'],
    ['{"oneOf": [{"maximum": 9007199254740992}, {"minimum": 9007199254740993}]}', '9007199254740993', 'valid'],
    ['{"type": "string", "maxLength": 3}', '"1234567890123456789"', 'maxLength body'],
  ])('%s: %s is %s', async (schema, text, said) => {
    expect((await judging(schema))(text)).toBe(said);
  });

  it('reads limits of YAML as they were written', async () => {
    const yaml = `
openapi: 3.0.4
info: { title: T, version: '1' }
paths:
  /x:
    post:
      requestBody: { content: { application/json: { schema: { type: integer, maximum: 9223372036854775807, exclusiveMaximum: true } } } }
      responses: { 200: { description: ok } }
`;
    const { contract } = await load({ 'api.yaml': yaml });
    if (contract === undefined) throw new Error('refused');
    expect(say(request(contract, 'POST /x', { body: '9223372036854775806' }))).toBe('valid');
    expect(say(request(contract, 'POST /x', { body: '9223372036854775807' }))).toBe('exclusiveMaximum body');
  });

  it('gives up on numbers of thousands of digits only where one decides', async () => {
    const long = '1'.repeat(2000);
    expect((await judging('{"maximum": 5}'))(long)).toBe('skipped unsupported');
    expect((await judging('{"type": "number"}'))(long)).toBe('valid');
    expect((await judging('{"type": ["string", "number"], "multipleOf": 3}'))('"1"')).toBe('valid');
  });

  it('tells the number that was sent', async () => {
    const contract = await contractOf(api({ '/x': { post: { requestBody: { content: json({ maximum: 1 }) }, responses: ok } } }));
    const outcome = request(contract, 'POST /x', { body: '90071992547409930001' });
    expect('is' in outcome && outcome.is === 'invalid' && outcome.violations[0]?.value).toBe('90071992547409930001');
  });
});
