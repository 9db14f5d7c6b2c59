import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, expect, it } from 'vitest';
import { FakeClock } from '../../test/kit/clock.ts';
import { settingsOf } from '../../test/kit/gateway-config.ts';
import { RecordingMeter } from '../../test/kit/meter.ts';
import { WorkerCheckPool } from '../adapters/check-pool/check-pool.ts';
import { checkThreads } from '../adapters/check-pool/thread.ts';
import { systemTimers } from '../adapters/system-clock/system.ts';
import type { CheckJob } from '../core/body-checking.ts';
import type { Contract, Outcome } from '../core/contract.ts';
import type { ContractDocuments } from '../core/contract-documents.ts';
import { ParsedBody } from '../core/parsed-body.ts';
import { contractAgain } from './contract-again.ts';
import { Contracts } from './contracts.ts';

const dir = mkdtempSync(join(tmpdir(), 'plumbline-check-worker-'));
afterAll(() => rmSync(dir, { recursive: true }));

const quiet = { info: () => undefined, warn: () => undefined, error: () => undefined };
const ENTRY = new URL('./check-worker.ts', import.meta.url);

const ITEM = {
  type: 'object',
  required: ['id', 'kind'],
  properties: {
    id: { type: 'integer', readOnly: true },
    kind: { enum: ['a', 'b'] },
    email: { type: 'string', format: 'email' },
    tags: { type: 'array', uniqueItems: true, items: { type: 'string', pattern: '^[a-z]+$' } },
    of: {
      oneOf: [
        { type: 'string', maxLength: 3 },
        { type: 'object', required: ['x'] },
      ],
    },
    next: { $ref: '#/components/schemas/Item' },
  },
};
const json = (schema: object): object => ({ content: { 'application/json': { schema } } });
const list = json({ type: 'array', items: { $ref: 'schemas.json#/Item' } });
const DOCUMENT = {
  openapi: '3.1.0',
  info: { title: 't', version: '1' },
  paths: { '/items': { post: { operationId: 'post', requestBody: list, responses: { 200: { description: 'ok', ...list } } } } },
};

/** Bodies that fit and bodies that do not, of every kind of fault that there is. */
const CORPUS: readonly string[] = [
  '[]',
  '[{"kind":"a"}]',
  '[{"id":1,"kind":"a"}]',
  '[{"id":1,"kind":"c","email":"no","tags":["a","a","B"]}]',
  '[{"id":1.5,"kind":"a","of":"long text"},{"kind":"b","of":{}}]',
  `[${'{"id":1,"kind":"a","next":'.repeat(300)}null${'}'.repeat(300)}]`,
  '[{"id":9007199254740993,"kind":"a"}]',
  '[{"kind":"a","__proto__":{"kind":1},"constructor":1}]',
  '{"id":1}',
  '[{"id":1',
  '﻿[]',
  '"\ud800"',
  ' ',
  `${'['.repeat(5000)}${']'.repeat(5000)}`,
  `[${Array.from({ length: 3000 }, (_, i) => `{"id":${i},"kind":"${i % 500 === 0 ? 'x' : 'a'}"}`).join()}]`,
];

async function loaded(): Promise<{ contract: Contract; contracts: Contracts }> {
  writeFileSync(join(dir, 'openapi.json'), JSON.stringify(DOCUMENT));
  // Large enough to be kept deflated.
  const padding = { description: 'x'.repeat(100_000) };
  writeFileSync(join(dir, 'schemas.json'), JSON.stringify({ padding, Item: ITEM, components: { schemas: { Item: { $ref: '#/Item' } } } }));
  const contracts = new Contracts(new FakeClock(), new RecordingMeter(), quiet);
  const settings = settingsOf({ upstream: 1, sections: { contracts: { api: { openapi: 'openapi.json' } } } }, dir);
  const taken = await contracts.load(settings, 'whole');
  expect(taken.fatal).toEqual([]);
  return { contract: taken.byName.get('api') as Contract, contracts };
}

const pools: WorkerCheckPool[] = [];
afterEach(async () => {
  for (const pool of pools.splice(0)) await pool.close();
});

function poolOf(contracts: Contracts, start = checkThreads(ENTRY), meter = new RecordingMeter()): WorkerCheckPool {
  const clock = { monotonicMs: () => performance.now(), wallMs: () => Date.now() };
  const timers = systemTimers(() => undefined);
  const pool = new WorkerCheckPool({
    start,
    documentsOf: (contract) => contracts.documentsOf(contract),
    clock,
    timers,
    meter,
    logger: quiet,
  });
  pools.push(pool);
  return pool;
}

