/** What comes in is told of as it came, however it was cut into pieces. */
import fc from 'fast-check';
import { expect, test, vi } from 'vitest';
import { connectRaw } from '../../../../test/kit/raw-client.ts';
import { pass } from '../../../../test/kit/timing.ts';
import { until } from '../../../../test/kit/until.ts';
import { type Served, type Taken, echo, serve } from '../../../../test/kit/http1-server.ts';

vi.setConfig({ testTimeout: 40_000 }); // hundreds of connections, one behind the other

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Sends the pieces one by one, each in a packet of its own, and gives all that came until the connection ended. */
async function sendPieces(served: Served, pieces: readonly string[]): Promise<string> {
  const c = await connectRaw(served.port);
  for (const piece of pieces) {
    c.write(piece);
    await turn();
  }
  const all = (await c.readToEnd()).toString('latin1');
  c.destroy();
  return all;
}

const last = (text: string): string => text.replace('Host: x', 'Host: x\r\nConnection: close');
const ok = (body: string, close = ''): string => `HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n${close}\r\n${body}`;
const okLast = (body: string): string => ok(body, 'Connection: close\r\n');

const POST = 'POST /p HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello';
const CHUNKED = 'PUT /c HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n2;a=b\r\nhe\r\n3\r\nllo\r\n0\r\nX-T: 1\r\n\r\n';

test('every byte of a head is told as it came', async () => {
  await using served = await serve();
  const fields = 'hOsT: x:80\r\nX-a:1\r\nX-A:  2 \t\r\nx-empty:\r\nX-Odd!#: \xe4\xff\r\nConnection: close\r\n';
  await sendPieces(served, [`QUERY /a?b=%2f;;c HTTP/1.1\r\n${fields}\r\n`]);
  expect(served.taken[0]?.head).toEqual({
    method: 'QUERY',
    target: '/a?b=%2f;;c',
    path: '/a?b=%2f;;c',
    query: '',
    headers: ['hOsT', 'x:80', 'X-a', '1', 'X-A', '2', 'x-empty', '', 'X-Odd!#', '\xe4\xff', 'Connection', 'close'],
    httpVersion: '1.1',
    scheme: 'http',
    upgrade: undefined,
  });
  expect(served.taken[0]?.address).toBe('127.0.0.1');
});

test('a pipeline is answered in order, one at a time, whatever comes behind', async () => {
  await using served = await serve((taken) => {
    expect(served.taken.filter(({ told }) => !told.includes('flushed'))).toHaveLength(1);
    setTimeout(() => echo(taken), 3);
  });
  const answer = await sendPieces(served, [
    `GET /1 HTTP/1.1\r\nHost: x\r\n\r\n${POST}${CHUNKED}HEAD /h HTTP/1.1\r\nHost: x\r\n\r\n${last(POST)}`,
  ]);
  const head = 'HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\n';
  expect(answer).toBe(ok('GET /1 ') + ok('POST /p hello') + ok('PUT /c hello') + head + okLast('POST /p hello'));
  expect(served.taken.map(({ told }) => told.at(-1))).toEqual(Array.from({ length: 5 }, () => 'flushed'));
});

test('a pipeline cut at every byte is the same pipeline', async () => {
  await using served = await serve();
  const text = `\r\n\r\n${POST}\r\n${CHUNKED}${last(POST)}`;
  const expected = ok('POST /p hello') + ok('PUT /c hello') + okLast('POST /p hello');
  for (let i = 1; i < text.length; i++) expect(await sendPieces(served, [text.slice(0, i), text.slice(i)])).toBe(expected);
  expect(await sendPieces(served, [...text])).toBe(expected);
  expect(served.meter.value('request_trailers_dropped_total')).toBe(text.length);
});

