/** What reaches an upstream, and what the attempt is told of it. Over real sockets. */
import { type AddressInfo, type Socket, createServer } from 'node:net';
import { expect, test } from 'vitest';
import type { RawConnection } from '../../../../test/kit/connection.ts';
import { Pushed, ask, poolTo } from '../../../../test/kit/http1-upstream.ts';
import { readRequest } from '../../../../test/kit/message.ts';
import { type RawOrigin, startRawOrigin } from '../../../../test/kit/origin.ts';
import { until } from '../../../../test/kit/until.ts';

const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';

/** Keeps every byte that comes and answers nothing by itself. */
async function recording(): Promise<RawOrigin & { readonly first: Promise<RawConnection> }> {
  const { promise, resolve } = Promise.withResolvers<RawConnection>();
  return { ...(await startRawOrigin((c) => resolve(c))), first: promise };
}

async function received(c: RawConnection, bytes: number): Promise<string> {
  await until(() => c.unreadBytes >= bytes, `${bytes} bytes`);
  return (await c.read(c.unreadBytes)).toString('latin1');
}

const POST = (length: number) => ({
  method: 'POST',
  target: '/o?a=b',
  headers: ['Host', 'x', 'Content-Length', String(length), 'b', '\xe9'],
});

test('a head is written as it was given, in order and case', async () => {
  await using origin = await recording();
  await using p = poolTo(origin.port);
  const asked = ask(p.pool, { method: 'PATCH', target: '/a?b', headers: ['X-b', '1', 'Host', 'x', 'x-B', '\xe9\t2'] });
  const c = await origin.first;
  expect((await c.readUntil('\r\n\r\n')).toString('latin1')).toBe('PATCH /a?b HTTP/1.1\r\nX-b: 1\r\nHost: x\r\nx-B: \xe9\t2\r\n\r\n');
  c.write(OK);
  await asked.over;
  expect([asked.t.sent, asked.t.sentAt, asked.t.reused]).toEqual(['all', p.clock.monotonicMs(), false]);
});

test.each([0, 5, 15_000, 16_384, 100_000, 3_000_000])('a whole body of %i bytes', async (size) => {
  await using origin = await recording();
  await using p = poolTo(origin.port);
  const body = new Uint8Array(size).map((_, i) => (i * 31 + (i >> 8)) & 0xff);
  const asked = ask(p.pool, { ...POST(size), body });
  const c = await origin.first;
  const got = await readRequest(c);
  expect([got.startLine, got.body.equals(body)]).toEqual(['POST /o?a=b HTTP/1.1', true]);
  await until(() => asked.t.sent === 'all', 'all of it sent');
  c.write(OK);
  await asked.over;
  expect([asked.body, p.pool.usage.idle]).toEqual(['ok', 1]);
});

test('a streamed body with a length goes on as it is, and the first of it leaves with the head', async () => {
  await using origin = await recording();
  await using p = poolTo(origin.port);
  const body = new Pushed(8, ['abc']);
  const asked = ask(p.pool, { ...POST(8), body });
  const c = await origin.first;
  await until(() => body.sink, 'its start');
  expect(asked.t.sent).toBe('part');
  body.push('');
  body.push('de');
  body.push('fgh');
  expect([asked.t.sent, asked.t.sentAt]).toEqual(['part', undefined]);
  body.end();
  await until(() => asked.t.sent === 'all', 'all of it sent');
  expect((await readRequest(c)).body.toString()).toBe('abcdefgh');
  expect(c.unreadBytes).toBe(0);
  c.write(OK);
  await asked.over;
  expect(p.pool.usage.idle).toBe(1);
});

test('a streamed body without a length goes in chunks', async () => {
  await using origin = await recording();
  await using p = poolTo(origin.port);
  const body = new Pushed(undefined, ['abc']);
  const asked = ask(p.pool, { method: 'POST', body });
  const c = await origin.first;
  await until(() => body.sink, 'its start');
  body.push('');
  const large = 'y'.repeat(20_000);
  body.push(large);
  body.end();
  const wanted = `POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n4e20\r\n${large}\r\n0\r\n\r\n`;
  expect(await received(c, wanted.length)).toBe(wanted);
  c.write(OK);
  await asked.over;
  expect([asked.t.sent, p.pool.usage.idle]).toEqual(['all', 1]);
});

test('an empty body without a length is one last chunk', async () => {
  await using origin = await recording();
  await using p = poolTo(origin.port);
  const body = new Pushed();
  ask(p.pool, { method: 'POST', body });
  const c = await origin.first;
  await until(() => body.sink, 'its start');
  body.end();
  const wanted = 'POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n';
  expect(await received(c, wanted.length)).toBe(wanted);
});

