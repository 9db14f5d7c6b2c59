import { beforeEach, describe, expect, it } from 'vitest';
import type { Fetched, FetchOptions } from './fetch-document.ts';
import { bytesOf } from './kept-bytes.ts';
import { RemoteFiles } from './remote-files.ts';

const URL_A = 'https://a.example/api.json';

let next: Fetched;
let asked: { trusted: string | undefined; validators: FetchOptions['validators'] | undefined }[];
let told: string[];
let remote: RemoteFiles;
beforeEach(() => {
  asked = [];
  told = [];
  remote = new RemoteFiles({
    root: URL_A,
    onFetched: (outcome, url, reason) => void told.push(`${outcome} ${url} ${reason}`.trim()),
    fetch: async (_, { trusted, validators }) => {
      asked.push({ trusted, validators });
      return next;
    },
  });
});

const fresh = (text: string, etag = `"${text}"`, foundAt = URL_A): Fetched => ({
  is: 'new',
  bytes: Buffer.from(text),
  validators: { etag, lastModified: undefined },
  foundAt,
});
const failed: Fetched = { is: 'failed', reason: 'planted' };
const read = async (): Promise<string> => Buffer.from(await bytesOf((await remote.get(URL_A)).kept)).toString();

describe('a document of the network', () => {
  it('is asked for once, and again by what it was', async () => {
    next = fresh('one');
    expect([await read(), await read()]).toEqual(['one', 'one']);
    next = { is: 'same' };
    expect(await remote.refresh(URL_A)).toBe('same');
    expect(asked).toEqual([
      { trusted: 'a.example', validators: undefined },
      { trusted: 'a.example', validators: { etag: '"one"', lastModified: undefined } },
    ]);
    expect(told).toEqual([`fetched ${URL_A}`, `not_modified ${URL_A}`]);
  });

  it('has changed where its bytes have, or where it is found; a new tag alone is no change', async () => {
    next = fresh('one');
    await read();
    const before = remote.fingerprint(URL_A);
    next = fresh('one', '"other"');
    expect([await remote.refresh(URL_A), remote.fingerprint(URL_A)]).toEqual(['same', before]);
    next = fresh('one', '"other"', 'https://a.example/v2/api.json');
    expect(await remote.refresh(URL_A)).toBe('changed');
    expect(remote.fingerprint(URL_A)).not.toBe(before);
    next = fresh('two');
    expect([await remote.refresh(URL_A), await read()]).toEqual(['changed', 'two']);
    expect((await remote.get(URL_A)).foundAt).toBe(URL_A);
  });

  it('that could be had once stays while it cannot be had', async () => {
    next = failed;
    await expect(read()).rejects.toThrow(`cannot fetch ${URL_A}: planted`);
    expect(remote.fingerprint(URL_A)).toBeUndefined();
    next = fresh('one');
    expect(await remote.refresh(URL_A)).toBe('changed');
    next = failed;
    expect(await remote.refresh(URL_A)).toEqual({ failed: 'planted' });
    expect(await read()).toBe('one');
    expect(told).toEqual([`failed ${URL_A} planted`, `fetched ${URL_A}`, `failed ${URL_A} planted`]);
  });

  it('is kept small, and let go where nobody wants it any more', async () => {
    const text = 'openapi: 3.1.0\n'.repeat(50_000);
    next = fresh(text, '"x"');
    expect(await read()).toBe(text);
    const { kept } = await remote.get(URL_A);
    expect(kept.bytes.byteLength).toBeLessThan(text.length / 20);
    remote.retain(new Set([URL_A]));
    expect((await remote.get(URL_A)).kept).toBe(kept);
    remote.retain(new Set());
    expect(remote.fingerprint(URL_A)).toBeUndefined();
  });
});

it('where the contract itself is a file, no host is trusted', async () => {
  const asked: (string | undefined)[] = [];
  const of = new RemoteFiles({
    root: '/etc/api.yaml',
    fetch: async (_, { trusted }) => {
      asked.push(trusted);
      return fresh('x');
    },
  });
  await of.get(URL_A);
  expect(asked).toEqual([undefined]);
});

it('of two askings the later one knows better, whichever is over first', async () => {
  const answers = [Promise.withResolvers<Fetched>(), Promise.withResolvers<Fetched>()];
  let asked = 0;
  const of = new RemoteFiles({ root: URL_A, fetch: () => (answers[asked++] as (typeof answers)[0]).promise });
  const [older, newer] = [of.refresh(URL_A), of.refresh(URL_A)];
  answers[1]?.resolve(fresh('two'));
  expect(await newer).toBe('changed');
  answers[0]?.resolve(fresh('one'));
  expect(await older).toBe('same');
  expect((await of.get(URL_A)).validators.etag).toBe('"two"');
});

it('what it was is told only to where it was found', async () => {
  const foundAt: (string | undefined)[] = [];
  const of = new RemoteFiles({
    root: URL_A,
    fetch: async (_, options) => {
      foundAt.push(options.foundAt);
      return fresh('x', '"x"', 'https://a.example/v2');
    },
  });
  await of.get(URL_A);
  await of.refresh(URL_A);
  expect(foundAt).toEqual([undefined, 'https://a.example/v2']);
});
