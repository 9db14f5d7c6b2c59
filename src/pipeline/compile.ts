/** A route's configuration becomes frozen arrays: everything that can be known before a request comes is bound here. */
import type { Deps, RouteSpec } from '../core/policy.ts';
import type { Upstream } from '../core/ports.ts';
import type { AttemptStage, Policy, RetryPlan, Stage } from '../core/stage.ts';
import { pipelineMetrics } from './metrics.ts';
import { perAttempt, perRequest } from './pipeline.ts';

/** A stage and its place among all that a route has; its state stands at the same index. */
export interface Slot {
  readonly index: number;
  readonly stage: Stage;
}

export interface AttemptSlot {
  readonly index: number;
  readonly stage: AttemptStage;
}

/** How the request's target and Host look to the upstream. */
export interface Rewriting {
  /** Leading path that is taken away; empty: none. */
  readonly stripPrefix: string;
  /** Host to send instead of the client's; undefined: the client's is kept. */
  readonly host: string | undefined;
}

export interface CompiledRoute {
  readonly spec: RouteSpec;
  readonly stages: readonly Slot[];
  /** Only those with the hook, so that absent hooks are never visited. */
  readonly asking: readonly Slot[];
  readonly copying: readonly Slot[];
  readonly attempts: readonly AttemptSlot[];
  readonly retryPlan: RetryPlan;
  /** Undefined: there is no route, every request that comes this far is refused. */
  readonly upstream: Upstream | undefined;
  readonly rewriting: Rewriting;
  /** The same route for requests that ask for another protocol (EV-8); itself where no stage is left out. */
  readonly forUpgrades: CompiledRoute;
}

/** Where a route's answers come from, and how often they are asked for. */
export interface RouteEnds {
  readonly retryPlan: RetryPlan;
  readonly upstream: Upstream | undefined;
  readonly rewriting: Rewriting;
}

/** The configuration of each policy by its name. One that is not there is off. */
export type PolicyConfigs = Readonly<Record<string, unknown>>;

/** Compiles the two ordered lists for one route. */
export function compileRoute(spec: RouteSpec, configs: PolicyConfigs, ends: RouteEnds, deps: Deps): CompiledRoute {
  const compiled = <S>(list: readonly { readonly name: string }[]): S[] =>
    list
      .filter(({ name }) => Object.hasOwn(configs, name))
      .map((policy) => (policy as Policy<string, unknown>).compile(configs[policy.name], spec, deps) as S | undefined)
      .filter((stage) => stage !== undefined);
  const [stages, attempts] = [compiled<Stage>(perRequest), compiled<AttemptStage>(perAttempt)];
  bornAtZero([...stages, ...attempts], deps);
  return assembleRoute(spec, stages, attempts, ends);
}

/** Where a stage can fault, so that a first fault is seen as an increase. */
function bornAtZero(stages: readonly (Stage | AttemptStage)[], { meter }: Deps): void {
  const bugs = meter.counter(pipelineMetrics.bugs);
  for (const stage of stages) for (const hook of HOOKS) if (hook in stage) bugs.with(stage.name, hook);
}

/** As they are called where they fault. */
const HOOKS = ['onRequest', 'responseBody', 'onResponse', 'onCopy', 'onFinish'] as const;

export function assembleRoute(
  spec: RouteSpec,
  stages: readonly Stage[],
  attempts: readonly AttemptStage[],
  ends: RouteEnds,
): CompiledRoute {
  const route = assemble(spec, stages, attempts, ends);
  const staying = <S extends { readonly skipsUpgrades?: true }>(list: readonly S[]): S[] => list.filter((s) => s.skipsUpgrades !== true);
  const [some, tries] = [staying(stages), staying(attempts)];
  const all = some.length === stages.length && tries.length === attempts.length;
  route.forUpgrades = all ? route : Object.freeze(assemble(spec, some, tries, ends));
  return Object.freeze(route);
}

type Writable<T> = { -readonly [K in keyof T]: T[K] };

function assemble(spec: RouteSpec, stages: readonly Stage[], attempts: readonly AttemptStage[], ends: RouteEnds): Writable<CompiledRoute> {
  const slots = stages.map((stage, index): Slot => Object.freeze({ index, stage }));
  const route: Writable<Omit<CompiledRoute, 'forUpgrades'>> & { forUpgrades?: CompiledRoute } = {
    spec,
    stages: Object.freeze(slots),
    asking: Object.freeze(slots.filter(({ stage }) => stage.responseBody !== undefined)),
    copying: Object.freeze(slots.filter(({ stage }) => stage.onCopy !== undefined)),
    attempts: Object.freeze(attempts.map((stage, index): AttemptSlot => Object.freeze({ index, stage }))),
    retryPlan: ends.retryPlan,
    upstream: ends.upstream,
    rewriting: ends.rewriting,
  };
  route.forUpgrades = route as CompiledRoute;
  return route as Writable<CompiledRoute>;
}
