/** A contract, and exchanges with a service that does not keep to it, in every form that a message has. */
import { gzipSync } from 'node:zlib';

const answers = (schema: object, more: object = {}) => ({ description: '', content: { 'application/json': { schema } }, ...more });
const id = { name: 'id', in: 'path', required: true, schema: { type: 'string' } };

export const THINGS = {
  openapi: '3.2.0',
  info: { title: 'things', version: '1.0.0' },
  servers: [{ url: 'https://api.example/v1' }],
  paths: {
    '/things': {
      get: {
        operationId: 'listThings',
        parameters: [{ name: 'limit', in: 'query', schema: { type: 'integer' } }],
        responses: {
          200: answers(
            { type: 'object', properties: { items: { type: 'array', items: { $ref: '#/components/schemas/Thing' } } } },
            { headers: { 'X-Total': { required: true, schema: { type: 'integer' } } } },
          ),
        },
      },
      post: {
        operationId: 'createThing',
        requestBody: {
          required: true,
          content: {
            'application/json': { schema: { $ref: '#/components/schemas/Thing' } },
            'application/x-www-form-urlencoded': { schema: { type: 'object', properties: { size: { type: 'integer' } } } },
            'multipart/form-data': { schema: { type: 'object', properties: { size: { type: 'integer' } } } },
          },
        },
        responses: { 201: answers({ $ref: '#/components/schemas/Thing' }), 422: { description: 'no' } },
      },
    },
    '/things/{id}': {
      parameters: [id],
      get: { operationId: 'getThing', responses: { 200: answers({ $ref: '#/components/schemas/Thing' }) } },
      delete: { operationId: 'deleteThing', responses: { 204: { description: '' } } },
    },
    '/raw': {
      get: {
        operationId: 'raw',
        responses: { 200: { description: '', content: { 'application/x-protobuf': { schema: { type: 'object' } } } } },
      },
    },
    '/events': {
      get: {
        operationId: 'events',
        responses: {
          200: { description: '', content: { 'application/x-ndjson': { itemSchema: { $ref: '#/components/schemas/Thing' } } } },
        },
      },
    },
  },
  components: {
    schemas: {
      Thing: {
        type: 'object',
        required: ['name'],
        properties: { name: { type: 'string' }, size: { type: 'integer' }, color: { type: 'string', enum: ['red', 'blue'] } },
      },
    },
  },
};

export interface Sample {
  readonly method: string;
  /** With query, as the service has it. */
  readonly target: string;
  readonly headers?: ReadonlyArray<readonly [string, string]>;
  readonly body?: string;
  readonly status: number;
  readonly responseHeaders?: ReadonlyArray<readonly [string, string]>;
  readonly responseBody?: string;
  /** As it goes over the wire. */
  readonly coded?: 'gzip';
}

const JSON_TYPE: readonly [string, string] = ['Content-Type', 'application/json'];
const shop: readonly [string, string] = ['User-Agent', 'shop/2.1'];
const batch: readonly [string, string] = ['User-Agent', 'batch/0.9'];
const json = (value: unknown, more: ReadonlyArray<readonly [string, string]> = []) => ({
  responseHeaders: [JSON_TYPE, ...more],
  responseBody: JSON.stringify(value),
});
const part = (name: string, value: string): string => `--x\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`;

