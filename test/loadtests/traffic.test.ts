import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Ask, fill, parseTraffic, wheelOf } from '../../loadtests/lib/traffic.ts';

const FOLDER = join(import.meta.dirname, '../../loadtests/traffic');

test.each(readdirSync(FOLDER))('%s can be read, and sends the same to everybody', (file) => {
  const asks = parseTraffic(file, readFileSync(join(FOLDER, file), 'utf8'));
  expect(asks.length).toBeGreaterThan(0);
  expect(new Set(asks.map(({ name }) => name)).size).toBe(asks.length);
});

test('what is left out has its usual value, and JSON its media type unless another is said', () => {
  const text = JSON.stringify([
    { name: 'a', path: '/a' },
    { name: 'b', path: '/b', method: 'PUT', json: { x: 1 }, headers: { 'Content-Type': 'text/json' }, status: [200, 204] },
    { name: 'c', path: '/c', json: null },
  ]);
  expect(parseTraffic('f.json', text)).toEqual([
    { name: 'a', weight: 1, method: 'GET', path: '/a', headers: {}, body: null, status: [200], operation: '', breaks: [] },
    {
      name: 'b',
      weight: 1,
      method: 'PUT',
      path: '/b',
      headers: { 'content-type': 'text/json' },
      body: '{"x":1}',
      status: [200, 204],
      operation: '',
      breaks: [],
    },
    expect.objectContaining({ body: 'null', headers: { 'content-type': 'application/json' } }),
  ]);
});

test.each([
  ['{', 'f.json: '],
  ['{}', 'f.json: a list of requests is needed'],
  ['[]', 'f.json: a list of requests is needed'],
  ['[1]', 'f.json: entry 1: an object is needed'],
  ['[{"name":"a","path":"/a"},{"name":"b","path":"b"}]', 'f.json: entry 2: path begins with /'],
  ['[{"path":"/a"}]', 'name is missing'],
  ['[{"name":"a","path":"/a","weight":0}]', 'weight is a whole number from 1 to 1000'],
  ['[{"name":"a","path":"/a","status":[]}]', 'status is a list of codes'],
  ['[{"name":"a","path":"/a","status":["200"]}]', 'status is a list of codes'],
  ['[{"name":"a","path":"/a","method":"get"}]', 'method is in capitals'],
  ['[{"name":"a","path":"/a","headers":{"x":1}}]', 'headers.x is a text'],
  ['[{"name":"a","path":"/a","header":{}}]', 'header is not known; there are name, weight'],
  [
    '[{"name":"a","path":"/a","breaks":[{"operation":"a","side":"both","location":"body","rule":"type"}]}]',
    'breaks.side is request or response',
  ],
  ['[{"name":"a","path":"/a","breaks":[{"operation":"a","side":"request","location":"body"}]}]', 'breaks.rule is a text'],
])('what is wrong is named with its place: %s', (text, message) => expect(() => parseTraffic('f.json', text)).toThrow(message));

const ask = (name: string, weight: number, more: Partial<Ask> = {}): Ask => ({
  name,
  weight,
  method: 'GET',
  path: '/',
  headers: {},
  body: null,
  status: [200],
  operation: '',
  breaks: [],
  ...more,
});

test('one unique text goes into every place that is marked', () => {
  const marked = ask('a', 1, { path: '/a/{unique}?b={unique}', headers: { k: 'x-{unique}' }, body: '{"c":"{unique}"}' });
  expect(fill(marked, '7')).toEqual({ path: '/a/7?b=7', headers: { k: 'x-7' }, body: '{"c":"7"}' });
  expect(fill(ask('b', 1), '7').body).toBe(null);
});

test('a turn of the wheel has each request as often as its weight says, spread over it', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 6 }), (weights) => {
      const wheel = wheelOf(weights.map((weight, i) => ask(String(i), weight)));
      weights.forEach((weight, i) => {
        expect(wheel.filter(({ name }) => name === String(i))).toHaveLength(weight);
      });
      // Any half of it has about half of the heaviest, never all of it in a row.
      const half = wheel.slice(0, Math.ceil(wheel.length / 2));
      weights.forEach((weight, i) => {
        const there = half.filter(({ name }) => name === String(i)).length;
        expect(Math.abs(there - weight / 2)).toBeLessThanOrEqual(weights.length);
      });
    }),
  );
  expect(wheelOf([ask('a', 2), ask('b', 1)]).map(({ name }) => name)).toEqual(['a', 'b', 'a']);
  expect(() => wheelOf(Array.from({ length: 11 }, (_, i) => ask(String(i), 1000)))).toThrow('the weights add up to 11000');
});
