/** A fault in a pipeline: what stands before it is answered, what stands behind it never was a request (RFC 9112 §9.3.2, HY-1). */
import { expect, test } from 'vitest';
import { startTestGateway } from '../kit/gateway.ts';
import { header, readRequest, readResponse } from '../kit/message.ts';
import { startRawOrigin } from '../kit/origin.ts';
import { connectRaw } from '../kit/raw-client.ts';
import { pass } from '../kit/timing.ts';
import { until } from '../kit/until.ts';

const get = (path: string): string => `GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`;

const FAULTS: Readonly<Record<string, readonly [bytes: string, status: number, code: string]>> = {
  'what is no HTTP': ['\x16\x03\x01', 400, 'MALFORMED_REQUEST'],
  'a line that is none': ['GARBAGE\r\n\r\n', 400, 'MALFORMED_REQUEST'],
  'two Hosts': ['GET /bad HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n', 400, 'MALFORMED_REQUEST'],
  'a length beside chunks': [
    'POST /bad HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n',
    400,
    'MALFORMED_REQUEST',
  ],
  'a chunk that is none': ['POST /bad HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n', 400, 'MALFORMED_REQUEST'],
  'a head that is too large': [`GET /bad HTTP/1.1\r\nA: ${'x'.repeat(20_000)}\r\n\r\n`, 431, 'HEADERS_TOO_LARGE'],
  'a tunnel': ['CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\n', 405, 'METHOD_NOT_ALLOWED'],
};

test.each(Object.keys(FAULTS))('%s behind two good requests takes neither answer away, and hides no third', async (name) => {
  const [bytes, status, code] = FAULTS[name] ?? ['', 0, ''];
  const seen: string[] = [];
  await using origin = await startRawOrigin(async (c) => {
    for (;;) {
      const { target } = await readRequest(c);
      seen.push(target);
      await pass(15);
      c.write(`HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n${target}`);
    }
  });
  await using gateway = await startTestGateway({ upstream: origin.port });
  for (const cut of [0, 1, 20, 60, 90, 100]) {
    seen.length = 0;
    const c = await connectRaw(gateway.port);
    const all = get('/1') + get('/2') + bytes + get('/3');
    c.write(all.slice(0, cut));
    await pass(2);
    c.write(all.slice(cut));
    expect((await readResponse(c)).body.toString()).toBe('/1');
    expect((await readResponse(c)).body.toString()).toBe('/2');
    const refusal = await readResponse(c);
    expect([refusal.status, header(refusal.headers, 'connection')]).toEqual([status, 'close']);
    expect(JSON.parse(refusal.body.toString())).toMatchObject({ code });
    expect((await c.readToEnd()).length).toBe(0);
    expect(c.errorCode).toBeUndefined();
    expect(seen.filter((target) => target !== '/bad')).toEqual(['/1', '/2']);
    c.destroy();
  }
  await gateway.idle();
  const lines = await gateway.log.wait(18);
  expect(lines.filter((line) => line.status === 200)).toHaveLength(12);
  expect(lines.filter((line) => line.status === status && line.code === code)).toHaveLength(6);
});

test('a chunk that is none while the upload streams is 400, and the upstream never sees the end of that upload', async () => {
  let heard = '';
  await using origin = await startRawOrigin(async (c) => {
    heard = (await c.readToEnd()).toString();
    c.destroy();
  });
  await using gateway = await startTestGateway({ upstream: origin.port });
  const c = await connectRaw(gateway.port);
  c.write('POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n4\r\ngood\r\n');
  await until(() => (origin.connections[0]?.unreadBytes ?? 0) > 0, 'the upload at the upstream');
  c.write(`zz\r\n${get('/behind')}`);
  const answer = await readResponse(c);
  expect([answer.status, JSON.parse(answer.body.toString())['code']]).toEqual([400, 'MALFORMED_REQUEST']);
  expect((await c.readToEnd()).length).toBe(0);
  await origin.connections[0]?.closed;
  expect(heard).toContain('good');
  expect(heard).not.toContain('0\r\n\r\n');
  expect(heard).not.toContain('/behind');
  await gateway.idle();
  expect(await gateway.log.one()).toMatchObject({ status: 400, code: 'MALFORMED_REQUEST' });
  c.destroy();
});
