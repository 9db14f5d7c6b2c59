/** For generated schemas and values the tables tell what a slow reading of the words tells: every way in which the value may be meant, one by one. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Operation } from '../../../core/contract.ts';
import { ParsedBody } from '../../../core/parsed-body.ts';
import { api, contractOf, json, ok } from '../testing.ts';

type Schema = Readonly<Record<string, unknown>>;
type Components = Readonly<Record<string, unknown>>;
/** Schemas of which all hold at once. */
type World = readonly Schema[];

const NAMES = ['a', 'b', 'c', 'd'];

/** Every way of choosing among alternatives, with all that holds in each; references followed. `above`: what a circle comes back to. */
function worlds(schema: unknown, all: Components, above: readonly unknown[] = []): World[] {
  if (typeof schema !== 'object' || schema === null || above.includes(schema)) return [[]];
  const s = schema as Schema;
  const below = [...above, s];
  const alternatives: World[][] = [[[s]]];
  if (typeof s.$ref === 'string') alternatives.push(worlds(all[s.$ref.split('/').at(-1) as string], all, below));
  for (const part of (s.allOf ?? []) as unknown[]) alternatives.push(worlds(part, all, below));
  for (const keyword of ['anyOf', 'oneOf'])
    if (s[keyword] !== undefined) alternatives.push((s[keyword] as unknown[]).flatMap((part) => worlds(part, all, below)));
  if (s.if !== undefined) alternatives.push([...both(worlds(s.if, all, below), worlds(s.then, all, below)), ...worlds(s.else, all, below)]);
  if (s.not !== undefined) alternatives.push([...worlds(s.not, all, below), []]);
  for (const part of Object.values((s.dependentSchemas ?? {}) as object)) alternatives.push([...worlds(part, all, below), []]);
  return alternatives.reduce(both);
}

function both(some: readonly World[], others: readonly World[]): World[] {
  return some.flatMap((one) => others.map((other) => [...new Set([...one, ...other])]));
}

/** Schemas of a member's value in a world; `unknown`: the world names members and not this one; `silent`: it names none. */
function inWorld(world: World, name: string): unknown[] | 'unknown' | 'silent' {
  const found: unknown[] = [];
  let knows = false;
  for (const s of world) {
    const properties = (s.properties ?? {}) as Schema;
    const patterns = Object.entries((s.patternProperties ?? {}) as Schema).filter(([pattern]) => new RegExp(pattern).test(name));
    found.push(...patterns.map(([, schema]) => schema));
    if (name in properties) found.push(properties[name]);
    knows ||= name in properties || patterns.length > 0;
    if (!(name in properties) && patterns.length === 0 && s.additionalProperties !== undefined && s.additionalProperties !== false) {
      knows = true;
      found.push(s.additionalProperties);
    }
    const mentioned = [...((s.required ?? []) as string[]), ...Object.keys((s.dependentSchemas ?? {}) as object)];
    knows ||= mentioned.includes(name);
  }
  if (knows) return found;
  return world.some((s) => Object.keys((s.properties ?? {}) as object).length > 0) ? 'unknown' : 'silent';
}

const fits = (world: World, type: string): boolean => world.every((s) => s.type === undefined || s.type === type);

/** Pointers of what nobody knows. `ways`: each with the schemas that all hold for the value. */
function tell(ways: ReadonlyArray<readonly unknown[]>, value: unknown, pointer: string, all: Components, told: Set<string>): void {
  const possible = ways.flatMap((schemas) => schemas.map((schema) => worlds(schema, all)).reduce<World[]>(both, [[]]));
  if (Array.isArray(value)) {
    const items = possible
      .filter((world) => fits(world, 'array'))
      .map((world) => world.flatMap((s) => (s.items === undefined ? [] : [s.items])));
    if (items.length > 0) for (const item of value) tell(items, item, `${pointer}/*`, all, told);
  } else if (typeof value === 'object' && value !== null) {
    const objects = possible.filter((world) => fits(world, 'object'));
    const names = new Set(
      possible.flatMap((world) =>
        world.flatMap((s) => [
          ...Object.keys((s.properties ?? {}) as object),
          ...((s.required ?? []) as string[]),
          ...Object.keys((s.dependentSchemas ?? {}) as object),
        ]),
      ),
    );
    for (const [name, member] of Object.entries(value)) {
      const says = objects.map((world) => inWorld(world, name));
      const known = says.filter((one) => typeof one === 'object');
      const at = `${pointer}/${names.has(name) ? name : '*'}`;
      if (known.length > 0) tell([...known, ...(says.includes('silent') ? [[]] : [])], member, at, all, told);
      else if (
        says.length > 0 &&
        says.every((one) => one === 'unknown') &&
        !objects.every((world) => world.some((s) => s.additionalProperties === false))
      )
        told.add(`${pointer}/${name}`);
    }
  }
}

