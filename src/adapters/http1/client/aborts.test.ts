/** Calls that are given up, and connections that break, at every phase: nothing is told after it, no socket and no timer stays. */
import { expect, test } from 'vitest';
import type { RawConnection } from '../../../../test/kit/connection.ts';
import { type Asked, Pushed, ask, poolTo } from '../../../../test/kit/http1-upstream.ts';
import { startRawOrigin } from '../../../../test/kit/origin.ts';
import { until } from '../../../../test/kit/until.ts';

const ROUNDS = 50;
const HEAD = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n';

interface Phase {
  readonly name: string;
  /** What the upstream answers to a request's head. */
  readonly answer: string;
  /** Whether the call is where it shall be; `heard`: the upstream has the head, and has answered so. */
  readonly reached: (asked: Asked, heard: boolean) => boolean;
}

const PHASES: readonly Phase[] = [
  { name: 'before any answer', answer: '', reached: (_, heard) => heard },
  { name: 'in the head', answer: 'HTTP/1.1 200 OK\r\nContent-', reached: (_, heard) => heard },
  { name: 'after an interim answer', answer: 'HTTP/1.1 103 x\r\n\r\n', reached: ({ told }) => told.includes('info 103') },
  { name: 'after the head', answer: HEAD, reached: ({ told }) => told.includes('head 200') },
  { name: 'in the body', answer: `${HEAD}5\r\nhel`, reached: ({ body }) => body === 'hel' },
  { name: 'in the trailers', answer: `${HEAD}5\r\nhello\r\n0\r\nA: b\r\n`, reached: ({ body }) => body === 'hello' },
];
const BODIES = {
  'no body': () => ({}),
  'a body that is not whole': () => ({ method: 'POST', body: new Pushed(100, ['some']), headers: ['Host', 'x', 'Content-Length', '100'] }),
};

/** Calls in a phase, one after the other, each with the connection that carries it. */
async function calls(phase: Phase, request: () => object) {
  let heard: RawConnection | undefined;
  const origin = await startRawOrigin(async (c) => {
    for (;;) {
      await c.readUntil('\r\n\r\n');
      c.write(phase.answer);
      heard = c;
    }
  });
  const p = poolTo(origin.port);
  const next = async () => {
    heard = undefined;
    const asked = ask(p.pool, request());
    await until(() => phase.reached(asked, heard !== undefined), phase.name);
    return { asked, c: heard as unknown as RawConnection };
  };
  return { next, origin, p, [Symbol.asyncDispose]: async () => void (await Promise.all([p.pool.destroy(), origin.close()])) };
}

const CASES = PHASES.flatMap((phase) => Object.entries(BODIES).map(([body, request]) => [phase.name, body, phase, request] as const));

test.each(CASES)('given up %s, with %s: at once, and nothing is told any more', async (_, __, phase, request) => {
  await using run = await calls(phase, request);
  const { next, origin, p } = run;
  for (let round = 0; round < ROUNDS; round++) {
    const { asked, c } = await next();
    const told = asked.told.length;
    asked.call?.abort();
    expect(p.pool.usage).toEqual({ connections: 0, idle: 0, waiting: 0 });
    await c.peerDone;
    c.destroy();
    asked.call?.abort();
    asked.call?.resume();
    expect(asked.told.length).toBe(told);
  }
  expect([origin.connections.length, p.clock.pending]).toEqual([ROUNDS, 0]);
});

test.each(CASES)('the upstream resets %s, with %s: told once', async (_, __, phase, request) => {
  await using run = await calls(phase, request);
  const { next, origin, p } = run;
  for (let round = 0; round < ROUNDS; round++) {
    const { asked, c } = await next();
    const told = asked.told.length;
    c.reset();
    await asked.over;
    expect(asked.told.slice(told)).toEqual(['UPSTREAM_RESET']);
    expect(p.pool.usage).toEqual({ connections: 0, idle: 0, waiting: 0 });
  }
  expect([origin.connections.length, p.clock.pending]).toEqual([ROUNDS, 0]);
});

test('given up while it connects: the connections go idle, and are as good as new', async () => {
  await using origin = await startRawOrigin(async (c) => {
    for (;;) {
      await c.readUntil('\r\n\r\n');
      c.write('HTTP/1.1 204 No Content\r\n\r\n');
    }
  });
  await using p = poolTo(origin.port, { connections: 4 });
  for (let round = 0; round < ROUNDS; round++) {
    const asked = Array.from({ length: 6 }, () => ask(p.pool));
    for (const { call } of asked) call?.abort();
    expect(asked.flatMap(({ told, t }) => [...told, t.sent])).toEqual(Array(6).fill('nothing'));
  }
  await until(() => p.pool.usage.idle === p.pool.usage.connections, 'all of them idle');
  await ask(p.pool).over;
  expect(origin.connections.length).toBeLessThanOrEqual(4);
});

test('given up from inside each event: the rest of what was read is nobody’s', async () => {
  const answer = `HTTP/1.1 103 x\r\n\r\n${HEAD}3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n`;
  await using origin = await startRawOrigin(async (c) => {
    for (;;) {
      await c.readUntil('\r\n\r\n');
      c.write(answer);
    }
  });
  await using p = poolTo(origin.port);
  const whole = ask(p.pool);
  await whole.over;
  const events = ['info 103', 'head 200', 'data', 'data', 'end'];
  expect(whole.told).toEqual(events);
  for (const [i, event] of events.entries()) {
    const asked = ask(p.pool);
    const { promise, resolve } = Promise.withResolvers<void>();
    asked.on = () => {
      if (asked.told.length <= i) return;
      asked.call?.abort();
      resolve();
    };
    await promise;
    await new Promise((turn) => setImmediate(turn));
    expect([asked.told, asked.told.at(-1)]).toEqual([events.slice(0, i + 1), event]);
  }
  expect(p.pool.usage.connections).toBe(1);
});

test('a request may be sent from inside the end of another, on the same connection', async () => {
  await using origin = await startRawOrigin(async (c) => {
    for (;;) {
      await c.readUntil('\r\n\r\n');
      c.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
    }
  });
  await using p = poolTo(origin.port);
  const all: Asked[] = [];
  const { promise, resolve } = Promise.withResolvers<void>();
  const again = (): void => {
    if (all.length === ROUNDS) return resolve();
    const asked = ask(p.pool);
    all.push(asked);
    asked.on = (event) => {
      if (event === 'end') again();
    };
  };
  again();
  await promise;
  expect([all.every(({ body }) => body === 'ok'), origin.connections.length]).toEqual([true, 1]);
});
