import { expect, test } from 'vitest';
import { startTestGateway } from '../kit/gateway.ts';
import { header } from '../kit/message.ts';
import { startOrigin } from '../kit/origin.ts';
import { exchangeRaw } from '../kit/raw-client.ts';

const LOCAL = { host: '127.0.0.1', port: 0 };
const LISTENERS = { in: LOCAL, out: { ...LOCAL, direction: 'egress' } };

/** A gateway beside an application: one route to it, three to partners. */
async function beside(app: number, partner: { readonly url: string }) {
  const toPartner = (name: string, match: object, upstream: object = {}): object => ({
    name,
    listener: 'out',
    match,
    upstream: { url: partner.url, ...upstream },
  });
  const routes = [
    { name: 'app', listener: 'in', upstream: `http://127.0.0.1:${app}` },
    toPartner('dns', { path: '/dns' }, { stripPrefix: '/dns' }),
    toPartner('pay', { host: 'pay.example' }),
    toPartner('kept', { path: '/kept' }, { preserveHost: true }),
  ];
  return startTestGateway({ upstream: app, sections: { listeners: LISTENERS, routes } });
}

test('T2: in origin-form, by path: the prefix comes off and Host is the partner’s', async () => {
  await using partner = await startOrigin();
  await using gateway = await beside(9, partner);
  const port = gateway.portOf('out');
  expect((await exchangeRaw(port, ['GET /dns/zones?x=1 HTTP/1.1', 'Host: 127.0.0.1:7081'])).status).toBe(200);
  expect((await exchangeRaw(port, ['GET /kept HTTP/1.1', 'Host: api.example'])).status).toBe(200);
  expect((await exchangeRaw(port, ['GET /else HTTP/1.1', 'Host: api.example'])).status).toBe(404);
  expect(partner.requests.map(({ target, headers }) => [target, header(headers, 'host')])).toEqual([
    ['/zones?x=1', `127.0.0.1:${partner.port}`],
    ['/kept', 'api.example'],
  ]);
});

test('T2: in absolute-form, as a client does that uses the listener as its proxy', async () => {
  await using partner = await startOrigin();
  await using gateway = await beside(9, partner);
  const self = `127.0.0.1:${partner.port}`;
  const get = (url: string, host: string) => exchangeRaw(gateway.portOf('out'), [`GET ${url} HTTP/1.1`, `Host: ${host}`]);
  expect((await get(`http://${self}/dns/zones?x`, self)).status).toBe(200);
  expect((await get('http://pay.example/charge', 'pay.example')).status).toBe(200);
  expect((await get('http://PAY.example:8080', 'pay.example:8080')).status).toBe(200);
  expect((await get(`http://${self}/else`, self)).status).toBe(404);
  expect(partner.requests.map(({ target, headers }) => [target, header(headers, 'host')])).toEqual([
    ['/zones?x', self],
    ['/charge', self],
    ['/', self],
  ]);
});

test.each([
  ['http://evil.example/dns/zones', 'evil.example'],
  ['http://169.254.169.254/latest/meta-data', '169.254.169.254'],
  ['http://127.0.0.1:1/dns/zones', '127.0.0.1:1'],
  ['https://evil.example/', 'evil.example'],
])('HY-6: %s is nobody’s host: 403 HOST_DENIED, and nothing is sent', async (url, host) => {
  await using partner = await startOrigin();
  await using gateway = await beside(9, partner);
  const answer = await exchangeRaw(gateway.portOf('out'), [`GET ${url} HTTP/1.1`, `Host: ${host}`, 'X-Request-ID: mine']);
  expect([answer.status, header(answer.headers, 'x-request-id')]).toEqual([403, 'mine']);
  expect(header(answer.headers, 'proxy-status')).toBe('plumbline; error=http_request_denied');
  expect(JSON.parse(answer.body.toString())).toMatchObject({ code: 'HOST_DENIED', status: 403, retryable: false });
  expect(partner.connections).toBe(0);
  await gateway.idle();
  expect(await gateway.log.one()).toMatchObject({ direction: 'egress', route: '_none', code: 'HOST_DENIED', status: 403 });
});

test('HY-6: on ingress an absolute-form of any host goes by the routes', async () => {
  await using app = await startOrigin();
  await using gateway = await beside(app.port, app);
  expect((await exchangeRaw(gateway.portOf('in'), ['GET http://any.example/a HTTP/1.1', 'Host: any.example'])).status).toBe(200);
  expect(app.requests.map(({ target }) => target)).toEqual(['/a']);
});

test('EV-9: CONNECT is not served', async () => {
  await using partner = await startOrigin();
  await using gateway = await beside(9, partner);
  const answer = await exchangeRaw(gateway.portOf('out'), ['CONNECT pay.example:443 HTTP/1.1', 'Host: pay.example:443']);
  expect([answer.status, JSON.parse(answer.body.toString()).code]).toEqual([405, 'METHOD_NOT_ALLOWED']);
  expect(partner.connections).toBe(0);
});

test('HD: what the application asks of a partner carries the request that made it ask, as its cause', async () => {
  await using partner = await startOrigin();
  let out = 0;
  await using app = await startOrigin(async (req, res) => {
    const passedOn = ['x-request-id', 'x-correlation-id'].map((name) => `${name}: ${header(req.rawHeaders, name)}`);
    const { status } = await exchangeRaw(out, ['GET /dns/zones HTTP/1.1', 'Host: dns.example', ...passedOn]);
    res.writeHead(status, ['Content-Length', '0']);
    res.end();
  });
  await using gateway = await beside(app.port, partner);
  out = gateway.portOf('out');
  const answer = await exchangeRaw(gateway.portOf('in'), ['GET / HTTP/1.1', 'Host: x', 'X-Request-ID: in-1', 'X-Correlation-ID: flow-9']);
  expect([answer.status, header(answer.headers, 'x-causation-id')]).toEqual([200, undefined]);
  const [seen] = partner.requests;
  expect(header(seen?.headers ?? [], 'x-causation-id')).toBe('in-1');
  expect(header(seen?.headers ?? [], 'x-correlation-id')).toBe('flow-9');
  expect(header(app.requests[0]?.headers ?? [], 'x-causation-id')).toBeUndefined();
  await gateway.idle();
  expect(await gateway.log.wait(2)).toMatchObject([
    { direction: 'egress', route: 'dns', causation_id: 'in-1', correlation_id: 'flow-9' },
    { direction: 'ingress', route: 'app', causation_id: '', request_id: 'in-1' },
  ]);
  const metrics = await gateway.metrics();
  for (const [direction, api] of [
    ['egress', 'dns'],
    ['ingress', 'app'],
  ] as const)
    expect(metrics.value('plumbline_requests_total', { direction, api, status_code: '200' })).toBe(1);
});
