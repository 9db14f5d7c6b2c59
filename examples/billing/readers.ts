import type { ProblemField } from './problems.ts';
import type { Invoice, Money, Payment } from './state.ts';

/**
 * What the provider makes of a request's body. It is more patient than its contract, as providers are that have grown: it takes an
 * amount that is a number, and a method that it does not know. Consumers then rely on what nobody promised, and only the gateway says so.
 */
export type Read<T> = { readonly value: T } | { readonly fields: readonly ProblemField[] };

export type NewPayment = Pick<Payment, 'account_id' | 'invoice_id' | 'amount' | 'method'>;

export type InvoiceChange = Partial<Pick<Invoice, 'memo' | 'due_on'>>;

const METHODS: ReadonlySet<string> = new Set(['card', 'sepa_debit', 'bank_transfer']);

export function readNewPayment(body: unknown): Read<NewPayment> {
  const from = members(body);
  const fields: ProblemField[] = [];
  const amount = readMoney(from.get('amount'));
  if (amount === undefined) fields.push({ path: 'amount', code: 'REQUIRED', message: 'An amount with currency and value.' });
  for (const name of ['account_id', 'invoice_id', 'payment_method_id']) {
    if (typeof from.get(name) !== 'string') fields.push({ path: name, code: 'REQUIRED', message: 'A string is required.' });
  }
  if (amount === undefined || fields.length > 0) return { fields };
  const method = from.get('method');
  return {
    value: {
      account_id: String(from.get('account_id')),
      invoice_id: String(from.get('invoice_id')),
      amount,
      ...(typeof method === 'string' && METHODS.has(method) ? { method } : {}),
    },
  };
}

export function readInvoiceChange(body: unknown): Read<InvoiceChange> {
  const from = members(body);
  const memo = from.get('memo');
  const dueOn = from.get('due_on');
  const change: InvoiceChange = {
    ...(typeof memo === 'string' ? { memo } : {}),
    ...(typeof dueOn === 'string' ? { due_on: dueOn } : {}),
  };
  if (Object.keys(change).length > 0) return { value: change };
  return { fields: [{ path: '', code: 'REQUIRED', message: 'Nothing to change.' }] };
}

/** `limit` of a list: what is no number or out of range is brought into it, without a word. */
export function readLimit(text: string | undefined, usual: number, most: number): number {
  const limit = Number.parseInt(text ?? '', 10);
  return Number.isNaN(limit) ? usual : Math.min(Math.max(limit, 1), most);
}

function readMoney(value: unknown): Money | undefined {
  const from = members(value);
  const currency = from.get('currency');
  const amount = from.get('value');
  const decimal = typeof amount === 'number' || typeof amount === 'string' ? Number(amount) : Number.NaN;
  if (typeof currency !== 'string' || !(decimal >= 0 && decimal < 1e12)) return undefined;
  return { currency, value: decimal.toFixed(2) };
}

/** Own members only, so that no name of Object.prototype is taken for one. */
function members(value: unknown): Map<string, unknown> {
  return new Map(typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.entries(value) : []);
}
