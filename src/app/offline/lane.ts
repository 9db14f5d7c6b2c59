import type { Contract } from '../../core/contract.ts';
import type { RequestHead } from '../../core/exchange.ts';
import type { RouteSpec } from '../../core/policy.ts';
import type { ContractConfig, Mode } from '../../policies/contract/config.ts';
import type { ConsumerSource } from '../../policies/identity/config.ts';

/** A route, as far as recorded traffic has to do with it. */
export interface Lane {
  readonly spec: RouteSpec;
  readonly config: ContractConfig;
  /** Where names of consumers are looked for. */
  readonly consumers: readonly ConsumerSource[];
  /** Taken off the beginning of paths before the contract sees them; empty: nothing is. */
  readonly stripPrefix: string;
}

/** What recorded traffic is held against. */
export interface Subject {
  readonly contract: Contract;
  /** Accepted findings, by id, with their notes. */
  readonly baseline: ReadonlyMap<string, string>;
  /** Undefined: no route leads this request to the contract. */
  laneOf(head: RequestHead): Lane | undefined;
}

/** As without a configuration (HD-2). */
const CONSUMERS: readonly ConsumerSource[] = [
  { from: 'header', header: 'x-consumer-name', version: 'x-consumer-version' },
  { from: 'apiKey', header: 'x-api-key' },
  { from: 'userAgent' },
];

/** Nobody waits: all is looked at, however large. */
const MAX_BODY_BYTES = 64 * 1024 * 1024;

const EVERYTHING: ContractConfig = {
  request: 'report',
  response: 'report',
  undocumented: 'report',
  ignore: [],
  sample: 1,
  maxBodyBytes: MAX_BODY_BYTES,
  onUnchecked: 'pass',
  countRefused: false,
  operations: {},
  showValues: [],
};

/** A contract by itself: all traffic is for it. */
export function subjectOf(contract: Contract, baseline: ReadonlyMap<string, string>): Subject {
  const spec = laneSpec(contract.name, 'recording', 'ingress', contract);
  const lane: Lane = { spec, config: EVERYTHING, consumers: CONSUMERS, stripPrefix: '' };
  return { contract, baseline, laneOf: () => lane };
}

export function laneSpec(name: string, listener: string, direction: RouteSpec['direction'], contract: Contract | undefined): RouteSpec {
  const api = contract?.name ?? name;
  return { name, listener, direction, api, unmatchedOperation: '_unmatched', contract, contractMissing: false, upstream: '' };
}

/** The same settings where all has happened already: nothing can be refused, and all of it is looked at. What is not to be judged stays so. */
export function asReport(config: ContractConfig): ContractConfig {
  const { request, undocumented = request === 'off' ? 'ignore' : request } = config;
  return {
    ...EVERYTHING,
    request: reported(request),
    response: reported(config.response),
    undocumented: undocumented === 'ignore' ? 'ignore' : 'report',
    ignore: config.ignore,
    showValues: config.showValues,
    operations: Object.fromEntries(
      Object.entries(config.operations).map(([id, own]) => [
        id,
        {
          ...(own.request !== undefined && { request: reported(own.request) }),
          ...(own.response !== undefined && { response: reported(own.response) }),
        },
      ]),
    ),
  };
}

function reported(mode: Mode): Mode {
  return mode === 'off' ? 'off' : 'report';
}
