/**
 * What `npm test` has no time for: bodies that are too much even for the worker, and contract documents of up to 64 MiB that are read while there is
 * traffic. Nothing may hold the event loop for long, and all must end. `node scripts/ci/hostile.ts`; prints its figures, exit code 0 where every limit
 * holds.
 */
import { existsSync, readFileSync } from 'node:fs';
import { WorkerDocumentReader } from '../../src/adapters/document-reader/reader.ts';
import { WORKER_PATIENCE } from '../../src/app/contract-again.ts';
import { loadOpenApi } from '../../src/contracts/openapi/load.ts';
import type { LoadResult } from '../../src/core/contract-loading.ts';
import { BODIES } from '../../test/hostile/bodies.ts';
import { longestTurn } from '../../test/hostile/held.ts';
import { contractFor, judge } from '../../test/hostile/judge.ts';
import { realTimers } from '../../test/hostile/real-timers.ts';
import { DOCUMENT_PATH } from '../../test/real/github.ts';
import { WEBHOOKS_PATH } from '../../test/real/webhooks.ts';

const MIB = 1024 * 1024;
const MAX_TURN_MS = 100;
const MAX_JUDGING_MS = 10_000;
const HEAD = '{"openapi":"3.1.0","info":{"title":"Large","version":"1"},"paths":{},"x-large":';

let failures = 0;
function hold(ok: boolean, figures: string): void {
  console.log(`${ok ? 'ok    ' : 'FAILED'} ${figures}`);
  if (!ok) failures++;
}

const reader = new WorkerDocumentReader(new URL('../../src/app/document-worker.ts', import.meta.url), realTimers);

function load(uri: string, bytes: Uint8Array): Promise<LoadResult> {
  return loadOpenApi({
    name: 'large',
    uri,
    basePath: 'auto',
    formats: 'assert',
    read: () => Promise.resolve(bytes),
    resolve: (_base, ref) => ref,
    pause: () => new Promise((done) => setImmediate(done)),
    reader,
  });
}

/** As many of a piece as fit into so many bytes. */
function filled(bytes: number, piece: string, open: string, close: string): Uint8Array {
  const count = Math.floor((bytes - open.length - close.length) / (piece.length + 1));
  return Buffer.from(open + Array<string>(count).fill(piece).join() + close);
}

async function documents(): Promise<void> {
  const all: Array<readonly [name: string, uri: string, bytes: () => Uint8Array]> = [
    ['20 MiB of records', 'a.json', () => filled(20 * MIB, '{"id":1,"name":"a name","tags":["a","b"]}', `${HEAD}[`, ']}')],
    ['60 MiB of text', 'a.json', () => filled(60 * MIB, `"${'x'.repeat(1000)}"`, `${HEAD}[`, ']}')],
    ['16 MiB of brackets', 'a.json', () => Buffer.concat([Buffer.alloc(8 * MIB, '['), Buffer.alloc(8 * MIB, ']')])],
    [
      '4 MiB of YAML',
      'a.yaml',
      () =>
        Buffer.from(
          `openapi: 3.1.0\ninfo: { title: Large, version: "1" }\npaths: {}\nx-large:\n${'  - { a: 1, b: two }\n'.repeat(200_000)}`,
        ),
    ],
    ['4 MiB of no YAML', 'a.yaml', () => Buffer.from(`openapi: 3.1.0\nx-large:\n${'  - { a: 1, b: two }\n'.repeat(200_000)}  - [`)],
  ];
  for (const path of [DOCUMENT_PATH, WEBHOOKS_PATH])
    if (existsSync(path)) all.push([path.split('/').slice(-3).join('/'), path, () => readFileSync(path)]);
  for (const [name, uri, bytesOf] of all) {
    const bytes = bytesOf();
    const from = performance.now();
    const { result, ms } = await longestTurn(() => load(uri, bytes));
    const outcome = result.problems.find(({ severity }) => severity === 'error')?.code ?? 'loads';
    const seconds = ((performance.now() - from) / 1000).toFixed(1);
    hold(
      ms < MAX_TURN_MS,
      `${name} (${(bytes.length / MIB).toFixed(0)} MiB): ${outcome} in ${seconds} s, the longest turn ${ms.toFixed(0)} ms`,
    );
  }
}

async function bodies(): Promise<void> {
  for (const one of BODIES.filter(({ slow }) => slow)) {
    const contract = await contractFor(one, WORKER_PATIENCE);
    while (contract.warmUp());
    const from = performance.now();
    const verdict = judge(contract, one);
    const ms = performance.now() - from;
    hold(verdict === one.verdict && ms < MAX_JUDGING_MS, `${one.name}: ${verdict} after ${ms.toFixed(0)} ms in the worker`);
  }
}

try {
  await bodies();
  await documents();
} catch (error) {
  hold(false, (error as Error).stack ?? String(error));
}
await reader.close();
if (failures > 0) process.exitCode = 1;
