/** What becomes of an upload that nobody waits for any more: EV-1, EV-2 and EV-4 of the rules. */
import { expect, test } from 'vitest';
import type { RawConnection } from '../kit/connection.ts';
import { startTestGateway } from '../kit/gateway.ts';
import { header, readHead, readRequest, readResponse } from '../kit/message.ts';
import { startOrigin, startRawOrigin } from '../kit/origin.ts';
import { connectRaw, exchangeRaw, sendRequest } from '../kit/raw-client.ts';
import { elapsedMs, SLACK_MS } from '../kit/timing.ts';
import { until } from '../kit/until.ts';

const KIB = 1024;
const MIB = 1024 * KIB;
/** Only paths below it have a route. */
const API = { match: { path: '/api' } };

const upload = (path: string, ...fields: string[]): string[] => [`POST ${path} HTTP/1.1`, 'Host: x', ...fields];

/** Writes zeros until the connection ends or `bytes` are out; back-pressure is heeded. Gives how many it could write. */
async function pour(c: RawConnection, bytes: number): Promise<number> {
  const piece = Buffer.alloc(4 * KIB);
  let out = 0;
  while (out < bytes && !c.ended && c.socket.writable) {
    out += piece.length;
    if (!c.socket.write(piece)) await until(() => c.ended || c.socket.writableLength === 0, 'room to write', 3000).catch(() => undefined);
  }
  return out;
}

test('EV-1: a final answer before the upload has ended is forwarded at once', async () => {
  await using origin = await startRawOrigin(async (c) => {
    await readHead(c);
    await c.read(1);
    c.write('HTTP/1.1 409 Conflict\r\nContent-Length: 4\r\n\r\nbusy');
  });
  await using gateway = await startTestGateway({ upstream: origin.port });
  const c = await connectRaw(gateway.port);
  sendRequest(c, upload('/', 'Content-Length: 1000000'), 'x');
  const answer = await readResponse(c);
  expect([answer.status, answer.body.toString()]).toEqual([409, 'busy']);
  // Nothing more comes of the upload: after a second the connection goes.
  const tookMs = await elapsedMs(() => c.peerDone);
  expect(tookMs).toBeGreaterThan(500);
  expect(tookMs).toBeLessThan(2500 + SLACK_MS);
  await gateway.idle();
  expect(await gateway.log.one()).toMatchObject({ status: 409, code: '', attempts: 1 });
});

test('EV-1: no more than 1 MiB of the rest is read', async () => {
  await using origin = await startRawOrigin(async (c) => {
    await readHead(c);
    c.write('HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno');
  });
  await using gateway = await startTestGateway({ upstream: origin.port });
  const c = await connectRaw(gateway.port);
  sendRequest(c, upload('/', `Content-Length: ${64 * MIB}`));
  const poured = pour(c, 64 * MIB);
  const answer = await readResponse(c);
  expect([answer.status, answer.body.toString()]).toEqual([403, 'no']);
  // What the system's own buffers hold comes on top.
  expect(await poured).toBeLessThan(32 * MIB);
  await c.peerDone;
  await gateway.idle();
  expect((await gateway.log.one()).request_bytes).toBeLessThan(16 * MIB);
});

test('EV-1: a short rest is read, nothing is lost, and the connection serves the next request', async () => {
  await using origin = await startRawOrigin(async (c) => {
    for (;;) {
      const { headers } = await readHead(c);
      c.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
      if (header(headers, 'content-length') !== undefined) return c.end();
    }
  });
  await using gateway = await startTestGateway({ upstream: origin.port });
  const c = await connectRaw(gateway.port);
  sendRequest(c, upload('/', 'Content-Length: 200000'), Buffer.alloc(1000));
  expect((await readResponse(c)).body.toString()).toBe('ok');
  c.write(Buffer.alloc(199_000));
  sendRequest(c, ['GET / HTTP/1.1', 'Host: x']);
  expect((await readResponse(c)).body.toString()).toBe('ok');
  c.destroy();
});

