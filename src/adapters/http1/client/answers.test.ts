/** What comes back from an upstream: how answers end, and what is none. Over real sockets. */
import { expect, test } from 'vitest';
import type { RawConnection } from '../../../../test/kit/connection.ts';
import { ask, poolTo } from '../../../../test/kit/http1-upstream.ts';
import { readHead, readRequest } from '../../../../test/kit/message.ts';
import { startRawOrigin } from '../../../../test/kit/origin.ts';
import { until } from '../../../../test/kit/until.ts';

type Way = 'FIN' | 'RST' | 'stays';

/** Answers each request with `pieces`, each in a packet of its own, then ends its connection or does not. */
function answering(pieces: string | readonly string[], way: Way = 'stays') {
  return startRawOrigin(async (c: RawConnection) => {
    for (;;) {
      await readRequest(c);
      for (const piece of typeof pieces === 'string' ? [pieces] : pieces) {
        c.write(piece);
        await new Promise((resolve) => setImmediate(resolve));
      }
      if (way === 'FIN') c.end();
      if (way === 'RST') c.reset();
    }
  });
}

/** One request answered so; what was told of it, and how many connections the pool keeps. */
async function told(pieces: string | readonly string[], way: Way = 'stays', method = 'GET') {
  await using origin = await answering(pieces, way);
  await using p = poolTo(origin.port);
  const asked = ask(p.pool, { method });
  await asked.over;
  return { asked, told: asked.told.filter((event, i, all) => event !== 'data' || all[i - 1] !== 'data'), kept: p.pool.usage.idle };
}

const OK = 'HTTP/1.1 200 OK\r\n';

test.each([
  ['a length', `${OK}Content-Length: 5\r\n\r\nhello`, 'GET', 'hello', 1],
  ['a length of nothing', `${OK}Content-Length: 0\r\n\r\n`, 'GET', '', 1],
  ['chunks', `${OK}Transfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n3;x=y\r\nllo\r\n0\r\n\r\n`, 'GET', 'hello', 1],
  ['chunks, in capitals', `${OK}transfer-encoding: CHUNKED\r\n\r\n5\r\nhello\r\n0\r\n\r\n`, 'GET', 'hello', 1],
  ['two lengths that are one', `${OK}Content-Length: 5\r\ncontent-length: 5\r\n\r\nhello`, 'GET', 'hello', 1],
  ['HTTP/1.0 that keeps', 'HTTP/1.0 200 OK\r\nConnection: Keep-Alive\r\nContent-Length: 5\r\n\r\nhello', 'GET', 'hello', 1],
  ['HTTP/1.0', 'HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\nhello', 'GET', 'hello', 0],
  ['a close', `${OK}Connection: x, Close\r\nContent-Length: 5\r\n\r\nhello`, 'GET', 'hello', 0],
  ['a later minor version', 'HTTP/1.9 200 OK\r\nContent-Length: 5\r\n\r\nhello', 'GET', 'hello', 1],
  ['a HEAD with a length', `${OK}Content-Length: 5\r\n\r\n`, 'HEAD', '', 1],
  ['a HEAD with chunks', `${OK}Transfer-Encoding: chunked\r\n\r\n`, 'HEAD', '', 1],
  ['a HEAD with no framing', `${OK}\r\n`, 'HEAD', '', 1],
  ['a 204', 'HTTP/1.1 204 No Content\r\n\r\n', 'GET', '', 1],
  ['a 304 with a length', 'HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n', 'GET', '', 1],
  ['a 205 with no framing', 'HTTP/1.1 205 Reset Content\r\n\r\n', 'GET', '', 1],
  ['a 205 with chunks', 'HTTP/1.1 205 Reset Content\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n', 'GET', '', 1],
  ['no reason', 'HTTP/1.1 200\r\nContent-Length: 5\r\n\r\nhello', 'GET', 'hello', 1],
  ['a status that nobody knows', 'HTTP/1.1 799 What\r\nContent-Length: 5\r\n\r\nhello', 'GET', 'hello', 1],
] as const)('%s: the whole answer, and the connection is kept or not', async (_, bytes, method, body, kept) => {
  const result = await told(bytes, 'stays', method);
  expect(result.asked.body).toBe(body);
  expect(result.told.at(-1)).toBe('end');
  expect(result.kept).toBe(kept);
});

