/** What can't be read, or must not be: it gets its answer as every request does, and nothing behind it is interpreted. */
import { describe, expect, test } from 'vitest';
import { rejection } from '../../../core/rejection.ts';
import { connectRaw } from '../../../../test/kit/raw-client.ts';
import { elapsedMs, pass, SLACK_MS } from '../../../../test/kit/timing.ts';
import { until } from '../../../../test/kit/until.ts';
import { type Taken, echo, serve } from '../../../../test/kit/http1-server.ts';

const GET = 'GET /ok HTTP/1.1\r\nHost: x\r\n\r\n';
const refused = (status: string, code: string): string =>
  `HTTP/1.1 ${status}\r\nContent-Length: ${code.length}\r\nConnection: close\r\n\r\n${code}`;
const BAD = refused('400 Bad Request', 'MALFORMED_REQUEST');
const LONG = refused('414 URI Too Long', 'URI_TOO_LONG');
const LARGE = refused('431 Request Header Fields Too Large', 'HEADERS_TOO_LARGE');
const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\nGET /ok ';

interface Case {
  readonly bytes: string;
  readonly answer: string;
  /** As far as it could be read. */
  readonly method: string;
}
const bad = (bytes: string, method = ''): Case => ({ bytes, answer: BAD, method });

const CASES: Readonly<Record<string, Case>> = {
  'a TLS client': bad('\x16\x03\x01\x02\0\x01\0'),
  'a bare LF before the request': bad('\nGET / HTTP/1.1\r\nHost: x\r\n\r\n'),
  'a bare CR before the request': bad('\rGET / HTTP/1.1\r\nHost: x\r\n\r\n'),
  'a space before the request': bad(' GET / HTTP/1.1\r\nHost: x\r\n\r\n'),
  'a bare LF in the head, at once': bad('GET / HTTP/1.1\nHost'),
  'empty lines without end': bad('\r\n'.repeat(17)),
  'another version': bad('GET / HTTP/2.0\r\nHost: x\r\n\r\n'),
  'the preface of HTTP/2': bad('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'),
  'no version': bad('GET /\r\n\r\n'),
  'a fault of a field': bad('PATCH / HTTP/1.1\r\nHost : x\r\n\r\n', 'PATCH'),
  'a fault of the framing': bad('POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n', 'POST'),
  'no Host': bad('GET / HTTP/1.1\r\n\r\n', 'GET'),
  'a tunnel': {
    bytes: 'CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\n',
    answer: refused('405 Method Not Allowed', 'METHOD_NOT_ALLOWED'),
    method: 'CONNECT',
  },
  'an expectation nobody knows': {
    bytes: 'POST / HTTP/1.1\r\nHost: x\r\nExpect: gold\r\nContent-Length: 3\r\n\r\nabc',
    answer: refused('417 Expectation Failed', 'EXPECTATION_FAILED'),
    method: 'POST',
  },
  'a long target': { bytes: `GET /${'x'.repeat(300)} HTTP/1.1\r\nHost: x\r\n\r\n`, answer: LONG, method: 'GET' },
  'a long target in a large head': { bytes: `GET /${'x'.repeat(300)} HTTP/1.1\r\nA: ${'x'.repeat(1000)}`, answer: LONG, method: 'GET' },
  'a line longer than a head': { bytes: `GET /${'x'.repeat(1500)}`, answer: LONG, method: '' },
  'a large head': { bytes: `GET / HTTP/1.1\r\nA: ${'x'.repeat(1010)}\r\n\r\n`, answer: LARGE, method: 'GET' },
  'a large head without end': { bytes: `GET / HTTP/1.1\r\nA: ${'x'.repeat(1020)}`, answer: LARGE, method: 'GET' },
  'many fields': { bytes: `GET / HTTP/1.1\r\n${'a:b\r\n'.repeat(300)}\r\n`, answer: LARGE, method: 'GET' },
};
const LIMITS = { maxHeaderBytes: 1024, maxUrlBytes: 256 };

describe.each(Object.entries(CASES))('%s', (_, { bytes, answer, method }) => {
  test('is refused; nothing that follows is a request; the connection ends', async () => {
    await using served = await serve(echo, LIMITS);
    const c = await connectRaw(served.port);
    c.write(`${bytes}${GET}`);
    expect((await c.readToEnd()).toString('latin1')).toBe(answer);
    c.write(GET);
    c.end();
    await c.closed;
    expect(served.taken.map(({ head, told }) => [head.method, told])).toEqual([[method, ['flushed']]]);
    expect(c.errorCode).toBeUndefined();
  });

  test('is refused however it is cut, and does not harm the answers before it', async () => {
    await using served = await serve(echo, LIMITS);
    const text = GET + bytes;
    for (let i = 1; i < text.length; i += text.length > 200 ? 41 : 1) {
      const c = await connectRaw(served.port);
      c.write(text.slice(0, i));
      await new Promise((resolve) => setImmediate(resolve));
      c.write(text.slice(i));
      expect((await c.readToEnd()).toString('latin1')).toBe(OK + answer);
      c.end();
      await c.closed;
    }
  });
});

test('up to sixteen empty lines are passed over before a request', async () => {
  await using served = await serve();
  const c = await connectRaw(served.port);
  for (let i = 0; i < 3; i++) {
    c.write(`${'\r\n'.repeat(16)}${GET}`);
    expect((await c.readUntil('/ok ')).toString()).toBe(OK);
  }
  c.destroy();
});

