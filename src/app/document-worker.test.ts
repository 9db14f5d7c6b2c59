import { afterAll, describe, expect, it } from 'vitest';
import { WorkerDocumentReader } from '../adapters/document-reader/reader.ts';
import { openApiReading } from '../contracts/openapi/document/file-reading.ts';

const timers = {
  after(ms: number, fn: () => void) {
    const timer = setTimeout(fn, ms).unref();
    return { cancel: () => clearTimeout(timer) };
  },
};
const readerOf = (): WorkerDocumentReader => new WorkerDocumentReader(new URL('./document-worker.ts', import.meta.url), timers);
const reader = readerOf();

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

describe('documents that are read in a thread', () => {
  afterAll(() => reader.close());

  it.each([
    ['a.json', '{"a": [1, 9007199254740993, {"$id": "x"}], "__proto__": {"readOnly": true}}'],
    ['a.yaml', 'a: &a [1, 2]\nb: *a\nmaximum: 9223372036854775807\n'],
    ['a.json', '{"a": '],
    ['a.yaml', 'a: [\n'],
    ['a.yaml', '\ud800'],
  ])('%s %j: as they are read here', async (uri, text) => {
    const bytes = text === '\ud800' ? Uint8Array.of(0xff) : bytesOf(text);
    expect(await reader.read(uri, bytes)).toEqual(openApiReading.read(uri, bytes));
  });

  it('one after the other, however many are asked for at once', async () => {
    const read = await Promise.all(Array.from({ length: 5 }, (_, i) => reader.read(`${i}.json`, bytesOf(`{"a":${i}}`))));
    expect(read.map(({ value }) => value)).toEqual([0, 1, 2, 3, 4].map((a) => ({ a })));
  });

  it('tells lines and columns', async () => {
    const bytes = bytesOf('a:\n  b:\n    - c\n');
    expect(await reader.place(bytes, { syntax: 'yaml', pointers: ['/a/b', '/a/b/0'] })).toEqual([
      { line: 2, column: 3 },
      { line: 3, column: 7 },
    ]);
  });

  it('what cannot come over is told, and the next is read', async () => {
    await expect(reader.read('a.json', bytesOf('['.repeat(200_000) + ']'.repeat(200_000)))).rejects.toThrow('nested too deeply');
    expect(await reader.read('a.json', bytesOf('1'))).toMatchObject({ value: 1 });
  });

  it('what is being read when it closes fails', async () => {
    const closing = readerOf();
    const reading = closing.read('a.json', bytesOf('{}'));
    await new Promise((resolve) => setImmediate(resolve));
    await closing.close();
    await expect(reading).rejects.toThrow();
  });
});
