import { describe, expect, it } from 'vitest';
import { api, contractOf, ok, request, say } from '../testing.ts';
import { type Declared, integer, judge, list, object, query } from './testing.ts';

describe('objects that are spread over the query', () => {
  const paging = { type: 'object', properties: { page: { type: 'integer' }, sort: { type: 'array', items: { type: 'string' } } } };
  const free = { type: 'object', additionalProperties: { type: 'integer' } };
  it.each<readonly [title: string, declared: Declared, target: string, said: string]>([
    ['a stranger beside an open object', query({ ...paging, maxProperties: 1 }), '/x?page=1&z=1', 'valid'],
    ['a stranger beside a closed object', query({ ...paging, additionalProperties: false }), '/x?page=1&z=1', 'valid'],
    ['a member of a free form', query(free), '/x?z=a', 'type query /q/z'],
    ['free form beside a parameter', { parameters: [...query(free).parameters, { name: 'z', in: 'query' }] }, '/x?z=a', 'valid'],
    ['a list within it', query(paging), '/x?page=1&sort=a', 'skipped unsupported'],
    ['a name twice', query(paging), '/x?page=1&page=2', 'parameter_format query /q/page'],
    ['no members, required', query({ ...paging, required: ['page'] }, { required: true }), '/x', 'parameter_required query /q'],
    ['no members, though it may be empty', query(paging, { required: true }), '/x', 'valid'],
    [
      'two that take strangers',
      { parameters: [...query(free).parameters, { name: 'r', in: 'query', schema: paging }] },
      '/x?z=a',
      'skipped unsupported',
    ],
  ])('%s', async (_, declared, target, said) => {
    expect(await judge(declared, target)).toBe(said);
  });
});

describe('values that may be read in several ways', () => {
  const either = {
    anyOf: [
      { type: 'integer', maximum: 5 },
      { type: 'string', minLength: 3 },
    ],
  };
  it.each<readonly [title: string, declared: Declared, target: string, said: string]>([
    ['every mixture of items', query({ type: 'array', items: either }), '/x?q=1&q=999&q=2', 'valid'],
    ['no mixture', query({ type: 'array', items: either }), '/x?q=1&q=99', 'maximum query /q/1'],
    ['more mixtures than are tried', query({ type: 'array', items: either }), `/x?${'q=1&q=999&'.repeat(10)}`, 'skipped unsupported'],
    ['items of a list without a type', query({ type: 'array', items: { minLength: 2 } }), '/x?q=a', 'minLength query /q/0'],
    [
      'a member that only a condition describes',
      query({ type: 'object', else: { properties: { a: { type: 'integer' } } }, if: false }),
      '/x?a=1',
      'valid',
    ],
  ])('%s', async (_, declared, target, said) => {
    expect(await judge(declared, target)).toBe(said);
  });
});

describe('what hostile senders send', () => {
  const many = (name: (i: number) => string): string => `/x?${Array.from({ length: 10_000 }, (_, i) => `${name(i)}=1`).join('&')}`;
  it.each<readonly [title: string, declared: Declared, target: string, said: string]>([
    ['ten thousand names', query(integer), many((i) => `n${i}`), 'valid'],
    ['ten thousand values', query(list), many(() => 'q'), 'skipped too_large'],
    [
      'ten thousand members',
      query({ type: 'object', additionalProperties: { type: 'integer' } }),
      many((i) => `n${i}`),
      'skipped too_large',
    ],
    ['ten thousand brackets', query(object, { style: 'deepObject' }), many((i) => `q[${i}]`), 'skipped too_large'],
    ['ten thousand opening brackets', query(object, { style: 'deepObject' }), `/x?q${'['.repeat(10_000)}=1`, 'skipped unsupported'],
    ['a long number', query(integer), `/x?q=${'9'.repeat(20_000)}`, 'skipped unsupported'],
  ])('%s', async (_, declared, target, said) => {
    const contract = await contractOf(api({ '/x': { get: { parameters: declared.parameters, responses: ok } } }));
    say(request(contract, 'GET /x?q=1'));
    const { user, system } = process.cpuUsage();
    expect(say(request(contract, `GET ${target}`))).toBe(said);
    // Of the processor's time: the machine may have other things to do.
    const used = process.cpuUsage();
    expect((used.user - user + used.system - system) / 1000).toBeLessThan(50);
  });
});