test('what ends with its connection is whole after a FIN, broken after a RST', async () => {
  expect((await told(`${OK}\r\nsome`, 'FIN')).told).toEqual(['head 200', 'data', 'end']);
  await using origin = await startRawOrigin(async (c) => {
    await readRequest(c);
    c.write(`${OK}\r\nsome`);
    await until(() => asked?.body === 'some', 'the body');
    c.reset();
  });
  await using p = poolTo(origin.port);
  const asked = ask(p.pool);
  await asked.over;
  expect(asked.told).toEqual(['head 200', 'data', 'UPSTREAM_RESET']);
});

test.each([
  ['nothing', '', []],
  ['half a head', `${OK}Content-Le`, []],
  ['half a body', `${OK}Content-Length: 5\r\n\r\nhel`, ['head 200', 'data']],
  ['no body', `${OK}Content-Length: 5\r\n\r\n`, ['head 200']],
  ['half a chunk', `${OK}Transfer-Encoding: chunked\r\n\r\n5\r\nhel`, ['head 200', 'data']],
  ['no last chunk', `${OK}Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n`, ['head 200', 'data']],
  ['half the trailers', `${OK}Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nA: b\r\n`, ['head 200', 'data']],
  ['an interim answer', 'HTTP/1.1 103 Early Hints\r\n\r\n', ['info 103']],
] as const)('EV-7: %s and a FIN is an answer cut short', async (_, bytes, before) => {
  const result = await told(bytes, 'FIN');
  expect(result.told).toEqual([...before, 'UPSTREAM_RESET']);
});

test('trailers come with the end, in order and case', async () => {
  const { asked } = await told(`${OK}Trailer: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\nX-Sum: 1\r\nx-sum:2\r\nEmpty:\r\n\r\n`);
  expect(asked.trailers).toEqual(['X-Sum', '1', 'x-sum', '2', 'Empty', '']);
});

test('fields are handed on as they came, in order, case and number', async () => {
  const { asked } = await told(`${OK}B: 1\r\na:2\r\nB:  3 \r\nOne: \xe9\xff\r\nContent-Length: 0\r\n\r\n`);
  expect(asked.answer?.headers).toEqual(['B', '1', 'a', '2', 'B', '3', 'One', '\xe9\xff', 'Content-Length', '0']);
});

test('equal lengths become one in plain digits, and a 204 or a 1xx keeps no framing', async () => {
  const twice = await told(`${OK}Content-Length: 02, 02\r\nX: y\r\ncontent-length: 2\r\n\r\nab`);
  expect([twice.asked.answer?.headers, twice.asked.body]).toEqual([['Content-Length', '2', 'X', 'y'], 'ab']);
  const interim = 'HTTP/1.1 103 Early Hints\r\nContent-Length: 7\r\nLink: </a>\r\nTransfer-Encoding: x\r\n\r\n';
  const empty = await told(`${interim}HTTP/1.1 204 No Content\r\nContent-Length: 5\r\nX: y\r\n\r\n`);
  expect(empty.told).toEqual(['info 103', 'head 204', 'end']);
  expect([empty.asked.infos, empty.asked.answer?.headers]).toEqual([[['Link', '</a>']], ['X', 'y']]);
});

