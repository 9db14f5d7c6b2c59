/** Contract documents that are written to hang, to fill memory or to crash who reads them. */

export interface HostileDocument {
  readonly name: string;
  /** `.yaml`, `.json`: how it is read. */
  readonly file: string;
  readonly text: string;
  /** `loads`, or the code of the first error. */
  readonly outcome: string;
}

const HEAD = { openapi: '3.1.0', info: { title: 'Hostile', version: '1' } };
const times = <T>(n: number, make: (i: number) => T): T[] => Array.from({ length: n }, (_, i) => make(i));
const json = (schema: unknown): unknown => ({ content: { 'application/json': { schema } } });
const api = (paths: unknown, schemas: unknown = {}): string => JSON.stringify({ ...HEAD, paths, components: { schemas } });
const taking = (schema: unknown, schemas: unknown = {}): string =>
  api({ '/x': { post: { requestBody: json(schema), responses: { 200: { description: '' } } } } }, schemas);
const ref = (name: string): unknown => ({ $ref: `#/components/schemas/${name}` });

const YAML_HEAD = 'openapi: 3.1.0\ninfo: { title: Hostile, version: "1" }\npaths: {}\n';

/** Nine lists of nine times the list before: 9^`levels` values, if each is written out. */
function laughs(levels: number): string {
  const lines = times(levels, (i) => `  l${i + 1}: &l${i + 1} [${times(9, () => `*l${i}`).join(', ')}]`);
  return `${YAML_HEAD}x-laughs:\n  l0: &l0 [ha]\n${lines.join('\n')}\n`;
}

