/** What waits for the keys of access tokens, while an issuer's endpoint says nothing, and what does not. */
import { expect, test } from 'vitest';
import { startTestGateway } from '../kit/gateway.ts';
import { TestIssuer, startKeyServer } from '../kit/issuer.ts';
import { startOrigin } from '../kit/origin.ts';
import { exchangeRaw } from '../kit/raw-client.ts';

const issuer = new TestIssuer();
const responses = { 200: { description: 'fine' } };

const openapi = {
  openapi: '3.1.0',
  info: { title: 'Payments', version: '1.0.0' },
  components: {
    securitySchemes: { jwt: { type: 'http', scheme: 'bearer' }, key: { type: 'apiKey', in: 'header', name: 'X-API-Key' } },
  },
  security: [{ jwt: [] }, { key: [] }],
  paths: { '/payments': { get: { operationId: 'list', responses }, post: { operationId: 'pay', responses } } },
};

const BY_NAME = { consumer: [{ jwt: { claim: 'azp' } }, 'userAgent'] };
const SHARED = { idempotency: { scope: 'shared' } };

test.each<readonly [what: string, line: string, fields: readonly string[], identity: object, policies: object]>([
  ['a name', 'GET', [], BY_NAME, { contract: { request: 'report' } }],
  ['the scopes of a request that a key lets in', 'GET', ['X-API-Key: k'], {}, { contract: { request: 'enforce' } }],
  ['whose idempotency key it is, where that is all the same', 'POST', ['Idempotency-Key: k1'], {}, SHARED],
])('keys that do not come refuse nobody for %s', async (_, method, fields, identity, policies) => {
  const { promise: asked, resolve: isAsked } = Promise.withResolvers<void>();
  await using keys = await startKeyServer(() => isAsked());
  await using origin = await startOrigin();
  await using gateway = await startTestGateway({
    upstream: origin.port,
    openapi,
    route: { policies: { ...policies, deadline: { total: '250ms' } } },
    sections: { identity: { verify: { jwks: keys.jwks, audience: 'payments' }, ...identity } },
  });
  await asked;
  const token = await issuer.token({ aud: 'payments', sub: 'u1', exp: Math.floor(Date.now() / 1000) + 60, azp: 'shop' });
  const head = [`${method} /payments HTTP/1.1`, 'Host: x', 'Content-Length: 0', `Authorization: Bearer ${token}`, ...fields];
  expect((await exchangeRaw(gateway.port, head)).status).toBe(200);
});
