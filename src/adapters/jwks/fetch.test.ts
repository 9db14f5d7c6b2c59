import { afterEach, expect, it } from 'vitest';
import { FakeClock } from '../../../test/kit/clock.ts';
import { type Origin, type OriginHandler, startOrigin } from '../../../test/kit/origin.ts';
import { fetchDocument } from './fetch.ts';

const opened: Origin[] = [];
afterEach(async () => {
  for (const origin of opened.splice(0)) await origin.close();
});

async function fetchFrom(handler: OriginHandler, path = '/jwks.json') {
  const origin = await startOrigin(handler);
  opened.push(origin);
  const clock = new FakeClock();
  const giveUp = new AbortController();
  const fetched = fetchDocument(origin.url + path, { timers: clock, userAgent: 'plumbline/1', signal: giveUp.signal });
  return { origin, clock, giveUp, fetched };
}

it('gives the text, and how long it is good', async () => {
  const { fetched, origin, clock } = await fetchFrom((_request, response) => {
    response.writeHead(200, { 'Cache-Control': 'max-age=60', Age: '7' });
    response.write('{"keys"');
    response.end(':[]}');
  });
  expect(await fetched).toEqual({ body: '{"keys":[]}', cacheControl: 'max-age=60', ageSeconds: 7 });
  expect([origin.requests[0]?.method, origin.requests[0]?.target, clock.pending]).toEqual(['GET', '/jwks.json', 0]);
  expect(origin.requests[0]?.headers).toEqual(expect.arrayContaining(['plumbline/1', 'identity']));
});

it('follows redirects within one origin', async () => {
  const { fetched, origin } = await fetchFrom((request, response) => {
    if (request.url === '/jwks.json') response.writeHead(302, { Location: '/there?x=1' }).end('gone');
    else response.end('{}');
  });
  expect(await fetched).toMatchObject({ body: '{}' });
  expect(origin.requests.map(({ target }) => target)).toEqual(['/jwks.json', '/there?x=1']);
});

it('follows no redirect to anybody else', async () => {
  const elsewhere = await startOrigin();
  opened.push(elsewhere);
  const { fetched } = await fetchFrom(
    (_request, response) => void response.writeHead(301, { Location: `${elsewhere.url}/jwks.json` }).end(),
  );
  expect([await fetched, elsewhere.requests.length]).toEqual([{ failed: 'it redirects to another origin' }, 0]);
});

it.each<readonly [what: string, handler: OriginHandler, failed: unknown]>([
  ['redirects in a circle', (_, response) => void response.writeHead(307, { Location: '/jwks.json' }).end(), 'it redirects too often'],
  ['a redirect to nowhere', (_, response) => void response.writeHead(302).end(), 'status 302'],
  ['another status', (_, response) => void response.writeHead(404).end('{}'), 'status 404'],
  ['an empty success', (_, response) => void response.writeHead(204).end(), 'status 204'],
  ['a reset', (_, response) => void response.socket?.resetAndDestroy(), expect.stringMatching(/ECONNRESET|closed/)],
  ['a reset in mid-answer', (_, response) => void response.write('{', () => response.socket?.resetAndDestroy()), expect.any(String)],
  ['what is no HTTP', (_, response) => void response.socket?.end('SSH-2.0\r\n'), expect.stringMatching(/^HPE_/)],
])('%s is a failure', async (_, handler, failed) => {
  expect(await (await fetchFrom(handler)).fetched).toEqual({ failed });
});

it('reads no more than half a MiB', async () => {
  let sent = 0;
  const { fetched } = await fetchFrom((_request, response) => {
    const more = (): void => {
      while (!response.destroyed && response.write(Buffer.alloc(64 * 1024))) sent += 1;
    };
    response.on('drain', more);
    more();
  });
  expect(await fetched).toEqual({ failed: 'more than 524288 bytes' });
  expect(sent).toBeLessThan(1000);
});

it('gives up what does not come, and what does not end', async () => {
  for (const handler of [() => undefined, (_: unknown, response: { write(text: string): unknown }) => void response.write('{')]) {
    const { promise: asked, resolve } = Promise.withResolvers<void>();
    const { fetched, clock } = await fetchFrom((request, response) => {
      handler(request, response);
      resolve();
    });
    await asked;
    clock.advance(5000);
    expect(await fetched).toEqual({ failed: 'no answer within 5000 ms' });
  }
});

it('gives up when it is told to, also before it has begun', async () => {
  const { promise: asked, resolve } = Promise.withResolvers<void>();
  const { fetched, giveUp, clock } = await fetchFrom(() => resolve());
  await asked;
  giveUp.abort();
  expect([await fetched, clock.pending]).toEqual([{ failed: 'given up' }, 0]);
  const never = fetchDocument('http://127.0.0.1:1/', { timers: clock, userAgent: '', signal: giveUp.signal });
  expect(await never).toEqual({ failed: 'given up' });
});

it('rejects nothing, whatever the address', async () => {
  const { signal } = new AbortController();
  expect(await fetchDocument('https://127.0.0.1:1/', { timers: new FakeClock(), userAgent: '', signal })).toEqual({
    failed: 'ECONNREFUSED',
  });
});
