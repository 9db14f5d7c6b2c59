/** PC-1 and PC-2 on the wire. */
import { expect, test } from 'vitest';
import { startTestGateway } from '../kit/gateway.ts';
import { header } from '../kit/message.ts';
import { type OriginHandler, startOrigin } from '../kit/origin.ts';
import { exchangeRaw } from '../kit/raw-client.ts';

const ok = { responses: { 200: { description: 'ok' } } };
const openapi = {
  openapi: '3.1.0',
  info: { title: 'Invoices', version: '1.0.0' },
  paths: {
    '/invoices/{id}': {
      parameters: [{ name: 'id', in: 'path', required: true, schema: { type: 'string' } }],
      get: { operationId: 'getInvoice', ...ok },
      put: { operationId: 'updateInvoice', ...ok },
    },
  },
};
const route = { policies: { precondition: { required: ['updateInvoice'] } } };
const put = (target: string, ...fields: string[]): string[] => [`PUT ${target} HTTP/1.1`, 'Host: x', 'Content-Length: 2', ...fields];

/** Versions count up from 1; one that honours If-Match refuses what is not on the present one. */
function versions(honours: 'honours' | 'ignores'): OriginHandler {
  let version = 1;
  return async (req, res, whole) => {
    await whole();
    const fits = req.headers['if-match'] === `"${version}"`;
    if (req.method === 'PUT' && !fits && honours === 'honours') return void res.writeHead(412, ['Content-Length', '0']).end();
    if (req.method === 'PUT') version += 1;
    res.writeHead(200, ['ETag', `"${version}"`, 'Content-Length', '0']).end();
  };
}

test('PC-1: without If-Match a required operation is 428 and reaches nobody; the service’s own 412 passes', async () => {
  await using origin = await startOrigin(versions('honours'));
  await using gateway = await startTestGateway({ upstream: origin.port, openapi, route });
  const refused = await exchangeRaw(gateway.port, put('/invoices/1'), '{}');
  const problem = JSON.parse(refused.body.toString()) as object;
  expect([refused.status, problem]).toMatchObject([428, { code: 'PRECONDITION_REQUIRED', retryable: false }]);
  expect(header(refused.headers, 'cache-control')).toBe('no-store');
  expect(origin.requests).toHaveLength(0);
  expect((await exchangeRaw(gateway.port, put('/invoices/1', 'If-Match: "1"'), '{}')).status).toBe(200);
  expect((await exchangeRaw(gateway.port, put('/invoices/1', 'If-Match: "1"'), '{}')).status).toBe(412);
  expect((await exchangeRaw(gateway.port, ['GET /invoices/1 HTTP/1.1', 'Host: x'])).status).toBe(200);
  const metrics = await gateway.metrics();
  const counted = (outcome: string) => metrics.value('plumbline_preconditions_total', { operation: 'updateInvoice', outcome });
  expect([counted('required'), counted('failed')]).toEqual([1, 1]);
  expect(metrics.value('plumbline_drift_observations_total', { kind: 'lost_update' })).toBe(0);
});

test('PC-2: two writes on one version that both succeed are counted as a lost update', async () => {
  await using origin = await startOrigin(versions('ignores'));
  await using gateway = await startTestGateway({ upstream: origin.port, openapi, route });
  for (const id of ['a', 'a', 'b'])
    expect((await exchangeRaw(gateway.port, put('/invoices/1', 'If-Match: "1"', `X-Request-ID: ${id}`), '{}')).status).toBe(200);
  const labels = { direction: 'ingress', api: 'api', operation: 'updateInvoice', kind: 'lost_update' };
  expect((await gateway.metrics()).value('plumbline_drift_observations_total', labels)).toBe(1);
});
