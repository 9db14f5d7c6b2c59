/** One request after the other on a connection: old clients, answers without an end, pipelines, garbage, heads as large as they may be. */
import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { startTestGateway } from '../kit/gateway.ts';
import { header, readRequest, readResponse } from '../kit/message.ts';
import { startRawOrigin } from '../kit/origin.ts';
import { connectRaw, exchangeRaw, sendRequest } from '../kit/raw-client.ts';

const EMPTY = 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n';

/** Answers every request with what was asked for, its body, and its head's version. */
const startTelling = () =>
  startRawOrigin(async (c) => {
    for (;;) {
      const { startLine, body } = await readRequest(c);
      const told = `${startLine} ${body.toString('latin1')}`;
      if (startLine.includes('/chunked'))
        c.write(`HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${told.length.toString(16)}\r\n${told}\r\n0\r\n\r\n`);
      else c.write(`HTTP/1.1 200 OK\r\nContent-Length: ${told.length}\r\n\r\n${startLine.startsWith('HEAD') ? '' : told}`);
    }
  });

test.each([
  [['GET /length HTTP/1.0'], '', 'length', 'close'],
  [['GET /chunked HTTP/1.0', 'Host: x'], '', 'close', 'close'],
  [['POST /length HTTP/1.0', 'Host: x', 'Content-Length: 4'], 'body', 'length', 'close'],
  [['GET /length HTTP/1.0', 'Host: x', 'Connection: Keep-Alive'], '', 'length', 'keep-alive'],
  [['POST /length HTTP/1.0', 'Host: x', 'connection: keep-alive', 'Content-Length: 4'], 'body', 'length', 'keep-alive'],
  [['GET /chunked HTTP/1.0', 'Host: x', 'Connection: keep-alive'], '', 'close', 'close'],
])(
  'a client of HTTP/1.0 (%j) is answered in words it knows, and its request goes on in HTTP/1.1',
  async (lines, body, framing, connection) => {
    await using origin = await startTelling();
    await using gateway = await startTestGateway({ upstream: origin.port });
    const c = await connectRaw(gateway.port);
    for (let i = 0; i < (connection === 'close' ? 1 : 3); i++) {
      sendRequest(c, lines, body);
      const answer = await readResponse(c);
      expect([answer.framing, header(answer.headers, 'connection'), header(answer.headers, 'transfer-encoding')]).toEqual([
        framing,
        connection,
        undefined,
      ]);
      expect(answer.body.toString()).toBe(`${(lines[0] as string).replace('1.0', '1.1')} ${body}`);
    }
    if (connection === 'close') await c.peerDone;
    c.destroy();
  },
);

test('an answer that ends with its connection is told by chunks, byte by byte, and the client keeps its connection', async () => {
  const bytes = randomBytes(2_000_000);
  await using origin = await startRawOrigin(async (c) => {
    await readRequest(c);
    c.write('HTTP/1.0 200 OK\r\nX-Server: old\r\n\r\n');
    c.write(bytes);
    c.end();
  });
  await using gateway = await startTestGateway({ upstream: origin.port });
  const c = await connectRaw(gateway.port);
  for (let i = 0; i < 3; i++) {
    sendRequest(c, ['GET / HTTP/1.1', 'Host: x']);
    const answer = await readResponse(c);
    expect([answer.startLine, answer.framing, answer.body.equals(bytes)]).toEqual(['HTTP/1.1 200 OK', 'chunked', true]);
  }
  c.destroy();
});

