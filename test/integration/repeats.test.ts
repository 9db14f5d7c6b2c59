/** RT-2 and RT-4: a request is sent again only where the upstream provably saw nothing of it, or where saying it twice does no harm. */
import { createServer } from 'node:net';
import { expect, test } from 'vitest';
import type { RawConnection } from '../kit/connection.ts';
import { startTestGateway } from '../kit/gateway.ts';
import { header, readRequest, readResponse } from '../kit/message.ts';
import { startRawOrigin } from '../kit/origin.ts';
import { connectRaw, exchangeRaw, sendRequest } from '../kit/raw-client.ts';
import { until } from '../kit/until.ts';

const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';
const GET = ['GET / HTTP/1.1', 'Host: x'];
const POST = ['POST / HTTP/1.1', 'Host: x', 'Content-Length: 2'];

const errorCode = (body: Buffer): unknown => (JSON.parse(body.toString()) as { code: string }).code;

/** The first request on a connection is answered; `second` does as it likes with the next one, on the first connection only. */
async function startRacing(second: (c: RawConnection, executed: () => void) => Promise<void>) {
  const executions: string[] = [];
  const origin = await startRawOrigin(async (c, index) => {
    for (let i = 0; ; i++) {
      if (index === 0 && i === 1) return second(c, () => executions.push('second'));
      const { method } = await readRequest(c);
      executions.push(method);
      c.write(OK);
    }
  });
  return { origin, executions };
}

/** Reads what comes, executes it, and resets. */
const resetAfterReading = async (c: RawConnection, executed: () => void): Promise<void> => {
  await readRequest(c);
  executed();
  c.reset();
};
/** Resets at the first byte, without having executed anything. */
const resetAtFirstByte = async (c: RawConnection): Promise<void> => {
  await c.read(1);
  c.reset();
};

test.each([
  ['that it has read', resetAfterReading, ['POST', 'second']],
  ['at its first byte', resetAtFirstByte, ['POST']],
])('a POST on a kept connection that is reset %s is a 502 and never sent twice', async (_, second, executed) => {
  const { origin, executions } = await startRacing(second);
  await using _origin = origin;
  await using gateway = await startTestGateway({ upstream: origin.port });
  await exchangeRaw(gateway.port, POST, 'ab');
  const answer = await exchangeRaw(gateway.port, POST, 'cd');
  expect([answer.status, errorCode(answer.body)]).toEqual([502, 'UPSTREAM_RESET']);
  expect(executions).toEqual(executed);
  expect(origin.connections).toHaveLength(1);
});

test.each([
  ['GET', []],
  ['HEAD', []],
  ['DELETE', []],
  ['PUT', ['Content-Length: 2']],
])('a %s on a kept connection that is reset before any answer is sent once more, with its number', async (method, fields) => {
  const numbers: (string | undefined)[] = [];
  await using origin = await startRawOrigin(async (c, index) => {
    for (let i = 0; ; i++) {
      const { headers } = await readRequest(c);
      numbers.push(header(headers, 'x-retry-attempt'));
      if (index === 0 && i === 1) return c.reset();
      c.write('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n');
    }
  });
  await using gateway = await startTestGateway({ upstream: origin.port });
  const lines = [`${method} / HTTP/1.1`, 'Host: x', ...fields];
  const body = fields.length > 0 ? 'ab' : '';
  await exchangeRaw(gateway.port, lines, body);
  const answer = await exchangeRaw(gateway.port, lines, body);
  expect([answer.status, numbers]).toEqual([200, [undefined, undefined, '2']]);
  expect((await gateway.log.wait(2))[1]).toMatchObject({ attempts: 2, code: '' });
  expect((await gateway.metrics()).value('plumbline_retries_total', { reason: 'UPSTREAM_RESET' })).toBe(1);
});

test('a GET that is reset again on a fresh connection is not sent a third time', async () => {
  let requests = 0;
  await using origin = await startRawOrigin(async (c, index) => {
    for (let i = 0; ; i++) {
      await readRequest(c);
      requests += 1;
      if (index > 0 || i === 1) return c.reset();
      c.write(OK);
    }
  });
  await using gateway = await startTestGateway({ upstream: origin.port });
  await exchangeRaw(gateway.port, GET);
  const answer = await exchangeRaw(gateway.port, GET);
  expect([answer.status, errorCode(answer.body), requests]).toEqual([502, 'UPSTREAM_RESET', 3]);
});

