/**
 * Every number that decides whether an alert fires. Ratios are shares of 1; `atLeast` is the least count in the window, so that few requests make no
 * alarm; `forSeconds` is how long it must hold. `scripts/ci/rules.ts` moves each of them both ways and wants a test to turn red.
 */
export const THRESHOLDS = {
  /** Burn rates of the SRE workbook, chapter 5: 14.4 spends 2 % of a month's budget in an hour, 6 spends 5 % in six hours, 1 spends it all. */
  ContractErrorBudgetBurn: { budget: 0.01, hour: 14.4, quarterDay: 6, days: 1, atLeast: 10, forSeconds: 120, slowForSeconds: 900 },
  SchemaDriftNew: { forSeconds: 300 },
  DeprecatedNearSunset: { withinDays: 14, forSeconds: 900 },
  ContractReloadFailed: { forSeconds: 300 },
  ContractSkew: { forSeconds: 1800 },
  ValidationSkipped: { ratio: 0.05, atLeast: 10, forSeconds: 900 },
  UpstreamSlaBurn: { hour: 14.4, quarterDay: 6, days: 1, atLeast: 10, forSeconds: 120, slowForSeconds: 900 },
  UpstreamLatencySla: { burn: 1.5, atLeast: 20, forSeconds: 300 },
  RetryStorm: { ratio: 0.1, atLeast: 50, forSeconds: 300 },
  RetryBudgetExhausted: { ratio: 0.01, atLeast: 10, forSeconds: 300 },
  TimeoutRatio: { ratio: 0.05, atLeast: 10, forSeconds: 300 },
  CircuitOpen: { forSeconds: 120 },
  OutboundQuotaNearExhausted: { left: 0.1, forSeconds: 600 },
  RateLimitedConsumer: { ratio: 0.1, atLeast: 10, forSeconds: 900 },
  AuthorizationFailuresRise: { ratio: 0.05, rise: 4, atLeast: 20, forSeconds: 300 },
  CardinalityOverflow: { atLeast: 100, forSeconds: 900 },
  GatewayOverheadHigh: { seconds: 0.025, atLeast: 500, forSeconds: 600 },
  EventLoopLag: { seconds: 0.1, forSeconds: 600 },
  GatewayDown: { ratio: 0.5, forSeconds: 300, oneForSeconds: 900 },
  ConfigReloadFailed: { forSeconds: 300 },
  SharedStoreDown: { forSeconds: 300 },
  ObservationDropped: { forSeconds: 900 },
} as const;

export type AlertName = keyof typeof THRESHOLDS;

/** The same shape with other numbers. */
export type Thresholds = { readonly [A in AlertName]: { readonly [K in keyof (typeof THRESHOLDS)[A]]: number } };