test('EV-1: while the answer still streams, the upload goes on', async () => {
  let received = 0;
  await using origin = await startRawOrigin(async (c) => {
    await readHead(c);
    c.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\none\r\n');
    received = (await c.read(300_000)).length;
    c.write('3\r\ntwo\r\n0\r\n\r\n');
  });
  await using gateway = await startTestGateway({ upstream: origin.port });
  const c = await connectRaw(gateway.port);
  sendRequest(c, upload('/', 'Content-Length: 300000'), Buffer.alloc(10));
  const head = await c.readUntil('one\r\n');
  expect(head.toString('latin1')).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
  c.write(Buffer.alloc(299_990));
  expect((await c.readUntil('0\r\n\r\n')).toString()).toBe('3\r\ntwo\r\n0\r\n\r\n');
  expect(received).toBe(300_000);
  c.destroy();
});

test('EV-2: a refusal reaches a client that is still sending, whole', async () => {
  await using gateway = await startTestGateway({ upstream: 9, route: API });
  for (let round = 0; round < 20; round++) {
    const c = await connectRaw(gateway.port);
    sendRequest(c, upload('/nowhere', `Content-Length: ${900 * KIB}`));
    const poured = pour(c, 900 * KIB);
    const answer = await readResponse(c);
    expect([answer.status, header(answer.headers, 'connection')]).toEqual([404, 'close']);
    expect(JSON.parse(answer.body.toString())).toMatchObject({ code: 'OPERATION_NOT_FOUND' });
    expect(await poured).toBe(900 * KIB);
    await c.peerDone;
    expect(c.errorCode).toBeUndefined();
  }
});

test('EV-2: of a huge upload 1 MiB is read, and the answer still arrives', async () => {
  await using gateway = await startTestGateway({ upstream: 9, route: API });
  const c = await connectRaw(gateway.port);
  sendRequest(c, upload('/nowhere', 'Transfer-Encoding: chunked'));
  c.write(`${(64 * MIB).toString(16)}\r\n`);
  const poured = pour(c, 64 * MIB);
  expect((await readResponse(c)).status).toBe(404);
  expect(await poured).toBeLessThan(32 * MIB);
  await c.peerDone;
});

test('EV-2: with at most 64 KiB missing the connection is kept, and the next request on it works', async () => {
  await using gateway = await startTestGateway({ upstream: 9, route: API });
  const c = await connectRaw(gateway.port);
  for (let i = 0; i < 5; i++) {
    sendRequest(c, upload('/nowhere', `Content-Length: ${64 * KIB}`));
    c.write(Buffer.alloc(64 * KIB));
    const answer = await readResponse(c);
    expect([answer.status, header(answer.headers, 'connection')]).toEqual([404, undefined]);
  }
  expect(c.ended).toBe(false);
  c.destroy();
});

test.each([
  ['a short rest', `Content-Length: ${10 * KIB}`],
  ['a long rest', `Content-Length: ${500 * KIB}`],
])('EV-2: a client that is slow to send %s has a second', async (_, length) => {
  await using gateway = await startTestGateway({ upstream: 9, route: API });
  const c = await connectRaw(gateway.port);
  sendRequest(c, upload('/nowhere', length), 'x');
  expect((await readResponse(c)).status).toBe(404);
  expect(c.ended).toBe(false); // it has its answer, and is still being waited for
  const goneMs = await elapsedMs(() => c.peerDone);
  expect(goneMs).toBeGreaterThan(500);
  expect(goneMs).toBeLessThan(2500 + SLACK_MS);
  await gateway.idle();
});

