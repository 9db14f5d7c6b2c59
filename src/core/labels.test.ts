import { describe, expect, it } from 'vitest';
import { methodLabel, statusClass } from './labels.ts';

describe('methodLabel', () => {
  it.each(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'CONNECT', 'QUERY'])('keeps %s', (method) => {
    expect(methodLabel(method)).toBe(method);
  });

  it.each(['get', 'PROPFIND', '', '__proto__', 'constructor', 'GET '])('folds %j', (method) => {
    expect(methodLabel(method)).toBe('_OTHER');
  });
});

describe('statusClass', () => {
  it.each([
    [100, '1xx'],
    [204, '2xx'],
    [299, '2xx'],
    [304, '3xx'],
    [499, '4xx'],
    [500, '5xx'],
    [599, '5xx'],
  ])('%i is %s', (status, expected) => {
    expect(statusClass(status)).toBe(expected);
  });

  it.each([0, 99, 600, 999, -1, Number.NaN, Number.POSITIVE_INFINITY])('takes the invalid status %d as 5xx', (status) => {
    expect(statusClass(status)).toBe('5xx');
  });
});