test.each([
  ['more', 5, 'abcdef', false],
  ['more, in its end', 5, 'abcde', true],
  ['less', 5, 'abc', false],
] as const)(
  'a body that gives %s than it had announced breaks the connection, and nothing too much is sent',
  async (_, length, bytes, extra) => {
    await using origin = await recording();
    await using p = poolTo(origin.port);
    const body = new Pushed(length);
    const asked = ask(p.pool, { ...POST(length), body });
    const c = await origin.first;
    await until(() => body.sink, 'its start');
    body.push(bytes);
    if (extra) body.push('f');
    body.end();
    expect(asked.told).toEqual([]);
    await asked.over;
    expect(asked.told).toEqual(['MALFORMED_REQUEST']);
    const all = (await c.readToEnd()).toString('latin1');
    expect(all.endsWith('f')).toBe(false);
    expect(p.pool.usage).toEqual({ connections: 0, idle: 0, waiting: 0 });
  },
);

test('an upload waits for an upstream that does not read, and goes on when it does', async () => {
  let socket: Socket | undefined;
  let receivedBytes = 0;
  const server = createServer((accepted) => {
    socket = accepted.on('error', () => undefined);
    accepted.pause();
    accepted.on('data', (chunk) => {
      receivedBytes += chunk.length;
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  await using p = poolTo((server.address() as AddressInfo).port);
  const size = 40_000_000;
  const body = new Pushed(size);
  const asked = ask(p.pool, { ...POST(size), body });
  await until(() => body.sink !== undefined && socket !== undefined, 'its start');
  const chunk = Buffer.alloc(100_000, 'z');
  let left = size;
  const pump = (): void => {
    while (left > 0) {
      left -= chunk.length;
      if (!body.push(chunk)) return;
    }
    body.end();
  };
  pump();
  for (let i = 0; i < 20; i++) await new Promise((resolve) => setImmediate(resolve));
  expect([left > size / 2, asked.t.sent]).toEqual([true, 'part']);
  const resume = body.resume.bind(body);
  body.resume = () => {
    resume();
    pump();
  };
  if (body.resumed > 0) pump();
  socket?.resume();
  await until(() => receivedBytes > size, 'the body');
  expect([body.resumed > 0, asked.t.sent]).toEqual([true, 'all']);
  await p.pool.destroy();
  server.close();
});

test.each([
  ['a target', { target: '/a\r\nX: y' }],
  ['a method', { method: 'GET / HTTP/1.1\r\nX: y\r\n\r\nGET' }],
  ['a name', { headers: ['Host', 'x', 'A: b\r\nX', 'y'] }],
  ['a value', { headers: ['Host', 'x\r\n\r\nGET / HTTP/1.1'] }],
  ['a value with LF alone', { headers: ['Host', 'x\nX: y'] }],
  ['a value that ends its line in disguise', { headers: ['Host', 'x\u010d\u010aX: y'] }],
  ['a protocol', { upgrade: 'a\r\nX: y' }],
])('%s that would make two lines of one is never sent', async (_, request) => {
  await using origin = await recording();
  await using p = poolTo(origin.port);
  const asked = ask(p.pool, request);
  expect(asked.told).toEqual([]);
  await asked.over;
  expect([asked.told, asked.t.sent, origin.connections.length]).toEqual([['MALFORMED_REQUEST'], 'nothing', 0]);
});

test('EV-1: an answer that is here before the request is whole costs the connection, not the answer', async () => {
  await using origin = await recording();
  await using p = poolTo(origin.port);
  const body = new Pushed(100, ['abc']);
  const asked = ask(p.pool, { ...POST(100), body });
  const c = await origin.first;
  await c.readUntil('abc');
  c.write(OK);
  await asked.over;
  expect([asked.told, asked.body, asked.t.sent]).toEqual([['head 200', 'data', 'end'], 'ok', 'part']);
  expect(body.push('never sent')).toBe(true);
  body.end();
  expect((await c.readToEnd()).toString()).toBe('');
  expect(p.pool.usage.connections).toBe(0);
});

test('EV-1: while the answer still streams, the upload goes on', async () => {
  await using origin = await recording();
  await using p = poolTo(origin.port);
  const body = new Pushed(6, ['abc']);
  const asked = ask(p.pool, { ...POST(6), body });
  const c = await origin.first;
  await c.readUntil('abc');
  c.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\no');
  await until(() => asked.told.includes('data'), 'the first half');
  body.push('def');
  body.end();
  await c.readUntil('def');
  c.write('k');
  await asked.over;
  expect([asked.body, asked.t.sent, p.pool.usage.idle]).toEqual(['ok', 'all', 1]);
});
