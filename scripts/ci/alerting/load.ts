import { Agent, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

/** What callers do at the moment. */
export interface Behaviour {
  /** A consumer sends what the contract forbids. */
  wrong: boolean;
  /** A consumer sends far more than its limit lets through, and the service asks its partner for more than the quota has. */
  greedy: boolean;
}

const TICK_MS = 100;
/** Requests of a tick: 60 a second. */
const STEADY = 6;
const GREEDY = 12;
/** Requests at the partner at a time, where it is asked for more than it gives. */
const EGRESS_AT_ONCE = 6;

/** A steady open-loop load: callers do not wait for each other. Ends what it began when it is stopped. */
export class Load {
  readonly behaviour: Behaviour = { wrong: false, greedy: false };
  readonly #ingress: string;
  readonly #egress: string;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 400 });
  readonly #payments: string[] = [];
  readonly #open = new Set<Promise<void>>();
  #number = 0;
  #running = true;
  readonly #loops: Promise<void>;
  sent = 0;
  broken = 0;

  constructor(ingress: string, egress: string) {
    this.#ingress = ingress;
    this.#egress = egress;
    this.#loops = this.#run();
  }

  async stop(): Promise<void> {
    this.#running = false;
    await this.#loops;
    await Promise.all(this.#open);
    this.#agent.destroy();
  }

  async #run(): Promise<void> {
    for (let next = performance.now(); this.#running; next += TICK_MS) {
      for (let i = 0; i < STEADY; i++) this.#steady();
      if (this.behaviour.wrong) this.#pay('mobile-app', '5.0.2', { currency: 'USD', value: 19.9 });
      if (this.behaviour.greedy)
        for (let i = 0; i < GREEDY; i++) this.#send(this.#ingress, 'GET', '/v1/payments?account_id=acct_123&limit=10', 'greedy-batch', '1');
      if (this.behaviour.greedy) while (this.#atPartner < EGRESS_AT_ONCE) this.#partner();
      else if (this.#number % 60 === 0) this.#partner();
      await sleep(Math.max(0, next + TICK_MS - performance.now()));
    }
  }

  #atPartner = 0;

  #partner(): void {
    this.#atPartner += 1;
    this.#send(this.#egress, 'GET', '/v1/invoices?account_id=acct_123&limit=5', 'billing', '1.4.2', undefined, () => {
      this.#atPartner -= 1;
    });
  }

  #steady(): void {
    const number = this.#number++;
    const [consumer, version] = number % 3 === 0 ? (['mobile-app', '5.0.2'] as const) : (['web-shop', '2.3.1'] as const);
    const invoice = `inv_${400 + (number % 60)}`;
    switch (number % 6) {
      case 0:
        return this.#pay(consumer, version, { currency: 'USD', value: '19.90' });
      case 1:
        return this.#send(this.#ingress, 'GET', '/v1/payments?account_id=acct_123&limit=10', consumer, version);
      case 2:
        return this.#send(this.#ingress, 'GET', `/v1/invoices/${invoice}`, consumer, version);
      case 3:
        return this.#send(this.#ingress, 'GET', '/v1/invoices?account_id=acct_123&limit=20', consumer, version);
      default:
        return this.#send(
          this.#ingress,
          'GET',
          `/v1/payments/${this.#payments[number % this.#payments.length] ?? 'pay_abc'}`,
          consumer,
          version,
        );
    }
  }

  #pay(consumer: string, version: string, amount: object): void {
    const body = JSON.stringify({ account_id: 'acct_123', invoice_id: 'inv_400', amount, payment_method_id: 'pm_789', method: 'card' });
    this.#send(this.#ingress, 'POST', '/v1/payments', consumer, version, body);
  }

  /** The provider forgets the oldest: the last hundred are known. */
  #paid(location: string): void {
    this.#payments[this.#payments.length < 100 ? this.#payments.length : this.sent % 100] = location.slice('/v1/payments/'.length);
  }

  #send(origin: string, method: string, path: string, consumer: string, version: string, body?: string, done?: () => void): void {
    const { hostname, port } = new URL(origin);
    const headers: Record<string, string | number> = { 'X-Consumer-Name': consumer, 'X-Consumer-Version': version };
    if (body !== undefined)
      Object.assign(headers, {
        'Content-Type': 'application/json',
        'Content-Length': Buffer.byteLength(body),
        'Idempotency-Key': `${consumer}_${String(this.sent).padStart(9, '0')}`,
      });
    this.sent += 1;
    const over = new Promise<void>((resolve) => {
      const asked = request({ hostname, port, method, path, headers, agent: this.#agent }, (answer) => {
        const { location } = answer.headers;
        if (answer.statusCode === 201 && location !== undefined) this.#paid(location);
        answer.resume().on('close', resolve);
      });
      asked.on('error', () => {
        this.broken += 1;
        resolve();
      });
      asked.end(body);
    });
    const tracked = over.then(() => {
      this.#open.delete(tracked);
      done?.();
    });
    this.#open.add(tracked);
  }
}
