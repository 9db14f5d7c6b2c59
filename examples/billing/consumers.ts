import type { Randomness } from './randomness.ts';

/** One request of a consumer. */
export interface Call {
  readonly method: 'GET' | 'POST' | 'PATCH';
  /** With its query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** What earlier answers told, so that later calls can refer to it. */
export interface Seen {
  readonly payments: string[];
  /** By path. */
  readonly etags: Map<string, string>;
}

interface Moment {
  readonly random: Randomness;
  /** Of the call, from 0. */
  readonly number: number;
  readonly seen: Seen;
}

interface Habit {
  readonly weight: number;
  make(moment: Moment): Call;
}

export interface ConsumerPlay {
  readonly name: string;
  readonly weight: number;
  /** Says who it is, on every call. */
  readonly headers: Readonly<Record<string, string>>;
  readonly habits: readonly [Habit, ...Habit[]];
}

const JSON_BODY = { 'content-type': 'application/json' };

const newPayment = ({ random }: Moment, change: object = {}): string =>
  JSON.stringify({
    account_id: 'acct_123',
    invoice_id: invoiceId(random),
    amount: { currency: 'USD', value: (5 + Math.floor(random() * 20_000) / 100).toFixed(2) },
    payment_method_id: 'pm_789',
    method: 'card',
    ...change,
  });

const invoiceId = (random: Randomness): string => `inv_${400 + Math.floor(random() * 60)}`;

const key = (consumer: string, { number }: Moment): Record<string, string> => ({
  'idempotency-key': `${consumer}_${String(number).padStart(6, '0')}`,
});

const pay = (consumer: string, moment: Moment, change: object = {}, headers: Readonly<Record<string, string>> = JSON_BODY): Call => ({
  method: 'POST',
  path: '/v1/payments',
  headers: { ...headers, ...key(consumer, moment) },
  body: newPayment(moment, change),
});

const get = (path: string): Call => ({ method: 'GET', path, headers: {} });

const readPayment = ({ random, seen }: Moment): Call =>
  get(`/v1/payments/${seen.payments[Math.floor(random() * seen.payments.length)] ?? 'pay_abc'}`);

/** Five consumers of the billing API. The first does everything right; what the others do wrong is said at the habit. */
export const CONSUMERS: readonly [ConsumerPlay, ...ConsumerPlay[]] = [
  {
    name: 'web-shop',
    weight: 10,
    headers: { 'x-consumer-name': 'web-shop', 'x-consumer-version': '2.3.1' },
    habits: [
      { weight: 4, make: (m) => pay('shop', m) },
      { weight: 4, make: readPayment },
      { weight: 2, make: ({ random }) => get(`/v1/invoices/${invoiceId(random)}`) },
      { weight: 2, make: () => get('/v1/invoices?account_id=acct_123&status=open&limit=20') },
      {
        weight: 1,
        make: ({ random, seen }) => {
          const path = `/v1/invoices/${invoiceId(random)}`;
          const headers = { ...JSON_BODY, 'if-match': seen.etags.get(path) ?? '"invoice-version-1"' };
          return { method: 'PATCH', path, headers, body: JSON.stringify({ memo: 'Paid by card' }) };
        },
      },
    ],
  },
  {
    name: 'mobile-app',
    weight: 6,
    headers: { 'x-consumer-name': 'mobile-app', 'x-consumer-version': '5.0.2' },
    habits: [
      /** Money as a floating-point number. */
      { weight: 3, make: (m) => pay('app', m, { amount: { currency: 'USD', value: 19.9 } }) },
      { weight: 4, make: readPayment },
      { weight: 3, make: () => get('/v1/payments?account_id=acct_123&limit=10') },
    ],
  },
  {
    name: 'partner-erp',
    weight: 3,
    headers: { 'x-consumer-name': 'partner-erp', 'x-consumer-version': '11.4' },
    habits: [
      /** A media type that the contract does not name. */
      { weight: 2, make: (m) => pay('erp', m, {}, { 'content-type': 'text/json' }) },
      /** A payment method that it does not know. */
      { weight: 2, make: (m) => pay('erp', m, { method: 'giro' }) },
      { weight: 3, make: () => get('/v1/invoices?account_id=acct_123&limit=50') },
    ],
  },
  {
    name: 'legacy-batch',
    weight: 2,
    headers: { 'x-consumer-name': 'legacy-batch', 'x-consumer-version': '0.9' },
    habits: [
      /** A path of the time before version 1. */
      { weight: 2, make: () => get('/v1/getInvoices?account=acct_123') },
      /** `account_id` is missing. */
      { weight: 1, make: () => get('/v1/payments?limit=100') },
      /** An old field, and no idempotency key. */
      {
        weight: 2,
        make: (m) => ({ method: 'POST', path: '/v1/payments', headers: JSON_BODY, body: newPayment(m, { customer_no: '00042' }) }),
      },
    ],
  },
  {
    name: 'ops-curl',
    weight: 1,
    /** Known by its User-Agent alone. */
    headers: { 'user-agent': 'ops-curl/8.14' },
    habits: [
      /** More than the largest page. */
      { weight: 1, make: () => get('/v1/invoices?account_id=acct_123&limit=500') },
      { weight: 2, make: ({ random }) => get(`/v1/invoices/${invoiceId(random)}`) },
    ],
  },
];
