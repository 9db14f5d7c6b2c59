import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findJsonFault } from './json-fault.ts';
import { parse } from './parse.ts';
import { locate } from './position.ts';

describe('parse', () => {
  it.each<readonly [uri: string, text: string, value: unknown]>([
    ['a.json', '\ufeff{"a": 1}'.slice(1), { a: 1 }],
    ['a.yaml', '{"a": 1}', { a: 1 }],
    ['a.yaml', '{a: 1}', { a: 1 }],
    ['a', '200: yes\nd: 2026-01-01', { 200: 'yes', d: '2026-01-01' }],
    ['a.yaml', 'a: &x [1]\nb: *x', { a: [1], b: [1] }],
  ])('%s %s', (uri, text, value) => {
    expect(parse(uri, text)).toMatchObject({ ok: true, value });
  });

  it('keeps a key __proto__ a key', () => {
    for (const [uri, text] of [
      ['a.json', '{"__proto__": {"x": 1}}'],
      ['a.yaml', '__proto__: { x: 1 }'],
    ] as const) {
      const parsed = parse(uri, text);
      expect(parsed.ok && Object.keys(parsed.value as object)).toEqual(['__proto__']);
      expect(({} as { x?: number }).x).toBeUndefined();
    }
  });

  it('refuses more aliases than anyone writes', () => {
    const text = `a: &a 1\nb: [${'*a,'.repeat(30_000)}]`;
    expect(parse('a.yaml', text)).toMatchObject({ ok: false });
  });
});

describe('where JSON is broken', () => {
  it.each<readonly [text: string, offset: number]>([
    ['', 0],
    ['{', 1],
    ['{"a":1,}', 7],
    ['{"a" 1}', 5],
    ['[1 2]', 3],
    ['[1,]', 3],
    ["{'a':1}", 1],
    ['{} x', 3],
    ['[tru]', 1],
    ['["a\nb"]', 1],
    ['{"a":[{"b":}]}', 11],
  ])('%j', (text, offset) => {
    expect(() => JSON.parse(text)).toThrow();
    expect(findJsonFault(text).offset).toBe(offset);
  });

  it('finds a place in any text that JSON.parse refuses', () => {
    fc.assert(
      fc.property(fc.json(), fc.nat(), fc.constantFrom('', '}', ',', '"', '\n', 'x'), (text, at, put) => {
        const broken = text.slice(0, at % (text.length + 1)) + put + text.slice((at % (text.length + 1)) + 1);
        let valid = true;
        try {
          JSON.parse(broken);
        } catch {
          valid = false;
        }
        fc.pre(!valid);
        const { offset } = findJsonFault(broken);
        expect(offset).toBeGreaterThanOrEqual(0);
        expect(offset).toBeLessThanOrEqual(broken.length);
      }),
    );
  });
});

describe('where a pointer stands', () => {
  const yaml = 'a:\n  - b: 1\n    c: [x, {d: 2}]\n? z\n: q: 5\nlast:\n    k: v\n';
  const json = '{ "a" : [ {"b":1,"c":["x\\"]",{"d":2}]} ],\n "z": {"q": {}},\n "last": {"k":"v"}}';
  it.each<readonly [pointer: string, inYaml: string, inJson: string]>([
    ['', '1:1', '1:1'],
    ['/a', '1:1', '1:3'],
    ['/a/0', '2:5', '1:11'],
    ['/a/0/c/1/d', '3:13', '1:31'],
    ['/z/q', '5:3', '2:8'],
    ['/last/k', '7:5', '3:11'],
    ['/last/none/x', '6:1', '3:2'],
    ['/none', '1:1', '1:1'],
  ])('%s', (pointer, inYaml, inJson) => {
    const [y] = locate(yaml, 'yaml', [pointer]);
    const [j] = locate(json, 'json', [pointer]);
    expect(`${y?.line}:${y?.column}`).toBe(inYaml);
    expect(`${j?.line}:${j?.column}`).toBe(inJson);
  });

  it('of every member of any JSON is where its name is written', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue(), { minKeys: 1 }), (object) => {
        const text = JSON.stringify(object, null, 2);
        const keys = Object.keys(object);
        const pointers = keys.map((key) => `/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`);
        const lines = text.split('\n');
        locate(text, 'json', pointers).forEach(({ line, column }, i) => {
          expect(lines[line - 1]?.slice(column - 1).startsWith(JSON.stringify(keys[i]))).toBe(true);
        });
      }),
    );
  });
});