export const DOCUMENTS: readonly HostileDocument[] = [
  // ---------------------------------------------------------------- text
  { name: 'nothing', file: 'a.yaml', text: '', outcome: 'not_parsed' },
  { name: 'not what it says it is', file: 'a.json', text: YAML_HEAD, outcome: 'not_parsed' },
  { name: 'JSON of 100,000 brackets', file: 'a.json', text: `${'['.repeat(100_000)}${']'.repeat(100_000)}`, outcome: 'not_parsed' },
  { name: 'JSON of 100,000 brackets that are never closed', file: 'a.json', text: '['.repeat(100_000), outcome: 'not_parsed' },
  { name: 'YAML of 100,000 brackets', file: 'a.yaml', text: `a: ${'['.repeat(100_000)}${']'.repeat(100_000)}`, outcome: 'not_parsed' },
  { name: 'YAML of 2,000 indentations', file: 'a.yaml', text: times(2000, (i) => `${' '.repeat(i)}a:`).join('\n'), outcome: 'not_parsed' },
  { name: 'a billion laughs', file: 'a.yaml', text: laughs(9), outcome: 'loads' },
  { name: 'an alias of what it stands in', file: 'a.yaml', text: `${YAML_HEAD}x-self: &self { me: *self }\n`, outcome: 'loads' },
  {
    name: 'more aliases than anybody writes',
    file: 'a.yaml',
    text: `${YAML_HEAD}x-a: &a 1\nx-b: [${times(30_000, () => '*a').join()}]\n`,
    outcome: 'not_parsed',
  },
  {
    name: 'a key merged with a million',
    file: 'a.yaml',
    text: `${YAML_HEAD}x-m: &m { ${times(2000, (i) => `k${i}: 1`).join(', ')} }\nx-n: [${times(500, () => '{ <<: *m }').join()}]\n`,
    outcome: 'not_parsed',
  },
  { name: 'the same key twice', file: 'a.yaml', text: `${YAML_HEAD}paths: {}\n`, outcome: 'not_parsed' },
  { name: 'a key that is a mapping', file: 'a.yaml', text: `${YAML_HEAD}? { a: [b] }\n: c\n`, outcome: 'not_parsed' },
  {
    name: 'tags that make things',
    file: 'a.yaml',
    text: `${YAML_HEAD}x-f: !!js/function 'function(){ process.exit() }'\n`,
    outcome: 'not_parsed',
  },
  { name: 'a line of a million characters', file: 'a.yaml', text: `${YAML_HEAD}x-long: ${'a'.repeat(1_000_000)}\n`, outcome: 'loads' },
  {
    name: 'names that objects inherit',
    file: 'a.json',
    text: `{"openapi":"3.1.0","info":{"title":"","version":"1"},"paths":{"/x":{"get":{"responses":{"200":{"description":""}}}}},"__proto__":{"polluted":true},"components":{"schemas":{"__proto__":{"type":"string"},"constructor":{"type":"string"}}}}`,
    outcome: 'loads',
  },

  // ---------------------------------------------------------------- references
  { name: 'a schema that is itself', file: 'a.json', text: taking(ref('A'), { A: ref('A') }), outcome: 'loads' },
  { name: 'three schemas in a ring', file: 'a.json', text: taking(ref('A'), { A: ref('B'), B: ref('C'), C: ref('A') }), outcome: 'loads' },
  {
    name: 'a ring of allOf',
    file: 'a.json',
    text: taking(ref('A'), { A: { allOf: [ref('B')] }, B: { allOf: [ref('A')] } }),
    outcome: 'loads',
  },
  {
    name: 'a ring of anyOf and not',
    file: 'a.json',
    text: taking(ref('A'), { A: { anyOf: [{ not: ref('B') }] }, B: { oneOf: [ref('A')] } }),
    outcome: 'loads',
  },
  { name: 'a dynamic reference to itself', file: 'a.json', text: taking({ $dynamicAnchor: 'me', $dynamicRef: '#me' }), outcome: 'loads' },
  { name: 'a path that is itself', file: 'a.json', text: api({ '/x': { $ref: '#/paths/~1x' } }), outcome: 'circular_reference' },
  {
    name: 'paths in a ring',
    file: 'a.json',
    text: api({ '/x': { $ref: '#/paths/~1y' }, '/y': { $ref: '#/paths/~1x' } }),
    outcome: 'circular_reference',
  },
  {
    name: 'a response that is itself',
    file: 'a.json',
    text: JSON.stringify({
      ...HEAD,
      paths: { '/x': { get: { responses: { 200: { $ref: '#/components/responses/A' } } } } },
      components: { responses: { A: { $ref: '#/components/responses/A' } } },
    }),
    outcome: 'circular_reference',
  },
  {
    name: 'references through references',
    file: 'a.json',
    text: taking({ $ref: '#/components/schemas/A/properties/a/properties/a/properties/a' }, { A: { properties: { a: ref('A') } } }),
    outcome: 'loads',
  },
  {
    name: 'a chain of 5,000 references',
    file: 'a.json',
    text: taking(ref('S0'), Object.fromEntries(times(5001, (i) => [`S${i}`, i === 5000 ? { type: 'string' } : ref(`S${i + 1}`)]))),
    outcome: 'loads',
  },
  { name: 'a pointer of a megabyte', file: 'a.json', text: taking({ $ref: `#/${'a/'.repeat(500_000)}` }), outcome: 'unresolved_reference' },
  {
    name: 'a reference to every file there is',
    file: 'a.json',
    text: taking({ anyOf: times(2000, (i) => ({ $ref: `f${i}.json` })) }),
    outcome: 'file_unreadable',
  },
  {
    name: '$ids that are each relative to the last',
    file: 'a.json',
    text: taking(times(200, (i) => i).reduce<unknown>((inner, i) => ({ $id: `d${i}/`, properties: { a: inner } }), { type: 'string' })),
    outcome: 'loads',
  },

  // ---------------------------------------------------------------- size
  {
    name: 'a schema 5,000 deep',
    file: 'a.json',
    text: taking(times(5000, () => 0).reduce<unknown>((inner) => ({ items: inner }), {})),
    outcome: 'loads',
  },
  {
    name: 'allOf in allOf, 2^18 together',
    file: 'a.json',
    text: taking(
      ref('L18'),
      Object.fromEntries(times(19, (i) => [`L${i}`, i === 0 ? { type: 'string' } : { allOf: [ref(`L${i - 1}`), ref(`L${i - 1}`)] }])),
    ),
    outcome: 'loads',
  },
  {
    name: 'anyOf and readOnly, 2^18 together',
    file: 'a.json',
    text: taking(
      { ...(ref('L18') as object), required: ['a'] },
      Object.fromEntries(
        times(19, (i) => [
          `L${i}`,
          i === 0 ? { properties: { a: { readOnly: true } }, required: ['a'] } : { allOf: [ref(`L${i - 1}`), ref(`L${i - 1}`)] },
        ]),
      ),
    ),
    outcome: 'loads',
  },
  {
    name: '5,000 paths',
    file: 'a.json',
    text: api(
      Object.fromEntries(
        times(5000, (i) => [
          `/p${i}/{id}`,
          { get: { parameters: [{ name: 'id', in: 'path', required: true, schema: {} }], responses: { 200: { description: '' } } } },
        ]),
      ),
    ),
    outcome: 'loads',
  },
  {
    name: 'a path of 10,000 parameters',
    file: 'a.json',
    text: api({ [times(10_000, (i) => `/{p${i}}`).join('')]: { get: { responses: { 200: { description: '' } } } } }),
    outcome: 'bad_path',
  },
  {
    name: 'one segment of 2,000 parameters',
    file: 'a.json',
    text: api({
      [`/${times(2000, (i) => `{p${i}}`).join('-')}`]: {
        get: {
          parameters: times(2000, (i) => ({ name: `p${i}`, in: 'path', required: true, schema: {} })),
          responses: { 200: { description: '' } },
        },
      },
    }),
    outcome: 'bad_path',
  },
  {
    name: '10,000 parameters of one operation',
    file: 'a.json',
    text: api({
      '/x': {
        get: {
          parameters: times(10_000, (i) => ({ name: `p${i}`, in: 'query', schema: { type: 'integer' } })),
          responses: { 200: { description: '' } },
        },
      },
    }),
    outcome: 'bad_parameter',
  },
  {
    name: 'server variables that multiply',
    file: 'a.json',
    text: JSON.stringify({
      ...HEAD,
      servers: [
        {
          url: times(12, (i) => `/{v${i}}`).join(''),
          variables: Object.fromEntries(times(12, (i) => [`v${i}`, { default: 'a', enum: ['a', 'b', 'c', 'd'] }])),
        },
      ],
      paths: { '/x': { get: { responses: { 200: { description: '' } } } } },
    }),
    outcome: 'loads',
  },
  {
    name: '2,000 servers and 500 paths',
    file: 'a.json',
    text: JSON.stringify({
      ...HEAD,
      servers: times(2000, (i) => ({ url: `/s${i}` })),
      paths: Object.fromEntries(times(500, (i) => [`/p${i}`, { get: { responses: { 200: { description: '' } } } }])),
    }),
    outcome: 'bad_server',
  },
  { name: 'an enum of 200,000', file: 'a.json', text: taking({ enum: times(200_000, (i) => i) }), outcome: 'loads' },
  {
    name: '50,000 problems',
    file: 'a.json',
    text: taking({ properties: Object.fromEntries(times(50_000, (i) => [`p${i}`, { type: 'strange' }])) }),
    outcome: 'bad_schema',
  },

  // ---------------------------------------------------------------- patterns
  { name: 'a pattern that nobody can read', file: 'a.json', text: taking({ pattern: '(' }), outcome: 'bad_pattern' },
  { name: 'a pattern of a megabyte', file: 'a.json', text: taking({ pattern: 'a'.repeat(1_000_000) }), outcome: 'loads' },
  { name: 'a pattern 5,000 deep', file: 'a.json', text: taking({ pattern: `${'('.repeat(5000)}a${')'.repeat(5000)}` }), outcome: 'loads' },
  {
    name: 'repetitions of repetitions',
    file: 'a.json',
    text: taking({ pattern: '(((((a{1,100}){1,100}){1,100}){1,100}){1,100})' }),
    outcome: 'loads',
  },
  {
    name: 'a class of all there is, a thousand times',
    file: 'a.json',
    text: taking({ pattern: '[\\p{L}\\p{N}\\p{S}\\p{P}]{0,1000}'.repeat(20) }),
    outcome: 'loads',
  },
];
