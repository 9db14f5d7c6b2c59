import { Children, bornAtLoad } from '../../core/children.ts';
import type { Outcome, Side, SkipReason, Violation } from '../../core/contract.ts';
import type { Exchange } from '../../core/exchange.ts';
import type { Deps, RouteSpec } from '../../core/policy.ts';
import type { Clock, Counter, Family, Histogram, Observer } from '../../core/ports.ts';
import type { Mode } from './config.ts';
import { Drifting } from './drifting.ts';
import { contractMetrics } from './metrics.ts';
import { ShownValues } from './shown-values.ts';

/** Counters of one operation, born together at 0 so that a first increase is seen. */
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
  readonly drifting: Drifting;
  readonly #checks: Family<Counter, (typeof contractMetrics.checks)['labels']>;
  readonly #violations: Family<Counter, (typeof contractMetrics.violations)['labels']>;
  readonly #durations: { readonly [S in Side]: Histogram };
  /** By operation; the contract bounds it. */
  readonly #series: { readonly [S in Side]: Children<Series> };

  constructor(route: RouteSpec, { clock, meter, observer }: Pick<Deps, 'clock' | 'meter' | 'observer'>, showValues: readonly string[]) {
    this.#shown = new ShownValues(showValues);
    this.#route = route;
    this.#clock = clock;
    this.#observer = observer;
    this.drifting = new Drifting(observer);
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

  /** Of an answer that still goes by: what is broken counts and is told at once, from the one at `told` on. */
  early(x: Exchange, violations: readonly Violation[], told: number): void {
    if (told === 0) this.#series.response.get(x.operationId).invalid.inc();
    this.#tellAll(x, violations.slice(told), 'report');
  }

  /**
   * Counts a verdict. `findings`: whether what is broken is counted and told too (CP-5). `early`: how many of the violations have been told before,
   * and then the verdict has been counted.
   */
  verdict(x: Exchange, side: Side, outcome: Outcome, mode: Mode, findings: 'tell' | 'count_only', early = 0): void {
    if (early > 0) return outcome.is === 'invalid' ? this.#tellAll(x, outcome.violations.slice(early), mode) : undefined;
    if (side === 'request') this.#requestIs(x, outcome);
    const series = this.#series[side].get(x.operationId);
    if (outcome.is === 'valid') return series.valid.inc();
    if (outcome.is === 'skipped') return series.skipped(outcome.reason).inc();
    series.invalid.inc();
    if (findings === 'tell') this.#tellAll(x, outcome.violations, mode);
  }

  #requestIs(x: Exchange, outcome: Outcome): void {
    x.requestVerdict = outcome;
    this.drifting.ofBoth(x);
  }

  #tellAll(x: Exchange, violations: readonly Violation[], mode: Mode): void {
    for (const violation of violations) this.#tell(x, violation, mode === 'enforce' ? 'enforce' : 'report');
  }

  #tell(x: Exchange, violation: Violation, mode: 'report' | 'enforce'): void {
    const { direction, api } = this.#route;
    const { side, location, rule } = violation;
    this.#violations.with(direction, api, x.operationId, side, location, rule).inc();
    const shown = this.#shown.of(violation);
    const finding = { ...shown, mode };
    x.findings.push(finding);
    this.#observer.violation(x, finding);
    if (side === 'response') this.drifting.ofAnswer(x, shown);
    else if (location === 'route') this.drifting.ofRoute(x, shown);
  }
}