export const SAMPLES: readonly Sample[] = [
  { method: 'GET', target: '/v1/things/1', headers: [shop], status: 200, ...json({ name: 'a' }) },
  { method: 'GET', target: '/v1/things/1', headers: [shop], status: 200, ...json({ name: 7, nick: 'b', since: '2026-01-02T03:04:05Z' }) },
  { method: 'GET', target: '/v1/things/2', headers: [batch], status: 200, ...json({ nick: 'c', color: 'green' }), coded: 'gzip' },
  { method: 'GET', target: '/v1/things/2', status: 418 },
  {
    method: 'GET',
    target: '/v1/things?limit=2&order=up',
    headers: [shop],
    status: 200,
    ...json({ items: [{ name: 'a', nick: 'd' }] }, [
      ['X-Total', '1'],
      ['X-Pages', '1'],
    ]),
  },
  { method: 'GET', target: '/v1/things?limit=two', headers: [shop], status: 200, ...json({ items: [] }) },
  { method: 'HEAD', target: '/v1/things/1', headers: [shop], status: 200, responseHeaders: [JSON_TYPE, ['Content-Length', '12']] },
  {
    method: 'POST',
    target: '/v1/things',
    headers: [shop, JSON_TYPE],
    body: '{"name":"a","size":"big","extra":{"a":1}}',
    status: 201,
    ...json({ name: 'a' }),
  },
  { method: 'POST', target: '/v1/things', headers: [shop, JSON_TYPE], body: '{"name":"a"}', status: 422 },
  { method: 'POST', target: '/v1/things', headers: [shop, JSON_TYPE], body: '{"size":"big"}', status: 422 },
  {
    method: 'POST',
    target: '/v1/things',
    headers: [batch, ['Content-Type', 'application/x-www-form-urlencoded']],
    body: 'size=big&shape=round',
    status: 201,
    ...json({ name: 'a' }),
  },
  {
    method: 'POST',
    target: '/v1/things',
    headers: [batch, ['Content-Type', 'multipart/form-data; boundary=x']],
    body: `${part('size', 'big')}${part('shape', 'round')}--x--\r\n`,
    status: 201,
    ...json({ name: 'a' }),
  },
  {
    method: 'POST',
    target: '/v1/things',
    headers: [batch, ['Content-Type', 'text/plain']],
    body: 'a thing',
    status: 201,
    ...json({ name: 'a' }),
  },
  { method: 'POST', target: '/v1/things', headers: [batch], status: 201, ...json({ name: 'a' }) },
  { method: 'DELETE', target: '/v1/things/1', headers: [shop], status: 204 },
  { method: 'DELETE', target: '/v1/things/1', headers: [shop], status: 200, ...json({}) },
  {
    method: 'GET',
    target: '/v1/events',
    headers: [shop],
    status: 200,
    responseHeaders: [['Content-Type', 'application/x-ndjson']],
    responseBody: '{"name":"a"}\n{"name":1}\n{"nick":"b"}\n',
  },
  { method: 'GET', target: '/v1/things/1', headers: [shop], status: 304 },
  { method: 'GET', target: '/v1/reports/2026/11', headers: [shop], status: 200, ...json({}) },
  { method: 'GET', target: '/v1/reports/2025/10', headers: [shop], status: 200, ...json({}) },
  { method: 'PUT', target: '/v1/things/1', headers: [shop], body: 'x', status: 200, ...json({}) },
  { method: 'GET', target: '/v1/nothing', headers: [shop], status: 404 },
  { method: 'GET', target: '/healthz', headers: [shop], status: 200, ...json({}) },
];

/** As the service sends it. */
export function wireAnswer({ responseHeaders = [], responseBody, coded }: Sample): { headers: string[]; body: Buffer | undefined } {
  const body = responseBody === undefined ? undefined : Buffer.from(responseBody);
  const headers = responseHeaders.flat();
  return coded === undefined || body === undefined
    ? { headers, body }
    : { headers: [...headers, 'Content-Encoding', coded], body: gzipSync(body) };
}

/** The capture of exchanges with a service of this origin, `https://api.example`; one a minute. */
export function captureOf(samples: readonly Sample[], origin: string): string {
  const lines = samples.map(({ method, target, headers = [], body, status, responseHeaders = [], responseBody }, i) =>
    JSON.stringify({
      at: new Date(Date.UTC(2026, 10, 22, 3, i)).toISOString(),
      request: { method, url: `${origin}${target}`, headers, ...(body !== undefined && { body }) },
      response: { status, headers: responseHeaders, ...(responseBody !== undefined && { body: responseBody }) },
    }),
  );
  return `${lines.join('\n')}\n`;
}
