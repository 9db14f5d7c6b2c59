/** What more than one board asks, and how it is asked right where there are several replicas. */
import { appMetrics } from '../../src/app/metrics.ts';
import { driftMetrics } from '../../src/observation/drift/metrics.ts';
import { circuitBreakerMetrics } from '../../src/policies/circuit-breaker/metrics.ts';
import { contractMetrics } from '../../src/policies/contract/metrics.ts';
import { attemptMetricSpecs, exchangeMetrics } from '../../src/policies/metrics/metrics.ts';
import { slaMetrics } from '../../src/policies/sla/metrics.ts';
import { count, expression, max, type Queries, share, sum, type TargetLabel, type Vector } from './promql.ts';

const { requests } = exchangeMetrics;

/**
 * Whose an api is: what most replicas say, and one of two that as many say. A second series of one api would match twice, and the whole
 * panel would fail.
 */
function owners(q: Queries): Vector<'api' | 'owner'> {
  const each = count(q.gauge(appMetrics.contractInfo), ['namespace', 'api', 'owner']);
  return expression(`(topk by (namespace, api) (1, ${each.text}) > bool 0)`);
}

/** The values by namespace and api with the owner beside them; an api that has no contract, and so no owner, is not left out. */
export function withOwner(q: Queries, vector: Vector<'api'>): Vector<'api' | 'owner'> {
  const joined = `(${vector.text}) * on (namespace, api) group_left (owner) ${owners(q).text}`;
  return expression(`${joined} or on (namespace, api) (${vector.text})`);
}

/** Answers of 5xx, of all answers. A caller that left (499) is neither broken nor well. */
export function errorRatio<const B extends 'direction' | 'api' | 'operation' | TargetLabel = never>(q: Queries, by: readonly B[] = []) {
  return share(sum(q.rate(requests, { status_code: '=~5..' }), by), sum(q.rate(requests), by));
}

/** Tries at the upstream that came to 5xx or to no answer at all. Without an answer there is a code. */
export function attemptErrorRatio<const B extends 'api' | 'operation' | TargetLabel = never>(q: Queries, by: readonly B[] = []) {
  const { attempts } = attemptMetricSpecs;
  const bad = expression<Exclude<B, TargetLabel>>(
    `sum${by.length === 0 ? '' : ` by (${by.join(', ')})`} (${q.rate(attempts, { status_class: '=5xx' }).text} or ${q.rate(attempts, { code: '!=' }).text})`,
  );
  return share(bad, sum(q.rate(attempts), by));
}

/** Messages that broke their contract, a second. */
export function invalid<const B extends 'direction' | 'api' | 'operation' | 'side' | TargetLabel = never>(
  q: Queries,
  by: readonly B[] = [],
) {
  return sum(q.rate(contractMetrics.checks, { outcome: '=invalid' }), by);
}

/** Distinct findings. Replicas that share their findings each tell of the same ones: the largest counts, not the sum. */
export function findings(q: Queries, state: 'new' | 'acknowledged') {
  return max(q.gauge(driftMetrics.findings, { state: `=${state}` }), ['namespace', 'job', 'direction', 'api', 'operation', 'kind']);
}

/** 0 closed, 1 half-open, 2 open: of several replicas the one that is worst off. */
export function circuits(q: Queries): Vector<'api' | 'upstream'> {
  const worst = (state: string) => max(q.gauge(circuitBreakerMetrics.state, { state: `=${state}` }), ['api', 'upstream']).text;
  return expression(`2 * ${worst('open')} > 0 or ${worst('half_open')}`);
}

type Promise = 'availability' | 'latency';

/** Share of the exchanges that kept a promise. */
export function kept(q: Queries, promise: Promise): Vector<'api'> {
  return share(promised(q, promise, 'true'), promised(q, promise));
}

/** How many times faster than the promise allows its error budget is used: above 1 it does not last. A promise of 1 has no budget. */
export function burn(q: Queries, promise: Promise): Vector<'api'> {
  const objective = max(q.gauge(promise === 'availability' ? slaMetrics.objective : slaMetrics.latencyShare), ['namespace', 'api']);
  const used = share(promised(q, promise, 'false'), promised(q, promise));
  return expression(`${used.text} / on (namespace, api) (1 - ${objective.text} > 0)`);
}

function promised(q: Queries, promise: Promise, good?: 'true' | 'false'): Vector<'api'> {
  const objective = `=${promise}` as const;
  return sum(q.rate(slaMetrics.requests, good === undefined ? { objective } : { objective, good: `=${good}` }), ['namespace', 'api']);
}
