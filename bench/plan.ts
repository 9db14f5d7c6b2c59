import { NEW_ORDER } from './bodies.ts';

/** What is sent and answered. All of it fits `contract.openapi.yaml`. */
export interface Case {
  readonly title: string;
  readonly method: 'GET' | 'POST';
  readonly path: string;
  /** `[<id>]` in a value: another one for each request. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
}

/** As autocannon has it. */
export const ID = '[<id>]';

export type CaseName = 'get1k' | 'post1k' | 'get20k';

const ASKING = { Accept: 'application/json', 'User-Agent': 'plumbline-bench/1.0' };

export const CASES: Readonly<Record<CaseName, Case>> = {
  get1k: { title: 'GET, 1 KB answered', method: 'GET', path: '/v1/orders/ord_1001', headers: ASKING, body: undefined },
  post1k: {
    title: 'POST, 1 KB sent and 1 KB answered',
    method: 'POST',
    path: '/v1/orders',
    headers: { ...ASKING, 'Content-Type': 'application/json', 'Idempotency-Key': `order_2026_06_11_${ID}` },
    body: NEW_ORDER,
  },
  get20k: { title: 'GET, 20 KB answered', method: 'GET', path: '/v1/orders?limit=25', headers: ASKING, body: undefined },
};

export type RowName =
  | 'floor'
  | 'off'
  | 'report'
  | 'enforce'
  | 'policies'
  | 'http-proxy'
  | 'guarded'
  | 'httpxy'
  | 'fastify'
  | 'prism'
  | 'nginx'
  | 'haproxy';

export interface Row {
  readonly title: string;
  /** How many sides of an exchange Plumbline must have judged; undefined for everything that is not Plumbline. */
  readonly judges: 0 | 2 | undefined;
  /** Every exchange must have passed a rate limit, and every POST made a claim under its key. */
  readonly policies?: true;
}

/** In the order in which each round visits them. */
export const ROWS: Readonly<Record<RowName, Row>> = {
  floor: { title: 'floor: bare `node:http` + undici dispatch', judges: undefined },
  off: { title: '**Plumbline**, contract off', judges: 0 },
  report: { title: '**Plumbline**, contract report', judges: 2 },
  enforce: { title: '**Plumbline**, contract enforce', judges: 2 },
  policies: { title: '**Plumbline**, report and all policies', judges: 2, policies: true },
  'http-proxy': { title: 'http-proxy 1.18.1', judges: undefined },
  guarded: { title: 'http-proxy, rate-limiter-flexible 11.4.0, Ajv', judges: undefined },
  httpxy: { title: 'httpxy 0.5.6', judges: undefined },
  fastify: { title: '@fastify/http-proxy 11.6.3', judges: undefined },
  prism: { title: "Prism's proxy 5.16.0 (validates)", judges: undefined },
  nginx: { title: 'nginx', judges: undefined },
  haproxy: { title: 'HAProxy', judges: undefined },
};

export const CONNECTIONS = 64;
/** Of the open loop. */
export const STEADY_PER_SECOND = 1000;
