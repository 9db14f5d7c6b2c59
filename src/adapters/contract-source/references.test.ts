import { describe, expect, it } from 'vitest';
import { resolveReference } from './references.ts';

const resolved = (base: string, ref: string, refs: 'files' | 'https', foundAt: readonly (readonly [string, string])[] = []): string =>
  resolveReference(base, ref, { refs, foundAt: new Map(foundAt) });

const API = 'https://a.example/v1/api.yaml';

describe('a reference', () => {
  it.each([
    ['/c/api.yaml', 'https://b.example/x.yaml', 'https://b.example/x.yaml'],
    [API, 'common.yaml', 'https://a.example/v1/common.yaml'],
    [API, '../x%20y.yaml?v=1', 'https://a.example/x%20y.yaml?v=1'],
    [API, '/etc/passwd', 'https://a.example/etc/passwd'],
    [API, 'https://b.example/x.yaml', 'https://b.example/x.yaml'],
    [API, '//b.example/x.yaml', 'https://b.example/x.yaml'],
    ['http://127.0.0.1:1/a.yaml', 'b.yaml', 'http://127.0.0.1:1/b.yaml'],
    ['http://127.0.0.1:1/a.yaml', 'https://b.example/x.yaml', 'https://b.example/x.yaml'],
  ])('in %s to %s leads to %s with `refs: https`', (base, ref, url) => {
    expect(resolved(base, ref, 'https')).toBe(url);
  });

  it('in what was fetched stays in its origin without', () => {
    expect(resolved(API, 'common.yaml', 'files')).toBe('https://a.example/v1/common.yaml');
    for (const ref of ['https://b.example/x.yaml', '//b.example/x', 'https://a.example:8443/x', 'http://a.example/x'])
      expect(() => resolved(API, ref, 'files')).toThrow(/refs: https|only files and https/);
    expect(() => resolved('/c/api.yaml', 'https://a.example/x', 'files')).toThrow(
      'remote references need `refs: https`: https://a.example/x',
    );
  });

  it.each([
    'file:///etc/passwd',
    'http://127.0.0.1/x',
    'http://b.example/x',
    'ftp://b.example/x',
    'data:text/plain,x',
    'https://u:p@b.example/x',
  ])('in what was fetched to %s is refused', (ref) => {
    expect(() => resolved(API, ref, 'https')).toThrow();
  });

  it('is relative to where a document was found', () => {
    const foundAt = [[API, 'https://cdn.example/2026/api.yaml']] as const;
    expect(resolved(API, 'x.yaml', 'files', foundAt)).toBe('https://cdn.example/2026/x.yaml');
  });
});
