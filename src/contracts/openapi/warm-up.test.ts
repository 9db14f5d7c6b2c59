import { afterEach, describe, expect, it, vi } from 'vitest';
import { Unit } from './schema/unit.ts';
import { api, contractOf, json, ok, request, say } from './testing.ts';

/** Schemas enough that most are not compiled when the contract has been loaded. */
const PATHS = Object.fromEntries(
  Array.from({ length: 100 }, (_, i) => [
    `/p${i}`,
    {
      post: {
        requestBody: { content: json({ type: 'object', properties: { a: { $ref: `#/components/schemas/S${i}` } } }) },
        responses: ok,
      },
    },
  ]),
);
const SCHEMAS = Object.fromEntries(Array.from({ length: 100 }, (_, i) => [`S${i}`, { type: 'object', required: [`r${i}`] }]));

const contract = () => contractOf(api(PATHS, { components: { schemas: SCHEMAS } }));

describe('the order of the warm-up', () => {
  afterEach(() => vi.restoreAllMocks());

  it('begins with what a message has met', async () => {
    const made = await contract();
    // Of this one only the head was looked at.
    const head = { method: 'POST', path: '/p80', query: '', headers: ['Content-Length', '0'] };
    made.operations.find(({ template }) => template === '/p80')?.checkRequestHead(head, new Map());
    expect(say(request(made, 'POST /p90', { body: '{"a":{"r90":1}}' }))).toBe('valid');
    const compiled: string[] = [];
    vi.spyOn(Unit.prototype, 'compile').mockImplementation(function (this: Unit) {
      compiled.push(this.place.pointer);
      return undefined;
    });
    made.warmUp();
    expect(compiled).toEqual(['/paths/~1p90/post/requestBody/content/application~1json/schema']);
  });

  it('comes to an end, with all of them compiled', async () => {
    const made = await contract();
    const compile = vi.spyOn(Unit.prototype, 'compile');
    let steps = 0;
    while (made.warmUp()) steps += 1;
    expect(steps).toBeGreaterThan(100);
    expect(new Set((compile.mock.contexts as Unit[]).map(({ place }) => place.pointer)).size).toBeGreaterThan(150);
    expect(made.warmUp()).toBe(false);
  });

  it('a message compiles one schema at most, however many it meets often', async () => {
    const made = await contractOf(
      api(
        {
          ...PATHS,
          '/list': {
            post: {
              requestBody: {
                content: json({ type: 'array', items: { anyOf: [98, 99].map((i) => ({ $ref: `#/components/schemas/S${i}` })) } }),
              },
              responses: ok,
            },
          },
        },
        { components: { schemas: SCHEMAS } },
      ),
    );
    const compile = vi.spyOn(Unit.prototype, 'compile');
    const body = JSON.stringify(Array.from({ length: 500 }, () => ({ r99: 1 })));
    for (let i = 0; i < 60; i++) {
      compile.mockClear();
      expect(say(request(made, 'POST /list', { body }))).toBe('valid');
      expect(compile.mock.calls.length).toBeLessThan(2);
    }
  });
});
