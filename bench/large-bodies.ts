/**
 * What judging large bodies does to the event loop: 20 JSON bodies a second, of 1 MiB and 900 KiB in turn, judged by the worker, and for comparison on
 * the event loop itself. `node bench/large-bodies.ts`; prints a table. The delay is how late a timer of 1 ms comes.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { WorkerCheckPool } from '../src/adapters/check-pool/check-pool.ts';
import { checkThreads } from '../src/adapters/check-pool/thread.ts';
import { createPrometheus } from '../src/adapters/prometheus/prometheus.ts';
import { systemClock, systemTimers } from '../src/adapters/system-clock/system.ts';
import { contractAgain } from '../src/app/contract-again.ts';
import { Contracts } from '../src/app/contracts.ts';
import { parseConfiguration } from '../src/config/parse.ts';
import type { CheckJob } from '../src/core/body-checking.ts';
import type { Contract, Operation } from '../src/core/contract.ts';
import type { ContractDocuments } from '../src/core/contract-documents.ts';
import { ParsedBody } from '../src/core/parsed-body.ts';

const SECONDS = 5;
const PER_SECOND = 20;
const SIZES = [1024 ** 2, 900 * 1024];

const ITEM = {
  type: 'object',
  required: ['id', 'kind'],
  properties: {
    id: { type: 'integer', minimum: 1 },
    kind: { enum: ['a', 'b'] },
    at: { type: 'string', format: 'date-time' },
    mail: { type: 'string', format: 'email' },
    code: { type: 'string', pattern: '^[A-Z]{3}-[0-9]{4}$' },
    of: {
      oneOf: [
        { type: 'string', maxLength: 3 },
        { type: 'object', required: ['x'], properties: { x: { type: 'number' } } },
      ],
    },
  },
};
const CONTENT = { content: { 'application/json': { schema: { type: 'array', items: ITEM } } } };
const DOCUMENT = {
  openapi: '3.1.0',
  info: { title: 'large bodies', version: '1' },
  paths: { '/items': { post: { requestBody: CONTENT, responses: { 200: { description: 'ok' } } } } },
};

function bodyOf(bytes: number): Buffer {
  const item = '{"id":12345,"kind":"a","at":"2026-11-21T10:00:00Z","mail":"a.person@example.com","code":"ABC-1234","of":{"x":1.5}},';
  return Buffer.from(`[${item.repeat(Math.floor(bytes / item.length))}{"id":1,"kind":"b"}]`);
}

const quiet = { info: () => undefined, warn: () => undefined, error: () => undefined };
const dir = mkdtempSync(join(tmpdir(), 'plumbline-large-bodies-'));
try {
  writeFileSync(join(dir, 'openapi.json'), JSON.stringify(DOCUMENT));
  const text =
    'listeners: { in: {} }\ncontracts: { api: { openapi: openapi.json } }\nroutes: [{ name: r, listener: in, upstream: "http://127.0.0.1:1", contract: api }]\n';
  const { settings, problems } = parseConfiguration({ text, file: 'bench.yaml', dir, env: {} });
  if (settings === undefined) throw new Error(JSON.stringify(problems));
  const { meter } = createPrometheus({ limits: settings.telemetry.limits });
  const contracts = new Contracts(systemClock, meter, quiet);
  const contract = (await contracts.load(settings, 'whole')).byName.get('api') as Contract;
  const pool = new WorkerCheckPool({
    start: checkThreads(new URL('../src/app/check-worker.ts', import.meta.url)),
    documentsOf: (of) => contracts.documentsOf(of),
    clock: systemClock,
    timers: systemTimers(() => undefined),
    meter,
    logger: quiet,
  });
  const jobs = SIZES.map(bodyOf).map((body): CheckJob => {
    const headers = ['Content-Type', 'application/json', 'Content-Length', String(body.byteLength)];
    const request = { method: 'POST', path: '/items', query: '', headers };
    const operation = contract.operations[0] as Operation;
    return {
      contract,
      operation,
      side: 'request',
      request,
      response: undefined,
      body: [body],
      bytes: body.byteLength,
      heldBack: 'nothing',
      wantsDrift: false,
    };
  });
  // With as much patience as the worker has: on the event loop the engine gives up sooner.
  const patient = (await contractAgain(contracts.documentsOf(contract) as ContractDocuments)) as Contract;
  const operation = patient.operations[0] as Operation;
  const here = async ({ request, body, bytes }: CheckJob): Promise<unknown> =>
    operation.checkRequestBody(request, new ParsedBody(body, bytes));
  const ways: ReadonlyArray<readonly [string, (job: CheckJob) => Promise<unknown>]> = [
    ['nothing is judged', async () => undefined],
    ['judged by the worker', (job) => pool.check(job)],
    ['judged on the event loop', here],
  ];
  while (patient.warmUp());
  // Compilers run in on both sides.
  for (const [, judge] of ways) for (const job of jobs) for (let i = 0; i < 20; i++) await judge(job);
  console.log('| | median ms | 99 % ms | longest ms | CPU of the event loop, ms a body |\n|---|---|---|---|---|');
  for (const [name, judge] of ways) {
    const delay = monitorEventLoopDelay({ resolution: 1 });
    await sleep(500);
    const cpu = process.threadCpuUsage();
    delay.enable();
    const verdicts: Promise<unknown>[] = [];
    for (let i = 0; i < SECONDS * PER_SECOND; i++) {
      verdicts.push(judge(jobs[i % jobs.length] as CheckJob));
      await sleep(1000 / PER_SECOND);
    }
    await Promise.all(verdicts);
    delay.disable();
    const { user, system } = process.threadCpuUsage(cpu);
    const ms = (nanoseconds: number): string => (nanoseconds / 1e6).toFixed(1);
    const each = ((user + system) / 1000 / (SECONDS * PER_SECOND)).toFixed(2);
    console.log(`| ${name} | ${ms(delay.percentile(50))} | ${ms(delay.percentile(99))} | ${ms(delay.max)} | ${each} |`);
  }
  await pool.close();
} finally {
  rmSync(dir, { recursive: true, force: true });
}
