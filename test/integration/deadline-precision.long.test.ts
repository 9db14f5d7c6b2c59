/** DL-1, DL-2, DL-5 with a clock in the hand: the gateway runs in a process of its own, so that the test's own work delays nothing. */
import { expect, test, vi } from 'vitest';
import { scrape } from '../kit/exposition.ts';
import { startGatewayProcess } from '../kit/gateway-process.ts';
import { header, readHead, readResponse } from '../kit/message.ts';
import { startRawOrigin } from '../kit/origin.ts';
import { connectRaw, sendRequest } from '../kit/raw-client.ts';
import { elapsedMs, median, pass, SLACK_MS } from '../kit/timing.ts';

vi.setConfig({ testTimeout: 60_000 }); // a process is started, and twenty times is waited for

const ROUNDS = 20;
const ASKED_MS = 300;
const [EARLIEST_MS, LATEST_MS] = [290, 350];
const ABORT_MS = 100;
const REQUEST = ['GET / HTTP/1.1', 'Host: x', `X-Request-Timeout-Ms: ${ASKED_MS}`];

test(`a trusted caller's ${ASKED_MS} ms are a 504 after ${EARLIEST_MS} to ${LATEST_MS} ms, and the upstream sees the abort within ${ABORT_MS} ms`, async () => {
  /** When each request came, and when its connection ended. */
  const aborts: Promise<number>[] = [];
  const told: number[] = [];
  await using origin = await startRawOrigin(async (c) => {
    told.push(Number(header((await readHead(c)).headers, 'x-request-timeout-ms')));
    aborts.push(c.peerDone.then(() => performance.now()));
  });
  await using gateway = await startGatewayProcess({ upstream: origin.port });
  const tookMs: number[] = [];
  const abortedMs: number[] = [];
  const c = await connectRaw(gateway.port);
  for (let i = 0; i <= ROUNDS; i++) {
    // A timer of the same length: how late the machine itself is just now.
    const lateMs = elapsedMs(() => pass(ASKED_MS)).then((ms) => ms - ASKED_MS);
    const from = performance.now();
    sendRequest(c, REQUEST);
    const answer = await readResponse(c);
    const answeredMs = performance.now() - from;
    expect([answer.status, JSON.parse(answer.body.toString())['code']]).toEqual([504, 'UPSTREAM_TIMEOUT']);
    expect(answeredMs).toBeGreaterThanOrEqual(EARLIEST_MS);
    if (i === 0) continue; // the first one waits for code to be compiled
    tookMs.push(answeredMs - (await lateMs));
    abortedMs.push(((await aborts[i]) ?? Number.NaN) - from - answeredMs);
  }
  c.destroy();
  console.log(
    `a deadline of ${ASKED_MS} ms: median ${median(tookMs).toFixed(1)} ms, abort ${median(abortedMs).toFixed(1)} ms after the answer`,
  );
  expect(median(tookMs)).toBeGreaterThanOrEqual(EARLIEST_MS);
  expect(median(tookMs)).toBeLessThanOrEqual(LATEST_MS + SLACK_MS);
  expect(median(abortedMs)).toBeLessThan(ABORT_MS + SLACK_MS);
  // What is left, less the margin: max(5 ms, 2 %).
  for (const ms of told) expect([ms > ASKED_MS - 100, ms <= ASKED_MS - 6]).toEqual([true, true]);
  expect(origin.connections).toHaveLength(ROUNDS + 1);
  const lines = await gateway.log.wait(ROUNDS + 1);
  for (const line of lines) expect(line).toMatchObject({ status: 504, code: 'UPSTREAM_TIMEOUT', attempts: 1 });
  const metrics = await scrape(gateway.adminUrl);
  expect(metrics.value('plumbline_timeouts_total', { phase: 'total' })).toBe(ROUNDS + 1);
  expect(metrics.value('plumbline_untrusted_headers_total', { header: 'x-request-timeout-ms' })).toBe(0);
});

test('from anyone else it is ignored, not passed on, and counted', async () => {
  const told: Array<string | undefined> = [];
  await using origin = await startRawOrigin(async (c) => {
    for (;;) {
      told.push(header((await readHead(c)).headers, 'x-request-timeout-ms'));
      await pass(2 * ASKED_MS);
      c.write('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n');
    }
  });
  await using gateway = await startGatewayProcess({ upstream: origin.port, sections: { trust: { peers: ['10.0.0.0/8'] } } });
  const clients = await Promise.all(Array.from({ length: ROUNDS }, () => connectRaw(gateway.port)));
  for (const c of clients) sendRequest(c, REQUEST);
  for (const c of clients) expect((await readResponse(c)).status).toBe(200);
  for (const c of clients) c.destroy();
  expect(told).toEqual(Array.from({ length: ROUNDS }, () => undefined));
  const metrics = await scrape(gateway.adminUrl);
  expect(metrics.value('plumbline_untrusted_headers_total', { header: 'x-request-timeout-ms' })).toBe(ROUNDS);
  expect(metrics.value('plumbline_timeouts_total')).toBe(0);
});