function job(contract: Contract, side: CheckJob['side'], text: string | Uint8Array): CheckJob {
  const bytes = Buffer.from(text);
  const headers = ['Content-Type', 'application/json', 'Content-Length', String(bytes.byteLength)];
  const [operation] = contract.operations;
  if (operation === undefined) throw new Error('no operation');
  return {
    contract,
    operation,
    side,
    request: { method: 'POST', path: '/items', query: '', headers },
    response: side === 'request' ? undefined : { status: 200, headers },
    body: [bytes],
    bytes: bytes.byteLength,
    heldBack: 'nothing',
    wantsDrift: true,
  };
}

/** Judges in this thread, by a contract that has the worker's patience. */
async function judging(contracts: Contracts, contract: Contract): Promise<(asked: CheckJob) => Outcome> {
  const again = await contractAgain(contracts.documentsOf(contract) as ContractDocuments);
  const operation = again?.operations[0];
  if (operation === undefined) throw new Error('not the same contract');
  return (asked) => judge({ ...asked, operation });
}

function judge({ operation, request, response, body, bytes }: CheckJob): Outcome {
  const parsed = new ParsedBody(body, bytes);
  return response === undefined ? operation.checkRequestBody(request, parsed) : operation.checkResponseBody(request, response, parsed);
}

it('a verdict of the worker is the one that the engine gives here, even where the files hold something else by now', async () => {
  const { contract, contracts } = await loaded();
  const here = await judging(contracts, contract);
  writeFileSync(join(dir, 'openapi.json'), '{');
  rmSync(join(dir, 'schemas.json'));
  const pool = poolOf(contracts);
  const seen = new Set<string>();
  for (const body of [...CORPUS, Buffer.from([0x5b, 0xff, 0x5d])]) {
    for (const side of ['request', 'response'] as const) {
      const asked = job(contract, side, body);
      const { outcome } = await pool.check(asked);
      expect(outcome).toEqual(here(asked));
      seen.add(`${side} ${outcome.is}`);
    }
  }
  expect([...seen].sort()).toEqual(expect.arrayContaining(['request invalid', 'request valid', 'response invalid', 'response valid']));
}, 30_000);

it('a thread that ends by itself, or takes all memory, is lost and said so; the process goes on', async () => {
  const { contract, contracts } = await loaded();
  const entry = (code: string): URL => new URL(`data:text/javascript,${encodeURIComponent(code)}`);
  const listen = "import { parentPort } from 'node:worker_threads'; parentPort.on('message', () => {";
  for (const [code, reason] of [
    [`${listen} throw new Error('planted'); });`, 'crashed'],
    [`${listen} process.exit(3); });`, 'crashed'],
    [`${listen} const all = []; for (;;) all.push(new Array(100000).fill(0)); });`, 'memory'],
    ['syntax error', 'crashed'],
  ] as const) {
    const meter = new RecordingMeter();
    const limits = { maxOldGenerationSizeMb: 32, maxYoungGenerationSizeMb: 8 };
    const pool = poolOf(contracts, checkThreads(entry(code), limits), meter);
    expect(await pool.check(job(contract, 'request', '[]'))).toMatchObject({ outcome: { is: 'skipped', reason: 'overload' } });
    expect([reason, meter.value('check_worker_restarts_total', { reason })]).toEqual([reason, 1]);
  }
}, 30_000);

it('a thread that hangs is ended with the process', async () => {
  const { contract, contracts } = await loaded();
  const hang = "import { parentPort } from 'node:worker_threads'; parentPort.on('message', () => { for (;;); });";
  const pool = poolOf(contracts, checkThreads(new URL(`data:text/javascript,${encodeURIComponent(hang)}`)));
  const asked = pool.check(job(contract, 'request', '[]'));
  await pool.close();
  expect(await asked).toMatchObject({ outcome: { is: 'skipped', reason: 'overload' } });
});

it('what the worker does costs the event loop next to nothing: a large body is handed over, not looked at', async () => {
  const { contract, contracts } = await loaded();
  const pool = poolOf(contracts);
  const item = '{"id":1,"kind":"a","tags":["x","y"]},';
  const body = Buffer.from(`[${item.repeat(Math.ceil((300 * 1024) / item.length))}{"id":1,"kind":"b"}]`);
  const asked = job(contract, 'response', body);
  const here = await judging(contracts, contract);
  const spent = async (what: () => Outcome | Promise<Outcome>): Promise<number> => {
    const before = process.threadCpuUsage();
    for (let i = 0; i < 5; i++) expect(await what()).toEqual({ is: 'valid' });
    const { user, system } = process.threadCpuUsage(before);
    return (user + system) / 1000;
  };
  const check = async (): Promise<Outcome> => (await pool.check(asked)).outcome;
  await check();
  const there = await spent(check);
  expect(there).toBeLessThan((await spent(() => here(asked))) / 5);
}, 30_000);
