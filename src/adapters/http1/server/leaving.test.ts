/** Clients that leave, by FIN or RST, wherever an exchange stands: told once, and nothing is left (EV-3). */
import { connect } from 'node:net';
import { expect, test } from 'vitest';
import type { RawConnection } from '../../../../test/kit/connection.ts';
import { connectRaw } from '../../../../test/kit/raw-client.ts';
import { median, pass, SLACK_MS } from '../../../../test/kit/timing.ts';
import { until } from '../../../../test/kit/until.ts';
import { type Served, type Taken, serve } from '../../../../test/kit/http1-server.ts';

const GET = 'GET / HTTP/1.1\r\nHost: x\r\n\r\n';
const upload = (bytes: number, part: string): string => `POST / HTTP/1.1\r\nHost: x\r\nContent-Length: ${bytes}\r\n\r\n${part}`;
const LARGE = 32 * 1024 * 1024;

interface Phase {
  readonly request: string;
  readonly script?: (taken: Taken) => void;
  /** Waited for by the client before it leaves. */
  readonly until?: string;
  readonly told: readonly string[];
}

const begin = ({ down }: Taken): void => {
  down.writeHead(200, ['Content-Length', '10']);
  down.write(Buffer.from('some'));
};

const PHASES: Readonly<Record<string, Phase>> = {
  'before the body is asked for': { request: upload(1000, 'some'), told: ['gone'] },
  'in the middle of the body': { request: upload(1000, 'some'), script: ({ down }) => down.readBody(), told: ['gone'] },
  'in the middle of a chunked body': {
    request: 'POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nso',
    script: ({ down }) => down.readBody(),
    told: ['gone'],
  },
  'while it waits': { request: GET, told: ['gone'] },
  'while it waits, with more requests behind': { request: GET + GET + upload(1000, 'some'), told: ['gone'] },
  'while it waits after its body': { request: upload(4, 'some'), script: ({ down }) => down.readBody(), told: ['end', 'gone'] },
  'in the middle of the answer': { request: GET, script: begin, until: 'some', told: ['gone'] },
  'in the middle of the answer and of the body': {
    request: upload(1000, 'some'),
    script: (taken) => {
      taken.down.readBody();
      begin(taken);
    },
    until: 'some',
    told: ['gone'],
  },
  'after the answer, in the middle of the body': {
    request: upload(1000, 'some'),
    script: (taken) => {
      taken.answer(404, 'some');
      taken.down.readBody();
    },
    until: 'some',
    told: ['flushed', 'gone'],
  },
  'while it waits for a 100': {
    request: 'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n',
    script: (taken) => taken.collect(() => undefined),
    until: 'Continue',
    told: ['gone'],
  },
  'while it asks for another protocol': {
    request: 'GET / HTTP/1.1\r\nHost: x\r\nConnection: upgrade\r\nUpgrade: a\r\n\r\nearly',
    told: ['gone'],
  },
};
const WAYS: Readonly<Record<string, (c: RawConnection) => void>> = { FIN: (c) => c.end(), RST: (c) => c.reset() };

async function none(served: Served): Promise<void> {
  await until(() => served.meter.value('downstream_connections') === 0, 'no connection');
}

test.each(Object.keys(PHASES).flatMap((phase) => Object.keys(WAYS).map((way) => [phase, way] as const)))(
  'a client that leaves %s (%s) is told of once, soon, and its connection is gone',
  async (name, way) => {
    const phase = PHASES[name] as Phase;
    await using served = await serve(phase.script ?? (() => undefined));
    const tookMs: number[] = [];
    for (let i = 0; i < 20; i++) {
      const c = await connectRaw(served.port);
      c.write(phase.request);
      const taken = await served.request(i);
      if (phase.until !== undefined) await c.readUntil(phase.until);
      await until(() => phase.told.slice(0, -1).every((event) => taken.told.includes(event)), 'what comes before');
      const leftAt = performance.now();
      WAYS[way]?.(c);
      await taken.heard('gone');
      tookMs.push(performance.now() - leftAt);
      expect(taken.told).toEqual(phase.told);
      // Whatever the pipeline still does about it does nothing.
      taken.down.readBody();
      taken.down.writeHead(200, []);
      taken.down.write(Buffer.from('x'));
      taken.answer(200, 'x');
      taken.down.end(undefined);
      taken.down.abort();
      c.destroy();
    }
    expect(median(tookMs)).toBeLessThan(100 + SLACK_MS);
    await none(served);
    expect(served.taken.every(({ told }) => told.length === phase.told.length)).toBe(true);
    expect(served.taken).toHaveLength(20);
  },
);

