/**
 * Client or upstream ends its connection, with FIN or RST, in every phase of an exchange, fifty times each: the other side hears of it, one
 * line tells of it, and nothing stays behind (EV-3, EV-7). Upgraded connections are in `websocket-ends.test.ts`.
 */
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { Connection as UpstreamConnection } from '../../src/adapters/http1/client/connection.ts';
import { Http1Exchange } from '../../src/adapters/http1/server/exchange.ts';
import { TimerWheel } from '../../src/adapters/system-clock/timer-wheel.ts';
import { Run } from '../../src/pipeline/run.ts';
import { Arrivals } from '../kit/arrivals.ts';
import type { RawConnection } from '../kit/connection.ts';
import { collectGarbage, usedHeapBytes } from '../kit/garbage.ts';
import { startTestGateway, type TestGateway } from '../kit/gateway.ts';
import { readResponse } from '../kit/message.ts';
import { type RawOrigin, startRawOrigin } from '../kit/origin.ts';
import { connectRaw } from '../kit/raw-client.ts';
import { remember } from '../kit/remembered.ts';
import { openSockets, socketsDownTo } from '../kit/sockets.ts';
import { until } from '../kit/until.ts';

vi.setConfig({ testTimeout: 20_000 });

const ROUNDS = 50;
/** For each exchange of the whole file: far less than an exchange that is kept takes, more than what the test itself remembers of it. */
const MAX_GROWTH_BYTES = 1536;

type Side = 'client' | 'upstream';
type Way = 'FIN' | 'RST';

interface Phase {
  /** What the client sends; PATH stands for a path of the case's own. */
  readonly send: string;
  /** The upstream waits for this; absent: nothing gets there. */
  readonly seen?: string;
  /** Then it sends this. */
  readonly answer?: string;
  /** For which the client waits. */
  readonly shown?: string;
  /** The exchange is complete before the break. */
  readonly over?: true;
}

const HEAD = 'HTTP/1.1 200 OK\r\n';
const GET = 'GET PATH HTTP/1.1\r\nHost: x\r\n\r\n';
const CHUNKED = `${HEAD}Transfer-Encoding: chunked\r\n\r\n4\r\nsome\r\n`;
const LENGTH = 'POST PATH HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\nsome';
const CHUNKS = 'POST PATH HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nsome\r\n';
const END = '\r\n\r\n';

/** Before anything reached the upstream: only the client can break. */
const UNSEEN: Readonly<Record<string, Phase>> = {
  'after connecting': { send: '' },
  'in the request line': { send: 'GET /PA' },
  'in the head': { send: 'GET PATH HTTP/1.1\r\nHost: x\r\nX-Ha' },
};

/** Before the answer's head: the client gets a 502 where the upstream breaks. */
const UNANSWERED: Readonly<Record<string, Phase>> = {
  'in an upload with a length': { send: LENGTH, seen: 'some' },
  'in a chunked upload': { send: CHUNKS, seen: 'some' },
  'in the size of a chunk': { send: `${CHUNKS}ff`, seen: 'some' },
  'in the trailers of an upload': { send: `${CHUNKS}0\r\nX-Sum: 9\r\nX-`, seen: 'some' },
  'while the answer is waited for': { send: GET, seen: END },
  'while the answer to an upload is waited for': { send: 'POST PATH HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nsome', seen: 'some' },
  "in the answer's head": { send: GET, seen: END, answer: `${HEAD}Content-Le` },
  'after an interim answer': { send: GET, seen: END, answer: 'HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n', shown: END },
};
const PIPELINE: Phase = { send: GET + GET, seen: END };

/** In the middle of the answer: what the client has of it must not look whole. */
const ANSWERED: Readonly<Record<string, Phase>> = {
  'in an answer with a length': { send: GET, seen: END, answer: `${HEAD}Content-Length: 9\r\n\r\nsome`, shown: 'some' },
  'in a chunked answer': { send: GET, seen: END, answer: CHUNKED, shown: 'some' },
  'in a large chunk': { send: GET, seen: END, answer: `${HEAD}Transfer-Encoding: chunked\r\n\r\nfffff\r\nsome`, shown: 'some' },
  'in the size of a chunk of the answer': { send: GET, seen: END, answer: `${CHUNKED}f`, shown: 'some' },
  'in the trailers of an answer': { send: GET, seen: END, answer: `${CHUNKED}0\r\nX-Sum: 9\r\nX-`, shown: 'some' },
  'in an answer that its upload outlasts': { send: LENGTH, seen: 'some', answer: CHUNKED, shown: 'some' },
  'in an answer that its chunked upload outlasts': { send: CHUNKS, seen: 'some', answer: CHUNKED, shown: 'some' },
};

const UNTIL_CLOSE: Phase = { send: GET, seen: END, answer: `${HEAD}\r\nsome`, shown: 'some' };
const IDLE: Phase = { send: GET, seen: END, answer: `${HEAD}Content-Length: 4\r\n\r\nsome`, shown: 'some', over: true };

const LEFT = { status: 499, code: 'CLIENT_CLOSED', flags: ['client-closed'] };
const RESET = { status: 502, code: 'UPSTREAM_RESET', flags: [] };
const BROKEN = { status: 200, code: 'UPSTREAM_RESET', flags: ['upstream-broken'] };
const WHOLE = { status: 200, code: '', flags: [] };

interface Case {
  readonly name: string;
  readonly phase: Phase;
  readonly side: Side;
  readonly way: Way;
  /** Of the one line in the log; undefined: there was no exchange to tell of. */
  readonly line: object | undefined;
}

