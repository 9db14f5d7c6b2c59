import { createHash } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { DRIFTING, type Draft, type Drift, FAITHFUL } from './drift.ts';
import { DEFAULT_LIMIT, type Listed, MAX_LIMIT, pageOf } from './paging.ts';
import { onError, problem } from './problems.ts';
import { readInvoiceChange, readLimit, readNewPayment } from './readers.ts';
import { EXAMPLE_ACCOUNT, type Invoice, newState, type Payment, type State, type Versioned } from './state.ts';

export interface ProviderOptions {
  /** 0 (the default): any free port. */
  readonly port?: number;
  /** Begin with answers that break the contract. */
  readonly drift?: boolean;
}

export interface Provider {
  /** Origin, `http://127.0.0.1:<port>`. */
  readonly url: string;
  setDrift(on: boolean): void;
  /** Whether it breaks its contract now: `setDrift` or `POST /_drift` said so. */
  readonly drifting: boolean;
  close(): Promise<void>;
}

type Query = { readonly account_id?: string; readonly status?: string; readonly limit?: string; readonly cursor?: string };
type ById = { Params: { readonly id: string } };

/**
 * The provider behind `openapi.yaml`, on loopback. `POST /_drift {"on": true}` lets it break its contract from then on.
 * Rejects where the port is taken.
 */
export async function startProvider(options: ProviderOptions = {}): Promise<Provider> {
  const state = newState(Date.now());
  let drift: Drift = options.drift === true ? DRIFTING : FAITHFUL;
  const setDrift = (on: boolean): void => {
    drift = on ? DRIFTING : FAITHFUL;
  };
  const app = Fastify({ bodyLimit: 64 * 1024, requestIdHeader: 'x-request-id', forceCloseConnections: true });
  app.setErrorHandler(onError);
  app.setNotFoundHandler((request, reply) => problem(request, reply, 404, 'NOT_FOUND', 'There is nothing here.'));
  app.removeContentTypeParser('text/plain');
  app.addContentTypeParser(/^(?:application|text)\/(?:[\w.-]+\+)?json/, { parseAs: 'string' }, app.getDefaultJsonParser('error', 'error'));
  paymentRoutes(app, state, () => drift);
  invoiceRoutes(app, state, () => drift);
  app.post('/_drift', (request, reply) => {
    setDrift((request.body as { readonly on?: unknown } | null)?.on === true);
    return reply.send({ drift: drift === DRIFTING });
  });
  await app.listen({ host: '127.0.0.1', port: options.port ?? 0 });
  const { port } = app.server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    setDrift,
    get drifting() {
      return drift === DRIFTING;
    },
    close: () => app.close(),
  };
}

function paymentRoutes(app: FastifyInstance, state: State, drift: () => Drift): void {
  app.post('/v1/payments', (request, reply) =>
    once(state, 'createPayment', request, reply, () => {
      const read = readNewPayment(request.body);
      if ('fields' in read) return problem(request, reply, 422, 'VALIDATION_FAILED', 'The payment is not complete.', read.fields);
      const number = state.next();
      const id = `pay_${number.toString(36).padStart(6, '0')}`;
      const payment: Payment = { id, ...read.value, status: 'authorized', created_at: new Date().toISOString() };
      state.payments.set(id, payment);
      const draft = drift().createPayment(json(201, payment), number);
      return { ...draft, headers: { location: `/v1/payments/${id}` } };
    }),
  );
  app.get<ById>('/v1/payments/:id', (request, reply) => {
    const payment = state.payments.get(request.params.id);
    if (payment === undefined) return problem(request, reply, 404, 'PAYMENT_NOT_FOUND', 'There is no such payment.');
    return send(reply, drift().getPayment(json(200, payment)));
  });
  app.get<{ Querystring: Query }>('/v1/payments', (request, reply) =>
    list(request, reply, (account) => state.payments.values().filter((p) => p.account_id === account), drift().listPayments),
  );
}

