/** The bodies that are sent and answered: JSON that fits `contract.openapi.yaml`, of exactly the sizes that the rows are named after. */

const KIB = 1024;

const shipTo = { name: 'Ada Example', street: '12 Analytical Row', city: 'London', postcode: 'N1 9GU', country: 'GB' };

function line(i: number): object {
  return {
    sku: `SKU-${10_000 + i}`,
    description: 'Brass gear, 24 teeth, hardened',
    quantity: 1 + (i % 4),
    unit_price: { currency: 'USD', value: `${19 + i}.50` },
  };
}

function order(i: number, note: string): object {
  return {
    id: `ord_${(46_656 + i).toString(36)}`,
    account_id: 'acct_123',
    status: 'paid',
    total: { currency: 'USD', value: '129.00' },
    lines: Array.from({ length: 4 }, (_, n) => line(n)),
    ship_to: shipTo,
    created_at: '2026-06-11T12:30:00Z',
    note,
  };
}

/** Grows the note until the whole has `bytes`. */
function sized(bytes: number, make: (note: string) => object): string {
  const missing = bytes - JSON.stringify(make('')).length;
  if (missing < 0 || missing > 1000) throw new RangeError(`a body of ${bytes} bytes needs a note of ${missing}`);
  return JSON.stringify(make('x'.repeat(missing)));
}

export const NEW_ORDER = sized(KIB, (note) => ({
  account_id: 'acct_123',
  currency: 'USD',
  lines: Array.from({ length: 5 }, (_, n) => line(n)),
  ship_to: shipTo,
  note,
}));

export const ORDER = sized(KIB, (note) => order(1, note));

export const ORDERS = sized(20 * KIB, (note) => ({
  data: [order(0, note), ...Array.from({ length: 24 }, (_, i) => order(i + 1, ''))],
  page: { limit: 25, next_cursor: null, has_more: false },
}));
