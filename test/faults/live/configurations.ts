/** The configurations in which faults are played. */

/** What a request of a configuration is made of. */
interface Shape {
  readonly method: 'GET' | 'POST';
  /** It carries an idempotency key. */
  readonly keyed?: true;
}

export interface Configuration {
  /** For the page. */
  readonly what: string;
  readonly request: Shape;
  readonly policies: object;
  /** Every connection meets the fault, not only the first. */
  readonly always?: true;
  /** Held against a contract. */
  readonly contract?: true;
}

const retry = { attempts: 2, backoff: { base: '1ms', max: '4ms' } };
const breaker = { minCalls: 2, failureRatio: 1, open: '30s', maxOpen: '60s' };
const GET = { method: 'GET' } as const;
const POST = { method: 'POST' } as const;

export const CONFIGURATIONS = {
  plain: { what: 'GET, nothing configured but limits of time', request: GET, policies: {} },
  post: { what: 'POST without a key, with a `retry` block', request: POST, policies: { retry } },
  retry: { what: 'GET, with a `retry` block of two tries; only the first connection is faulty', request: GET, policies: { retry } },
  guarded: {
    what: 'GET, `retry`, `circuitBreaker` (opens after two failures) and `concurrency`; every connection is faulty',
    request: GET,
    policies: { retry, circuitBreaker: breaker, concurrency: { limit: 2, queue: 2, queueTimeout: '2s' } },
    always: true,
  },
  keyed: {
    what: 'POST with an idempotency key, `idempotency` and a `retry` block',
    request: { ...POST, keyed: true },
    policies: { retry, idempotency: { scope: 'shared' } },
  },
  fallback: {
    what: 'GET, with a static fallback; every connection is faulty',
    request: GET,
    policies: { fallback: { static: { status: 203, body: '{"run":0}' } } },
    always: true,
  },
  enforce: {
    what: 'GET, answers held against the contract (`response: enforce`), with a `retry` block; only the first connection is faulty',
    request: GET,
    policies: { retry, contract: { request: 'report', response: 'enforce' } },
    contract: true,
  },
} as const satisfies Readonly<Record<string, Configuration>>;

export type ConfigurationName = keyof typeof CONFIGURATIONS;

/** Limits of time: such that no fault but one of time meets them, or such that one does. */
export const LIMITS = {
  long: { total: '6s', attempt: '4s', connect: '2s', idle: '5s' },
  short: { total: '500ms', attempt: '180ms', connect: '120ms', idle: '150ms' },
} as const;

const object = { type: 'object', properties: { run: { type: 'integer' } }, required: ['run'] };
const operation = {
  responses: { default: { description: 'any', content: { 'application/json': { schema: object } } } },
};

/** What the faulty upstream should be. */
export const OPENAPI = {
  openapi: '3.1.0',
  info: { title: 'Faults', version: '1.0.0' },
  paths: {
    '/f/{id}': {
      parameters: [{ name: 'id', in: 'path', required: true, schema: { type: 'string' } }],
      get: { operationId: 'look', ...operation },
      post: {
        operationId: 'change',
        requestBody: { content: { 'application/json': { schema: { type: 'object', properties: { a: { type: 'string' } } } } } },
        ...operation,
      },
    },
  },
};
