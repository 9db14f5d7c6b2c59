import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import type { FindingItem, FindingPage } from '../../../src/core/views.ts';
import { root } from '../../lint/tree.ts';
import { Child } from '../child.ts';

/** In which the example's deprecated operation goes away: near enough for the board, too far for the alert. */
const SUNSET_DAYS = 25;
const DAY_MS = 86_400_000;

const EMPTY_BASELINE = 'findings: []\n';

/** The gateway under test: one contract with owner and promises, a partner with a quota, findings kept on disk. */
export class GatewayUnderTest {
  readonly #dir: string;
  readonly #upstream: string;
  readonly #ports: readonly [ingress: number, egress: number, admin: number];
  #child: Child | undefined;

  constructor(dir: string, upstream: string, ports: readonly [number, number, number]) {
    this.#dir = dir;
    this.#upstream = upstream;
    this.#ports = ports;
    mkdirSync(join(dir, 'state'));
    this.mendContract();
    this.mendConfiguration();
    this.baseline(EMPTY_BASELINE);
    writeFileSync(join(dir, 'partner.yaml'), partnerContract());
  }

  get ingress(): string {
    return `http://127.0.0.1:${this.#ports[0]}`;
  }

  get egress(): string {
    return `http://127.0.0.1:${this.#ports[1]}`;
  }

  get admin(): string {
    return `127.0.0.1:${this.#ports[2]}`;
  }

  /** @throws where it is not ready within 20 s. */
  async start(): Promise<void> {
    this.#child = new Child(process.execPath, ['bin/plumbline.js', 'run', '--config', join(this.#dir, 'plumbline.yaml')], root);
    await this.#child.says(/plumbline\s+(?!admin)\S+\s+http:/, 20_000);
  }

  /** As a machine that loses its power would. */
  async kill(): Promise<void> {
    this.#child?.kill();
    await this.#child?.exited;
  }

  get said(): string {
    return this.#child?.output ?? '';
  }

  breakContract(): void {
    writeFileSync(join(this.#dir, 'billing.yaml'), 'openapi: 3.1.0\ninfo: { title: billing\n');
  }

  mendContract(): void {
    const text = readFileSync(join(root, 'examples/billing/openapi.yaml'), 'utf8');
    const sunset = new Date(Date.now() + SUNSET_DAYS * DAY_MS).toISOString();
    const going = `operationId: voidInvoice\n      deprecated: true\n      x-deprecation: { sunset: "${sunset}" }`;
    writeFileSync(join(this.#dir, 'billing.yaml'), text.replace('operationId: voidInvoice', going));
  }

  breakConfiguration(): void {
    writeFileSync(join(this.#dir, 'plumbline.yaml'), 'listeners: 7\n');
  }

  mendConfiguration(): void {
    writeFileSync(join(this.#dir, 'plumbline.yaml'), stringify(configuration(this.#upstream, this.#ports)));
  }

  baseline(text: string): void {
    writeFileSync(join(this.#dir, 'baseline.yaml'), text);
  }

  /** `plumbline drift baseline`, as a person would run it. @throws where it does not end with 0. */
  async baselineOf(): Promise<string> {
    const child = new Child(process.execPath, ['bin/plumbline.js', 'drift', 'baseline', '--admin', `http://${this.admin}`], root);
    if ((await child.exits(20_000)) !== 0) throw new Error(`plumbline drift baseline: ${child.output}`);
    return child.output;
  }

  async findings(state: FindingItem['state']): Promise<readonly FindingItem[]> {
    const answer = await fetch(`http://${this.admin}/api/findings?state=${state}&limit=1000`);
    return ((await answer.json()) as FindingPage).items;
  }

  /** @throws where the gateway does not take it. */
  async acknowledge({ id }: FindingItem): Promise<void> {
    const answer = await fetch(`http://${this.admin}/api/findings/${id}/acknowledge`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: '{"note":"seen"}',
    });
    if (!answer.ok) throw new Error(`acknowledge ${id}: ${answer.status} ${await answer.text()}`);
  }
}

function configuration(upstream: string, [ingress, egress, admin]: readonly [number, number, number]): object {
  const host = '127.0.0.1';
  return {
    service: { name: 'billing', version: '1.4.2', environment: 'test' },
    admin: { host, port: admin },
    telemetry: { accessLog: 'off' },
    state: { dir: 'state' },
    reload: { poll: '200ms' },
    contracts: {
      billing: {
        openapi: 'billing.yaml',
        baseline: 'baseline.yaml',
        owner: { team: 'billing', oncall: '#billing-oncall' },
        sla: { availability: 0.999, latency: { p95: '300ms' } },
      },
      partner: { openapi: 'partner.yaml', owner: { team: 'partners' } },
    },
    listeners: { ingress: { direction: 'ingress', host, port: ingress }, partners: { direction: 'egress', host, port: egress } },
    routes: [
      {
        name: 'billing',
        listener: 'ingress',
        upstream,
        contract: 'billing',
        policies: {
          deadline: { total: '5s', attempt: '3s' },
          retry: { attempts: 2, on: ['reset', 503], budget: { ratio: 0.5, minPerSecond: 20 } },
          circuitBreaker: { window: '5s', minCalls: 20, failureRatio: 0.9, open: '2s', maxOpen: '4s' },
          concurrency: { limit: 300, queue: 100 },
          idempotency: { required: ['createPayment'] },
          rateLimit: [{ name: 'per-consumer', rate: 60, per: '1s', burst: 120, key: 'consumer' }],
        },
      },
      {
        name: 'partner',
        listener: 'partners',
        upstream,
        contract: 'partner',
        policies: {
          rateLimit: [{ name: 'quota', rate: 10, per: '1s', burst: 40, key: 'operation', mode: 'queue' }],
          deadline: { total: '10s' },
        },
      },
    ],
  };
}

/** Of the partner we know one thing. */
function partnerContract(): string {
  return stringify({
    openapi: '3.1.0',
    info: { title: 'partner', version: '2.0.0' },
    paths: {
      '/v1/invoices': {
        get: {
          operationId: 'listPartnerInvoices',
          parameters: ['account_id', 'limit'].map((name) => ({ name, in: 'query', schema: { type: 'string' } })),
          responses: {
            '200': { description: 'A page.', content: { 'application/json': { schema: {} } } },
            '5XX': { description: 'Its fault.', content: { 'application/problem+json': { schema: {} } } },
          },
        },
      },
    },
  });
}
