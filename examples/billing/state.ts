/** What the provider remembers: in memory, bounded, gone when it stops. */

export interface Money {
  readonly currency: string;
  readonly value: string;
}

export interface Payment {
  readonly id: string;
  readonly account_id: string;
  readonly invoice_id: string;
  readonly amount: Money;
  readonly method?: string;
  readonly status: 'authorized' | 'captured' | 'declined' | 'refunded';
  readonly created_at: string;
}

export interface Invoice {
  readonly id: string;
  readonly account_id: string;
  readonly status: 'draft' | 'open' | 'paid' | 'void';
  readonly total: Money;
  readonly lines: readonly { readonly description: string; readonly quantity: number; readonly unit_price: Money }[];
  readonly memo: string | null;
  readonly due_on: string | null;
  readonly created_at: string;
}

export interface Versioned<T> {
  readonly value: T;
  readonly version: number;
}

/** An answer that is kept for its idempotency key. */
export interface KeptAnswer {
  readonly fingerprint: string;
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
}

/** The account that callers without a key see. */
export const EXAMPLE_ACCOUNT = 'acct_123';

const MAX_PAYMENTS = 500;
const MAX_KEYS = 1000;
const INVOICES = 60;
const DAY_MS = 86_400_000;

/** Insertion-ordered and bounded: the oldest entry makes room. */
export class Bounded<T> {
  readonly #entries = new Map<string, T>();
  readonly #max: number;

  constructor(max: number) {
    this.#max = max;
  }

  get(key: string): T | undefined {
    return this.#entries.get(key);
  }

  set(key: string, value: T): void {
    this.#entries.set(key, value);
    if (this.#entries.size <= this.#max) return;
    for (const oldest of this.#entries.keys()) {
      this.#entries.delete(oldest);
      return;
    }
  }

  values(): T[] {
    return [...this.#entries.values()];
  }

  get size(): number {
    return this.#entries.size;
  }
}

export interface State {
  readonly payments: Bounded<Payment>;
  readonly invoices: Bounded<Versioned<Invoice>>;
  readonly answers: Bounded<KeptAnswer>;
  /** A number that was not given out before. */
  next(): number;
}

/** A state with invoices to look at and one payment. `startedAt`: epoch milliseconds of the newest of them. */
export function newState(startedAt: number): State {
  let last = 0;
  const state: State = {
    payments: new Bounded(MAX_PAYMENTS),
    invoices: new Bounded(INVOICES),
    answers: new Bounded(MAX_KEYS),
    next: () => {
      last += 1;
      return last;
    },
  };
  for (let i = 0; i < INVOICES; i += 1) {
    const invoice = exampleInvoice(i, startedAt - (INVOICES - i) * DAY_MS);
    state.invoices.set(invoice.id, { value: invoice, version: 1 });
  }
  state.payments.set('pay_abc', {
    id: 'pay_abc',
    account_id: EXAMPLE_ACCOUNT,
    invoice_id: 'inv_400',
    amount: { currency: 'USD', value: '129.00' },
    method: 'card',
    status: 'captured',
    created_at: new Date(startedAt).toISOString(),
  });
  return state;
}

function exampleInvoice(i: number, at: number): Invoice {
  const cents = 1900 + i * 350;
  const price: Money = { currency: 'USD', value: (cents / 100).toFixed(2) };
  return {
    id: `inv_${400 + i}`,
    account_id: EXAMPLE_ACCOUNT,
    status: i % 4 === 0 ? 'paid' : 'open',
    total: { currency: 'USD', value: ((cents * 2) / 100).toFixed(2) },
    lines: [{ description: 'Subscription, per seat', quantity: 2, unit_price: price }],
    memo: i % 3 === 0 ? 'Thank you' : null,
    due_on: new Date(at + 14 * DAY_MS).toISOString().slice(0, 10),
    created_at: new Date(at).toISOString(),
  };
}
