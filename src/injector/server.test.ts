import https from 'node:https';
import net from 'node:net';
import tls from 'node:tls';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { FakeClock } from '../../test/kit/clock.ts';
import { RecordingLog } from '../../test/kit/log.ts';
import { FixedRandom } from '../../test/kit/random.ts';
import { MAX_READING_BYTES, MAX_REVIEW_BYTES } from './body.ts';
import { type KeyedCertificate, makeAuthority, makeServing } from './certificates/authority.ts';
import { type ServingPair, servingPair } from './certificates/pair.ts';
import { type ReviewReply, ReviewServer } from './server.ts';

const NAME = 'plumbline-injector.plumbline.svc';
const random = new FixedRandom();

let authority: KeyedCertificate;
let pair: ServingPair;
beforeAll(async () => {
  authority = await makeAuthority(Date.now(), random);
  pair = await newPair();
});

async function newPair(): Promise<ServingPair> {
  const { cert, key } = await makeServing(authority, [NAME], Date.now(), random);
  return servingPair(cert, key, Date.now());
}

let log: RecordingLog;
let clock: FakeClock;
let answered: string[];
let review: (body: Buffer) => ReviewReply;
let server: ReviewServer;
let port: number;
beforeEach(async () => {
  log = new RecordingLog();
  clock = new FakeClock();
  answered = [];
  review = (body) => ({ status: 200, body: { bytes: body.length }, outcome: 'injected' });
  server = new ReviewServer({
    clock,
    timers: clock,
    logger: log,
    review: (body) => review(body),
    onAnswered: (outcome) => void answered.push(outcome),
  });
  ({ port } = await server.listen({ host: '127.0.0.1', port: 0 }));
  server.serve(pair);
});
afterEach(async () => {
  const closed = server.close(1);
  clock.advance(1);
  await closed;
});

interface Asked {
  readonly method?: string;
  readonly path?: string;
  readonly headers?: Record<string, string>;
  readonly body?: string | Buffer | undefined;
  readonly agent?: https.Agent;
}

interface Answered {
  readonly status: number;
  readonly headers: NodeJS.Dict<string | string[]>;
  readonly body: { readonly detail?: string; readonly bytes?: number };
  readonly certificate: string;
}

/** A client that trusts the authority, as the API server does. */
function ask({ method = 'POST', path = '/inject?timeout=10s', headers, body = '{}', agent }: Asked = {}): Promise<Answered> {
  const { promise, resolve, reject } = Promise.withResolvers<Answered>();
  const request = https.request({
    host: '127.0.0.1',
    port,
    servername: NAME,
    ca: authority.cert,
    agent: agent ?? false,
    method,
    path,
    headers: { 'Content-Type': 'application/json', ...headers },
  });
  request.on('error', reject);
  request.on('response', (response) => {
    const certificate = (response.socket as tls.TLSSocket).getPeerX509Certificate()?.toString() ?? '';
    let text = '';
    response.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
    });
    response.on('error', reject);
    response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body: JSON.parse(text), certificate }));
  });
  request.end(body);
  return promise;
}

it('a review goes to whoever answers reviews, and its answer comes back as JSON', async () => {
  const answer = await ask({ headers: { 'Content-Type': 'Application/JSON; charset=utf-8' }, body: '12345' });
  expect(answer).toMatchObject({
    status: 200,
    body: { bytes: 5 },
    headers: { 'content-type': 'application/json', 'cache-control': 'no-store' },
  });
  expect(answered).toEqual(['injected']);
});

describe('what is no review is refused, and said to be', () => {
  it.each<[string, Asked, number, RegExp, readonly string[]]>([
    ['another path', { path: '/' }, 404, /reviews go to \/inject/, []],
    ['a path that only begins so', { path: '/inject/more' }, 404, /nothing at this path/, []],
    ['another method', { method: 'GET', body: undefined }, 405, /POST/, []],
    ['another type', { headers: { 'Content-Type': 'application/yaml' } }, 415, /application\/json/, ['invalid']],
    ['a coding', { headers: { 'Content-Encoding': 'gzip' } }, 415, /Content-Encoding/, ['invalid']],
    ['too large a body', { body: Buffer.alloc(MAX_REVIEW_BYTES + 1) }, 413, /at most 4194304 bytes/, ['invalid']],
    [
      'too large a body without a length',
      { headers: { 'Transfer-Encoding': 'chunked' }, body: Buffer.alloc(MAX_REVIEW_BYTES + 1) },
      413,
      /at most/,
      ['invalid'],
    ],
  ])('%s', async (_, asked, status, detail, outcomes) => {
    const answer = await ask(asked);
    expect(answer).toMatchObject({ status, headers: { connection: 'close', 'content-type': 'application/problem+json' } });
    expect(answer.body.detail).toMatch(detail);
    expect(answered).toEqual(outcomes);
  });

  it('and the largest that is allowed is taken', async () => {
    expect(await ask({ body: Buffer.alloc(MAX_REVIEW_BYTES, 0x20) })).toMatchObject({ status: 200, body: { bytes: MAX_REVIEW_BYTES } });
  });
});

