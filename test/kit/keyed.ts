/** Requests with an idempotency key over real sockets, and an upstream that answers when a test says so. */
import { type RawResponse, header } from './message.ts';
import { type Origin, startOrigin } from './origin.ts';
import { exchangeRaw } from './raw-client.ts';

export interface Keyed {
  readonly key?: string;
  readonly body?: string;
  /** Further fields, as they stand on the wire. */
  readonly fields?: readonly string[];
  readonly target?: string;
}

/** A contract that has `createPayment`, and one operation beside it. */
export const PAYMENTS = {
  openapi: '3.1.0',
  info: { title: 'payments', version: '1' },
  paths: {
    '/payments': {
      post: {
        operationId: 'createPayment',
        requestBody: { content: { 'application/json': { schema: { type: 'object' } } } },
        responses: { 201: { description: 'made' } },
      },
    },
    '/refunds': { post: { operationId: 'createRefund', responses: { 201: { description: 'made' } } } },
  },
};

export const payment = '{"amount":100}';

/** The lines of a POST with a key; without the body. */
export function keyedLines({ key = 'k1', body = payment, fields = [], target = '/payments' }: Keyed = {}): string[] {
  const lines = [`POST ${target} HTTP/1.1`, 'Host: x', 'Content-Type: application/json', `Idempotency-Key: ${key}`];
  return [...lines, `Content-Length: ${Buffer.byteLength(body)}`, ...fields];
}

export function postKeyed(port: number, keyed: Keyed = {}): Promise<RawResponse> {
  return exchangeRaw(port, keyedLines(keyed), keyed.body ?? payment);
}

/** Status, and the code of a problem answer or `replayed`. */
export function told(answer: RawResponse): string {
  if (header(answer.headers, 'idempotent-replayed') === 'true') return `${answer.status} replayed`;
  if (header(answer.headers, 'content-type') !== 'application/problem+json') return String(answer.status);
  const { code, status } = JSON.parse(answer.body.toString()) as { code: string; status: number };
  return `${answer.status} ${code}${status === answer.status ? '' : ` but says ${status}`}`;
}

export interface HoldingOrigin extends Origin {
  /** Requests that wait for `go`, and those that come later, are answered. */
  go(): void;
}

/** Answers 201 with the number of the request, in the order of their heads, once it may. */
export async function startHoldingOrigin(): Promise<HoldingOrigin> {
  let go: () => void = () => undefined;
  const may = new Promise<void>((resolve) => {
    go = resolve;
  });
  let number = 0;
  const origin = await startOrigin(async (_req, res, whole) => {
    const id = ++number;
    await whole();
    await may;
    res.writeHead(201, { 'Content-Type': 'application/json', ETag: `"${id}"` });
    res.end(JSON.stringify({ id }));
  });
  return Object.assign(origin, { go });
}