test.each(Object.keys(WAYS))('a client that leaves an idle connection, or half a head (%s), is nobody', async (way) => {
  await using served = await serve();
  for (let i = 0; i < 20; i++) {
    for (const bytes of ['', 'GET / HTT', '\r\n', '\r']) {
      const c = await connectRaw(served.port);
      c.write(bytes);
      if (i % 2 === 0) await new Promise((resolve) => setImmediate(resolve));
      WAYS[way]?.(c);
      if (way === 'FIN') expect((await c.readToEnd()).length).toBe(0);
      await c.closed;
    }
  }
  await none(served);
  expect(served.taken).toEqual([]);
});

test('a reset is seen though the client sent more than is read', async () => {
  await using served = await serve(({ down }) => {
    down.readBody();
    down.pauseBody();
  });
  const tookMs: number[] = [];
  for (let i = 0; i < 10; i++) {
    const c = await connectRaw(served.port);
    c.write(upload(LARGE, ''));
    c.write(Buffer.alloc(LARGE));
    const taken = await served.request(i);
    await pass(30);
    expect(c.socket.writableLength).toBeGreaterThan(0);
    const leftAt = performance.now();
    c.reset();
    await taken.heard('gone');
    tookMs.push(performance.now() - leftAt);
  }
  expect(median(tookMs)).toBeLessThan(110 + SLACK_MS);
  await none(served);
});

test('a client that has stopped reading and leaves is gone all the same', async () => {
  await using served = await serve(({ down }) => {
    down.writeHead(200, []);
    while (down.write(Buffer.alloc(65_536)));
  });
  for (const way of Object.values(WAYS)) {
    const c = await connectRaw(served.port);
    c.socket.pause();
    c.write(GET);
    const taken = await served.request(served.taken.length);
    way(c);
    await taken.heard('gone');
    expect(taken.told.filter((event) => event !== 'drain')).toEqual(['gone']);
    c.destroy();
  }
  await none(served);
});

test('a client that ends its side while a whole answer flows out still gets it', async () => {
  const size = 12_000_000;
  await using served = await serve(({ down }) => down.answer(200, ['Content-Length', String(size)], Buffer.alloc(size)));
  const socket = connect({ port: served.port, host: '127.0.0.1', allowHalfOpen: true });
  socket.write(GET);
  const taken = await served.request(0);
  socket.end();
  await pass(20);
  expect(taken.told).toEqual([]);
  let received = 0;
  socket.on('data', (chunk: Buffer) => {
    received += chunk.length;
  });
  await new Promise((resolve) => socket.on('close', resolve));
  expect(received).toBe(`HTTP/1.1 200 OK\r\nContent-Length: ${size}\r\n\r\n`.length + size);
  await none(served);
  expect(taken.told).toEqual(['flushed']);
});

test('but not one that never takes it', async () => {
  const size = 12_000_000;
  await using served = await serve(({ down }) => down.answer(200, ['Content-Length', String(size)], Buffer.alloc(size)));
  const c = await connectRaw(served.port);
  c.socket.pause();
  c.write(GET);
  const taken = await served.request(0);
  c.end();
  await taken.heard('gone');
  expect(taken.told).toEqual(['gone']);
  await none(served);
  c.destroy();
});
