import { type HostileBody, LIMIT, distinct, fill, list, text, times } from './body-parts.ts';

const FORMATS = [
  'email',
  'uri',
  'uri-reference',
  'uri-template',
  'date-time',
  'time',
  'duration',
  'hostname',
  'ipv6',
  'uuid',
  'json-pointer',
  'regex',
  'byte',
];
const LONG = 16_000;

/** Depth, names, numbers, texts and patterns. */
export const VALUE_BODIES: readonly HostileBody[] = [
  // ---------------------------------------------------------------- depth
  { name: 'lists in lists, 130,000 deep', schema: {}, body: '['.repeat(LIMIT / 2) + ']'.repeat(LIMIT / 2), verdict: 'valid' },
  {
    name: 'lists in lists under a schema that follows',
    schema: { $ref: '#/components/schemas/Lists' },
    body: '['.repeat(LIMIT / 2) + ']'.repeat(LIMIT / 2),
    verdict: 'skipped too_large',
    slow: true,
  },
  {
    name: 'objects in objects under a schema that follows',
    schema: { $ref: '#/components/schemas/Tree' },
    body: `${'{"child":'.repeat(20_000)}{}${'}'.repeat(20_000)}`,
    verdict: 'skipped too_large',
    slow: true,
  },
  { name: 'brackets that are never closed', schema: {}, body: '['.repeat(LIMIT), verdict: 'invalid malformed' },
  { name: 'an object that is never closed', schema: {}, body: '{"a":'.repeat(50_000), verdict: 'invalid malformed' },

  // ---------------------------------------------------------------- names
  {
    name: 'names that objects inherit',
    schema: {
      type: 'object',
      properties: { constructor: { type: 'integer' }, toString: { type: 'integer' } },
      additionalProperties: { type: 'string' },
    },
    body: '{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}}',
    verdict: 'invalid type',
  },
  {
    name: '10,000 times the same name',
    schema: { type: 'object', properties: { a: { type: 'integer' } } },
    body: fill('"a":1', '{', '}'),
    verdict: 'valid',
  },
  {
    name: 'as many names as fit, none known',
    schema: { type: 'object', additionalProperties: false },
    body: distinct((i) => `"k${i}":1`, '{', '}'),
    verdict: 'invalid additionalProperties',
  },
  {
    name: 'as many names as fit, under fifty patterns',
    schema: { type: 'object', patternProperties: Object.fromEntries(times(50, (i) => [`^x${i}`, { type: 'string' }])) },
    body: distinct((i) => `"k${i}":1`, '{', '}'),
    verdict: 'valid',
    slow: true,
  },
  {
    name: 'as many names as fit, each under a pattern',
    schema: { type: 'object', propertyNames: { pattern: '^k[0-9]+$' } },
    body: distinct((i) => `"k${i}":1`, '{', '}'),
    verdict: 'valid',
  },
  {
    name: 'as many names as fit, unevaluated',
    schema: { type: 'object', anyOf: [{ properties: { a: {} } }, { properties: { b: {} } }], unevaluatedProperties: false },
    body: distinct((i) => `"k${i}":1`, '{', '}'),
    verdict: 'invalid unevaluatedProperties',
  },
  {
    name: 'one name as long as a body',
    schema: { type: 'object', additionalProperties: false },
    body: `{${text('k'.repeat(LIMIT - 10))}:1}`,
    verdict: 'invalid additionalProperties',
  },

  // ---------------------------------------------------------------- numbers
  { name: 'an integer of 260,000 digits', schema: { type: 'integer' }, body: `1${'0'.repeat(LIMIT - 1)}`, verdict: 'valid' },
  { name: 'a fraction of 260,000 digits', schema: { type: 'number', maximum: 1 }, body: `0.${'3'.repeat(LIMIT - 2)}`, verdict: 'valid' },
  { name: 'an exponent beyond all', schema: { type: 'integer', multipleOf: 3 }, body: '1e999999999', verdict: 'skipped unsupported' },
  {
    name: 'exponents of either sign',
    schema: list({ type: 'number', multipleOf: 0.01 }),
    body: fill('1e-300'),
    verdict: 'invalid multipleOf',
    slow: true,
  },
  {
    name: 'decimals to be divided',
    schema: list({ type: 'number', multipleOf: 0.00001 }),
    body: fill('123456789.12345'),
    verdict: 'valid',
  },
  {
    name: 'short decimals to be divided',
    schema: list({ type: 'number', multipleOf: 0.1 }),
    body: fill('0.1'),
    verdict: 'valid',
    slow: true,
  },
  {
    name: 'numbers of 400 digits to be compared',
    schema: list({ type: 'number', maximum: 5, multipleOf: 7 }),
    body: fill('9'.repeat(400)),
    verdict: 'invalid maximum',
  },
  { name: 'numbers of 400 digits in an enum', schema: list({ enum: [1, 2, 3] }), body: fill('9'.repeat(400)), verdict: 'invalid enum' },

  {
    name: 'one number that has lost digits, and as many others as fit',
    schema: list({ type: 'number' }, { maxItems: 3 }),
    body: fill('0').replace('[0,0,0,0,0,0,0,0,0,0', '[0.12345678901234567'),
    verdict: 'invalid maxItems',
    slow: true,
  },
  // ---------------------------------------------------------------- text
  {
    name: 'no UTF-8',
    schema: { type: 'string' },
    body: Buffer.concat([Buffer.from('"'), Buffer.alloc(LIMIT, 0xff), Buffer.from('"')]),
    verdict: 'invalid malformed',
  },
  { name: 'half a character', schema: { type: 'string' }, body: Buffer.from('22f09f9822', 'hex'), verdict: 'invalid malformed' },
  {
    name: 'nothing but surrogates',
    schema: { type: 'string', maxLength: 10 },
    body: text('\u{1F600}'.repeat(60_000)),
    verdict: 'invalid maxLength',
  },
  {
    name: 'a long text counted a thousand times',
    schema: { allOf: times(1000, (i) => ({ maxLength: 100_000 + i })) },
    body: text('\u{1F600}'.repeat(60_000)),
    verdict: 'skipped too_large',
    slow: true,
  },
  ...['a', 'a.', '-', '(', ':', '%', '%41', '0'].map((piece) => ({
    name: `what asks for ${FORMATS.length} formats, of ${piece}${piece}${piece}…`,
    schema: list({ allOf: FORMATS.map((format) => ({ anyOf: [{ type: 'string', format }, true] })) }),
    body: fill(text(`http://${piece.repeat(LONG / piece.length - 10)}!`)),
    verdict: 'valid',
  })),

  // ---------------------------------------------------------------- patterns
  {
    name: 'a pattern for ever, one text',
    schema: { type: 'string', pattern: '^(a+)+$' },
    body: text(`${'a'.repeat(LIMIT - 10)}!`),
    verdict: 'invalid pattern',
    slow: true,
  },
  {
    name: 'a pattern for ever, many texts',
    schema: list({ type: 'string', pattern: '^(a+)+$' }),
    body: fill(text(`${'a'.repeat(30)}!`)),
    verdict: 'invalid pattern',
  },
  {
    name: 'alternatives that overlap',
    schema: list({ type: 'string', pattern: '^(a|a|aa)+$' }),
    body: fill(text(`${'a'.repeat(200)}!`)),
    verdict: 'invalid pattern',
  },
  {
    name: 'a cubic pattern',
    schema: { type: 'string', pattern: '^a*a*a*b$' },
    body: text('a'.repeat(LIMIT - 2)),
    verdict: 'invalid pattern',
    slow: true,
  },
  {
    name: 'a square pattern, a long list',
    schema: list({ anyOf: [{ pattern: 'a*b' }, true] }),
    body: fill(text('a'.repeat(1400))),
    verdict: 'valid',
  },
  {
    name: 'a large pattern on the linear engine',
    schema: { type: 'string', pattern: `^(${times(200, (i) => `(a{1,3}b${i})*`).join('|')})+$` },
    body: text('a'.repeat(LIMIT - 2)),
    verdict: 'skipped too_large',
    slow: true,
  },
];
