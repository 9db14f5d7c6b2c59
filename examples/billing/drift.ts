import type { Payment } from './state.ts';

/** An answer as a handler wants to give it, before drift may have its way with it. */
export interface Draft {
  status: number;
  mediaType: string;
  body: unknown;
}

/**
 * How a careless release answers: each operation breaks the contract in another way, as real ones do. All of these are the
 * provider's fault, whoever calls.
 */
export interface Drift {
  createPayment(draft: Draft, number: number): Draft;
  getPayment(draft: Draft): Draft;
  listPayments(draft: Draft): Draft;
  getInvoice(draft: Draft): Draft;
  listInvoices(draft: Draft): Draft;
}

const same = (draft: Draft): Draft => draft;

/** As the contract says. */
export const FAITHFUL: Drift = { createPayment: same, getPayment: same, listPayments: same, getInvoice: same, listInvoices: same };

export const DRIFTING: Drift = {
  /** An enum value that no consumer knows; every third time a status that the contract does not know either. */
  createPayment: (draft, number) => ({
    ...draft,
    status: number % 3 === 0 ? 202 : draft.status,
    body: { ...(draft.body as Payment), status: 'pending_review' },
  }),
  /** Money as a floating-point number. */
  getPayment: (draft) => {
    const payment = draft.body as Payment;
    return { ...draft, body: { ...payment, amount: { ...payment.amount, value: Number(payment.amount.value) } } };
  },
  /** A required member is gone. */
  listPayments: (draft) => {
    const page = draft.body as { readonly data: readonly Payment[]; readonly page: unknown };
    return { ...draft, body: { ...page, data: page.data.map(({ created_at: _, ...rest }) => rest) } };
  },
  /** A media type that the contract does not name. */
  getInvoice: (draft) => ({ ...draft, mediaType: 'application/vnd.billing.v2+json' }),
  /** `has_more` was renamed. */
  listInvoices: (draft) => {
    const { data, page } = draft.body as { readonly data: unknown; readonly page: Record<string, unknown> };
    const { has_more: more, ...rest } = page;
    return { ...draft, body: { data, page: { ...rest, more } } };
  },
};
