import { Children } from '../../core/children.ts';
import type { Contract } from '../../core/contract.ts';
import type { ContractSkew } from '../../core/contract-skew.ts';
import type { Exchange } from '../../core/exchange.ts';
import { headerValue } from '../../core/headers.ts';
import type { RouteSpec } from '../../core/policy.ts';
import type { Counter, Meter, Observer } from '../../core/ports.ts';
import type { Policy, Stage } from '../../core/stage.ts';
import { type Skew, compareVersions } from './compare.ts';
import { contractSkewMetrics } from './metrics.ts';

/** `consumers.*.contracts` of the configuration, for the contract of one route. */
export interface ContractSkewConfig {
  /** By consumer: the version of this contract that it was built on. */
  readonly builtOn: ReadonlyMap<string, string>;
}

/** Field in which a trusted peer says which version it was built on; passed on as it came. */
const FIELD = 'x-contract-version';
/** Versions are log fields, and bounded. */
const VERSION = /^[\x21-\x7e]{1,64}$/;

/** What may break a consumer: what it was built on is gone, or not there yet. One minor version behind is what compatible means. */
const FINDINGS: ReadonlySet<Skew> = new Set<ContractSkew['skew']>(['behind_major', 'ahead_minor', 'ahead_major']);

interface Compared {
  readonly counter: Counter;
  readonly finding: ContractSkew | undefined;
}

/** Holds what a consumer says it was built on against the contract in force (product, O2). It changes nothing. */
class ContractSkewStage implements Stage<void> {
  readonly name = 'contractSkew';
  readonly #builtOn: ReadonlyMap<string, string>;
  readonly #observer: Observer;
  /** By consumer and declared version. */
  readonly #compared: Children<Compared>;

  constructor(
    { builtOn }: ContractSkewConfig,
    { direction, api }: RouteSpec,
    inForce: Contract['version'],
    meter: Meter,
    observer: Observer,
  ) {
    this.#builtOn = builtOn;
    this.#observer = observer;
    const exchanges = meter.counter(contractSkewMetrics.exchanges);
    this.#compared = new Children((key) => {
      const [consumer, declared] = key.split('\n') as [string, string];
      const skew = compareVersions(declared, inForce);
      const finding = FINDINGS.has(skew) ? { declared, inForce, skew: skew as ContractSkew['skew'] } : undefined;
      return { counter: exchanges.with(direction, api, consumer, skew), finding };
    });
  }

  onFinish(x: Exchange): void {
    const declared = saidBy(x) ?? this.#builtOn.get(x.consumer.name);
    if (declared === undefined) return;
    const { counter, finding } = this.#compared.get(`${x.consumer.name}\n${declared}`);
    counter.inc();
    if (finding !== undefined) this.#observer.contractSkew(x, finding);
  }
}

function saidBy(x: Exchange): string | undefined {
  if (!x.peer.trusted) return undefined;
  const said = headerValue(x.request.headers, FIELD);
  return said !== undefined && VERSION.test(said) ? said : undefined;
}

export const contractSkew = {
  name: 'contractSkew',
  compile: (config, route, deps) =>
    route.contract === undefined ? undefined : new ContractSkewStage(config, route, route.contract.version, deps.meter, deps.observer),
} satisfies Policy<'contractSkew', ContractSkewConfig>;
