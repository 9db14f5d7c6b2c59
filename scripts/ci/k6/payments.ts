import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** A service that makes a payment of every request, whatever key it carries: who asks it twice has paid twice, and it says so. */
export interface Payments {
  readonly url: string;
  /** Payments made, by idempotency key; '' for none. */
  readonly made: ReadonlyMap<string, number>;
  close(): Promise<void>;
}

/** `tookMs`: how long one payment takes, so that repeats arrive meanwhile. */
export async function startPayments(tookMs: number): Promise<Payments> {
  const made = new Map<string, number>();
  let last = 0;
  const server = createServer((request, response) => {
    const key = String(request.headers['idempotency-key'] ?? '');
    made.set(key, (made.get(key) ?? 0) + 1);
    last += 1;
    const id = `pay_${last.toString(36).padStart(6, '0')}`;
    const body = JSON.stringify({
      id,
      account_id: 'acct_500',
      invoice_id: 'inv_417',
      amount: { currency: 'USD', value: '129.00' },
      status: 'authorized',
      created_at: new Date().toISOString(),
    });
    request.resume().once('end', () => {
      void sleep(tookMs).then(() => {
        response.writeHead(201, { 'content-type': 'application/json', location: `/v1/payments/${id}` }).end(body);
      });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    made,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