test.each([
  ['no HTTP', 'SSH-2.0-OpenSSH_9.6\r\n'],
  ['an empty line first', `\r\n${OK}Content-Length: 0\r\n\r\n`],
  ['HTTP/2', 'HTTP/2 200 OK\r\nContent-Length: 0\r\n\r\n'],
  ['a status below 100', 'HTTP/1.1 099 Low\r\nContent-Length: 0\r\n\r\n'],
  ['a status of four digits', 'HTTP/1.1 2000 High\r\nContent-Length: 0\r\n\r\n'],
  ['a line that ends without CR', `${OK}A: b\nContent-Length: 0\r\n\r\n`],
  ['a folded line', `${OK}A: b\r\n c\r\nContent-Length: 0\r\n\r\n`],
  ['a space before a colon', `${OK}Content-Length : 0\r\n\r\n`],
  ['a control character', `${OK}A: b\0c\r\nContent-Length: 0\r\n\r\n`],
  ['two lengths', `${OK}Content-Length: 1\r\nContent-Length: 2\r\n\r\nab`],
  ['a list of two lengths', `${OK}Content-Length: 1, 2\r\n\r\nab`],
  ['a length that is none', `${OK}Content-Length: +1\r\n\r\na`],
  ['an empty length', `${OK}Content-Length:\r\n\r\na`],
  ['a length beyond all numbers', `${OK}Content-Length: 99999999999999999\r\n\r\na`],
  ['a length and chunks', `${OK}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`],
  ['a length and chunks, for a 304', 'HTTP/1.1 304 x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n'],
  ['chunks in HTTP/1.0', 'HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'],
  ['another coding', `${OK}Transfer-Encoding: gzip\r\n\r\nx`],
  ['two codings', `${OK}Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n`],
  ['chunks twice', `${OK}Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`],
  ['a head too large', `${OK}A: ${'x'.repeat(128 * 1024)}\r\n\r\n`],
  ['a head without end', `${OK}A: ${'x'.repeat(200 * 1024)}`],
  ['interim answers without end', 'HTTP/1.1 102 Processing\r\n\r\n'.repeat(33)],
  ['hundreds without end', 'HTTP/1.1 100 Continue\r\n\r\n'.repeat(33)],
  ['a change of protocol that nobody asked for', 'HTTP/1.1 101 x\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n'],
])('HY-4: %s is no answer', async (_, bytes) => {
  const result = await told(bytes, 'stays', 'POST');
  expect(result.told.filter((event) => event !== 'info 102')).toEqual(['UPSTREAM_BAD_FRAMING']);
  expect(result.kept).toBe(0);
});

test.each([
  ['a size that is none', '5\r\nhello\r\nx\r\n', 'UPSTREAM_BAD_FRAMING'],
  ['a chunk longer than its size', '4\r\nhello\r\n0\r\n\r\n', 'UPSTREAM_BAD_FRAMING'],
  ['a malformed trailer', '5\r\nhello\r\n0\r\nA b\r\n\r\n', 'UPSTREAM_BAD_FRAMING'],
  ['trailers too large', `5\r\nhello\r\n0\r\nA: ${'x'.repeat(17_000)}\r\n\r\n`, 'UPSTREAM_BAD_FRAMING'],
])('%s breaks the answer in its middle', async (_, body, code) => {
  const { told: events } = await told(`${OK}Transfer-Encoding: chunked\r\n\r\n${body}`);
  expect([events[0], events.at(-1)]).toEqual(['head 200', code]);
});

test('interim answers come before the final one, a 100 stays here, and 32 are not too many', async () => {
  const early = 'HTTP/1.1 103 Early Hints\r\nLink: </a>; rel=preload\r\n\r\n';
  const { told: events, asked } = await told(`${early}HTTP/1.1 100 Continue\r\n\r\n${early}${OK}Content-Length: 1\r\n\r\nx`);
  expect(events).toEqual(['info 103', 'info 103', 'head 200', 'data', 'end']);
  expect(asked.infos[0]).toEqual(['Link', '</a>; rel=preload']);
  const many = await told(`${'HTTP/1.1 102 x\r\n\r\n'.repeat(32)}${OK}Content-Length: 0\r\n\r\n`);
  expect(many.told.slice(-2)).toEqual(['head 200', 'end']);
});

