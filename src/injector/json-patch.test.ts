import { expect, it } from 'vitest';
import { jsonPatch, jsonPointer } from './json-patch.ts';

it('edits are operations in their order', () => {
  expect(
    jsonPatch([
      { op: 'add', path: ['metadata', 'annotations', 'plumbline.dev/a~b'], value: null },
      { op: 'replace', path: ['spec', 'containers', 0, 'ports', 1, 'name'], value: 'http-app' },
      { op: 'remove', path: ['spec', 'a'] },
    ]),
  ).toEqual([
    { op: 'add', path: '/metadata/annotations/plumbline.dev~1a~0b', value: null },
    { op: 'replace', path: '/spec/containers/0/ports/1/name', value: 'http-app' },
    { op: 'remove', path: '/spec/a' },
  ]);
});

it('a pointer escapes the tilde first', () => {
  expect(jsonPointer(['~1', '/', ''])).toBe('/~01/~1/');
});

it('an operation that JSON would leave the value out of is a fault', () => {
  expect(() => jsonPatch([{ op: 'add', path: ['a'], value: undefined }])).toThrow('add /a: no value');
});
