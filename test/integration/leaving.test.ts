/** EV-3: the client leaves. The upstream is told at once, nothing is left behind, and the log says who it was. */
import { expect, test } from 'vitest';
import type { RawConnection } from '../kit/connection.ts';
import { startTestGateway, type TestGateway } from '../kit/gateway.ts';
import { readHead, readRequest } from '../kit/message.ts';
import { type RawOrigin, startRawOrigin } from '../kit/origin.ts';
import { connectRaw, sendRequest } from '../kit/raw-client.ts';
import { median, SLACK_MS } from '../kit/timing.ts';
import { until } from '../kit/until.ts';

const ABORT_MS = 100;
const ROUNDS = 50;

interface Phase {
  readonly request: readonly string[];
  readonly body?: string;
  /** What the upstream sends before the client leaves. */
  readonly answer?: string;
}

const PHASES: Readonly<Record<string, Phase>> = {
  'before a collected upload has ended': { request: ['POST / HTTP/1.1', 'Host: x', 'Content-Length: 1000'], body: 'some' },
  'before a streamed upload has ended': { request: ['POST / HTTP/1.1', 'Host: x', 'Content-Length: 100000'], body: 'some' },
  'before a chunked upload has ended': { request: ['POST / HTTP/1.1', 'Host: x', 'Transfer-Encoding: chunked'], body: '4\r\nsome\r\n' },
  'while it waits for the head': { request: ['GET / HTTP/1.1', 'Host: x'] },
  'while it waits for the head after an upload': { request: ['POST / HTTP/1.1', 'Host: x', 'Content-Length: 4'], body: 'some' },
  'in the middle of an answer with a length': {
    request: ['GET / HTTP/1.1', 'Host: x'],
    answer: 'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nsome',
  },
  'in the middle of a chunked answer': {
    request: ['GET / HTTP/1.1', 'Host: x'],
    answer: 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nsome\r\n',
  },
  'in the middle of an answer that its upload outlasts': {
    request: ['POST / HTTP/1.1', 'Host: x', 'Content-Length: 100000'],
    body: 'some',
    answer: 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nsome\r\n',
  },
};

const WAYS: Readonly<Record<string, (c: RawConnection) => void>> = { FIN: (c) => c.end(), RST: (c) => c.reset() };
const CASES = Object.keys(PHASES).flatMap((phase) => Object.keys(WAYS).map((way) => [phase, way] as const));

/** Takes one connection after the other; each is told of by `heads` when its request's head is there. */
async function startSilent(answer: string | undefined): Promise<RawOrigin & { readonly heads: readonly RawConnection[] }> {
  const heads: RawConnection[] = [];
  const origin = await startRawOrigin(async (c) => {
    await readHead(c);
    heads.push(c);
    if (answer !== undefined) c.write(answer);
  });
  return Object.assign(origin, { heads });
}

/** One client that comes as far as the phase says and leaves; gives how long the upstream took to hear of it. */
async function round(gateway: TestGateway, origin: Awaited<ReturnType<typeof startSilent>>, phase: Phase, way: string): Promise<number> {
  const before = origin.heads.length;
  const c = await connectRaw(gateway.port);
  sendRequest(c, phase.request, phase.body);
  const collected = phase.request.includes('Content-Length: 1000');
  if (collected) {
    await until(async () => (await gateway.metrics()).value('plumbline_requests_in_flight') === 1, 'the request');
    WAYS[way]?.(c);
    await gateway.idle();
    return 0; // nothing was ever sent to the upstream
  }
  const upstream = await until(() => origin.heads[before], 'the request at the upstream');
  if (phase.answer !== undefined) await c.readUntil('some');
  const leftAt = performance.now();
  WAYS[way]?.(c);
  await upstream.peerDone;
  upstream.destroy();
  c.destroy();
  return performance.now() - leftAt;
}

test.each(CASES)('a client that leaves %s (%s) is told to the upstream within 100 ms, and nothing is left', async (name, way) => {
  const phase = PHASES[name] as Phase;
  await using origin = await startSilent(phase.answer);
  await using gateway = await startTestGateway({ upstream: origin.port });
  await round(gateway, origin, phase, way); // what is opened once stays open
  const sockets = (): number => process.getActiveResourcesInfo().filter((kind) => kind === 'TCPSocketWrap').length;
  await gateway.idle();
  const socketsBefore = sockets();
  const tookMs: number[] = [];
  for (let i = 1; i < ROUNDS; i++) tookMs.push(await round(gateway, origin, phase, way));
  expect(median(tookMs)).toBeLessThan(ABORT_MS + SLACK_MS);
  await gateway.idle();
  await until(() => sockets() <= socketsBefore, `no more than ${socketsBefore} sockets`);
  const lines = await gateway.log.wait(ROUNDS);
  expect(new Set(lines.map(({ status, code }) => `${status} ${code}`))).toEqual(new Set(['499 CLIENT_CLOSED']));
  const metrics = await gateway.metrics();
  expect(metrics.value('plumbline_requests_total', { status_code: '499', code: 'CLIENT_CLOSED' })).toBe(ROUNDS);
  expect(metrics.value('plumbline_request_duration_seconds_count')).toBe(0);
});

test.each([
  ['GET / HTTP/1.1', ''],
  ['POST / HTTP/1.1', 'some'],
])('a client (%s) that has stopped reading and leaves is gone all the same', async (line, body) => {
  await using origin = await startRawOrigin(async (c) => {
    await readRequest(c);
    c.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n');
    const chunk = Buffer.concat([Buffer.from('10000\r\n'), Buffer.alloc(65536), Buffer.from('\r\n')]);
    while (c.socket.writable && !c.ended) if (!c.socket.write(chunk)) await until(() => c.ended || c.socket.writableLength === 0, 'room');
  });
  await using gateway = await startTestGateway({ upstream: origin.port });
  const c = await connectRaw(gateway.port);
  sendRequest(c, [line, 'Host: x', `Content-Length: ${body.length}`], body);
  await c.readUntil('\r\n\r\n');
  c.socket.pause();
  await until(() => (origin.connections[0]?.socket.writableLength ?? 0) > 0, 'the upstream to be stopped');
  c.end();
  await origin.connections[0]?.peerDone;
  await gateway.idle();
  expect(await gateway.log.one()).toMatchObject({ status: 499, code: 'CLIENT_CLOSED' });
  c.destroy();
});

test('a client that leaves with several requests in the pipeline takes them all with it', async () => {
  await using origin = await startSilent(undefined);
  await using gateway = await startTestGateway({ upstream: origin.port });
  for (const way of Object.keys(WAYS)) {
    const before = origin.heads.length;
    const c = await connectRaw(gateway.port);
    for (let i = 0; i < 3; i++) sendRequest(c, [`GET /${i} HTTP/1.1`, 'Host: x']);
    const first = await until(() => origin.heads[before], 'the first request at the upstream');
    WAYS[way]?.(c);
    await first.peerDone;
    await gateway.idle();
    // The others were never begun: an exchange is one request taken in.
    expect(origin.heads.length).toBe(before + 1);
  }
  expect((await gateway.log.wait(2)).map(({ status }) => status)).toEqual([499, 499]);
});
