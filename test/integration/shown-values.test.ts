/** What breaks the contract is told with its value where the operator named the field, to the operator and to nobody else. */
import { expect, test } from 'vitest';
import { startTestGateway } from '../kit/gateway.ts';
import { startRawOrigin } from '../kit/origin.ts';
import { exchangeRaw } from '../kit/raw-client.ts';

const schema = { type: 'object', properties: { status: { enum: ['open'] }, card: { type: 'string', maxLength: 4 } } };
const openapi = {
  openapi: '3.1.0',
  info: { title: 'Orders', version: '1.0.0' },
  paths: {
    '/orders': {
      post: {
        parameters: [{ name: 'limit', in: 'query', schema: { type: 'integer' } }],
        requestBody: { content: { 'application/json': { schema } } },
        responses: { 204: { description: 'made' } },
      },
    },
  },
};

test('showValues', async () => {
  await using origin = await startRawOrigin(async () => undefined);
  await using gateway = await startTestGateway({
    upstream: origin.port,
    openapi,
    route: { policies: { contract: { request: 'enforce', showValues: ['status', 'limit'] } } },
  });
  const post = (target: string, body: string) =>
    exchangeRaw(
      gateway.port,
      [`POST ${target} HTTP/1.1`, 'Host: x', 'Content-Type: application/json', `Content-Length: ${body.length}`],
      body,
    );
  const refused = [await post('/orders', '{"status": "vanished", "card": "4111-secret"}'), await post('/orders?limit=many', '{}')];
  expect(refused.map(({ status }) => status)).toEqual([422, 422]);
  for (const { body } of refused) expect(body.toString()).not.toMatch(/vanished|secret|many/);

  const shown = await (await fetch(`${gateway.adminUrl}/api/violations`)).text();
  const { items } = JSON.parse(shown) as { items: ReadonlyArray<{ pointer: string; value?: string }> };
  expect(items.map(({ pointer, value }) => [pointer, value])).toEqual([
    ['/limit', '"many"'],
    ['/card', undefined],
    ['/status', '"vanished"'],
  ]);
  expect(shown).not.toContain('secret');
  await gateway.log.wait(2);
  expect(JSON.stringify(gateway.log.all())).not.toMatch(/vanished|secret/);
});
