import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { splitDocuments } from './documents.ts';

const texts = (stream: string): string[] => splitDocuments(stream).map(({ text }) => text);

test('each document has the marker that begins it, and what leads to it', () => {
  expect(texts('a: 1\n---\nb: 2\n')).toEqual(['a: 1\n', '---\nb: 2\n']);
  expect(texts('---\na: 1\n---\nb: 2')).toEqual(['---\na: 1\n', '---\nb: 2']);
  expect(texts('# c\n\n%YAML 1.2\n---\na: 1\n...\n# d\n---\nb: 2\n')).toEqual(['# c\n\n%YAML 1.2\n---\na: 1\n...\n', '# d\n---\nb: 2\n']);
  expect(texts('--- {a: 1}\n--- # x\n---\tb\r\n---\r\n')).toEqual(['--- {a: 1}\n', '--- # x\n', '---\tb\r\n', '---\r\n']);
  expect(texts('a: 1\n\ufeff---\nb: 2\n')).toEqual(['a: 1\n', '\ufeff---\nb: 2\n']);
  expect(texts('')).toEqual(['']);
});

test('what only looks like a marker is none', () => {
  for (const stream of ['a: |\n  ---\n  b\n', '---a: 1\n', 'a: "x ---\n  --- y"\n', '....\n', 'a: 1 # ---\n', `a: "x\u2028--- y"\n`]) {
    expect(texts(stream)).toEqual([stream]);
  }
});

test('lines are counted through the stream', () => {
  expect(splitDocuments('a: 1\n\n---\nb: 2\n...\n---\nc\n').map(({ line }) => line)).toEqual([1, 3, 6]);
});

test('joined again they are the stream, and each holds one document at most', () => {
  const line = fc.constantFrom('---', '--- # x', '...', '# c', '', 'a: 1', 'b: |', '  --- text', '- x', '\ufeff---', '---\r', '%YAML 1.2');
  fc.assert(
    fc.property(fc.array(line, { maxLength: 12 }), (lines) => {
      const stream = lines.join('\n');
      const documents = splitDocuments(stream);
      expect(documents.map(({ text }) => text).join('')).toBe(stream);
      for (const { text } of documents) expect(parseAllDocuments(text, { logLevel: 'silent' }).length).toBeLessThanOrEqual(1);
    }),
    { numRuns: 250 },
  );
});

test('ten thousand of them take no longer than their lines', () => {
  const stream = '# nothing\n---\n'.repeat(10_000);
  expect(splitDocuments(stream)).toHaveLength(10_000);
});
