import type { Fault } from '../../dashboards/model.ts';
import type { ExpectedAlert } from './expectations.ts';
import type { Stage } from './stage.ts';

/** One fault: how it is switched on, which alerts must fire and which may, and how it is mended. */
export interface Phase {
  readonly fault: Fault;
  /** In order: each part waits for its alerts before the next is switched on. */
  readonly parts: ReadonlyArray<{ readonly what: string; readonly on: (stage: Stage) => void; readonly must: readonly ExpectedAlert[] }>;
  /** Alerts of the same trouble that depend on how fast it is noticed. */
  readonly may: readonly string[];
  readonly mend: (stage: Stage) => void;
}

const billing = (name: string, labels?: Readonly<Record<string, string>>): ExpectedAlert => ({
  name,
  owner: 'billing',
  ...(labels !== undefined && { labels }),
});

export const PHASES: readonly Phase[] = [
  {
    fault: 'failing',
    parts: [
      {
        what: 'two answers of five are 503',
        on: ({ upstream }) => {
          upstream.trouble.failing = 0.4;
        },
        must: [billing('UpstreamSlaBurn', { burn: 'fast' }), billing('RetryStorm')],
      },
      {
        what: 'every answer is 503',
        on: ({ upstream }) => {
          upstream.trouble.failing = 1;
        },
        must: [billing('CircuitOpen')],
      },
    ],
    may: ['RetryBudgetExhausted'],
    mend: ({ upstream }) => {
      upstream.trouble.failing = 0;
    },
  },
  {
    fault: 'slow',
    parts: [
      {
        what: 'a third of the answers is slower than promised, a tenth does not come in time',
        on: ({ upstream: { trouble } }) => {
          trouble.slow = 0.35;
          trouble.hanging = 0.1;
        },
        must: [billing('UpstreamLatencySla'), billing('TimeoutRatio'), billing('UpstreamSlaBurn', { burn: 'fast' })],
      },
    ],
    may: [],
    mend: ({ upstream: { trouble } }) => {
      trouble.slow = 0;
      trouble.hanging = 0;
    },
  },
  {
    fault: 'limits',
    parts: [
      {
        what: 'a consumer sends twice what its limit lets through, and a quota is used up',
        on: ({ load }) => {
          load.behaviour.greedy = true;
        },
        must: [billing('RateLimitedConsumer', { consumer: 'greedy-batch' }), { name: 'OutboundQuotaNearExhausted', owner: 'partners' }],
      },
    ],
    may: [],
    mend: ({ load }) => {
      load.behaviour.greedy = false;
    },
  },
  {
    fault: 'reload',
    parts: [
      { what: 'the newest contract is no YAML', on: ({ gateway }) => gateway.breakContract(), must: [billing('ContractReloadFailed')] },
      {
        what: 'the newest configuration is none',
        on: ({ gateway }) => gateway.breakConfiguration(),
        must: [billing('ConfigReloadFailed')],
      },
    ],
    may: [],
    mend: ({ gateway }) => {
      gateway.mendContract();
      gateway.mendConfiguration();
    },
  },
];
