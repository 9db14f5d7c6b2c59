import { expect, test } from 'vitest';
import { startTestGateway } from '../kit/gateway.ts';
import { header, headerAll, readRequest } from '../kit/message.ts';
import { startRawOrigin } from '../kit/origin.ts';
import { exchangeRaw } from '../kit/raw-client.ts';

/** An origin that answers every connection's one request with these bytes, and what it was asked. */
async function scripted(answer: string) {
  const seen: Awaited<ReturnType<typeof readRequest>>[] = [];
  const origin = await startRawOrigin(async (c) => {
    seen.push(await readRequest(c));
    c.write(answer);
    c.end();
  });
  return { origin, seen };
}

const EMPTY = 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n';
const OBS_TEXT = Array.from({ length: 128 }, (_, i) => String.fromCharCode(0x80 + i)).join('');
/** Fields of the gateway's own in a request. */
const NOT_THE_CALLERS = /^(?:host|connection|x-request-id|x-correlation-id|traceparent|via|x-forwarded-(?:for|proto|host))$/i;

function others(headers: readonly string[], own: RegExp): string[] {
  const kept: string[] = [];
  for (let i = 0; i < headers.length; i += 2)
    if (!own.test(headers[i] as string)) kept.push(headers[i] as string, headers[i + 1] as string);
  return kept;
}

test('a request keeps case, order, duplicates, empty values and bytes above 127; the target is not touched', async () => {
  const { origin, seen } = await scripted(EMPTY);
  await using _origin = origin;
  await using gateway = await startTestGateway({ upstream: origin.port });
  const fields = [
    'X-oDD-cAsE: A',
    'b-TWICE: 1',
    'Accept: */*',
    'B-twice: 2',
    'b-TWICE: 1',
    'X-Empty:',
    `X-Obs: ${OBS_TEXT}`,
    'X-Tab: a\tb',
  ];
  await exchangeRaw(gateway.port, ['GET /a//b/%7e?q=%00&q=2&&x HTTP/1.1', 'Host: api.example:1', ...fields]);
  const [request] = seen;
  expect(request?.startLine).toBe('GET /a//b/%7e?q=%00&q=2&&x HTTP/1.1');
  expect(headerAll(request?.headers ?? [], 'host')).toEqual(['api.example:1']);
  const expected = fields.flatMap((field) => [field.slice(0, field.indexOf(':')), field.slice(field.indexOf(':') + 1).trim()]);
  expect(others(request?.headers ?? [], NOT_THE_CALLERS)).toEqual(expected);
});

test('an answer keeps case, order, duplicates, empty values and bytes above 127, and no Date is made up', async () => {
  const fields = ['X-oDD-cAsE: A', 'Set-Cookie: a=1', 'etag: "x"', 'SET-COOKIE: b=2', 'set-cookie: a=1', 'X-Empty: ', `X-Obs: ${OBS_TEXT}`];
  const { origin } = await scripted(`HTTP/1.1 200 OK\r\n${fields.join('\r\n')}\r\nContent-LENGTH: 2\r\n\r\nok`);
  await using _origin = origin;
  await using gateway = await startTestGateway({ upstream: origin.port });
  const answer = await exchangeRaw(gateway.port, ['GET / HTTP/1.1', 'Host: x']);
  const expected = [...fields, 'Content-LENGTH: 2'].flatMap((field) => [
    field.slice(0, field.indexOf(':')),
    field.slice(field.indexOf(':') + 1).trim(),
  ]);
  expect(others(answer.headers, /^(?:connection|keep-alive|via|x-request-id|x-correlation-id)$/i)).toEqual(expected);
  expect(answer.body.toString()).toBe('ok');
});

test("the upstream's Date goes on as it is", async () => {
  const { origin } = await scripted('HTTP/1.1 200 OK\r\nDATE: yesterday\r\nContent-Length: 0\r\n\r\n');
  await using _origin = origin;
  await using gateway = await startTestGateway({ upstream: origin.port });
  const answer = await exchangeRaw(gateway.port, ['GET / HTTP/1.1', 'Host: x']);
  expect(others(answer.headers, /^(?!date$)/i)).toEqual(['DATE', 'yesterday']);
});

test('hop-by-hop fields and those that Connection lists end here, in a request', async () => {
  const { origin, seen } = await scripted(EMPTY);
  await using _origin = origin;
  await using gateway = await startTestGateway({ upstream: origin.port });
  const hops = [
    'Connection: X-Hop, close',
    'x-HOP: 1',
    'Keep-Alive: timeout=5',
    'Proxy-Connection: keep-alive',
    'TE: trailers',
    'Trailer: X-Sum',
  ];
  await exchangeRaw(gateway.port, ['GET / HTTP/1.1', 'Host: x', ...hops, 'Connection: x-second', 'X-Second: 2', 'X-Kept: 3']);
  expect(others(seen[0]?.headers ?? [], NOT_THE_CALLERS)).toEqual(['X-Kept', '3']);
  expect(headerAll(seen[0]?.headers ?? [], 'connection')).toEqual([]);
});

test('hop-by-hop fields and those that Connection lists end here, in an answer', async () => {
  const hops = ['Connection: X-Hop', 'x-hop: 1', 'Keep-Alive: timeout=7', 'Proxy-Connection: close', 'Trailer: X-Sum', 'X-Kept: 3'];
  const { origin } = await scripted(`HTTP/1.1 200 OK\r\n${hops.join('\r\n')}\r\nContent-Length: 0\r\n\r\n`);
  await using _origin = origin;
  await using gateway = await startTestGateway({ upstream: origin.port });
  const answer = await exchangeRaw(gateway.port, ['GET / HTTP/1.1', 'Host: x']);
  expect(others(answer.headers, /^(?:content-length|via|x-request-id|x-correlation-id)$/i)).toEqual(['X-Kept', '3']);
});

test('an identifier that came is kept on both ways, one that did not is made, and Via tells of the gateway', async () => {
  const { origin, seen } = await scripted(EMPTY);
  await using _origin = origin;
  await using gateway = await startTestGateway({ upstream: origin.port });
  const given = await exchangeRaw(gateway.port, ['GET / HTTP/1.1', 'Host: x', 'x-request-ID: abc.1', 'Via: 1.0 edge']);
  const made = await exchangeRaw(gateway.port, ['GET / HTTP/1.1', 'Host: x']);
  expect([header(given.headers, 'x-request-id'), headerAll(seen[0]?.headers ?? [], 'x-request-id')]).toEqual(['abc.1', ['abc.1']]);
  expect(header(seen[0]?.headers ?? [], 'via')).toMatch(/^1\.0 edge, 1\.1 plumbline-[0-9a-f]{8}$/);
  expect(header(made.headers, 'x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
  expect(header(seen[1]?.headers ?? [], 'x-request-id')).toBe(header(made.headers, 'x-request-id'));
});