test('a head of exactly the limit passes', async () => {
  await using served = await serve(echo, LIMITS);
  const head = (bytes: number): string => {
    const before = 'GET /ok HTTP/1.1\r\nHost: x\r\nA: ';
    return `${before}${'x'.repeat(bytes - before.length)}\r\n\r\n`;
  };
  const c = await connectRaw(served.port);
  c.write(head(1024));
  expect((await c.readUntil('/ok ')).toString()).toBe(OK);
  c.write(head(1025));
  expect((await c.readToEnd()).toString()).toBe(LARGE);
  c.destroy();
});

test('900 fields are few', async () => {
  await using served = await serve();
  const c = await connectRaw(served.port);
  c.write(`GET /ok HTTP/1.1\r\nHost: x\r\n${'a: b\r\n'.repeat(899)}\r\n`);
  await c.readUntil('/ok ');
  expect(served.taken[0]?.head.headers).toHaveLength(1800);
  c.destroy();
});

test('a target that may not be read is refused, and so is what follows it', async () => {
  await using served = await serve(echo, { splitTarget: () => rejection('MALFORMED_REQUEST', 'no') });
  const c = await connectRaw(served.port);
  c.write(GET + GET);
  expect((await c.readToEnd()).toString()).toBe(BAD);
  expect(served.taken.map(({ refusal, head }) => [refusal?.detail, head.target])).toEqual([['no', '/ok']]);
  c.destroy();
});

test('HEAD that is refused gets no body', async () => {
  await using served = await serve();
  const c = await connectRaw(served.port);
  c.write('HEAD / HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n');
  expect((await c.readToEnd()).toString()).toBe('HTTP/1.1 400 Bad Request\r\nContent-Length: 17\r\nConnection: close\r\n\r\n');
  c.destroy();
});

const UPLOAD = 'POST /up HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n';

test.each([
  ['a size that is none', '4\r\ngood\r\nzz\r\n'],
  ['a chunk longer than its size', '4\r\ngoods\r\n'],
  ['a trailer that is none', '4\r\ngood\r\n0\r\nbad trailer\r\n\r\n'],
  ['a trailer section that is too large', `4\r\ngood\r\n0\r\nA: ${'x'.repeat(1100)}\r\n\r\n`],
])('a body with %s is told of, its answer arrives, and nothing behind it is interpreted', async (_, body) => {
  await using served = await serve(echo, LIMITS);
  for (const bytes of [UPLOAD + body + GET, `${GET}${UPLOAD}${body}`]) {
    const c = await connectRaw(served.port);
    const seen = served.taken.length;
    for (const piece of [bytes.slice(0, -5), bytes.slice(-5), GET]) {
      c.write(piece);
      await new Promise((resolve) => setImmediate(resolve));
    }
    const all = (await c.readToEnd()).toString();
    const text = 'malformed MALFORMED_REQUEST';
    expect(all).toBe(
      `${bytes.startsWith('GET') ? OK : ''}HTTP/1.1 400 Bad Request\r\nContent-Length: 27\r\nConnection: close\r\n\r\n${text}`,
    );
    const upload = served.taken[served.taken.length - 1] as Taken;
    expect([served.taken.length - seen, upload.body.toString()]).toEqual([bytes.startsWith('GET') ? 2 : 1, 'good']);
    expect(upload.told).toEqual(['malformed MALFORMED_REQUEST', 'flushed']);
    c.destroy();
  }
});

test('that a body is no body is never told inside the call that asks for it, and is told also after the answer', async () => {
  const inside: boolean[] = [];
  let asking = false;
  await using served = await serve((taken) => {
    taken.onEvent = () => inside.push(asking);
    asking = true;
    taken.answer(404, 'no');
    taken.down.readBody();
    asking = false;
  });
  const c = await connectRaw(served.port);
  c.write(`${UPLOAD}zz`);
  expect((await c.readToEnd()).toString()).toContain('no');
  expect([inside, served.taken[0]?.told.sort()]).toEqual([
    [false, false],
    ['flushed', 'malformed MALFORMED_REQUEST'],
  ]);
  c.destroy();
});

test('a body that turns bad while its answer streams ends the connection with the answer', async () => {
  await using served = await serve((taken) => {
    taken.down.writeHead(200, []);
    taken.down.readBody();
    taken.onEvent = (name) => {
      if (!name.startsWith('malformed')) return;
      taken.down.write(Buffer.from('rest'));
      taken.down.end(undefined);
    };
  });
  const c = await connectRaw(served.port);
  c.write(UPLOAD);
  await c.readUntil('\r\n\r\n');
  c.write(`zz${GET}`);
  expect((await c.readToEnd()).toString()).toBe('4\r\nrest\r\n0\r\n\r\n');
  expect(served.taken).toHaveLength(1);
  c.destroy();
});

test('a client that sends on gets its refusal whole: a mebibyte or a second of what it sends is thrown away', async () => {
  await using served = await serve(echo, LIMITS);
  for (let round = 0; round < 20; round++) {
    const c = await connectRaw(served.port);
    c.write(`GET / HTTP/1.1\r\nA: ${'x'.repeat(2000)}`);
    for (let i = 0; i < 14; i++) c.write(Buffer.alloc(64 * 1024, 'x'));
    expect((await c.readToEnd()).toString()).toBe(LARGE);
    expect(c.errorCode).toBeUndefined();
    c.destroy();
  }
  const c = await connectRaw(served.port);
  c.write('\0');
  const goneMs = await elapsedMs(async () => {
    await c.readToEnd();
    while (!c.socket.destroyed && c.errorCode === undefined) {
      c.write('x');
      await pass(10);
    }
  });
  expect(goneMs).toBeGreaterThan(950);
  expect(goneMs).toBeLessThan(1500 + SLACK_MS);
  const flood = await connectRaw(served.port);
  flood.write('\0');
  flood.write(Buffer.alloc(40 * 1024 * 1024));
  await until(() => flood.errorCode !== undefined, 'the flood to be cut');
});
