/** JSON bodies that are written to take long, and schemas that help them. As large as what is judged on the event loop. */

const LIMIT = 256 * 1024;

export interface HostileBody {
  readonly name: string;
  readonly schema: unknown;
  /** Text, or bytes that are no text. */
  readonly body: string | Uint8Array;
  /** What it comes to: `valid`, `invalid RULE`, `skipped REASON`. Before its schema is compiled the event loop may leave it to the worker. */
  readonly verdict: string;
  /** It is left to the worker even then. */
  readonly slow?: true;
}

const fill = (one: string, open = '[', close = ']'): string =>
  open +
  Array<string>(Math.floor((LIMIT - 2) / (Buffer.byteLength(one) + 1)))
    .fill(one)
    .join(',') +
  close;

/** As many as fit, each another. */
function distinct(one: (i: number) => string, open = '[', close = ']'): string {
  const parts: string[] = [];
  for (let i = 0, length = 2; ; i++) {
    const part = one(i);
    length += part.length + 1;
    if (length > LIMIT) return open + parts.join(',') + close;
    parts.push(part);
  }
}

const text = (value: string): string => JSON.stringify(value);
const list = (items: unknown, more: object = {}): object => ({ type: 'array', items, ...more });
const times = <T>(n: number, make: (i: number) => T): T[] => Array.from({ length: n }, (_, i) => make(i));

/** `levels` of two alike alternatives in each other. */
function doubled(keyword: string, levels: number): unknown {
  return times(levels, () => keyword).reduce<unknown>((inner, each) => ({ [each]: [inner, inner] }), { type: 'boolean' });
}

export const COMPONENTS = {
  schemas: {
    Integer: { type: 'integer' },
    Tree: { type: 'object', properties: { child: { $ref: '#/components/schemas/Tree' } } },
    Lists: { type: 'array', items: { $ref: '#/components/schemas/Lists' } },
    // At each level two ways that both go down: 2^depth, if nobody counts.
    Ways: {
      anyOf: [
        { type: 'object', required: ['never'], properties: { a: { $ref: '#/components/schemas/Ways' } } },
        { type: 'object', properties: { a: { $ref: '#/components/schemas/Ways' } }, minProperties: 2 },
        { type: 'string' },
      ],
    },
    ...Object.fromEntries(
      times(200, (i) => [`Kind${i}`, { type: 'object', properties: { kind: { const: `k${i}` } }, required: ['kind'] }]),
    ),
  },
};

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

export const BODIES: readonly HostileBody[] = [
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
  },
  {
    name: 'decimals to be divided',
    schema: list({ type: 'number', multipleOf: 0.00001 }),
    body: fill('123456789.12345'),
    verdict: 'valid',
  },
  {
    name: 'numbers of 400 digits to be compared',
    schema: list({ type: 'number', maximum: 5, multipleOf: 7 }),
    body: fill('9'.repeat(400)),
    verdict: 'invalid maximum',
  },
  { name: 'numbers of 400 digits in an enum', schema: list({ enum: [1, 2, 3] }), body: fill('9'.repeat(400)), verdict: 'invalid enum' },

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

  // ---------------------------------------------------------------- lists
  { name: 'unlike numbers', schema: { type: 'array', uniqueItems: true }, body: distinct(String), verdict: 'valid' },
  { name: 'unlike objects', schema: { type: 'array', uniqueItems: true }, body: distinct((i) => `{"a":${i}}`), verdict: 'valid' },
  {
    name: 'an enum of 5,000, and each item its last',
    schema: list({ enum: times(5000, (i) => `v${i}`) }),
    body: fill('"v4999"'),
    verdict: 'valid',
  },
  {
    name: 'an enum of 2,000 objects, and each item its last',
    schema: list({ enum: times(2000, (a) => ({ a, b: [1] })) }),
    body: fill('{"a":1999,"b":[1]}'),
    verdict: 'valid',
  },
  {
    name: 'an enum of a hundred texts that begin alike',
    schema: list({ enum: times(100, (i) => `${'x'.repeat(200)}${i}`) }),
    body: fill(text('x'.repeat(200))),
    verdict: 'invalid enum',
  },
  {
    name: 'contains, and nothing is',
    schema: { type: 'array', contains: { type: 'string', minLength: 3 } },
    body: fill('"a"'),
    verdict: 'invalid contains',
    slow: true,
  },
  {
    name: 'contains a thousand alternatives',
    schema: { type: 'array', contains: { anyOf: times(1000, (i) => ({ const: `c${i}` })) } },
    body: fill('0'),
    verdict: 'skipped too_large',
    slow: true,
  },
  {
    name: 'items unevaluated',
    schema: { type: 'array', prefixItems: [{}], unevaluatedItems: { type: 'integer' } },
    body: fill('1'),
    verdict: 'valid',
    slow: true,
  },
  {
    name: 'objects that keep count of what was looked at',
    schema: list({ type: 'object', allOf: [{ properties: { a: {} } }], unevaluatedProperties: false }),
    body: fill('{"a":1}'),
    verdict: 'valid',
    slow: true,
  },
  {
    name: 'faults without end',
    schema: list({ type: 'object', required: times(100, (i) => `r${i}`) }),
    body: fill('{}'),
    verdict: 'invalid required',
  },

  // ---------------------------------------------------------------- alternatives
  { name: 'all of two, fourteen levels', schema: doubled('allOf', 14), body: '1', verdict: 'skipped no_schema' },
  { name: 'any of two, fourteen levels', schema: doubled('anyOf', 14), body: '1', verdict: 'skipped no_schema' },
  { name: 'one of two, ten levels', schema: doubled('oneOf', 10), body: 'true', verdict: 'invalid oneOf' },
  {
    name: 'ways that double at each level',
    schema: { $ref: '#/components/schemas/Ways' },
    body: `${'{"a":'.repeat(200)}1${'}'.repeat(200)}`,
    verdict: 'skipped too_large',
    slow: true,
  },
  {
    name: 'one of two hundred kinds, and each item the last',
    schema: list({ oneOf: times(200, (i) => ({ $ref: `#/components/schemas/Kind${i}` })) }),
    body: fill('{"kind":"k199"}'),
    verdict: 'skipped too_large',
    slow: true,
  },
  {
    name: 'one of two hundred kinds, written out',
    schema: list({ oneOf: times(200, (i) => ({ properties: { kind: { const: `k${i}` } } })) }),
    body: fill('{"kind":"k199"}'),
    verdict: 'skipped too_large',
    slow: true,
  },
  {
    name: 'all of two hundred',
    schema: list({ allOf: times(200, (i) => ({ properties: { [`p${i}`]: { type: 'string' } } })) }),
    body: fill('{}'),
    verdict: 'skipped too_large',
    slow: true,
  },
  {
    name: 'alternatives of alternatives of numbers',
    schema: list({ anyOf: times(30, (i) => ({ allOf: [{ minimum: i }, { maximum: i }] })) }),
    body: fill('29'),
    verdict: 'valid',
    slow: true,
  },
];
