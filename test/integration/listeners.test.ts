import { expect, test } from 'vitest';
import { startTestGateway } from '../kit/gateway.ts';
import { header } from '../kit/message.ts';
import { startOrigin } from '../kit/origin.ts';
import { connectRaw, exchangeRaw } from '../kit/raw-client.ts';

const LOCAL = { host: '127.0.0.1', port: 0 };

test('several listeners with different routes, each with its own limits and answers', async () => {
  await using first = await startOrigin();
  await using second = await startOrigin();
  await using gateway = await startTestGateway({
    upstream: first.port,
    sections: {
      listeners: { a: { ...LOCAL, maxUrlBytes: '256B' }, b: { ...LOCAL, maxHeaderBytes: '1KiB' }, empty: LOCAL },
      routes: [
        { name: 'a-all', listener: 'a', upstream: first.url },
        { name: 'b-x', listener: 'b', match: { path: '/x' }, upstream: second.url },
      ],
    },
  });
  const status = async (listener: string, target: string, ...fields: readonly string[]): Promise<number> =>
    (await exchangeRaw(gateway.portOf(listener), [`GET ${target} HTTP/1.1`, 'Host: h', ...fields])).status;
  expect([await status('a', '/x'), await status('b', '/x'), await status('b', '/'), await status('empty', '/x')]).toEqual([
    200, 200, 404, 404,
  ]);
  expect([first.requests.length, second.requests.length]).toEqual([1, 1]);
  const long = `/x?${'y'.repeat(300)}`;
  expect([await status('a', long), await status('b', long)]).toEqual([414, 200]);
  const large = `X-Large: ${'y'.repeat(1500)}`;
  expect([await status('a', '/x', large), await status('b', '/x', large)]).toEqual([200, 431]);
  await gateway.idle();
  const line = await gateway.log.one(({ code }) => code === 'HEADERS_TOO_LARGE');
  expect(line).toMatchObject({ route: '_none', status: 431 });
});

test('beyond maxConnections a connection is closed at once, and taken again when one is gone', async () => {
  await using origin = await startOrigin();
  await using gateway = await startTestGateway({ upstream: origin.port, listener: { maxConnections: 1 } });
  const held = await connectRaw(gateway.port);
  held.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
  await held.readUntil('\r\n\r\n');
  const refused = await connectRaw(gateway.port);
  await refused.peerDone;
  held.destroy();
  refused.destroy();
  let status = 0;
  while (status !== 200) {
    try {
      ({ status } = await exchangeRaw(gateway.port, ['GET / HTTP/1.1', 'Host: x']));
    } catch {
      // The gateway has not heard yet that the first one is gone.
    }
  }
  expect(origin.requests).toHaveLength(2);
});

test('OPTIONS * goes on as it is, in whatever form it comes', async () => {
  await using origin = await startOrigin();
  await using gateway = await startTestGateway({ upstream: origin.port, route: { upstream: { url: origin.url, stripPrefix: '/a' } } });
  for (const target of ['*', 'http://x', 'http://x/', '/'])
    expect((await exchangeRaw(gateway.port, [`OPTIONS ${target} HTTP/1.1`, 'Host: x'])).status).toBe(200);
  expect(origin.requests.map(({ target }) => target)).toEqual(['*', '*', '/', '/']);
});

test.each(['X_Request_ID', 'x-forwarded_for', 'X_Team', 'grpc_timeout', 'Content_Type'])(
  'HY-1: %s is refused, or passed on untouched and unread, as hygiene.underscores says',
  async (name) => {
    await using origin = await startOrigin();
    const sections = { identity: { consumer: [{ header: 'X-Team' }] } };
    const route = { policies: { deadline: { aliases: ['grpc-timeout'] } } };
    const fields = ['POST / HTTP/1.1', 'Host: x', `${name}: mine`, 'Content-Length: 0'];
    {
      await using gateway = await startTestGateway({ upstream: origin.port, route, sections });
      const answer = await exchangeRaw(gateway.port, fields);
      expect([answer.status, JSON.parse(answer.body.toString()).code]).toEqual([400, 'MALFORMED_REQUEST']);
      expect((await exchangeRaw(gateway.port, fields.toSpliced(2, 1, 'My_Field: 1'))).status).toBe(200);
    }
    await using gateway = await startTestGateway({
      upstream: origin.port,
      route,
      sections: { ...sections, hygiene: { underscores: 'pass' } },
    });
    expect((await exchangeRaw(gateway.port, fields)).status).toBe(200);
    expect(origin.requests.map(({ headers }) => header(headers, name))).toEqual([undefined, 'mine']);
    expect((await gateway.log.one()).request_id).not.toBe('mine');
  },
);

test('HY-3: what Connection names is gone before a route looks at it', async () => {
  await using one = await startOrigin();
  await using two = await startOrigin();
  const match = { headers: { 'X-Version': '2' } };
  const routes = [
    { name: 'one', listener: 'main', upstream: one.url },
    { name: 'two', listener: 'main', match, upstream: two.url },
  ];
  await using gateway = await startTestGateway({ upstream: one.port, sections: { routes } });
  const fields = ['GET / HTTP/1.1', 'Host: x', 'X-Version: 2'];
  await exchangeRaw(gateway.port, fields);
  await exchangeRaw(gateway.port, [...fields, 'Connection: x-version']);
  expect([one.requests.length, two.requests.length]).toEqual([1, 1]);
  expect(header(one.requests[0]?.headers ?? [], 'x-version')).toBeUndefined();
});
