import { describe, expect, it } from 'vitest';
import { isPlainJson, keyOfValue, parsePointer, valueAt } from './body-key.ts';
import { INVALID } from './key.ts';

const at = (document: unknown, pointer: string): unknown => valueAt(document, parsePointer(pointer));

describe('the key in a body', () => {
  it.each([
    ['/id', 1],
    ['/a~1b', 2],
    ['/m~0n', 3],
    ['/~01', 4],
    ['/list/1/id', 5],
    ['/', 6],
    ['/no', undefined],
    ['/list/01/id', undefined],
    ['/list/2/id', undefined],
    ['/list/-', undefined],
    ['/list/length', undefined],
    ['/id/toString', undefined],
    ['/constructor', undefined],
    ['/__proto__', undefined],
    ['/text/0', undefined],
    ['/nothing/x', undefined],
  ])('ID-1: %s leads to %s (RFC 6901)', (pointer, value) => {
    const document = { id: 1, 'a/b': 2, 'm~n': 3, '~1': 4, list: [{}, { id: 5 }], '': 6, text: 'abc', nothing: null };
    expect(at(document, pointer)).toBe(value);
  });

  it.each([
    ['order-1', 'order-1'],
    ['zwei Wörter', 'zwei Wörter'],
    [42, '42'],
    [-1, '-1'],
    [0, '0'],
    [Number.MAX_SAFE_INTEGER, '9007199254740991'],
    ['', undefined],
    [null, undefined],
    [undefined, undefined],
    [1.5, INVALID],
    [Number.MAX_SAFE_INTEGER + 1, INVALID],
    [1e300, INVALID],
    [true, INVALID],
    [{}, INVALID],
    [['a'], INVALID],
    ['x'.repeat(255), 'x'.repeat(255)],
    ['x'.repeat(256), INVALID],
    ['\ud83d\ude00', '\ud83d\ude00'],
    ['\ud800', INVALID],
  ])('ID-1: the value %j is the key %s', (value, key) => {
    expect(keyOfValue(value)).toBe(key);
  });

  it.each([
    [['Content-Type', 'application/json'], true],
    [['Content-Type', ' Application/JSON ; charset=utf-8'], true],
    [['Content-Type', 'application/merge-patch+json'], true],
    [['Content-Type', 'application/json', 'Content-Encoding', 'identity'], true],
    [['Content-Type', 'application/json', 'Content-Encoding', 'gzip'], false],
    [['Content-Type', 'application/jsonp'], false],
    [['Content-Type', 'text/plain'], false],
    [[], false],
  ])('is looked for with %j: %s', (headers, looked) => {
    expect(isPlainJson(headers)).toBe(looked);
  });
});
