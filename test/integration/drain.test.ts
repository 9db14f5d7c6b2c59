import { expect, test, vi } from 'vitest';
import { startTestGateway } from '../kit/gateway.ts';
import { startGatewayProcess } from '../kit/gateway-process.ts';
import { header, readHead, readRequest, readResponse } from '../kit/message.ts';
import { startRawOrigin } from '../kit/origin.ts';
import { connectRaw, sendRequest } from '../kit/raw-client.ts';
import { elapsedMs, pass, SLACK_MS } from '../kit/timing.ts';
import { until } from '../kit/until.ts';

vi.setConfig({ testTimeout: 40_000 }); // processes are started

const GET = ['GET / HTTP/1.1', 'Host: x'];
const LONG_GRACE = { sections: { drain: { grace: '8s' } } };

/** Answers when told to: `heads` are the requests that wait, `finish` answers them all. */
async function startHeld(first = '', rest = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok') {
  const waiting: (() => void)[] = [];
  const origin = await startRawOrigin(async (c) => {
    for (;;) {
      await readRequest(c);
      c.write(first);
      await new Promise<void>((resolve) => waiting.push(resolve));
      c.write(rest);
    }
  });
  return { origin, waiting, finish: () => waiting.splice(0).forEach((answer) => answer()) };
}

const refused = (port: number): Promise<boolean> =>
  connectRaw(port).then(
    (c) => {
      c.destroy();
      return false;
    },
    () => true,
  );

test('what is in flight finishes, is told that the connection closes, and then all is over', async () => {
  const { origin, waiting, finish } = await startHeld();
  await using _origin = origin;
  await using gateway = await startTestGateway({ upstream: origin.port, ...LONG_GRACE });
  const [idle, busy] = [await connectRaw(gateway.port), await connectRaw(gateway.port)];
  for (const c of [idle, busy]) sendRequest(c, GET);
  await until(() => waiting.length === 2, 'two requests');
  finish();
  await readResponse(idle);
  await readResponse(busy);
  sendRequest(busy, GET);
  await until(() => waiting.length === 1, 'one request');
  const drained = gateway.drain();
  await idle.peerDone; // nothing was asked on it: closed at once
  expect(await refused(gateway.port)).toBe(true);
  const ready = await fetch(`${gateway.adminUrl}/readyz`);
  expect([ready.status, (await fetch(`${gateway.adminUrl}/healthz`)).status]).toEqual([503, 200]);
  finish();
  const answer = await readResponse(busy);
  expect([answer.status, answer.body.toString(), header(answer.headers, 'connection')]).toEqual([200, 'ok', 'close']);
  expect(await elapsedMs(() => drained)).toBeLessThan(4000 + SLACK_MS);
  await busy.peerDone;
  for (const c of [idle, busy]) c.destroy();
});

test('of a pipeline the request that was taken in is answered, and the client is told that no other will be', async () => {
  const { origin, waiting, finish } = await startHeld();
  await using _origin = origin;
  await using gateway = await startTestGateway({ upstream: origin.port, ...LONG_GRACE });
  const c = await connectRaw(gateway.port);
  for (let i = 0; i < 3; i++) sendRequest(c, GET);
  await until(() => waiting.length === 1, 'the first request');
  const drained = gateway.drain();
  await until(() => refused(gateway.port), 'the listener to close');
  finish();
  const { status, headers } = await readResponse(c);
  expect([status, header(headers, 'connection'), (await c.readToEnd()).length]).toEqual([200, 'close', 0]);
  await drained;
});

test('an answer that had begun before the drain finishes, and its connection is not waited for', async () => {
  const { origin, waiting, finish } = await startHeld('HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\nsome', 'more');
  await using _origin = origin;
  await using gateway = await startTestGateway({ upstream: origin.port, ...LONG_GRACE });
  const c = await connectRaw(gateway.port);
  sendRequest(c, GET);
  await c.readUntil('some');
  await until(() => waiting.length === 1, 'one request');
  const drained = gateway.drain();
  finish();
  expect((await c.read(4)).toString()).toBe('more');
  expect(await elapsedMs(() => drained)).toBeLessThan(4000 + SLACK_MS);
  await c.peerDone;
  c.destroy();
});

