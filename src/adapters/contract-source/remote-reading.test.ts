import { expect, it } from 'vitest';
import type { Fetched } from './fetch-document.ts';
import { bytesOf } from './kept-bytes.ts';
import { RemoteFiles } from './remote-files.ts';
import { RemoteReading } from './remote-reading.ts';

const A = 'https://a.example/api.json';

const document = (text: string): Fetched => ({
  is: 'new',
  bytes: Buffer.from(text),
  validators: { etag: undefined, lastModified: undefined },
  foundAt: `${A}/${text}`,
});

it('what is fetched again while it is read is not what was read', async () => {
  let text = '1';
  const remote = new RemoteFiles({ root: A, fetch: async () => document(text) });
  const reading = new RemoteReading(remote);
  const bytes = await reading.read(A);
  text = '2';
  expect(await remote.refresh(A)).toBe('changed');
  const kept = reading.kept(A);
  expect([Buffer.from(bytes).toString(), Buffer.from(await bytesOf(kept as NonNullable<typeof kept>)).toString()]).toEqual(['1', '1']);
  expect([reading.foundAt.get(A), reading.fingerprint(A) === remote.fingerprint(A)]).toEqual([`${A}/1`, false]);
});

it('what cannot be had costs one reading two minutes at most', async () => {
  let now = 0;
  const given: number[] = [];
  const remote = {
    get: async (url: string, ms = 0): Promise<never> => {
      given.push(ms);
      now += Math.min(ms, 25_000);
      throw new Error(`cannot fetch ${url}: planted`);
    },
  };
  const reading = new RemoteReading(remote, () => now);
  for (let i = 0; i < 10; i++) await expect(reading.read(`${A}${i}`)).rejects.toThrow(/^cannot fetch/);
  expect(given).toEqual([30_000, 30_000, 30_000, 30_000, 20_000]);
  await expect(reading.read(A)).rejects.toThrow(`cannot fetch ${A}: the documents of this contract took 120 s already`);
});
