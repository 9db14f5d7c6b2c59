import { resolve } from 'node:path';
import { isUrl } from '../core/fetched-url.ts';
import { Issues } from '../core/schema.ts';
import { contractSchema } from '../policies/contract/config.ts';
import { deadlineSchema } from '../policies/deadline/config.ts';
import type { Place } from './problem.ts';
import type { Configuration } from './schema.ts';
import type {
  ContractSettings,
  ListenerSettings,
  RoutePolicies,
  RouteSettings,
  Settings,
  StoreSettings,
  TelemetrySettings,
} from './settings.ts';

const NO_ISSUES = new Issues();

/** Documents of the network, where `poll` is not said. */
const DEFAULT_POLL_MS = 60_000;

/** What runs where neither a route nor the top level names the policy (semantics DF-1). */
const DEFAULT_POLICIES: RoutePolicies = {
  deadline: deadlineSchema.parse({}, [], NO_ISSUES),
  contract: contractSchema.parse({}, [], NO_ISSUES),
};

/** A configuration without errors as the rest of the program wants it. `dir`: what relative paths are taken from; absolute. */
export function buildSettings(config: Configuration, dir: string, placeOf: (pointer: string) => Place): Settings {
  const { service, admin, probes, drain, reload, state, trust, hygiene, errors, identity } = config;
  return deepFreeze({
    service,
    admin,
    probes,
    drain: { delayMs: drain.delay, graceMs: drain.grace },
    reload: { watch: reload.watch, pollMs: reload.poll },
    state: state && { dir: resolve(dir, state.dir) },
    trust,
    hygiene,
    errors,
    identity,
    telemetry: telemetry(config.telemetry, dir),
    store: store(config.store),
    contracts: byName(config.contracts, (name, c) => contract(name, c, dir)),
    consumers: config.consumers,
    listeners: Object.entries(config.listeners).map(([name, l]) => listener(name, l, config)),
    routes: config.routes.map((r) => route(r, config)),
    placeOf,
  });
}

function telemetry({ accessLog, limits, traces }: Configuration['telemetry'], dir: string): TelemetrySettings {
  return { accessLog: accessLog === 'off' || accessLog === 'stdout' ? accessLog : resolve(dir, accessLog), limits, traces };
}

/** `url` is there where `kind` is redis: checkStore has seen to it. */
function store({ kind, maxBytes, url = '', timeout, prefix, replicas }: Configuration['store']): StoreSettings {
  return kind === 'memory' ? { kind, maxBytes } : { kind, url, timeoutMs: timeout, prefix, replicas };
}

function contract(name: string, c: Configuration['contracts'][string], dir: string): ContractSettings {
  return {
    name,
    protocol: 'openapi',
    path: isUrl(c.openapi) ? c.openapi : resolve(dir, c.openapi),
    refs: c.refs,
    baseline: c.baseline === undefined ? undefined : resolve(dir, c.baseline),
    pollMs: c.poll ?? DEFAULT_POLL_MS,
    basePath: c.basePath,
    formats: c.formats,
    onError: c.onError,
    owner: c.owner,
    sla: c.sla,
  };
}

function listener(
  name: string,
  l: Configuration['listeners'][string],
  { hygiene, identity, routes, policies }: Configuration,
): ListenerSettings {
  const own = routes.filter((r) => r.listener === name).map((r) => r.policies.deadline ?? policies.deadline);
  const aliases = own.flatMap((deadline) => deadline?.aliases ?? []);
  return {
    name,
    direction: l.direction,
    host: l.host,
    port: l.port,
    keepAliveMs: l.keepAlive,
    headerTimeoutMs: l.headerTimeout,
    maxHeaderBytes: l.maxHeaderBytes,
    maxUrlBytes: l.maxUrlBytes,
    maxConnections: l.maxConnections,
    underscores: hygiene.underscores,
    ownFields: [...new Set([...consumerFields(identity), ...aliases])],
  };
}

/** An API key is a credential of the caller's, whatever its spelling; only the names are believed. */
function consumerFields({ consumer }: Configuration['identity']): string[] {
  return consumer.flatMap((source) =>
    source.from === 'header' ? [source.header, ...(source.version === undefined ? [] : [source.version])] : [],
  );
}

/** A route's policy replaces the one of that name at the top level whole. */
function route(r: Configuration['routes'][number], { listeners, policies: top }: Configuration): RouteSettings {
  const { url, stripPrefix, connections, idle } = r.upstream;
  const preserveHost = r.upstream.preserveHost ?? listeners[r.listener]?.direction === 'ingress';
  return {
    name: r.name,
    listener: r.listener,
    match: { ...r.match, headers: lowerNames(r.match.headers) },
    upstream: { url, preserveHost, stripPrefix, connections, idleMs: idle },
    contract: r.contract,
    webhooks: r.webhooks,
    policies: { ...DEFAULT_POLICIES, ...named(top), ...named(r.policies) },
  };
}

/** Without those that nobody named: one that is off at a route is not there. */
function named(policies: Configuration['policies']): Partial<RoutePolicies> {
  return Object.fromEntries(Object.entries(policies).filter(([, config]) => config !== undefined));
}

function lowerNames(headers: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const lower = Object.create(null) as Record<string, string>;
  for (const [name, value] of Object.entries(headers)) lower[name.toLowerCase()] = value;
  return lower;
}

function byName<A, B>(of: Readonly<Record<string, A>>, make: (name: string, value: A) => B): Readonly<Record<string, B>> {
  const made = Object.create(null) as Record<string, B>;
  for (const [name, value] of Object.entries(of)) made[name] = make(name, value);
  return made;
}

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const below of Object.values(value)) deepFreeze(below);
  }
  return value;
}
