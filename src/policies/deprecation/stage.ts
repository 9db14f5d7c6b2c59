import { Children } from '../../core/children.ts';
import type { DeprecatedUse, Operation } from '../../core/contract.ts';
import type { Exchange } from '../../core/exchange.ts';
import type { RouteSpec } from '../../core/policy.ts';
import type { Counter, Meter } from '../../core/ports.ts';
import type { Answer, Policy, Stage } from '../../core/stage.ts';
import { deprecationMetrics } from './metrics.ts';
import { Notice } from './notice.ts';

const FLAG = 'deprecated';

/** Tells callers what goes away, and counts who still uses it (semantics PC-3). Information: nothing is refused and nothing is a violation. */
class DeprecationStage implements Stage<void> {
  readonly name = 'deprecation';
  readonly #notices: ReadonlyMap<Operation, Notice>;
  /** By operation, then by element and consumer. */
  readonly #series: Children<Children<Counter>>;

  constructor({ direction, api }: RouteSpec, operations: readonly Operation[], meter: Meter) {
    const notices = new Map<Operation, Notice>();
    for (const operation of operations) if (operation.deprecation !== undefined) notices.set(operation, new Notice(operation.deprecation));
    this.#notices = notices;
    const usage = meter.counter(deprecationMetrics.usage);
    this.#series = new Children(
      (operation) =>
        new Children((key) => {
          const at = key.indexOf('\n');
          return usage.with(direction, api, operation, key.slice(0, at), key.slice(at + 1));
        }),
    );
  }

  /** Every final answer about the resource, whoever gives it: a caller that meets refusals alone must learn of it too. */
  onResponse(x: Exchange, answer: Answer): Answer {
    const notice = x.operation === undefined ? undefined : this.#notices.get(x.operation);
    if (notice === undefined) return answer;
    for (const [name, value] of notice.fieldsFor(answer.headers)) x.responseEdits.set(name, value);
    return answer;
  }

  onFinish(x: Exchange): void {
    const { operation } = x;
    if (operation === undefined) return;
    const { deprecated, deprecatedParts } = operation;
    if (!deprecated && deprecatedParts === undefined) return;
    const delivered = deliveredTo(x);
    const uses = deprecatedParts === undefined ? NONE : deprecatedParts.inHeads(x.request, delivered);
    const fields = x.deprecatedFields?.filter(({ element }) => delivered !== undefined || element === 'request_field') ?? NONE;
    if (!deprecated && uses.length === 0 && fields.length === 0) return;
    x.flags.push(FLAG);
    const counters = this.#series.get(operation.id);
    const { name } = x.consumer;
    if (deprecated) counters.get(`operation\n${name}`).inc();
    for (const { element } of uses) counters.get(`${element}\n${name}`).inc();
    for (const { element } of fields) counters.get(`${element}\n${name}`).inc();
  }
}

const NONE: readonly DeprecatedUse[] = Object.freeze([]);

/** What the consumer was given of what the contract describes: nothing where the gateway refused. */
function deliveredTo({ answer }: Exchange): Answer | undefined {
  return answer?.rejection === undefined ? answer : undefined;
}

function hasSomething({ deprecated, deprecation, deprecatedParts }: Operation): boolean {
  return deprecated || deprecation !== undefined || deprecatedParts !== undefined;
}

export const deprecation = {
  name: 'deprecation',
  compile: (_config, route, deps) => {
    const operations = route.contract?.operations.filter(hasSomething) ?? [];
    return operations.length === 0 ? undefined : new DeprecationStage(route, operations, deps.meter);
  },
} satisfies Policy<'deprecation', undefined>;
