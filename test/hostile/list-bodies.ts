import { type HostileBody, distinct, fill, list, text, times } from './body-parts.ts';

/** `levels` of two alike alternatives in each other. */
function doubled(keyword: string, levels: number): unknown {
  return times(levels, () => keyword).reduce<unknown>((inner, each) => ({ [each]: [inner, inner] }), { type: 'boolean' });
}

/** Long lists, and alternatives of alternatives. */
export const LIST_BODIES: readonly HostileBody[] = [
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