test('an answer that its client is slow to take is not cut short', async () => {
  const bytes = 8_000_000;
  await using origin = await startRawOrigin(async (c) => {
    await readRequest(c);
    c.write(`HTTP/1.1 200 OK\r\nContent-Length: ${bytes}\r\n\r\n`);
    c.write(Buffer.alloc(bytes));
  });
  await using gateway = await startTestGateway({ upstream: origin.port, ...LONG_GRACE });
  const c = await connectRaw(gateway.port);
  sendRequest(c, GET);
  await readHead(c);
  let left = bytes;
  // Read slowly until all has been handed over by the upstream, and part of it waits in the gateway.
  for (; left > 0 && (origin.connections[0]?.socket.writableLength ?? 1) > 0; left -= 100_000) {
    await c.read(100_000);
    c.socket.pause();
    await pass(2);
    c.socket.resume();
  }
  c.socket.pause();
  await pass(50);
  const drained = gateway.drain();
  await pass(50);
  c.socket.resume();
  expect((await c.read(left)).length).toBe(left);
  await drained;
  c.destroy();
});

test('an upload that goes on during the drain is taken to its end', async () => {
  const { origin, waiting, finish } = await startHeld();
  await using _origin = origin;
  await using gateway = await startTestGateway({ upstream: origin.port, ...LONG_GRACE });
  const c = await connectRaw(gateway.port);
  sendRequest(c, ['POST / HTTP/1.1', 'Host: x', 'Content-Length: 200000'], Buffer.alloc(100_000));
  await until(() => origin.connections.length === 1, 'the upload');
  const drained = gateway.drain();
  c.write(Buffer.alloc(100_000));
  await until(() => waiting.length === 1, 'the whole upload');
  finish();
  expect((await readResponse(c)).status).toBe(200);
  await drained;
  c.destroy();
});

test('what still runs after the grace is cut: 503 before an answer, a broken connection in the middle of one', async () => {
  await using origin = await startRawOrigin(async (c) => {
    const { startLine } = await readHead(c);
    if (startLine.includes('stream')) c.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nsome\r\n');
  });
  await using gateway = await startTestGateway({ upstream: origin.port, sections: { drain: { grace: '200ms' } } });
  const [waits, streams] = [await connectRaw(gateway.port), await connectRaw(gateway.port)];
  sendRequest(waits, ['GET /wait HTTP/1.1', 'Host: x']);
  sendRequest(streams, ['GET /stream HTTP/1.1', 'Host: x']);
  await streams.readUntil('some');
  await until(() => origin.connections.length === 2, 'two requests');
  const tookMs = await elapsedMs(() => gateway.drain());
  expect(tookMs).toBeGreaterThan(190);
  expect(tookMs).toBeLessThan(4000 + SLACK_MS);
  expect((await streams.readToEnd()).toString()).not.toContain('0\r\n\r\n');
  const refusal = await readResponse(waits);
  expect([refusal.status, header(refusal.headers, 'retry-after')]).toEqual([503, '1']);
  const lines = await gateway.log.wait(2);
  expect(lines.find(({ path }) => path === '/stream')).toMatchObject({ status: 200, code: 'OVERLOADED', flags: ['cut'] });
  expect(lines.find(({ path }) => path === '/wait')).toMatchObject({ status: 503, code: 'OVERLOADED' });
  for (const c of [waits, streams]) c.destroy();
});

test('during `drain.delay` requests are still served, and readiness already says no', async () => {
  const { origin, waiting, finish } = await startHeld();
  await using _origin = origin;
  await using gateway = await startTestGateway({ upstream: origin.port, sections: { drain: { delay: '300ms', grace: '8s' } } });
  const drained = gateway.drain();
  expect((await fetch(`${gateway.adminUrl}/readyz`)).status).toBe(503);
  const c = await connectRaw(gateway.port);
  sendRequest(c, GET);
  await until(() => waiting.length === 1, 'one request');
  finish();
  expect((await readResponse(c)).status).toBe(200);
  await drained;
  c.destroy();
});

test.each(['SIGTERM', 'SIGINT'] as const)('%s ends the process with 0 when what was in flight is done', async (signal) => {
  const { origin, waiting, finish } = await startHeld();
  await using _origin = origin;
  await using gateway = await startGatewayProcess({ upstream: origin.port });
  const c = await connectRaw(gateway.port);
  sendRequest(c, GET);
  await until(() => waiting.length === 1, 'one request');
  gateway.kill(signal);
  await until(() => refused(gateway.port), 'the listener to close');
  finish();
  const answer = await readResponse(c);
  expect([answer.status, header(answer.headers, 'connection')]).toEqual([200, 'close']);
  expect(await gateway.exited).toEqual({ code: 0, signal: null });
  // Written before the end, not lost with the process.
  expect(gateway.log.all()).toMatchObject([{ status: 200 }]);
  c.destroy();
});
