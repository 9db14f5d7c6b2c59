import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import { load } from 'js-yaml';
import { afterEach, expect, test } from 'vitest';
import { type Provider, startProvider } from './provider.ts';

const document = load(readFileSync(new URL('./openapi.yaml', import.meta.url), 'utf8')) as object;
const ajv = new Ajv2020({ strict: false, validateFormats: true });
formats.default(ajv);
ajv.addSchema(document, 'billing');

/** What is wrong with a body by one of the contract's schemas: `pointer keyword`, each. */
function faults(schema: string, body: unknown): string[] {
  const validate = ajv.compile({ $ref: `billing#/components/schemas/${schema}` });
  return validate(body) ? [] : (validate.errors ?? []).map((e) => `${e.instancePath} ${e.keyword}`);
}

/** `any`, because this is what a caller sees: anything. */
const json = (answer: Response): Promise<any> => answer.json();

let provider: Provider | undefined;
afterEach(() => provider?.close());

const start = async (drift = false): Promise<string> => {
  provider = await startProvider({ drift });
  return provider.url;
};

const payment = {
  account_id: 'acct_123',
  invoice_id: 'inv_456',
  amount: { currency: 'USD', value: '129.00' },
  payment_method_id: 'pm_789',
};

const post = (url: string, body: unknown, headers: Record<string, string> = {}): Promise<Response> =>
  fetch(url, { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(body) });

test('a payment is created, read and listed as the contract says', async () => {
  const url = await start();
  const made = await post(`${url}/v1/payments`, payment, { 'idempotency-key': 'first' });
  expect(made.status).toBe(201);
  const body = await json(made);
  expect(faults('Payment', body)).toEqual([]);
  expect(made.headers.get('location')).toBe(`/v1/payments/${body.id}`);
  const read = await fetch(url + made.headers.get('location'));
  expect(await read.json()).toEqual(body);
  const listed = await json(await fetch(`${url}/v1/payments?account_id=acct_123`));
  expect(faults('PaymentPage', listed)).toEqual([]);
  expect(listed.data.map((p: { id: string }) => p.id)).toContain(body.id);
});

test('a key belongs to the credentials that it came with', async () => {
  const url = await start();
  const as = (key: string) => post(`${url}/v1/payments`, payment, { 'idempotency-key': 'same', 'x-api-key': key });
  const mine = await json(await as('mine'));
  const yours = await as('yours');
  expect([yours.status, yours.headers.get('idempotent-replayed')]).toEqual([201, null]);
  expect((await json(yours)).id).not.toBe(mine.id);
});

/** Every `example` and `examples` of the document, with the schema beside it. */
function examplesIn(node: unknown, found: { schema: object; value: unknown }[] = []): { schema: object; value: unknown }[] {
  if (typeof node !== 'object' || node === null) return found;
  const { schema, example, examples = {} } = node as { schema?: object; example?: unknown; examples?: Record<string, { value: unknown }> };
  if (schema !== undefined && example !== undefined) found.push({ schema, value: example });
  if (schema !== undefined) for (const { value } of Object.values(examples)) found.push({ schema, value });
  for (const child of Object.values(node)) examplesIn(child, found);
  return found;
}

test('the examples of the contract keep it', () => {
  const examples = examplesIn(document);
  expect(examples.length).toBeGreaterThan(10);
  for (const { schema, value } of examples) {
    const [ref] = Object.values(schema);
    const validate = ajv.compile(typeof ref === 'string' && ref.startsWith('#') ? { $ref: `billing${ref}` } : schema);
    expect(validate(value), JSON.stringify(value)).toBe(true);
  }
});

test('a repeated key replays the answer, and refuses another payload', async () => {
  const url = await start();
  const key = { 'idempotency-key': 'same' };
  const first = await (await post(`${url}/v1/payments`, payment, key)).json();
  const again = await post(`${url}/v1/payments`, payment, key);
  expect([again.status, again.headers.get('idempotent-replayed')]).toEqual([201, 'true']);
  expect(await again.json()).toEqual(first);
  const other = await post(`${url}/v1/payments`, { ...payment, invoice_id: 'inv_457' }, key);
  const problem = await json(other);
  expect([other.status, problem.code]).toEqual([409, 'IDEMPOTENCY_KEY_PAYLOAD_MISMATCH']);
  expect(faults('Problem', problem)).toEqual([]);
});