/** `branches`: alternatives of one schema. With several the tables may say less: they do not know which choices go together. */
function schemas(branches: 'one' | 'several'): fc.Arbitrary<unknown> {
  return fc.letrec<{ schema: unknown }>((tie) => {
    const below = fc.oneof(
      { weight: 4, arbitrary: tie('schema') },
      { weight: 1, arbitrary: fc.constantFrom({ $ref: '#/components/schemas/Root' }, { $ref: '#/components/schemas/Leaf' }) },
    );
    const name = fc.constantFrom(...NAMES);
    const some = fc.array(below, { minLength: 1, maxLength: 3 });
    const properties = fc.dictionary(name, below, { maxKeys: 2 });
    const plain = fc.record(
      {
        type: fc.constantFrom('object', 'object', 'array', 'string'),
        properties,
        patternProperties: fc.dictionary(fc.constantFrom('^[ab]$', '^c'), below, { maxKeys: 1 }),
        additionalProperties: fc.oneof(fc.boolean(), below),
        required: fc.uniqueArray(name, { maxLength: 1 }),
        items: below,
      },
      { requiredKeys: [] },
    );
    const branch: readonly fc.Arbitrary<unknown>[] = [
      fc.record({ anyOf: some }),
      fc.record({ oneOf: some }),
      // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
      fc.record({ if: below, then: below, else: below }, { requiredKeys: ['if'] }),
      fc.record({ not: below }),
      fc.record({ dependentSchemas: fc.dictionary(name, below, { minKeys: 1, maxKeys: 1 }) }),
      ...(branches === 'several'
        ? [fc.record({ allOf: some, anyOf: some, dependentSchemas: fc.dictionary(name, below, { maxKeys: 1 }) }, { requiredKeys: [] })]
        : []),
    ];
    return {
      schema: fc.oneof(
        { depthSize: 'small', withCrossShrink: true },
        fc.boolean(),
        fc.record({ properties }),
        plain,
        fc.tuple(fc.record({ properties }, { requiredKeys: [] }), fc.oneof(...branch)).map(([a, b]) => ({ ...a, ...(b as object) })),
      ),
    };
  }).schema;
}

const value = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constantFrom<unknown>(1, 'x', null),
    fc.dictionary(fc.constantFrom(...NAMES, 'e'), tie('value'), { maxKeys: 4, noNullPrototype: true }),
    fc.array(tie('value'), { maxLength: 2 }),
  ),
})).value;

const values = fc.array(value, { minLength: 8, maxLength: 8 });
const HEADERS = ['Content-Type', 'application/json'];

async function told(root: unknown): Promise<{ fast: (of: unknown) => string[]; slow: (of: unknown) => Set<string> }> {
  const components = { schemas: { Root: root, Leaf: { properties: { a: { type: 'string' } } } } };
  const schema = { $ref: '#/components/schemas/Root' };
  const { operations } = await contractOf(
    api({ '/x': { post: { requestBody: { content: json(schema) }, responses: ok } } }, { components }),
  );
  const { driftParts } = operations[0] as Operation;
  const fast = (of: unknown): string[] => {
    const bytes = Buffer.from(JSON.stringify(of));
    const drift = driftParts?.inBody(
      { method: 'POST', path: '/x', query: '', headers: HEADERS },
      undefined,
      new ParsedBody([bytes], bytes.length),
    );
    return (drift ?? []).map(({ pointer }) => pointer);
  };
  const slow = (of: unknown): Set<string> => {
    const found = new Set<string>();
    tell([[schema]], of, '', components.schemas, found);
    return found;
  };
  return { fast, slow };
}

/** The last member of each pointer: what is told has the pointer under which it was first seen. */
const names = (pointers: Iterable<string>): Set<string> =>
  new Set([...pointers].map((pointer) => pointer.slice(pointer.lastIndexOf('/') + 1)));

describe('a second opinion on what a document does not know', () => {
  it('tells the same where one schema has one set of alternatives', async () => {
    const seen = { some: 0, none: 0 };
    await fc.assert(
      fc.asyncProperty(schemas('one'), values, async (schema, all) => {
        const { fast, slow } = await told(schema);
        for (const [i, of] of all.entries()) {
          const [found, right] = [fast(of), slow(of)];
          seen[right.size > 0 ? 'some' : 'none'] += 1;
          if (i === 0)
            expect(
              found.filter((pointer) => !right.has(pointer)),
              JSON.stringify(of),
            ).toEqual([]);
          expect(names(found), JSON.stringify(of)).toEqual(names(right));
        }
      }),
      { numRuns: 200 },
    );
    expect(Math.min(seen.some, seen.none)).toBeGreaterThan(50);
  });

  it('tells nothing else where there are more', async () => {
    let some = 0;
    await fc.assert(
      fc.asyncProperty(schemas('several'), values, async (schema, all) => {
        const { fast, slow } = await told(schema);
        for (const of of all) {
          const [found, right] = [names(fast(of)), names(slow(of))];
          some += found.size;
          expect(
            [...found].filter((name) => !right.has(name)),
            JSON.stringify(of),
          ).toEqual([]);
        }
      }),
      { numRuns: 120 },
    );
    expect(some).toBeGreaterThan(30);
  });
});