it('bodies that would fill the memory wait elsewhere: 503, to be sent again', async () => {
  const stuck: tls.TLSSocket[] = [];
  const head = (length: number): string =>
    `POST /inject HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: ${length}\r\n\r\n`;
  try {
    for (let left = MAX_READING_BYTES; left > 0; left -= MAX_REVIEW_BYTES) {
      const socket = tls.connect({ host: '127.0.0.1', port, servername: NAME, ca: authority.cert });
      socket.on('error', () => undefined);
      stuck.push(socket);
      await new Promise<void>((resolve) => void socket.write(head(Math.min(left, MAX_REVIEW_BYTES)), () => resolve()));
    }
    await expect.poll(async () => (await ask()).status).toBe(503);
    expect((await ask()).headers['retry-after']).toBe('1');
  } finally {
    for (const socket of stuck) socket.destroy();
  }
  // Those who left hold nothing any more.
  await expect.poll(async () => (await ask()).status).toBe(200);
});

describe('a new certificate', () => {
  it('is for connections that follow; those that are open go on', async () => {
    const agent = new https.Agent({ keepAlive: true, maxSockets: 1 });
    try {
      const before = await ask({ agent });
      const next = await newPair();
      server.serve(next);
      expect((await ask({ agent })).certificate).toBe(before.certificate);
      expect((await ask()).certificate).toBe(next.cert);
    } finally {
      agent.destroy();
    }
  });

  it('while requests run loses none of them', async () => {
    const pairs = await Promise.all(Array.from({ length: 4 }, newPair));
    let rotations = 0;
    let isOver = false;
    const rotating = (async () => {
      for (; !isOver; await new Promise((resolve) => setImmediate(resolve))) server.serve(pairs[rotations++ % 4] as ServingPair);
    })();
    const agent = new https.Agent({ keepAlive: true, maxSockets: 4 });
    const answers = await Promise.all(Array.from({ length: 30 }, (_, i) => ask(i % 2 === 0 ? { agent } : {})));
    isOver = true;
    await rotating;
    agent.destroy();
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(30);
    expect(new Set(answers.map(({ certificate }) => certificate)).size).toBeGreaterThan(1);
    expect(rotations).toBeGreaterThan(1);
  });
});

describe('TLS', () => {
  it('older than 1.2 is refused, also with a certificate that came later', async () => {
    server.serve(await newPair());
    const code = await new Promise((resolve) => {
      const socket = tls.connect({
        host: '127.0.0.1',
        port,
        ca: authority.cert,
        servername: NAME,
        minVersion: 'TLSv1',
        maxVersion: 'TLSv1.1',
      });
      socket.on('secureConnect', () => resolve('connected'));
      socket.on('error', (error: NodeJS.ErrnoException) => resolve(error.code));
    });
    expect(code).toMatch(/PROTOCOL_VERSION|NO_PROTOCOLS|UNSUPPORTED/);
  });

  it('without a certificate yet no handshake succeeds, and nothing breaks', async () => {
    const bare = new ReviewServer({ clock, timers: clock, logger: log, review, onAnswered: () => undefined });
    const bound = await bare.listen({ host: '127.0.0.1', port: 0 });
    const shake = (): Promise<string> =>
      new Promise((resolve) => {
        const socket = tls.connect({ ...bound, ca: authority.cert, servername: NAME });
        socket.on('secureConnect', () => resolve('connected'));
        socket.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? 'error'));
        socket.on('close', () => socket.destroy());
      });
    expect(await shake()).not.toBe('connected');
    bare.serve(pair);
    expect(await shake()).toBe('connected');
    const closed = bare.close(1);
    clock.advance(1);
    await closed;
  });

  it('bytes that are none end their connection alone', async () => {
    const socket = net.connect(port, '127.0.0.1');
    socket.on('error', () => undefined);
    socket.write('GET / HTTP/1.1\r\n\r\n');
    await new Promise((resolve) => void socket.on('close', resolve));
    expect((await ask()).status).toBe(200);
    expect(log.entries).toEqual([]);
  });
});

describe('the end', () => {
  it('waits for what runs, and takes nothing new', async () => {
    const request = https.request({
      host: '127.0.0.1',
      port,
      servername: NAME,
      ca: authority.cert,
      agent: false,
      method: 'POST',
      path: '/inject',
      headers: { 'Content-Type': 'application/json', 'Content-Length': 2 },
    });
    const status = new Promise((resolve, reject) => {
      request.on('response', (response) => resolve([response.statusCode, response.headers.connection]));
      request.on('error', reject);
    });
    await new Promise<void>((resolve) => void request.write('{', () => resolve()));
    let isClosed = false;
    const closed = server.close(10_000).then(() => {
      isClosed = true;
    });
    await expect(ask()).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    expect(isClosed).toBe(false);
    request.end('}');
    expect(await status).toEqual([200, 'close']);
    await closed;
    expect(clock.pending).toBe(0);
  });

  it('cuts what takes longer than its grace', async () => {
    const socket = tls.connect({ host: '127.0.0.1', port, servername: NAME, ca: authority.cert });
    socket.on('error', () => undefined);
    await new Promise<void>(
      (resolve) => void socket.write('POST /inject HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n', () => resolve()),
    );
    const closed = server.close(3000);
    clock.advance(2999);
    expect(clock.pending).toBe(1);
    clock.advance(1);
    await closed;
    expect(socket.destroyed || (await new Promise((resolve) => void socket.on('close', () => resolve(true))))).toBe(true);
  });

  it('connections are closed after their answer when it is near', async () => {
    server.endConnections();
    expect(await ask({ agent: new https.Agent({ keepAlive: true }) })).toMatchObject({ status: 200, headers: { connection: 'close' } });
  });
});

it('a port that is taken is said', async () => {
  const second = new ReviewServer({ clock, timers: clock, logger: log, review, onAnswered: () => undefined });
  await expect(second.listen({ host: '127.0.0.1', port })).rejects.toThrow(
    `injector cannot listen on 127.0.0.1:${port}: the port is taken`,
  );
});
