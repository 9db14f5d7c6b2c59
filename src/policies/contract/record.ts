import { Children, bornAtLoad } from '../../core/children.ts';
import type { Outcome, Side, SkipReason, Violation } from '../../core/contract.ts';
import type { Exchange } from '../../core/exchange.ts';
import type { Deps, RouteSpec } from '../../core/policy.ts';
import type { Clock, Counter, Family, Histogram, Observer } from '../../core/ports.ts';
import type { Mode } from './config.ts';
import type { Drifting } from './drifting.ts';
import type { Judging } from './judging.ts';
import { contractMetrics } from './metrics.ts';
import type { ShownValues } from './shown-values.ts';

/**
 * Counters of one operation, born together at 0 so that a first increase is seen. Not those of what is skipped: nearly all reasons can never be of a given
 * operation, and fourteen lines of each would leave no room for others (`telemetry.limits.lines`).
 */
class Series {
  readonly valid: Counter;
  readonly invalid: Counter;
  readonly #skipped: (reason: SkipReason) => Counter;

  constructor(checks: Family<Counter, (typeof contractMetrics.checks)['labels']>, route: RouteSpec, operation: string, side: Side) {
    const { direction, api } = route;
    this.valid = checks.with(direction, api, operation, side, 'valid', '');
    this.invalid = checks.with(direction, api, operation, side, 'invalid', '');
    this.#skipped = (reason) => checks.with(direction, api, operation, side, 'skipped', reason);
  }

  skipped(reason: SkipReason): Counter {
    return this.#skipped(reason);
  }
}

/** Where verdicts go: counters, the exchange, and whoever observes. */
export class Record {
  readonly #route: RouteSpec;
  readonly #clock: Clock;
  readonly #observer: Observer;
  readonly #shown: ShownValues;
  readonly #drifting: Drifting;
  readonly #checks: Family<Counter, (typeof contractMetrics.checks)['labels']>;
  readonly #violations: Family<Counter, (typeof contractMetrics.violations)['labels']>;
  readonly #durations: { readonly [S in Side]: Histogram };
  /** By operation; the contract bounds it. */
  readonly #series: { readonly [S in Side]: Children<Series> };

  constructor(
    route: RouteSpec,
    { clock, meter, observer }: Pick<Deps, 'clock' | 'meter' | 'observer'>,
    shown: ShownValues,
    drifting: Drifting,
  ) {
    this.#shown = shown;
    this.#drifting = drifting;
    this.#route = route;
    this.#clock = clock;
    this.#observer = observer;
    this.#checks = meter.counter(contractMetrics.checks);
    this.#violations = meter.counter(contractMetrics.violations);
    const durations = meter.histogram(contractMetrics.duration);
    this.#durations = { request: durations.with('request'), response: durations.with('response') };
    const bySide = (side: Side): Children<Series> => new Children((operation) => new Series(this.#checks, route, operation, side));
    this.#series = { request: bySide('request'), response: bySide('response') };
    for (const { id } of bornAtLoad(route)) for (const side of ['request', 'response'] as const) this.#series[side].get(id);
  }

  /** Where the measuring of a verdict begins, for `took`. */
  now(): number {
    return this.#clock.monotonicMs();
  }

  /** A verdict that began at `begin` has been reached. */
  took(side: Side, begin: number): void {
    this.#durations[side].observe((this.#clock.monotonicMs() - begin) / 1000);
  }

  /** Of an answer that still goes by: what is broken counts and is told at once, but for those that have been told (`responseTold`). */
  early(x: Exchange, judging: Judging, violations: readonly Violation[]): void {
    const told = judging.responseTold;
    if (told === 0) this.#series.response.get(x.operationId).invalid.inc();
    judging.responseTold = violations.length;
    this.#tellAll(x, judging, 'response', violations.slice(told), 'report');
  }

  /**
   * Counts a verdict. `findings`: whether what is broken is counted and told too (CP-5). Of an answer some of it may have been told before
   * (`responseTold`), and then the verdict has been counted.
   */
  verdict(x: Exchange, judging: Judging, side: Side, outcome: Outcome, mode: Mode, findings: 'tell' | 'count_only'): void {
    const early = side === 'response' ? judging.responseTold : 0;
    if (early === 0) this.#count(x, side, outcome);
    if (outcome.is === 'invalid' && findings === 'tell')
      this.#tellAll(x, judging, side, early === 0 ? outcome.violations : outcome.violations.slice(early), mode);
    if (side === 'request') this.#drifting.requestIs(x, judging, outcome);
    else this.#drifting.answerIs(x, judging, outcome);
  }

  #count(x: Exchange, side: Side, outcome: Outcome): void {
    const series = this.#series[side].get(x.operationId);
    if (outcome.is === 'skipped') series.skipped(outcome.reason).inc();
    else if (outcome.is === 'valid') series.valid.inc();
    else series.invalid.inc();
  }

  #tellAll(x: Exchange, judging: Judging, side: Side, violations: readonly Violation[], mode: Mode): void {
    if (violations.length === 0) return;
    const told = violations.map((violation) => this.#shown.of(violation));
    for (const violation of told) this.#tell(x, violation, mode === 'enforce' ? 'enforce' : 'report');
    if (side === 'response') this.#drifting.ofAnswer(x, judging, told);
  }

  #tell(x: Exchange, violation: Violation, mode: 'report' | 'enforce'): void {
    const { direction, api } = this.#route;
    const { side, location, rule } = violation;
    this.#violations.with(direction, api, x.operationId, side, location, rule).inc();
    const finding = { ...violation, mode };
    x.findings.push(finding);
    this.#observer.violation(x, finding);
  }
}