test('a pipeline cut at random is the same pipeline', async () => {
  await using served = await serve();
  const request = fc.oneof(
    fc.record({ body: fc.string({ unit: 'binary-ascii', maxLength: 300 }) }).map(({ body }) => ({
      text: `POST /l HTTP/1.1\r\nHost: x\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
      answer: ok(`POST /l ${body}`),
    })),
    fc.array(fc.string({ unit: 'binary-ascii', minLength: 1, maxLength: 40 }), { maxLength: 8 }).map((chunks) => ({
      text: `POST /c HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n${chunks.map((c) => `${c.length.toString(16)}\r\n${c}\r\n`).join('')}0\r\n\r\n`,
      answer: ok(`POST /c ${chunks.join('')}`),
    })),
    fc.webPath().map((path) => ({ text: `GET /${path} HTTP/1.1\r\nHost: x\r\n\r\n`, answer: ok(`GET /${path} `) })),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(request, { maxLength: 6 }), fc.array(fc.nat(400), { maxLength: 15 }), async (requests, cuts) => {
      const text = requests.map((r) => r.text).join('') + last('GET /end HTTP/1.1\r\nHost: x\r\n\r\n');
      const pieces: string[] = [];
      let at = 0;
      for (const cut of cuts) {
        pieces.push(text.slice(at, at + cut));
        at += cut;
      }
      pieces.push(text.slice(at));
      expect(
        await sendPieces(
          served,
          pieces.filter((piece) => piece !== ''),
        ),
      ).toBe(requests.map((r) => r.answer).join('') + okLast('GET /end '));
    }),
    { numRuns: 40 },
  );
});

test('chunks that were told of are never written over', async () => {
  const kept: Taken[] = [];
  await using served = await serve((taken) => {
    kept.push(taken);
    taken.collect(() => taken.answer(200, 'ok'));
  });
  const clients = await Promise.all(Array.from({ length: 10 }, () => connectRaw(served.port)));
  for (let round = 0; round < 20; round++) {
    for (const [i, c] of clients.entries()) {
      const body = String.fromCharCode(97 + i).repeat(round * 700 + i);
      c.write(
        round % 2 === 0
          ? `POST /${i}/${round} HTTP/1.1\r\nHost: x\r\nContent-Length: ${body.length}\r\n\r\n${body}`
          : `POST /${i}/${round} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`,
      );
    }
  }
  await until(() => kept.filter(({ told }) => told.includes('flushed')).length === 200, 'all');
  for (const { head, body } of kept) {
    const [, i, round] = head.target.split('/').map(Number) as [number, number, number];
    expect(body.equals(Buffer.alloc(round * 700 + i, 97 + i))).toBe(true);
  }
  for (const c of clients) c.destroy();
});

test('nothing of a body is told before it is asked for, nor after a pause but for what was read already', async () => {
  const size = 6_000_000;
  await using served = await serve(() => undefined);
  const c = await connectRaw(served.port);
  c.write(`POST / HTTP/1.1\r\nHost: x\r\nContent-Length: ${size}\r\n\r\n`);
  c.write(Buffer.alloc(size, 'b'));
  const taken = await served.request(0);
  expect([taken.down.hasBody, taken.down.bodyLength, taken.down.expectsContinue]).toEqual([true, size, false]);
  await pass(50);
  expect(taken.chunks).toEqual([]);
  expect(c.socket.writableLength).toBeGreaterThan(0); // the client is stopped
  taken.onChunk = () => taken.down.pauseBody();
  taken.down.readBody();
  expect(taken.chunks).toHaveLength(1);
  expect(taken.chunks[0]?.byteLength).toBeLessThanOrEqual(128 * 1024);
  await pass(20);
  expect(taken.chunks).toHaveLength(1);
  taken.onChunk = () => undefined;
  taken.down.readBody();
  await taken.heard('end');
  expect(taken.body.equals(Buffer.alloc(size, 'b'))).toBe(true);
  taken.answer(200, 'ok');
  await c.readUntil('ok');
  c.destroy();
});

test('a client that pauses and goes on inside every chunk loses nothing', async () => {
  await using served = await serve((taken) => {
    taken.onChunk = () => {
      taken.down.pauseBody();
      setImmediate(() => taken.down.readBody());
      if (taken.chunks.length % 3 === 0) taken.down.readBody();
    };
    taken.collect((body) => taken.answer(200, String(body.length)));
  });
  const c = await connectRaw(served.port);
  const size = 3_000_000;
  c.write(`POST / HTTP/1.1\r\nHost: x\r\nContent-Length: ${size}\r\n\r\n`);
  c.write(Buffer.alloc(size));
  await c.readUntil(`\r\n\r\n${size}`);
  c.write(`POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n`);
  for (let i = 0; i < 300; i++) c.write(Buffer.concat([Buffer.from('2710\r\n'), Buffer.alloc(10_000), Buffer.from('\r\n')]));
  c.write('0\r\n\r\n');
  await c.readUntil(`\r\n\r\n${size}`);
  expect(served.taken.map(({ told }) => told)).toEqual([
    ['end', 'flushed'],
    ['end', 'flushed'],
  ]);
  c.destroy();
});

test('a 100 is asked for by the pipeline, and the body comes after it', async () => {
  await using served = await serve();
  const c = await connectRaw(served.port);
  c.write('POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n');
  expect((await c.readUntil('\r\n\r\n')).toString()).toBe('HTTP/1.1 100 Continue\r\n\r\n');
  c.write('ab');
  expect((await c.readUntil('ab')).toString()).toBe(ok('POST / ab'));
  c.destroy();
});

test('an answer before the body has come keeps the connection, once the body has', async () => {
  await using served = await serve((taken) => {
    taken.answer(404, '');
    if (taken.down.hasBody) taken.down.readBody();
  });
  const c = await connectRaw(served.port);
  c.write('POST /1 HTTP/1.1\r\nHost: x\r\nContent-Length: 6\r\n\r\nabc');
  await c.readUntil('\r\n\r\n');
  c.write('defGET /2 HTTP/1.1\r\nHost: x\r\n\r\n');
  await c.readUntil('\r\n\r\n');
  expect(served.taken.map(({ head, body }) => `${head.target} ${body}`)).toEqual(['/1 abcdef', '/2 ']);
  expect(served.taken[0]?.told).toEqual(['flushed', 'end']);
  c.destroy();
});

test('a target may be told of in another form', async () => {
  await using served = await serve(echo, { splitTarget: (target) => ({ target: target.toUpperCase(), path: '/P', query: 'q' }) });
  await sendPieces(served, [last('GET /a HTTP/1.1\r\nHost: x\r\n\r\n')]);
  expect(served.taken[0]?.head).toMatchObject({ target: '/A', path: '/P', query: 'q' });
});