test('the pages of a list give every entry once, and a cursor belongs to its filters', async () => {
  const url = await start();
  const ids: string[] = [];
  let cursor: string | null = null;
  do {
    const from: string = cursor === null ? '' : `&cursor=${cursor}`;
    const page = await json(await fetch(`${url}/v1/invoices?account_id=acct_123&limit=17${from}`));
    expect(faults('InvoicePage', page)).toEqual([]);
    expect(page.page.has_more).toBe(page.page.next_cursor !== null);
    ids.push(...page.data.map((invoice: { id: string }) => invoice.id));
    cursor = page.page.next_cursor ?? null;
    if (cursor !== null) expect((await fetch(`${url}/v1/invoices?account_id=acct_123&status=open&cursor=${cursor}`)).status).toBe(400);
  } while (cursor !== null);
  expect(ids.length).toBe(60);
  expect(new Set(ids).size).toBe(60);
  expect((await fetch(`${url}/v1/invoices?account_id=acct_123&cursor=nonsense`)).status).toBe(400);
});

test('an invoice changes only for who has seen its version', async () => {
  const url = `${await start()}/v1/invoices/inv_401`;
  const read = await fetch(url);
  const etag = read.headers.get('etag') ?? '';
  expect(faults('Invoice', await read.json())).toEqual([]);
  expect((await fetch(url, { headers: { 'if-none-match': etag } })).status).toBe(304);
  const change = (headers: Record<string, string>): Promise<Response> =>
    fetch(url, { method: 'PATCH', headers: { 'content-type': 'application/json', ...headers }, body: '{"memo":"new"}' });
  expect((await change({})).status).toBe(428);
  const changed = await change({ 'if-match': etag });
  expect([changed.status, (await json(changed)).memo]).toEqual([200, 'new']);
  expect((await change({ 'if-match': etag })).status).toBe(412);
});

test('an open invoice can be voided, a paid one cannot', async () => {
  const url = await start();
  const body = { reason: 'duplicate_invoice' };
  const open = await post(`${url}/v1/invoices/inv_401/void`, body, { 'idempotency-key': 'v1' });
  expect([open.status, (await json(open)).status]).toEqual([200, 'void']);
  const paid = await post(`${url}/v1/invoices/inv_400/void`, body, { 'idempotency-key': 'v2' });
  expect([paid.status, (await json(paid)).code]).toEqual([409, 'INVOICE_ALREADY_PAID']);
});

test.each([
  ['broken JSON', '{"amount":', 'application/json', 400, 'MALFORMED_REQUEST'],
  ['no object', '[]', 'application/json', 422, 'VALIDATION_FAILED'],
  ['names of Object.prototype', '{"__proto__":{"account_id":"a"}}', 'application/json', 400, 'MALFORMED_REQUEST'],
  ['another media type', 'a=b', 'application/x-www-form-urlencoded', 415, 'UNSUPPORTED_MEDIA_TYPE'],
  ['too large', `"${'x'.repeat(70_000)}"`, 'application/json', 413, 'BODY_TOO_LARGE'],
])('a body that is wrong (%s) is a problem of the one shape', async (_, body, type, status, code) => {
  const url = await start();
  const answer = await fetch(`${url}/v1/payments`, { method: 'POST', headers: { 'content-type': type, 'x-request-id': 'req_1' }, body });
  const problem = await json(answer);
  expect([answer.status, answer.headers.get('content-type'), problem.code, problem.request_id]).toEqual([
    status,
    expect.stringContaining('application/problem+json'),
    code,
    'req_1',
  ]);
  expect(faults('Problem', problem)).toEqual([]);
});

test('while it drifts each operation breaks the contract in its own way, and no longer afterwards', async () => {
  const url = await start();
  const drift = (on: boolean): Promise<Response> => post(`${url}/_drift`, { on });
  expect(await (await drift(true)).json()).toEqual({ drift: true });
  const statuses = [];
  for (let i = 0; i < 3; i += 1) {
    const made = await post(`${url}/v1/payments`, payment);
    statuses.push(made.status);
    expect(faults('Payment', await made.json())).toEqual(['/status enum']);
  }
  expect(statuses).toEqual([201, 201, 202]);
  const read = async (path: string): Promise<unknown> => (await fetch(url + path)).json();
  expect(faults('Payment', await read('/v1/payments/pay_abc'))).toEqual(['/amount/value type']);
  expect(faults('PaymentPage', await read('/v1/payments?account_id=acct_123'))).toEqual(['/data/0 required']);
  expect(faults('InvoicePage', await read('/v1/invoices?account_id=acct_123'))).toEqual(['/page required']);
  expect((await fetch(`${url}/v1/invoices/inv_401`)).headers.get('content-type')).toContain('application/vnd.billing.v2+json');
  await drift(false);
  expect(faults('Payment', await read('/v1/payments/pay_abc'))).toEqual([]);
});