const WAYS: readonly Way[] = ['FIN', 'RST'];
const each = (phases: Readonly<Record<string, Phase>>, side: Side, line: object | undefined): Case[] =>
  Object.entries(phases).flatMap(([name, phase]) => WAYS.map((way) => ({ name, phase, side, way, line })));

const CASES: readonly Case[] = [
  ...each(UNSEEN, 'client', undefined),
  ...each(
    { ...UNANSWERED, ...ANSWERED, 'in an answer without an end': UNTIL_CLOSE, 'with a second request in the pipeline': PIPELINE },
    'client',
    LEFT,
  ),
  ...each({ 'on an idle connection': IDLE }, 'client', WHOLE),
  ...each(UNANSWERED, 'upstream', RESET),
  ...each(ANSWERED, 'upstream', BROKEN),
  { name: 'in an answer without an end', phase: UNTIL_CLOSE, side: 'upstream', way: 'RST', line: BROKEN },
  { name: 'in an answer without an end, which ends it', phase: UNTIL_CLOSE, side: 'upstream', way: 'FIN', line: WHOLE },
  ...each({ 'on an idle connection': IDLE }, 'upstream', WHOLE),
];

const breakOff = (c: RawConnection, way: Way): void => (way === 'FIN' ? c.end() : c.reset());

let playing: Phase = IDLE;
let reached = new Arrivals<RawConnection>();
let origin: RawOrigin;
let gateway: TestGateway;
let wheel: TimerWheel;
let socketsBefore = 0;
let heapBefore = 0;

/** One client that comes as far as the phase says, and the break. */
async function round({ phase, side, way, line }: Case, path: string): Promise<void> {
  const c = await connectRaw(gateway.port);
  c.write(phase.send.replaceAll('PATH', path));
  const upstream = phase.seen === undefined ? undefined : await reached.next();
  if (phase.shown !== undefined) await c.readUntil(phase.shown);
  if (side === 'client') {
    breakOff(c, way);
    if (upstream !== undefined && phase.over === undefined) await upstream.peerDone;
    await c.closed;
  } else if (upstream !== undefined) {
    breakOff(upstream, way);
    if (line === RESET) expect((await readResponse(c)).status).toBe(502);
    else if (line === BROKEN) expect((await c.readToEnd()).toString()).not.toContain('0\r\n\r\n');
    else if (phase === UNTIL_CLOSE) await c.readUntil('\r\n0\r\n\r\n');
    await upstream.peerDone;
  }
  c.destroy();
  if (phase.over === undefined) upstream?.destroy();
}

beforeAll(async () => {
  origin = await startRawOrigin(async (c) => {
    for (;;) {
      await c.readUntil(playing.seen ?? END);
      reached.add(c);
      if (playing.answer !== undefined) c.write(playing.answer);
    }
  });
  const after = vi.spyOn(TimerWheel.prototype, 'after');
  gateway = await startTestGateway({ upstream: origin.port });
  for (const one of CASES.filter(({ phase }) => phase === IDLE)) await round(one, '/warm-up'); // what is made once stays: code, pools
  origin.forget();
  wheel = after.mock.contexts[0] as TimerWheel;
  after.mockRestore(); // it keeps what it saw
  await settled();
  socketsBefore = openSockets();
  heapBefore = await usedHeapBytes();
});

afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
  await origin.close();
});

/** Nothing is under way, by the gateway's own account. */
async function settled(): Promise<void> {
  const open = ['requests_in_flight', 'downstream_connections', 'upgrades_open', 'buffered_bytes'];
  await until(async () => {
    const metrics = await gateway.metrics();
    return open.every((name) => metrics.value(`plumbline_${name}`) === 0);
  }, `${open} to be 0`);
}

test.each(CASES)('$side, $way, $name', async (one) => {
  playing = one.phase;
  reached = new Arrivals();
  const path = `/${CASES.indexOf(one)}`;
  using runs = remember(Run.prototype, 'start');
  using exchanges = remember(Http1Exchange.prototype, 'listen');
  using upstreams = remember(UpstreamConnection.prototype, 'start');
  for (let i = 0; i < ROUNDS; i++) await round(one, path);
  origin.forget();
  await settled();
  await socketsDownTo(socketsBefore);
  // At once: one that is forgotten and falls due is gone too, a second later.
  await until(() => wheel.size <= 1, 'no timer but that of the idle connections', 500);
  const lines = await gateway.log.wait(one.line === undefined ? 0 : ROUNDS, (line) => line.path === path);
  expect(lines).toHaveLength(one.line === undefined ? 0 : ROUNDS);
  // The last one may still be known to a timer.
  await collectGarbage();
  for (const kind of [runs, exchanges, upstreams]) expect(kind.alive).toBeLessThan(3);
  for (const line of lines) expect(line).toMatchObject(one.line as object);
});

test('after all that the gateway serves, has met no fault of its own, and remembers nothing', async () => {
  playing = IDLE;
  const c = await connectRaw(gateway.port);
  c.write(GET.replace('PATH', '/after'));
  expect((await readResponse(c)).body.toString()).toBe('some');
  c.destroy();
  origin.forget();
  await settled();
  expect((await gateway.metrics()).value('plumbline_internal_errors_total')).toBe(0);
  const grown = (await usedHeapBytes()) - heapBefore;
  expect(grown).toBeLessThan(CASES.length * ROUNDS * MAX_GROWTH_BYTES);
});