function invoiceRoutes(app: FastifyInstance, state: State, drift: () => Drift): void {
  const invoicesOf = (account: string, status: string | undefined): Invoice[] =>
    state.invoices
      .values()
      .map((entry) => entry.value)
      .filter((invoice) => invoice.account_id === account && (status === undefined || invoice.status === status));

  app.get<{ Querystring: Query }>('/v1/invoices', (request, reply) =>
    list(request, reply, (account) => invoicesOf(account, request.query.status), drift().listInvoices),
  );
  /** The way invoices were read before version 1. Nobody documented it, nobody switched it off. */
  app.get<{ Querystring: { readonly account?: string } }>('/v1/getInvoices', (request, reply) =>
    reply.send(invoicesOf(request.query.account ?? EXAMPLE_ACCOUNT, undefined).slice(0, 5)),
  );
  app.get<ById>('/v1/invoices/:id', (request, reply) => {
    const entry = state.invoices.get(request.params.id);
    if (entry === undefined) return noInvoice(request, reply);
    if (request.headers['if-none-match'] === etag(entry)) return reply.code(304).header('etag', etag(entry)).send();
    return send(reply.header('etag', etag(entry)), drift().getInvoice(json(200, entry.value)));
  });
  app.patch<ById>('/v1/invoices/:id', (request, reply) => {
    const entry = state.invoices.get(request.params.id);
    if (entry === undefined) return noInvoice(request, reply);
    const expected = request.headers['if-match'];
    if (expected === undefined) return problem(request, reply, 428, 'PRECONDITION_REQUIRED', 'If-Match is required.');
    if (expected !== etag(entry) && expected !== '*') {
      return problem(request, reply, 412, 'RESOURCE_VERSION_CONFLICT', 'The invoice was modified after the provided version.');
    }
    const read = readInvoiceChange(request.body);
    if ('fields' in read) return problem(request, reply, 422, 'VALIDATION_FAILED', 'Nothing to change.', read.fields);
    const next = { value: { ...entry.value, ...read.value }, version: entry.version + 1 };
    state.invoices.set(request.params.id, next);
    return send(reply.header('etag', etag(next)), json(200, next.value));
  });
  app.post<ById>('/v1/invoices/:id/void', (request, reply) =>
    once(state, `voidInvoice ${request.params.id}`, request, reply, () => {
      const entry = state.invoices.get(request.params.id);
      if (entry === undefined) return noInvoice(request, reply);
      if (entry.value.status === 'paid') {
        return problem(request, reply, 409, 'INVOICE_ALREADY_PAID', 'A paid invoice cannot be voided.');
      }
      const next: Versioned<Invoice> = { value: { ...entry.value, status: 'void' }, version: entry.version + 1 };
      state.invoices.set(request.params.id, next);
      return { ...json(200, next.value), headers: { etag: etag(next) } };
    }),
  );
}

function list<T extends Listed>(
  request: FastifyRequest<{ Querystring: Query }>,
  reply: FastifyReply,
  entriesOf: (account: string) => readonly T[],
  drifted: (draft: Draft) => Draft,
): FastifyReply {
  const { account_id: account = EXAMPLE_ACCOUNT, status, limit, cursor } = request.query;
  const page = pageOf(entriesOf(account), `${account} ${status ?? ''}`, readLimit(limit, DEFAULT_LIMIT, MAX_LIMIT), cursor);
  if (page === undefined) return problem(request, reply, 400, 'INVALID_CURSOR', 'The cursor does not belong to this list.');
  return send(reply, drifted(json(200, page)));
}

type Made = Draft & { readonly headers: Readonly<Record<string, string>> };

/** Runs a command once for each idempotency key: a repeat gets the answer of the first, another payload is refused (seed). */
function once(state: State, operation: string, request: FastifyRequest, reply: FastifyReply, run: () => Made | FastifyReply): FastifyReply {
  const { 'idempotency-key': key, 'x-api-key': credential = '' } = request.headers;
  // Never for all callers together: one could otherwise read, or block, the answers of another.
  const scope = typeof key === 'string' ? JSON.stringify([operation, credential, key]) : undefined;
  const kept = scope === undefined ? undefined : state.answers.get(scope);
  const fingerprint = createHash('sha256')
    .update(JSON.stringify(request.body) ?? '')
    .digest('hex');
  if (kept !== undefined && kept.fingerprint !== fingerprint) {
    return problem(request, reply, 409, 'IDEMPOTENCY_KEY_PAYLOAD_MISMATCH', 'The key was already used with a different payload.');
  }
  if (kept !== undefined) {
    reply.headers(kept.headers).header('idempotent-replayed', 'true');
    return send(reply, { status: kept.status, mediaType: JSON_TYPE, body: kept.body });
  }
  const made = run();
  if (!('mediaType' in made)) return made;
  const { status, headers, body } = made;
  if (scope !== undefined) state.answers.set(scope, { fingerprint, status, headers, body });
  return send(reply.headers(headers), made);
}

const JSON_TYPE = 'application/json';

function json(status: number, body: unknown): Draft {
  return { status, mediaType: JSON_TYPE, body };
}

function send(reply: FastifyReply, draft: Draft): FastifyReply {
  return reply.code(draft.status).header('content-type', draft.mediaType).send(JSON.stringify(draft.body));
}

function noInvoice(request: FastifyRequest, reply: FastifyReply): FastifyReply {
  return problem(request, reply, 404, 'INVOICE_NOT_FOUND', 'There is no such invoice.');
}

function etag(entry: Versioned<Invoice>): string {
  return `"invoice-version-${entry.version}"`;
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const { values } = parseArgs({ options: { port: { type: 'string', default: '3000' }, drift: { type: 'boolean' } } });
  const drift = values.drift ?? process.env.BILLING_DRIFT === '1';
  const provider = await startProvider({ port: Number(values.port), drift });
  process.stdout.write(`billing provider on ${provider.url}${drift ? ', drifting' : ''}\n`);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void provider.close());
}
