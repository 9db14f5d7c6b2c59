import { afterAll, describe, expect, it } from 'vitest';
import { WorkerDocumentReader } from '../../src/adapters/document-reader/reader.ts';
import { loadOpenApi } from '../../src/contracts/openapi/load.ts';
import type { LoadResult } from '../../src/core/contract-loading.ts';
import { realTimers } from './real-timers.ts';
import { DOCUMENTS, type HostileDocument } from './documents.ts';
import { HELD_MS, longestTurn } from './held.ts';

/** As a reload reads them, while there is traffic: large ones in a thread. */
const reader = new WorkerDocumentReader(new URL('../../src/app/document-worker.ts', import.meta.url), realTimers);
afterAll(() => reader.close());

describe('documents that are written to hang who reads them', () => {
  it.each(DOCUMENTS)('$name: $outcome, and the event loop is not held', { timeout: 20_000 }, async (one) => {
    const { result, ms } = await longestTurn(() => load(one));
    const errors = result.problems.filter(({ severity }) => severity === 'error');
    expect(errors[0]?.code ?? 'loads').toBe(one.outcome);
    expect(result.contract === undefined).toBe(one.outcome !== 'loads');
    for (const { message, pointer } of result.problems) expect(message.length + pointer.length).toBeLessThan(110_000);
    expect(ms).toBeLessThan(HELD_MS);
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  });
});

function load({ file, text }: HostileDocument): Promise<LoadResult> {
  const bytes = new TextEncoder().encode(text);
  return loadOpenApi({
    name: 'hostile',
    uri: file,
    basePath: 'auto',
    formats: 'assert',
    read: (uri) => (uri === file ? Promise.resolve(bytes) : Promise.reject(new Error(`cannot read ${uri}: no such file`))),
    resolve: (_base, ref) => ref,
    pause: () => new Promise((done) => setImmediate(done)),
    reader,
  });
}
