import { describe, expect, it } from 'vitest';
import type { Operation } from '../../../core/contract.ts';
import { ParsedBody } from '../../../core/parsed-body.ts';
import { api, contractOf, json, ok } from '../testing.ts';
import { distinctShapes, tables } from './testing.ts';

const REQUEST = { method: 'POST', path: '/x', query: '', headers: ['Content-Type', 'application/json'] };
const open = {
  type: 'object',
  properties: { a: {}, next: { $ref: '#/components/schemas/Open' }, list: { items: { $ref: '#/components/schemas/Open' } } },
};

async function look(schema: unknown = { $ref: '#/components/schemas/Open' }) {
  const { operations } = await contractOf(
    api({ '/x': { post: { requestBody: { content: json(schema) }, responses: ok } } }, { components: { schemas: { Open: open } } }),
  );
  const { driftParts } = operations[0] as Operation;
  return (text: string) => {
    const bytes = Buffer.from(text);
    const body = new ParsedBody([bytes], bytes.length);
    // Reading it is the validator's.
    body.json();
    const from = process.threadCpuUsage();
    const drift = driftParts?.inBody(REQUEST, undefined, body) ?? [];
    const { user, system } = process.threadCpuUsage(from);
    return { drift, ms: (user + system) / 1000 };
  };
}

describe('bodies that are made to hurt', () => {
  it.each<readonly [title: string, text: string, told: number]>([
    ['deep', `${'{"next":'.repeat(5000)}{"x":1}${'}'.repeat(5000)}`, 0],
    [
      '10,000 distinct members',
      JSON.stringify(Object.fromEntries(Array.from({ length: 10_000 }, (_, i) => [`m${i.toString(36)}q`, 1]))),
      50,
    ],
    ['wide', JSON.stringify({ list: Array.from({ length: 100_000 }, () => ({ a: 1, x: 1 })) }), 1],
    [
      'many strangers in many items',
      JSON.stringify({
        list: Array.from({ length: 4000 }, () =>
          Object.fromEntries(Array.from({ length: 49 }, (_, i) => [`s${String.fromCharCode(97 + (i % 26))}${i}`, 1])),
        ),
      }),
      49,
    ],
    ['the same name again and again', `{${'"x":1,'.repeat(50_000)}"a":1}`, 1],
    ['names of a megabyte', JSON.stringify({ ['x'.repeat(1_000_000)]: 1 }), 1],
    ['a value of a megabyte', JSON.stringify({ x: 'a@'.repeat(500_000) }), 1],
  ])('%s', async (_, text, told) => {
    const of = await look();
    of(text);
    const { drift, ms } = of(text);
    expect(drift).toHaveLength(told);
    expect(ms).toBeLessThan(50);
  });

  it('what is nested deeper than two hundred levels is not looked into', async () => {
    const of = await look();
    const told = (depth: number) => of(`${'{"next":'.repeat(depth)}{"x":1}${'}'.repeat(depth)}`).drift.length;
    expect([told(190), told(300)]).toEqual([1, 0]);
  });

  it('patterns that cost much end the look', async () => {
    const patternProperties = Object.fromEntries(Array.from({ length: 50 }, (_, i) => [`^(a|b|${i})*c$`, {}]));
    const of = await look({ properties: { a: {} }, patternProperties });
    const { ms } = of(JSON.stringify(Object.fromEntries(Array.from({ length: 5000 }, (_, i) => [`${'ab'.repeat(100)}${i}`, 1]))));
    expect(ms).toBeLessThan(50);
  });
});

describe('what is kept', () => {
  it('is bounded with many distinct shapes, and everything is still told (a million of them: shapes.long.test.ts)', async () => {
    const { states, ...made } = await distinctShapes(20_000, 1000);
    expect(made).toEqual({ untold: 0, mostKept: 1000 });
    expect(states.size.states).toBe(4);
  });

  it('below a value that would need more tables nothing is looked for', async () => {
    const below = Array.from({ length: 20 }, (_, i) => [`p${i}`, { properties: { a: {} } }]);
    const { states, walk, start } = await tables({ properties: Object.fromEntries(below) }, { states: 10, kept: 1000 });
    const value = Object.fromEntries(below.map(([name]) => [name, { x: 1 }]));
    expect(walk.look({ side: 'request' }, start, value)).toHaveLength(9);
    expect(states.size.states).toBe(10);
  });
});
