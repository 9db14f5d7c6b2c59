/** Which load tests are run in which order, against which listener, and what the gateway is told for them. */
import { join } from 'node:path';
import { root } from '../../lint/tree.ts';

export type ListenerName = 'observed' | 'guarded' | 'keyed';

export interface Run {
  readonly title: string;
  /** `loadtests/<script>.ts`. */
  readonly script: string;
  readonly listener: ListenerName;
  /** Whether the provider breaks its contract meanwhile. */
  readonly provider: 'faithful' | 'drifting';
  readonly env: Readonly<Record<string, string>>;
  /** Counts of the summary that must be above 0: without them the run has not shown what it is for. */
  readonly must: readonly string[];
}

const run = (script: string, more: Partial<Run> = {}): Run => ({
  title: script,
  script,
  listener: 'observed',
  provider: 'faithful',
  env: {},
  must: [],
  ...more,
});

export const RUNS: readonly Run[] = [
  run('smoke'),
  run('steady'),
  run('spike', { listener: 'guarded', must: ['refused{stage:spike}'] }),
  run('soak'),
  run('violations'),
  run('violations', {
    title: 'violations-of-provider',
    provider: 'drifting',
    env: { REQUESTS: join(root, 'loadtests/traffic/billing-drift.json') },
  }),
  run('retries', { listener: 'keyed', must: ['expected{kind:in_flight}', 'expected{kind:replayed}'] }),
];

/** How long a payment takes behind `keyed`: long enough that requests which are sent together meet. */
export const PAYMENT_MS = 40;

/** More than the calm of the spike, and less than its top: some must be refused, and only then. */
const GUARD = { name: 'spikes', rate: 100, per: '1s', burst: 50, key: 'consumer' };

/** The configuration, as JSON, which is YAML. All ports are 0. */
export function configurationOf(provider: string, payments: string): string {
  const listener = { direction: 'ingress', host: '127.0.0.1', port: 0 };
  const route = (name: ListenerName, upstream: string, policies: object): object => ({
    name,
    listener: name,
    match: { path: '/' },
    upstream,
    contract: 'billing',
    policies,
  });
  return JSON.stringify({
    admin: { host: '127.0.0.1', port: 0 },
    contracts: { billing: { openapi: join(root, 'examples/billing/openapi.yaml') } },
    listeners: { observed: listener, guarded: listener, keyed: listener },
    policies: { deadline: { total: '15s' } },
    routes: [
      route('observed', provider, {}),
      route('guarded', provider, { rateLimit: [GUARD] }),
      route('keyed', payments, { idempotency: { required: ['createPayment'] } }),
    ],
  });
}
