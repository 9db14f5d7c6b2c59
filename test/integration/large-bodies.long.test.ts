import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { AccessLine, AccessLines } from '../kit/access-lines.ts';
import { startGatewayProcess } from '../kit/gateway-process.ts';
import { type TestGateway, startTestGateway } from '../kit/gateway.ts';
import { type Origin, startOrigin } from '../kit/origin.ts';
import { startReloading, UNWATCHED } from '../kit/reloading.ts';
import { until } from '../kit/until.ts';

/** What is beyond 256 KiB is judged by the worker. */
const LARGE_BYTES = 256 * 1024;

/** A list of `{"v": <v>}` of this many bytes at least, of which the last is `last`. */
function list(bytes: number, last: string, v = '"x"'): string {
  const item = `{"v":${v}},`;
  return `[${item.repeat(Math.ceil(bytes / item.length))}{"v":${last}}]`;
}

const GOOD = list(LARGE_BYTES, '"x"');
const BAD = list(LARGE_BYTES, '1');

function document(type = 'string', version = '1'): object {
  const schema = { type: 'array', items: { type: 'object', properties: { v: { type } } } };
  const content = { content: { 'application/json': { schema } } };
  const post = { operationId: 'post', requestBody: content, responses: { 200: { description: 'ok', ...content } } };
  return { openapi: '3.1.0', info: { title: 't', version }, paths: { '/': { post } } };
}

const policies = (request: string, response: string): object => ({ policies: { contract: { request, response } } });

/** A machine that is late starts a thread late. */
const SLOW = { timeout: 60_000 };

let origin: Origin;
/** What the origin answers; undefined: nothing yet. */
let answer: (() => string) | undefined;
let held: (() => void)[];
beforeEach(async () => {
  answer = () => '[]';
  held = [];
  origin = await startOrigin((_, res) => {
    const send = (): void => void res.writeHead(200, { 'Content-Type': 'application/json' }).end(answer?.());
    if (answer === undefined) held.push(send);
    else send();
  });
});
afterEach(() => origin[Symbol.asyncDispose]());

async function post(port: number, body: string): Promise<{ status: number; bytes: number }> {
  const response = await fetch(`http://127.0.0.1:${port}/`, { method: 'POST', body, headers: { 'Content-Type': 'application/json' } });
  return { status: response.status, bytes: (await response.arrayBuffer()).byteLength };
}

/** The first, which waits for its verdict; the worker may have to be started for it. */
const line = (log: AccessLines): Promise<AccessLine> => until(() => log.all()[0], 'the line', 20_000);

const jobs = async ({ metrics }: Pick<TestGateway, 'metrics'>, outcome: string): Promise<number> =>
  (await metrics()).value('plumbline_check_worker_jobs_total', { outcome });

describe('bodies above 256 KiB', () => {
  test('in report pass, and what is wrong at their very end is found, on both sides', SLOW, async () => {
    await using gateway = await startTestGateway({ upstream: origin.port, openapi: document(), route: policies('report', 'report') });
    answer = () => BAD;
    expect(await post(gateway.port, BAD)).toEqual({ status: 200, bytes: BAD.length });
    expect(await line(gateway.log)).toMatchObject({ violations: 2, status: 200 });
    const metrics = await gateway.metrics();
    expect(metrics.value('plumbline_contract_violations_total', { rule: 'type' })).toBe(2);
    expect([await jobs(gateway, 'judged'), metrics.value('plumbline_check_worker_queue_bytes')]).toEqual([2, 0]);
  });

  test('in enforce are refused where they are wrong, and pass where they are right', SLOW, async () => {
    await using gateway = await startTestGateway({ upstream: origin.port, openapi: document(), route: policies('enforce', 'enforce') });
    // The first comes before the worker is there; it, and any on a machine that is late, may pass unjudged.
    await until(async () => (await post(gateway.port, BAD)).status === 422, 'the refusal of a request', 20_000);
    expect((await post(gateway.port, GOOD)).status).toBe(200);
    answer = () => BAD;
    await until(async () => (await post(gateway.port, '[]')).status === 502, 'the refusal of an answer', 20_000);
    const skipped = (await gateway.metrics()).value('plumbline_contract_checks_total', { outcome: 'skipped', reason: 'overload' });
    expect(skipped).toBe((await jobs(gateway, 'late')) + (await jobs(gateway, 'unavailable')));
  });

  test('are judged by the contract that their exchange began with, though it was replaced meanwhile', SLOW, async () => {
    const options = (type: string, version: string): Parameters<typeof startReloading>[0] => ({
      upstream: origin.port,
      openapi: document(type, version),
      route: policies('off', 'report'),
      sections: UNWATCHED,
    });
    await using gateway = await startReloading(options('string', '1'));
    answer = undefined;
    const first = post(gateway.port(), '[]');
    await until(() => held.length === 1, 'the request');
    await gateway.reload(options('integer', '2') as Parameters<typeof gateway.reload>[0]);
    answer = () => GOOD;
    for (const send of held) send();
    await first;
    await post(gateway.port(), '[]');
    const { items } = await until(
      async () => {
        const page = await gateway.admin<{ items: { contractVersion: string; rule: string }[] }>('/api/violations');
        return page.items.length > 0 && page;
      },
      'the violation',
      20_000,
    );
    await until(async () => (await jobs(gateway, 'judged')) === 2, 'both verdicts', 20_000);
    // Of the new version, as the text is no integer; by the old one it was right.
    expect(new Set(items.map(({ contractVersion }) => contractVersion))).toEqual(new Set(['2']));
    expect((await gateway.metrics()).value('plumbline_contract_checks_total', { side: 'response', outcome: 'valid' })).toBe(1);
  });
});

test('a process that has started its worker ends as any other', SLOW, async () => {
  await using gateway = await startGatewayProcess({ upstream: origin.port, openapi: document(), route: policies('report', 'report') });
  await post(gateway.port, BAD);
  expect(await line(gateway.log)).toMatchObject({ violations: 1 });
  gateway.kill('SIGTERM');
  expect(await gateway.exited).toEqual({ code: 0, signal: null });
});
