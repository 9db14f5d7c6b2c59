import { parseBlock } from '../core/address.ts';
import type { Contract } from '../core/contract.ts';
import { ownershipOf } from '../core/ownership.ts';
import type { Deps, RouteSpec } from '../core/policy.ts';
import type { Upstream } from '../core/ports.ts';
import type { ListenerSettings, RouteSettings, Settings } from '../config/settings.ts';
import { type CompiledRoute, compileRoute } from '../pipeline/compile.ts';
import { type Generation, TrustedPeers } from '../pipeline/pipeline.ts';
import { RouteTable } from '../pipeline/routes.ts';
import type { RunDeps } from '../pipeline/run-deps.ts';
import { targetSplitter } from '../pipeline/target.ts';
import { type IdentityConfig, tokensOf } from '../policies/identity/config.ts';
import { retryPlan, retryUnsent } from '../policies/retry/plan.ts';

export interface GenerationParts {
  readonly number: number;
  readonly settings: Settings;
  readonly contracts: ReadonlyMap<string, Contract>;
  readonly upstreamOf: (route: RouteSettings) => Upstream;
  readonly deps: Deps;
  readonly run: RunDeps;
}

/** Everything of one configuration that a request meets, bound and frozen. */
export function buildGeneration(parts: GenerationParts): Generation {
  const { settings } = parts;
  const tables = settings.listeners.map((listener): [string, RouteTable] => {
    const entries = settings.routes
      .filter((route) => route.listener === listener.name)
      .map((route) => ({ match: route.match, route: compileConfigured(parts, route, listener) }));
    return [listener.name, new RouteTable(entries, compileNone(parts, listener))];
  });
  const blocks = settings.trust.peers.map(parseBlock).filter((block) => block !== undefined);
  return Object.freeze({
    number: parts.number,
    tables: new Map(tables),
    trust: new TrustedPeers(blocks),
    splitTarget: targetSplitter(settings.hygiene.paths),
    deps: parts.run,
  });
}

/** Policies of every exchange, also of one that no route takes. */
function always({ settings }: GenerationParts): Record<string, unknown> {
  const { ids } = settings.trust;
  return {
    accessLog: settings.telemetry.accessLog,
    metrics: undefined,
    tracing: { ids, sample: settings.telemetry.traces?.sample },
    identity: { ids, consumer: settings.identity.consumer, tokens: undefined, judged: false },
  };
}

/** Tokens are verified where callers come in: those that the service itself sends are for others, and of other issuers. */
function incoming({ identity, trust }: Settings): IdentityConfig {
  return { ids: trust.ids, consumer: identity.consumer, ...tokensOf(identity) };
}

function compileConfigured(parts: GenerationParts, route: RouteSettings, { direction }: ListenerSettings): CompiledRoute {
  const named = route.contract === undefined ? undefined : parts.contracts.get(route.contract);
  const contract = route.webhooks === undefined ? named : named?.webhooks?.named(route.webhooks);
  const spec: RouteSpec = Object.freeze({
    name: route.name,
    listener: route.listener,
    direction,
    api: route.contract ?? route.name,
    unmatchedOperation: '_unmatched',
    contract,
    contractMissing: route.contract !== undefined && contract === undefined,
    upstream: route.upstream.url,
  });
  const { deadline, fallback, idempotency, retry, ...policies } = route.policies;
  const settings = route.contract === undefined ? undefined : parts.settings.contracts[route.contract];
  const apiKeys = apiKeyFields(parts.settings, contract);
  const configs = {
    ...always(parts),
    ...(direction === 'ingress' && { identity: incoming(parts.settings), naming: incoming(parts.settings) }),
    // Webhooks come from whom the contract is about: what was promised is another's answer.
    sla: settings === undefined || route.webhooks !== undefined ? undefined : ownershipOf(settings, named?.declared).sla,
    errorCodes: undefined,
    outcomes: undefined,
    deprecation: undefined,
    contractSkew: { builtOn: builtOn(parts.settings, route.contract) },
    ...policies,
    ...(idempotency !== undefined && { idempotency: { ...idempotency, apiKeys } }),
    ...(fallback !== undefined && { fallback: { ...fallback, apiKeys } }),
    deadline,
    attemptMetrics: undefined,
    attemptTracing: undefined,
    attemptTimeout: deadline,
    propagation: undefined,
  };
  const { preserveHost, stripPrefix, url } = route.upstream;
  return compileRoute(
    spec,
    configs,
    {
      retryPlan: retry === undefined ? retryUnsent(spec, parts.deps) : retryPlan(retry, spec, parts.deps),
      upstream: parts.upstreamOf(route),
      rewriting: { stripPrefix: stripPrefix ?? '', host: preserveHost ? undefined : url.slice(url.indexOf('://') + 3) },
    },
    parts.deps,
  );
}

/** By consumer: the version of this contract that it says it was built on. */
function builtOn({ consumers }: Settings, contract: string | undefined): ReadonlyMap<string, string> {
  const versions = Object.entries(consumers).map(([name, { contracts }]) => [name, contracts[contract ?? '']] as const);
  return new Map(versions.filter((entry): entry is readonly [string, string] => entry[1] !== undefined));
}

/** Request fields that carry a caller's key, in lower case: those that its name is taken from, those of the contract, and the usual one. */
function apiKeyFields({ identity }: Settings, contract: Contract | undefined): readonly string[] {
  const named = identity.consumer.flatMap((source) => (source.from === 'apiKey' ? [source.header] : []));
  return [...new Set([...named, ...(contract?.operations.flatMap(({ keyFields }) => keyFields) ?? []), 'x-api-key'])];
}

/** Requests that no route takes, and messages that are no requests: the same identifiers, log, counters and error model. */
function compileNone(parts: GenerationParts, { name, direction }: ListenerSettings): CompiledRoute {
  const spec: RouteSpec = Object.freeze({
    name: '_none',
    listener: name,
    direction,
    api: '_none',
    unmatchedOperation: '_none',
    contract: undefined,
    contractMissing: false,
    upstream: '',
  });
  return compileRoute(
    spec,
    always(parts),
    { retryPlan: retryUnsent(spec, parts.deps), upstream: undefined, rewriting: { stripPrefix: '', host: undefined } },
    parts.deps,
  );
}
