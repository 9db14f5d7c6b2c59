/** Access tokens that are verified, on the wire: a real issuer's endpoint on one side, callers on the other. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { TokenVerifier } from '../../src/policies/identity/tokens/verifier.ts';
import { ALGORITHMS, tokenConfig } from '../../src/policies/identity/tokens/config.ts';
import { fetchedKeys } from '../../src/adapters/jwks/jwks.ts';
import { FakeClock } from '../kit/clock.ts';
import { fakeDeps } from '../kit/exchange.ts';
import { startTestGateway } from '../kit/gateway.ts';
import { TestIssuer, type KeyServer, sending, startKeyServer, unsigned } from '../kit/issuer.ts';
import { header } from '../kit/message.ts';
import { startOrigin } from '../kit/origin.ts';
import { exchangeRaw } from '../kit/raw-client.ts';
import { startReloading, UNWATCHED } from '../kit/reloading.ts';
import { until } from '../kit/until.ts';

const issuer = new TestIssuer();
const ISS = 'https://issuer.example';

const openapi = {
  openapi: '3.1.0',
  info: { title: 'Payments', version: '1.0.0' },
  components: {
    securitySchemes: {
      oauth: {
        type: 'oauth2',
        flows: { clientCredentials: { tokenUrl: 'https://issuer.example/token', scopes: { read: '', write: '' } } },
      },
      key: { type: 'apiKey', in: 'header', name: 'X-API-Key' },
    },
  },
  paths: {
    '/open': { get: { operationId: 'open', responses: { 200: { description: 'fine' } } } },
    '/payments': {
      get: { operationId: 'list', security: [{ key: [] }, { oauth: ['read'] }], responses: { 200: { description: 'fine' } } },
      post: { operationId: 'pay', security: [{ oauth: ['read', 'write'] }], responses: { 200: { description: 'fine' } } },
    },
  },
};

const inOneMinute = (): number => Math.floor(Date.now() / 1000) + 60;
const token = (claims: object = {}, kid?: string): Promise<string> =>
  issuer.token({ iss: ISS, aud: 'payments', sub: 'u1', exp: inOneMinute(), scope: 'read', ...claims }, kid);
const ask = (port: number, line: string, more: readonly string[] = []) => exchangeRaw(port, [`${line} HTTP/1.1`, 'Host: x', ...more]);
const bearer = (text: string): string[] => [`Authorization: Bearer ${text}`];

const options = (upstream: number, jwks: string, contract: object, more: { identity?: object; policies?: object } = {}) => ({
  upstream,
  openapi,
  route: { policies: { contract: { response: 'off', ...contract }, ...more.policies } },
  sections: { identity: { verify: { jwks, audience: 'payments', issuer: ISS }, ...more.identity } },
});
const enforce = { request: 'enforce' };

const good = async (): Promise<KeyServer> => startKeyServer(sending(await issuer.keySet('a')));

test('enforce: who is let in, and what the others are told', async () => {
  await using keys = await good();
  const origin = await startOrigin();
  await using _origin = origin;
  await using gateway = await startTestGateway(options(origin.port, keys.jwks, enforce));
  const { port } = gateway;
  const refused = async (line: string, more: readonly string[] = []) => {
    const { status, headers, body } = await ask(port, line, ['X-Request-ID: r1', ...more]);
    const problem = JSON.parse(body.toString());
    return [status, header(headers, 'www-authenticate'), header(headers, 'proxy-status'), problem];
  };
  const problem = (status: number, title: string, code: string, detail: string, fields?: object) => ({
    type: `https://plumbline.dev/errors/${code.toLowerCase().replace('_', '-')}`,
    title,
    status,
    code,
    detail,
    request_id: 'r1',
    retryable: false,
    ...fields,
  });
  const expired = await token({ exp: inOneMinute() - 120 });
  const denied = 'plumbline; error=http_request_denied';

  expect(await refused('GET /payments')).toEqual([
    401,
    'ApiKey, Bearer realm="Payments"',
    denied,
    problem(401, 'Credentials missing', 'CREDENTIALS_MISSING', 'needs credentials: key, or oauth'),
  ]);
  expect(await refused('GET /payments', bearer(expired))).toEqual([
    401,
    'ApiKey, Bearer realm="Payments", error="invalid_token"',
    denied,
    problem(401, 'Credentials not valid', 'CREDENTIALS_INVALID', 'oauth: the token has expired'),
  ]);
  expect(await refused('POST /payments', bearer(await token()))).toEqual([
    403,
    'Bearer realm="Payments", error="insufficient_scope", scope="read write"',
    denied,
    problem(403, 'Scope missing', 'SCOPE_MISSING', 'oauth: the token lacks the scope write', {
      fields: [{ path: '', in: 'security', code: 'SCOPE_MISSING', message: 'oauth: the token lacks the scope write' }],
    }),
  ]);
  for (const bad of [
    'opaque',
    unsigned({ alg: 'none' }, { aud: 'payments' }, ''),
    await token({ aud: 'other' }),
    await token({}, 'forged'),
  ])
    expect((await refused('GET /payments', bearer(bad)))[3]).toMatchObject({ code: 'CREDENTIALS_INVALID' });
  expect(origin.requests).toEqual([]);

  const fine = await token({ scp: ['write'] });
  expect((await ask(port, 'GET /payments', bearer(fine))).status).toBe(200);
  expect((await ask(port, 'POST /payments', bearer(fine))).status).toBe(200);
  expect((await ask(port, 'GET /payments', ['X-API-Key: k', ...bearer(expired)])).status).toBe(200);
  expect((await ask(port, 'GET /open', bearer(expired))).status).toBe(200);
  expect(header(origin.requests[0]?.headers ?? [], 'authorization')).toBe(`Bearer ${fine}`);
  expect(keys.requests.length).toBe(1);
});

test('report: nothing is refused, and nothing of a token is shown', async () => {
  await using keys = await good();
  await using origin = await startOrigin();
  await using gateway = await startReloading({
    ...options(origin.port, keys.jwks, {}),
    sections: {
      ...options(origin.port, keys.jwks, {}).sections,
      ...UNWATCHED,
    },
  });
  const expired = await token({ exp: inOneMinute() - 120, email: 'jdoe4711@example.org' });
  expect((await ask(gateway.port(), 'GET /payments', bearer(expired))).status).toBe(200);
  expect((await ask(gateway.port(), 'POST /payments', bearer(await token()))).status).toBe(200);
  interface Shown {
    readonly items: ReadonlyArray<{
      readonly rule: string;
      readonly location: string;
      readonly specPointer: string;
      readonly mode: string;
    }>;
  }
  const shown = await until(async () => {
    const found = await gateway.admin<Shown>('/api/violations');
    return found.items.length === 2 && found;
  }, 'two violations');
  expect(shown.items.map(({ rule, location, specPointer, mode }) => [rule, location, specPointer, mode]).sort()).toEqual([
    ['credentials_invalid', 'security', '/paths/~1payments/get/security/1/oauth', 'report'],
    ['scope_missing', 'security', '/paths/~1payments/post/security/0/oauth/1', 'report'],
  ]);
  const metrics = await gateway.metrics();
  expect(metrics.value('plumbline_token_verifications_total', { outcome: 'invalid' })).toBe(1);
  const log = readFileSync(join(gateway.dir, 'access.log'), 'utf8');
  const scraped = await (await fetch(`${gateway.gateway.admin.url}/metrics`)).text();
  const all = JSON.stringify([shown, await gateway.admin('/api/config'), log, scraped]);
  for (const secret of [...expired.split('.'), 'jdoe4711', 'u1"']) expect(all).not.toContain(secret);
});

test.each<readonly [what: string, answer: Parameters<typeof startKeyServer>[0]]>([
  ['away', (_request, response) => void response.socket?.destroy()],
  ['failing', (_request, response) => void response.writeHead(500).end()],
  ['elsewhere', (_request, response) => void response.writeHead(302, { Location: 'http://127.0.0.1:1/' }).end()],
  ['garbage', sending('<html>')],
  ['huge', sending('['.repeat(600_000))],
])('an endpoint that is %s makes no token bad: it passes, or is refused as what cannot be checked', async (_, answer) => {
  await using keys = await startKeyServer(answer);
  await using origin = await startOrigin();
  const failed = async ({ metrics }: Awaited<ReturnType<typeof startTestGateway>>) =>
    until(async () => (await metrics()).value('plumbline_jwks_fetches_total', { outcome: 'failed' }) > 0, 'a failed fetch');
  {
    await using gateway = await startTestGateway(options(origin.port, keys.jwks, enforce));
    await failed(gateway);
    expect((await ask(gateway.port, 'GET /payments', bearer(await token()))).status).toBe(200);
    expect((await ask(gateway.port, 'GET /payments', bearer('opaque'))).status).toBe(401);
    const metrics = await gateway.metrics();
    expect(metrics.value('plumbline_contract_checks_total', { operation: 'list', outcome: 'skipped', reason: 'unverified' })).toBe(1);
    expect(metrics.value('plumbline_jwks_keys')).toBe(0);
  }
  await using gateway = await startTestGateway(options(origin.port, keys.jwks, { ...enforce, onUnchecked: 'refuse' }));
  await failed(gateway);
  const { status, headers, body } = await ask(gateway.port, 'GET /payments', bearer(await token()));
  expect([status, header(headers, 'retry-after'), JSON.parse(body.toString())]).toMatchObject([
    503,
    '1',
    { code: 'OVERLOADED', retryable: true },
  ]);
  expect((await ask(gateway.port, 'GET /payments', ['X-API-Key: k', ...bearer(await token())])).status).toBe(200);
});

test('requests that come before the keys wait for them, all for one fetch; those that need none do not', async () => {
  const { promise: asked, resolve: isAsked } = Promise.withResolvers<void>();
  const { promise: released, resolve: release } = Promise.withResolvers<void>();
  const text = await issuer.keySet('a');
  await using keys = await startKeyServer(async (request, response) => {
    isAsked();
    await released;
    await sending(text)(request, response, async () => Buffer.alloc(0));
  });
  await using origin = await startOrigin();
  await using gateway = await startTestGateway(options(origin.port, keys.jwks, enforce));
  await asked;
  const [one, two] = [await token({ jti: '1' }), await token({ jti: '2' })];
  const waiting = Array.from({ length: 40 }, (_, i) => ask(gateway.port, 'GET /payments', bearer(i % 2 === 0 ? one : two)));
  expect((await ask(gateway.port, 'GET /open', bearer(one))).status).toBe(200);
  expect(origin.requests.length).toBe(1);
  release();
  expect(new Set((await Promise.all(waiting)).map(({ status }) => status))).toEqual(new Set([200]));
  expect([keys.requests.length, origin.requests.length]).toEqual([1, 41]);
});

test('a deadline ends the wait for the keys', async () => {
  const { promise: asked, resolve: isAsked } = Promise.withResolvers<void>();
  await using keys = await startKeyServer(() => isAsked());
  await using origin = await startOrigin();
  await using gateway = await startTestGateway(options(origin.port, keys.jwks, enforce, { policies: { deadline: { total: '100ms' } } }));
  await asked;
  const { status, body } = await ask(gateway.port, 'GET /payments', bearer(await token()));
  expect([status, JSON.parse(body.toString()).code, origin.requests.length]).toEqual([504, 'DEADLINE_EXHAUSTED', 0]);
});

test('HD-2: the consumer is who the token says, and a reload keeps keys and verdicts', async () => {
  await using keys = await good();
  await using origin = await startOrigin();
  const identity = { consumer: [{ jwt: { claim: 'azp', version: 'ver' } }, 'userAgent'] };
  const written = (mode: string) => {
    const made = options(origin.port, keys.jwks, { request: mode }, { identity });
    return { ...made, sections: { ...made.sections, ...UNWATCHED } };
  };
  await using gateway = await startReloading(written('report'));
  const fine = await token({ azp: 'web-shop', ver: '2.1' });
  const forged = await token({ azp: 'admin' }, 'forged');
  for (const text of [fine, forged]) await ask(gateway.port(), 'GET /payments', [...bearer(text), 'User-Agent: curl/8']);
  await gateway.reload(written('enforce'));
  expect(await gateway.generation()).toBe(2);
  await ask(gateway.port(), 'GET /payments', bearer(fine));
  const metrics = await gateway.metrics();
  const seen = (consumer: string, version: string) =>
    metrics.value('plumbline_consumer_requests_total', { consumer, consumer_version: version });
  expect([seen('web-shop', '2.1'), seen('curl', '8'), seen('admin', '')]).toEqual([2, 1, 0]);
  expect([keys.requests.length, metrics.value('plumbline_jwks_keys')]).toEqual([1, 1]);
});

test('ID-1: a caller who renews the token is the same caller; another one is not', async () => {
  await using keys = await good();
  let answered = 0;
  await using origin = await startOrigin((_request, response) => {
    answered += 1;
    response.writeHead(200, { 'Content-Type': 'application/json' }).end(`{"run":${answered}}`);
  });
  await using gateway = await startTestGateway(options(origin.port, keys.jwks, {}, { policies: { idempotency: {} } }));
  const pay = async (claims: object, kid?: string) =>
    (await ask(gateway.port, 'POST /payments', [...bearer(await token(claims, kid)), 'Idempotency-Key: k1'])).body.toString();
  expect(await pay({ jti: '1' })).toBe('{"run":1}');
  expect(await pay({ jti: '2' })).toBe('{"run":1}');
  expect(await pay({ jti: '3', sub: 'u2' })).toBe('{"run":2}');
  // Forged: known by its own bytes alone, and answered by the service.
  expect(await pay({ jti: '4' }, 'forged')).toBe('{"run":3}');
});

test('what the service itself sends to others is not held against its own issuer', async () => {
  await using keys = await good();
  await using origin = await startOrigin();
  await using gateway = await startTestGateway({ ...options(origin.port, keys.jwks, enforce), listener: { direction: 'egress' } });
  expect((await ask(gateway.port, 'GET /payments', bearer('opaque'))).status).toBe(200);
  expect(keys.requests.length).toBe(0);
});

test('keys that are rotated, withdrawn and out of reach, by an issuer with one endpoint', async () => {
  const clock = new FakeClock();
  const exp = clock.wallMs() / 1000 + 7 * 24 * 3600;
  await using keys = await good();
  const { meter, logger } = fakeDeps();
  using set = fetchedKeys({ clock, timers: clock, meter, logger, version: '1' }).open(keys.jwks);
  const verify = { jwks: keys.jwks, audience: ['payments'], issuer: undefined, algorithms: ALGORITHMS, leeway: 0, scopeClaim: undefined };
  const verifier = new TokenVerifier(tokenConfig(verify, []), set, clock);
  const verdict = async (kid: string, jti: string): Promise<string> => (await verifier.verify(await token({ exp, jti }, kid))).is;
  expect([await verdict('a', '1'), await verdict('b', '2')]).toEqual(['verified', 'invalid']);
  keys.answer = sending(await issuer.keySet('a', 'b'));
  clock.advance(10_000);
  expect([await verdict('b', '3'), await verdict('a', '4'), keys.requests.length]).toEqual(['verified', 'verified', 2]);
  keys.answer = sending(await issuer.keySet('b'));
  clock.advance(600_000);
  const fetched = keys.requests.length;
  expect(await verdict('b', '5')).toBe('verified');
  await until(() => meter.value('jwks_fetches_total', { outcome: 'fetched' }) > fetched, 'the keys to be fetched again');
  expect(await verdict('a', '6')).toBe('invalid');
  keys.answer = (_request, response) => void response.socket?.destroy();
  clock.advance(3_600_000);
  expect([await verdict('b', '7'), await verdict('a', '8')]).toEqual(['verified', 'unknown']);
  clock.advance(24 * 3_600_000);
  expect(await verdict('b', '9')).toBe('unknown');
});