const WHOLE = [
  'HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 201 Created\r\nContent-Length: 5\r\nX: y\r\n\r\nhello',
  'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2;e=1\r\nhe\r\n3\r\nllo\r\n0\r\nT: u\r\n\r\n',
];

test.each(WHOLE)('an answer is the same however it is cut into packets: %j', async (bytes) => {
  const cut = { at: 0 };
  await using origin = await startRawOrigin(async (c) => {
    for (;;) {
      await readHead(c);
      c.write(bytes.slice(0, cut.at));
      await new Promise((resolve) => setImmediate(resolve));
      c.write(bytes.slice(cut.at));
    }
  });
  await using p = poolTo(origin.port);
  for (cut.at = 1; cut.at < bytes.length; cut.at++) {
    const asked = ask(p.pool);
    await asked.over;
    expect([asked.body, asked.told.at(-1), cut.at]).toEqual(['hello', 'end', cut.at]);
  }
  expect(origin.connections).toHaveLength(1);
});

test('and also byte by byte', async () => {
  for (const bytes of WHOLE) {
    const { asked } = await told([...bytes]);
    expect([asked.body, asked.told.at(-1)]).toEqual(['hello', 'end']);
  }
});

test.each([
  ['a length', (body: Buffer) => [`${OK}Content-Length: ${body.length}\r\n\r\n`, body]],
  ['chunks', (body: Buffer) => [`${OK}Transfer-Encoding: chunked\r\n\r\n${body.length.toString(16)}\r\n`, body, '\r\n0\r\n\r\n']],
  ['its connection', (body: Buffer) => [`${OK}Connection: close\r\n\r\n`, body]],
])('large bodies with %s, byte for byte, also when they are held now and then', async (_, parts) => {
  const body = Buffer.alloc(3_000_000);
  for (let i = 0; i < body.length; i++) body[i] = (i * 7 + (i >> 8)) & 0xff;
  await using origin = await startRawOrigin(async (c) => {
    await readHead(c);
    for (const part of parts(body)) c.write(part);
    c.end();
  });
  await using p = poolTo(origin.port);
  const asked = ask(p.pool);
  let events = 0;
  asked.on = () => {
    events += 1;
    if (events % 5 !== 0) return;
    asked.call?.pause();
    setImmediate(() => asked.call?.resume());
  };
  await asked.over;
  expect(asked.told.at(-1)).toBe('end');
  expect(Buffer.concat(asked.chunks).equals(body)).toBe(true);
});

test('while it is held, no more than one read comes, and the upstream has to wait', async () => {
  await using origin = await startRawOrigin(async (c) => {
    await readHead(c);
    c.write(`${OK}Content-Length: 50000000\r\n\r\n`);
    c.write(Buffer.alloc(50_000_000));
  });
  await using p = poolTo(origin.port);
  const asked = ask(p.pool);
  asked.on = (event) => {
    if (event === 'head 200') asked.call?.pause();
  };
  await until(() => asked.told.length > 0, 'the head');
  for (let i = 0; i < 20; i++) await new Promise((resolve) => setImmediate(resolve));
  expect(asked.body.length).toBeLessThanOrEqual(64 * 1024);
  expect(origin.connections[0]?.socket.writableLength).toBeGreaterThan(0);
  asked.call?.resume();
  await asked.over;
  expect([asked.body.length, asked.told.at(-1)]).toEqual([50_000_000, 'end']);
});

test('what was handed on is never written over by what comes later', async () => {
  let n = 0;
  await using origin = await startRawOrigin(async (c) => {
    for (;;) {
      await readRequest(c);
      n += 1;
      c.write(`${OK}Content-Length: 20000\r\n\r\n${String(n % 10).repeat(20_000)}`);
    }
  });
  await using p = poolTo(origin.port);
  const all = [];
  for (let i = 1; i <= 5; i++) {
    const asked = ask(p.pool);
    await asked.over;
    all.push(asked);
  }
  expect(all.map(({ body }, i) => body === String(i + 1).repeat(20_000))).toEqual([true, true, true, true, true]);
});