test.each([
  ['a short rest', `Content-Length: ${10 * KIB}`],
  ['a long rest', `Content-Length: ${500 * KIB}`],
])('EV-2: a client that takes its refusal and leaves with %s is one refused client', async (_, length) => {
  await using gateway = await startTestGateway({ upstream: 9, route: API });
  const c = await connectRaw(gateway.port);
  sendRequest(c, upload('/nowhere', length), 'x');
  await readResponse(c);
  c.end();
  expect((await c.readToEnd()).toString()).toBe(''); // no second answer
  await gateway.idle();
  expect(await gateway.log.wait(1)).toMatchObject([{ status: 404, code: 'OPERATION_NOT_FOUND' }]);
  expect((await gateway.metrics()).value('plumbline_requests_total')).toBe(1);
});

test('EV-2: where an Expect is pending nothing is drained and no 100 is sent', async () => {
  await using gateway = await startTestGateway({ upstream: 9, route: API });
  const c = await connectRaw(gateway.port);
  sendRequest(c, upload('/nowhere', 'Content-Length: 1000', 'Expect: 100-continue'));
  const answer = await readResponse(c);
  expect([answer.status, answer.interim, header(answer.headers, 'connection')]).toEqual([404, [], 'close']);
  expect(await elapsedMs(() => c.peerDone)).toBeLessThan(900 + SLACK_MS);
  await gateway.idle();
});

test('EV-4: a 100 is sent when the body is asked for, and Expect is not forwarded', async () => {
  let asked: Awaited<ReturnType<typeof readRequest>> | undefined;
  await using origin = await startRawOrigin(async (c) => {
    asked = await readRequest(c);
    c.write('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n');
  });
  await using gateway = await startTestGateway({ upstream: origin.port });
  const c = await connectRaw(gateway.port);
  sendRequest(c, upload('/', 'Content-Length: 5', 'Expect: 100-continue'));
  expect((await c.readUntil('\r\n\r\n')).toString()).toBe('HTTP/1.1 100 Continue\r\n\r\n');
  c.write('hello');
  expect((await readResponse(c)).status).toBe(200);
  expect([asked?.body.toString(), header(asked?.headers ?? [], 'expect')]).toEqual(['hello', undefined]);
  c.destroy();
});

test('EV-4: HTTP/1.0 knows no 100, and an expectation without a body asks for none', async () => {
  await using origin = await startOrigin();
  await using gateway = await startTestGateway({ upstream: origin.port });
  const old = await exchangeRaw(gateway.port, ['POST / HTTP/1.0', 'Host: x', 'Content-Length: 2', 'Expect: 100-continue'], 'ab');
  expect([old.status, old.interim]).toEqual([200, []]);
  const bodiless = await exchangeRaw(gateway.port, ['GET / HTTP/1.1', 'Host: x', 'Expect: 100-continue']);
  expect([bodiless.status, bodiless.interim]).toEqual([200, []]);
});

test('EV-4: any other expectation is 417, and nothing reaches the upstream', async () => {
  await using origin = await startRawOrigin(() => undefined);
  await using gateway = await startTestGateway({ upstream: origin.port });
  const c = await connectRaw(gateway.port);
  sendRequest(c, upload('/', 'Content-Length: 5', 'Expect: 200-ok'));
  const answer = await readResponse(c);
  expect([answer.status, JSON.parse(answer.body.toString())['code']]).toEqual([417, 'EXPECTATION_FAILED']);
  expect(origin.connections).toHaveLength(0);
  c.destroy();
});

test('EV-1: an answer is not lost where the upstream closes under the upload, though no more can be written to it', async () => {
  await using origin = await startRawOrigin(async (c) => {
    await readHead(c);
    c.write('HTTP/1.1 413 Content Too Large\r\nContent-Length: 2\r\n\r\nno');
    c.destroy();
  });
  await using gateway = await startTestGateway({ upstream: origin.port });
  for (let round = 0; round < 20; round++) {
    const c = await connectRaw(gateway.port);
    sendRequest(c, ['POST / HTTP/1.1', 'Host: x', `Content-Length: ${4 * 1024 * KIB}`], Buffer.alloc(4 * 1024 * KIB));
    const answer = await readResponse(c);
    expect([answer.status, answer.body.toString()]).toEqual([413, 'no']);
    c.destroy();
  }
  await gateway.idle();
});
