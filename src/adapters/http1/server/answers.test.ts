/** What goes out, byte by byte. */
import { expect, test } from 'vitest';
import type { RawConnection } from '../../../../test/kit/connection.ts';
import { connectRaw } from '../../../../test/kit/raw-client.ts';
import { pass } from '../../../../test/kit/timing.ts';
import { until } from '../../../../test/kit/until.ts';
import { type Taken, serve } from '../../../../test/kit/http1-server.ts';

const GET = 'GET / HTTP/1.1\r\nHost: x\r\n\r\n';
const OLD = 'GET / HTTP/1.0\r\n\r\n';

/** All that comes for `request` until the connection ends. */
async function answerTo(request: string, script: (taken: Taken) => void): Promise<string> {
  await using served = await serve(script);
  const c = await connectRaw(served.port);
  c.write(request);
  const all = (await c.readToEnd()).toString('latin1');
  c.destroy();
  return all;
}

const CLOSING = 'GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n';
const bytes = (text: string): Buffer => Buffer.from(text, 'latin1');

test.each<[string, string, (taken: Taken) => void, string]>([
  [
    'an answer in one piece',
    CLOSING,
    ({ down }) => down.answer(200, ['A', 'b', 'Content-Length', '2'], bytes('ok')),
    'A: b\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok',
  ],
  [
    'one without a length',
    CLOSING,
    ({ down }) => down.answer(200, [], bytes('ok')),
    'Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n2\r\nok\r\n0\r\n\r\n',
  ],
  [
    'an empty one without a length',
    CLOSING,
    ({ down }) => down.answer(200, [], bytes('')),
    'Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n0\r\n\r\n',
  ],
  [
    'bytes above 127',
    CLOSING,
    ({ down }) => down.answer(200, ['A', '\xe4', 'Content-Length', '3'], Buffer.from([0, 255, 128])),
    'A: \xe4\r\nContent-Length: 3\r\nConnection: close\r\n\r\n\0\xff\x80',
  ],
  [
    'a plain Uint8Array',
    CLOSING,
    ({ down }) => down.answer(200, ['Content-Length', '2'], new Uint8Array([1, 2, 97, 98]).subarray(2)),
    'Content-Length: 2\r\nConnection: close\r\n\r\nab',
  ],
  [
    'one in pieces, with trailers',
    CLOSING,
    ({ down }) => {
      down.writeHead(200, []);
      down.write(bytes('hello'));
      down.write(bytes(''));
      down.write(bytes('x'.repeat(17)));
      down.end(['X-Sum', '1', 'Content-Length', '9', 'Connection', 'x', 'x-SUM', '2', 'Bad', 'a\nb']);
    },
    `Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n5\r\nhello\r\n11\r\n${'x'.repeat(17)}\r\n0\r\nX-Sum: 1\r\nx-SUM: 2\r\n\r\n`,
  ],
  [
    'one in pieces with a length, whose trailers have no place',
    CLOSING,
    ({ down }) => {
      down.writeHead(200, ['Content-Length', '4']);
      down.write(bytes('so'));
      down.write(bytes('me'));
      down.end(['X-Sum', '1']);
    },
    'Content-Length: 4\r\nConnection: close\r\n\r\nsome',
  ],
  ['HTTP/1.0 without a length', OLD, ({ down }) => down.answer(200, ['A', 'b'], bytes('ok')), 'A: b\r\nConnection: close\r\n\r\nok'],
  [
    'HTTP/1.0 with one',
    OLD,
    ({ down }) => down.answer(200, ['Content-Length', '2'], bytes('ok')),
    'Content-Length: 2\r\nConnection: close\r\n\r\nok',
  ],
  [
    'HEAD',
    CLOSING.replace('GET', 'HEAD'),
    ({ down }) => down.answer(200, ['Content-Length', '2'], bytes('ok')),
    'Content-Length: 2\r\nConnection: close\r\n\r\n',
  ],
  [
    'HEAD in pieces',
    CLOSING.replace('GET', 'HEAD'),
    ({ down }) => {
      down.writeHead(200, []);
      down.write(bytes('ok'));
      down.end(['A', 'b']);
    },
    'Connection: close\r\n\r\n',
  ],
])('%s', async (_, request, script, expected) => {
  expect(await answerTo(request, script)).toBe(`HTTP/1.1 200 OK\r\n${expected}`);
});

test('1xx go before the head, to HTTP/1.1 alone, and 100 once', async () => {
  const script = ({ down }: Taken): void => {
    down.writeContinue();
    down.writeContinue();
    down.writeInfo(103, ['Link', '</a>']);
    down.answer(204, [], bytes(''));
    down.writeInfo(103, []);
    down.writeContinue();
  };
  const interim = 'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n';
  expect(await answerTo(CLOSING, script)).toBe(`${interim}HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n`);
  expect(await answerTo(OLD, script)).toBe('HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n');
});

test('calls after the end do nothing', async () => {
  const script = ({ down }: Taken): void => {
    down.answer(200, ['Content-Length', '2'], bytes('ok'));
    down.writeHead(500, []);
    down.write(bytes('more'));
    down.end(undefined);
    down.answer(500, [], bytes('more'));
  };
  expect(await answerTo(CLOSING, script)).toBe('HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok');
});

test('a head leaves in the turn in which it is written, though nothing follows', async () => {
  let taken: Taken | undefined;
  await using served = await serve((t) => {
    taken = t;
    t.down.writeHead(200, []);
  });
  const c = await connectRaw(served.port);
  c.write(GET);
  await c.readUntil('chunked\r\n\r\n');
  taken?.down.write(bytes('data: 1\n\n'));
  expect((await c.readUntil('\n\n\r\n')).toString()).toBe('9\r\ndata: 1\n\n\r\n');
  taken?.down.end(undefined);
  expect((await c.readUntil('\r\n\r\n')).toString()).toBe('0\r\n\r\n');
  c.write(GET);
  await c.readUntil('chunked\r\n\r\n');
  c.destroy();
});

