import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Edit, applyEdits } from './edit.ts';

describe('edits', () => {
  test('are made one after the other; what is new in a mapping stands last, what is replaced keeps its place', () => {
    const before = { a: [1, 3], b: { c: null, d: true } };
    const after = applyEdits(before, [
      { op: 'add', path: ['a', 1], value: 2 },
      { op: 'add', path: ['a', 3], value: 4 },
      { op: 'replace', path: ['b', 'c'], value: {} },
      { op: 'add', path: ['b', 'c', 'new'], value: 'x' },
      { op: 'remove', path: ['a', 0] },
      { op: 'add', path: ['z'], value: [] },
    ]);
    expect(JSON.stringify(after)).toBe('{"a":[2,3,4],"b":{"c":{"new":"x"},"d":true},"z":[]}');
    expect(before).toEqual({ a: [1, 3], b: { c: null, d: true } });
  });

  test('add of a key that is there replaces it in its place (RFC 6902 §4.1)', () => {
    expect(JSON.stringify(applyEdits({ a: 1, b: 2 }, [{ op: 'add', path: ['a'], value: 3 }]))).toBe('{"a":3,"b":2}');
  });

  test('a key may be called like what every object has', () => {
    const value = JSON.parse('{"__proto__":{"a":1}}') as unknown;
    expect(JSON.stringify(applyEdits(value, [{ op: 'add', path: ['__proto__', 'b'], value: 2 }]))).toBe('{"__proto__":{"a":1,"b":2}}');
    expect(() => applyEdits({}, [{ op: 'remove', path: ['toString'] }])).toThrow('remove /toString: there is no key toString');
  });

  test.each([
    [{ op: 'remove', path: ['x'] }, 'remove /x: there is no key x'],
    [{ op: 'replace', path: ['x'], value: 1 }, 'replace /x: there is no key x'],
    [{ op: 'add', path: ['x', 'y'], value: 1 }, 'add /x/y: there is no key x'],
    [{ op: 'add', path: ['list', 2], value: 1 }, 'add /list/2: there is no item 2'],
    [{ op: 'replace', path: ['list', 1], value: 1 }, 'replace /list/1: there is no item 1'],
    [{ op: 'remove', path: ['list', -1] }, 'remove /list/-1: there is no item -1'],
    [{ op: 'add', path: ['list', '-'], value: 1 }, 'add /list/-: there is no item -'],
    [{ op: 'add', path: ['text', 'y'], value: 1 }, 'add /text/y: what stands above y is neither a mapping nor a list'],
    [{ op: 'replace', path: [], value: 1 }, 'replace /: the whole is not replaced'],
  ] satisfies [Edit, string][])('%j has no place to go', (edit, message) => {
    expect(() => applyEdits({ list: [0], text: 'x' }, [edit])).toThrow(message);
  });

  test('what was added and is removed again was never there', () => {
    fc.assert(
      fc.property(fc.array(fc.jsonValue()), fc.nat(), fc.jsonValue(), (list, at, value) => {
        const path = ['list', at % (list.length + 1)];
        const after = applyEdits({ list }, [
          { op: 'add', path, value },
          { op: 'remove', path },
        ]);
        expect(after).toStrictEqual({ list });
      }),
    );
  });
});