test.each([
  ['POST', POST, 'ab'],
  ['GET', GET, ''],
])('a %s that was read on a fresh connection and reset is executed once', async (_, lines, body) => {
  await using origin = await startRawOrigin(async (c) => {
    await readRequest(c);
    c.reset();
  });
  await using gateway = await startTestGateway({ upstream: origin.port });
  const answer = await exchangeRaw(gateway.port, lines, body);
  expect([answer.status, errorCode(answer.body)]).toEqual([502, 'UPSTREAM_RESET']);
  expect(origin.connections).toHaveLength(1);
  expect(await gateway.log.one()).toMatchObject({ status: 502, code: 'UPSTREAM_RESET', attempts: 1 });
});

test('a GET whose answer has begun is not sent again', async () => {
  let requests = 0;
  await using origin = await startRawOrigin(async (c) => {
    for (;;) {
      await readRequest(c);
      requests += 1;
      if (requests === 1) {
        c.write(OK);
        continue;
      }
      c.write('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nsome');
      c.end();
    }
  });
  await using gateway = await startTestGateway({ upstream: origin.port });
  await exchangeRaw(gateway.port, GET);
  await expect(exchangeRaw(gateway.port, GET)).rejects.toThrow('connection ended');
  expect(requests).toBe(2);
});

test('a connection that its upstream closed while it was idle costs nobody anything, POST included', async () => {
  let executed = 0;
  await using origin = await startRawOrigin(async (c) => {
    await readRequest(c);
    executed += 1;
    c.write(OK);
    c.end();
  });
  await using gateway = await startTestGateway({ upstream: origin.port });
  const c = await connectRaw(gateway.port);
  let refused = 0;
  for (let i = 0; i < 100; i++) {
    sendRequest(c, POST, 'ab');
    const { status, body } = await readResponse(c);
    if (status !== 200) refused += Number(errorCode(body) === 'UPSTREAM_RESET');
  }
  c.destroy();
  // The upstream's FIN may cross a request on the wire: that one is a 502, never a second execution.
  expect(executed + refused).toBe(100);
  expect(refused).toBeLessThan(50);
});

test('where nobody listens two tries are made and no more', async () => {
  const closed = createServer().listen(0, '127.0.0.1');
  await until(() => closed.listening, 'a port');
  const { port } = closed.address() as { port: number };
  await new Promise((resolve) => closed.close(resolve));
  await using gateway = await startTestGateway({ upstream: port });
  const answer = await exchangeRaw(gateway.port, POST, 'ab');
  expect([answer.status, errorCode(answer.body)]).toEqual([502, 'UPSTREAM_REFUSED']);
  expect(header(answer.headers, 'proxy-status')).toBe('plumbline; error=connection_refused');
  expect(await gateway.log.one()).toMatchObject({ attempts: 2, code: 'UPSTREAM_REFUSED' });
  expect((await gateway.metrics()).value('plumbline_upstream_attempts_total', { code: 'UPSTREAM_REFUSED' })).toBe(2);
});

test('a POST whose body is still arriving is not repeated once part of it may have been seen', async () => {
  let heads = 0;
  await using origin = await startRawOrigin(async (c) => {
    await c.readUntil('some');
    heads += 1;
    c.reset();
  });
  await using gateway = await startTestGateway({ upstream: origin.port });
  const c = await connectRaw(gateway.port);
  sendRequest(c, ['POST / HTTP/1.1', 'Host: x', 'Transfer-Encoding: chunked'], '4\r\nsome\r\n');
  const answer = await readResponse(c);
  expect([answer.status, errorCode(answer.body), heads]).toEqual([502, 'UPSTREAM_RESET', 1]);
  c.destroy();
});

test('a GET sent once more goes out on a new connection where the upstream has ended all that it kept', async () => {
  const held: RawConnection[] = [];
  await using origin = await startRawOrigin(async (c, index) => {
    await readRequest(c);
    if (index >= 4) return void c.write(OK);
    held.push(c);
    await readRequest(c);
    c.reset();
    for (const other of held) other.reset();
  });
  await using gateway = await startTestGateway({ upstream: origin.port });
  const together = [0, 1, 2, 3].map(() => exchangeRaw(gateway.port, GET));
  await until(() => held.length === 4, 'four connections');
  for (const c of held) c.write(OK);
  await Promise.all(together);
  expect(await exchangeRaw(gateway.port, GET)).toMatchObject({ status: 200 });
  expect(origin.connections).toHaveLength(5);
});