test('head and body leave in one piece', async () => {
  for (const script of [
    ({ down }: Taken) => down.answer(200, ['Content-Length', '3000'], Buffer.alloc(3000, 'a')),
    ({ down }: Taken) => down.answer(200, ['Content-Length', '60000'], Buffer.alloc(60_000, 'a')),
    ({ down }: Taken) => {
      down.writeHead(200, []);
      down.write(Buffer.alloc(3000, 'a'));
      down.end(undefined);
    },
  ]) {
    await using served = await serve(script);
    const c = await connectRaw(served.port);
    const pieces: number[] = [];
    c.socket.on('data', (chunk: Buffer) => pieces.push(chunk.length));
    c.write(GET);
    await until(() => pieces.length > 0, 'an answer');
    await served.taken[0]?.heard('flushed');
    expect(pieces).toHaveLength(1);
    c.destroy();
  }
});

/** The connection ends before what was promised is here, and with nothing after it. */
async function expectBroken(c: RawConnection): Promise<void> {
  const [head = '', body = ''] = (await c.readToEnd()).toString('latin1').split('\r\n\r\n');
  expect(head === '' || body.length < Number(/Content-Length: (\d+)/.exec(head)?.[1])).toBe(true);
  c.destroy();
}

test.each<[string, (taken: Taken) => void]>([
  ['fewer bytes than promised', ({ down }) => down.answer(200, ['Content-Length', '10'], bytes('ok'))],
  ['more bytes than promised', ({ down }) => down.answer(200, ['Content-Length', '1'], bytes('ok'))],
  [
    'fewer in pieces',
    ({ down }) => {
      down.writeHead(200, ['Content-Length', '10']);
      down.write(bytes('ok'));
      down.end(undefined);
    },
  ],
  [
    'more in pieces',
    ({ down }) => {
      down.writeHead(200, ['Content-Length', '3']);
      down.write(bytes('ok'));
      down.write(bytes('ay'));
      down.end(undefined);
    },
  ],
  ['a length that is none', ({ down }) => down.answer(200, ['Content-Length', 'x'], bytes('ok'))],
])('%s break the connection, and are told as a client that is gone', async (_, script) => {
  await using served = await serve(script);
  const c = await connectRaw(served.port);
  c.write(GET);
  await expectBroken(c);
  await served.taken[0]?.heard('gone');
  expect(served.taken[0]?.told).toEqual(['gone']);
});

test.each([
  [GET, undefined],
  [OLD, 'ECONNRESET'],
])('an answer that is given up is never taken for whole (%j)', async (request, code) => {
  await using served = await serve(({ down }) => {
    down.writeHead(200, []);
    down.write(bytes('some'));
  });
  const c = await connectRaw(served.port);
  c.write(request);
  await c.readUntil('some');
  served.taken[0]?.down.abort();
  expect((await c.readToEnd()).toString()).not.toContain('0\r\n\r\n');
  expect(c.errorCode).toBe(code);
  await served.taken[0]?.heard('gone');
  expect(served.taken[0]?.told).toEqual(['gone']);
  c.destroy();
});

test('a client that does not read stops the answer, and is told when it goes on; nothing is lost', async () => {
  const chunk = Buffer.alloc(65_536, 'a');
  const count = 200;
  await using served = await serve((taken) => {
    let sent = 0;
    const more = (): void => {
      while (sent < count) {
        sent += 1;
        if (!taken.down.write(chunk)) return;
      }
      taken.down.end(undefined);
    };
    taken.onEvent = (name) => name === 'drain' && more();
    taken.down.writeHead(200, ['Content-Length', String(count * chunk.length)]);
    more();
  });
  const c = await connectRaw(served.port);
  c.socket.pause();
  c.write(GET);
  const taken = await served.request(0);
  await pass(50);
  expect(taken.told).not.toContain('flushed');
  c.socket.resume();
  await c.readUntil('\r\n\r\n');
  expect((await c.read(count * chunk.length)).equals(Buffer.alloc(count * chunk.length, 'a'))).toBe(true);
  await taken.heard('flushed');
  expect(taken.told.filter((name) => name === 'drain').length).toBeGreaterThan(0);
  expect(taken.told.at(-1)).toBe('flushed');
  c.destroy();
});

test('an answer that is large and whole is flushed when its client has taken it, and not before', async () => {
  const size = 12_000_000;
  await using served = await serve(({ down }) => down.answer(200, ['Content-Length', String(size)], Buffer.alloc(size)));
  const c = await connectRaw(served.port);
  c.socket.pause();
  c.write(GET + GET);
  const taken = await served.request(0);
  await pass(50);
  expect([taken.told, served.taken.length]).toEqual([[], 1]);
  c.socket.resume();
  for (let i = 0; i < 2; i++) {
    await c.readUntil('\r\n\r\n');
    await c.read(size);
  }
  await served.taken[1]?.heard('flushed');
  c.destroy();
});

test('`onFlushed` never comes inside a call', async () => {
  let inside = false;
  const seen: boolean[] = [];
  await using served = await serve((taken) => {
    taken.onEvent = () => seen.push(inside);
    inside = true;
    taken.down.answer(200, ['Content-Length', '0'], bytes(''));
    inside = false;
  });
  const c = await connectRaw(served.port);
  c.write(GET + GET);
  await c.readUntil('\r\n\r\n');
  await until(() => seen.length === 2, 'two flushed');
  expect(seen).toEqual([false, false]);
  c.destroy();
});