test('a pipeline of all kinds in one write is answered in order, and every body reaches its own request', async () => {
  await using origin = await startTelling();
  await using gateway = await startTestGateway({ upstream: origin.port });
  const post = (path: string, body: string): string => `POST ${path} HTTP/1.1\r\nHost: x\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
  const fake = 'GET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n';
  const c = await connectRaw(gateway.port);
  c.write(
    [
      'GET /1 HTTP/1.1\r\nHost: x\r\n\r\n',
      post('/2', fake),
      `POST /3 HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n${fake.length.toString(16)}\r\n${fake}\r\n0\r\n\r\n`,
      'HEAD /4 HTTP/1.1\r\nHost: x\r\n\r\n',
      '\r\nGET /chunked/5 HTTP/1.1\r\nHost: x\r\n\r\n',
      post('/6', 'x'.repeat(200_000)),
      'GET /7 HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\nConnection: close\r\n\r\n',
      'GET /never HTTP/1.1\r\nHost: x\r\n\r\n',
    ].join(''),
  );
  const told: string[] = [];
  for (const method of ['GET', 'POST', 'POST', 'HEAD', 'GET', 'POST', 'GET']) told.push((await readResponse(c, method)).body.toString());
  expect(told.map((text) => text.slice(0, 60))).toEqual([
    'GET /1 HTTP/1.1 ',
    `POST /2 HTTP/1.1 ${fake}`.slice(0, 60),
    `POST /3 HTTP/1.1 ${fake}`.slice(0, 60),
    '',
    'GET /chunked/5 HTTP/1.1 ',
    `POST /6 HTTP/1.1 ${'x'.repeat(100)}`.slice(0, 60),
    'GET /7 HTTP/1.1 ',
  ]);
  expect(told[5]?.length).toBe(200_017);
  expect((await c.readToEnd()).length).toBe(0);
  c.destroy();
  await gateway.idle();
  expect(gateway.log.all().map(({ path }) => path)).not.toContain('/never');
});

test.each([
  '\x16\x03\x01\x02\x00\x01',
  'GET / HTTP/9.9\r\n\r\n',
  ' GET / HTTP/1.1\r\nHost: x\r\n\r\n',
  'G\x00T / HTTP/1.1\r\n\r\n',
  '\n\n\n',
])('behind a good request %j is refused, after the good one was answered', async (garbage) => {
  await using origin = await startTelling();
  await using gateway = await startTestGateway({ upstream: origin.port });
  const c = await connectRaw(gateway.port);
  c.write(`GET /good HTTP/1.1\r\nHost: x\r\n\r\n${garbage}`);
  expect((await readResponse(c)).body.toString()).toBe('GET /good HTTP/1.1 ');
  const refusal = await readResponse(c);
  expect([refusal.status, header(refusal.headers, 'connection')]).toEqual([400, 'close']);
  expect((await c.readToEnd()).length).toBe(0);
  c.destroy();
  expect((await gateway.log.wait(2)).map(({ path }) => path)).toEqual(['/good', expect.any(String)]);
  expect(origin.connections).toHaveLength(1);
});

const LARGEST = 16 * 1024;
const BEFORE = 'GET / HTTP/1.1\r\nHost: x\r\nX-Long: ';
/** A head of exactly so many bytes, the two line ends that close it not counted. */
const headOf = (bytes: number): string => `${BEFORE}${'y'.repeat(bytes - BEFORE.length)}\r\n\r\n`;

test('a head as large as it may be passes whole, in whatever pieces; one byte more is refused', async () => {
  let seen = '';
  await using origin = await startRawOrigin(async (c) => {
    for (;;) {
      seen = header((await readRequest(c)).headers, 'x-long') ?? '';
      c.write(EMPTY);
    }
  });
  await using gateway = await startTestGateway({ upstream: origin.port, listener: { maxHeaderBytes: '16KiB' } });
  const c = await connectRaw(gateway.port);
  for (const pieceBytes of [2 * LARGEST, 1000, 4096, LARGEST - 1]) {
    const head = headOf(LARGEST);
    for (let at = 0; at < head.length; at += pieceBytes) {
      c.write(head.slice(at, at + pieceBytes));
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect((await readResponse(c)).status).toBe(200);
    expect(seen.length).toBe(LARGEST - BEFORE.length);
  }
  c.destroy();
  const refused = await connectRaw(gateway.port);
  refused.write(headOf(LARGEST + 1));
  expect((await readResponse(refused)).status).toBe(431);
  refused.destroy();
});

test('a target as long as it may be passes whole; one byte more is refused', async () => {
  const targets: string[] = [];
  await using origin = await startRawOrigin(async (c) => {
    for (;;) {
      targets.push((await readRequest(c)).target);
      c.write(EMPTY);
    }
  });
  await using gateway = await startTestGateway({ upstream: origin.port, listener: { maxUrlBytes: '8KiB' } });
  const target = `/${'p'.repeat(4000)}?${'q'.repeat(8192 - 4002)}`;
  expect((await exchangeRaw(gateway.port, [`GET ${target} HTTP/1.1`, 'Host: x'])).status).toBe(200);
  expect(targets).toEqual([target]);
  expect((await exchangeRaw(gateway.port, [`GET ${target}q HTTP/1.1`, 'Host: x'])).status).toBe(414);
});
