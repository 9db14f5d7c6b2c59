/** An answer that is repeated under its idempotency key, and the contract: judged again in enforce, not counted twice in report. */
import { expect, test } from 'vitest';
import { startTestGateway } from '../kit/gateway.ts';
import { header } from '../kit/message.ts';
import { startOrigin } from '../kit/origin.ts';
import { exchangeRaw } from '../kit/raw-client.ts';

const made = { description: 'made', content: { 'application/json': { schema: { type: 'integer' } } } };
const openapi = {
  openapi: '3.1.0',
  info: { title: 'Orders', version: '1.0.0' },
  paths: { '/orders': { post: { operationId: 'createOrder', responses: { 201: made } } } },
};
const POST = ['POST /orders HTTP/1.1', 'Host: x', 'Idempotency-Key: k1', 'Authorization: Bearer a', 'Content-Length: 2'];

test.each([
  ['report', 1, [201, 201]],
  ['enforce', 2, [502, 502]],
])('CP-1: in %s a wrong answer and its replay are counted %d times', async (response, counted, statuses) => {
  await using origin = await startOrigin((_req, res) => void res.writeHead(201, ['Content-Type', 'application/json']).end('"one"'));
  const route = { policies: { idempotency: {}, contract: { request: 'off', response } } };
  await using gateway = await startTestGateway({ upstream: origin.port, openapi, route });
  const answers = [await exchangeRaw(gateway.port, POST, '{}'), await exchangeRaw(gateway.port, POST, '{}')];
  expect(answers.map(({ status }) => status)).toEqual(statuses);
  if (response === 'report') expect(header(answers[1]?.headers ?? [], 'idempotent-replayed')).toBe('true');
  expect(origin.requests).toHaveLength(1);
  await gateway.idle();
  const metrics = await gateway.metrics();
  expect(metrics.value('plumbline_contract_checks_total', { side: 'response' })).toBe(counted);
  expect(metrics.value('plumbline_contract_violations_total')).toBe(counted);
});
