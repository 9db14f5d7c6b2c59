import type { RateLimitConfig } from '../policies/rate-limit/config.ts';
import type { IdempotencyConfig } from '../policies/idempotency/config.ts';
import type { PreconditionConfig } from '../policies/precondition/config.ts';
import type { RetryConfig } from '../policies/retry/config.ts';
import type { CircuitBreakerConfig } from '../policies/circuit-breaker/config.ts';
import type { ConcurrencyConfig } from '../policies/concurrency/config.ts';
import type { LoadShedConfig } from '../policies/load-shed/config.ts';
import type { FallbackConfig } from '../policies/fallback/config.ts';
import type { ContractConfig } from '../policies/contract/config.ts';
import type { DeadlineConfig } from '../policies/deadline/config.ts';
import type { IdentitySection } from '../policies/identity/config.ts';
import type { WebhookNaming } from '../core/contract.ts';
import { type Endpoint, EVERY_ADDRESS } from '../core/listen.ts';
import type { Owner, Sla } from '../core/ownership.ts';
import type { Place } from './problem.ts';
import { withoutCredentials } from './redis-url.ts';

export interface ContractSettings {
  readonly name: string;
  readonly protocol: 'openapi';
  /** Of the document, or of the directory that has it: absolute; or a URL. */
  readonly path: string;
  /** What references may reach besides: documents of any host over https. */
  readonly refs: 'files' | 'https';
  /** File of findings that are known and accepted: absolute; undefined: none. */
  readonly baseline: string | undefined;
  /** How often documents of the network are asked for again. */
  readonly pollMs: number;
  /** `auto`: from the document's servers; `none`: paths as they are; else a path that requests have before the document's. */
  readonly basePath: string;
  readonly formats: 'assert' | 'annotate';
  /** What a contract that cannot be loaded means at start. `proxy`: traffic passes unjudged. */
  readonly onError: 'exit' | 'proxy';
  /** As the configuration has it: what the document says besides is not in it (`ownershipOf`). */
  readonly owner: Owner | undefined;
  /** The same. */
  readonly sla: Sla | undefined;
}

/** Who a consumer is, and the versions of contracts that it was built on. */
export interface ConsumerSettings {
  readonly team: string | undefined;
  readonly oncall: string | undefined;
  readonly support: string | undefined;
  /** By contract. */
  readonly contracts: Readonly<Record<string, string>>;
}

export interface ListenerSettings extends Endpoint {
  readonly name: string;
  /** `ingress`: requests to the service; `egress`: what the service itself asks of others. */
  readonly direction: 'ingress' | 'egress';
  readonly keepAliveMs: number;
  readonly headerTimeoutMs: number;
  readonly maxHeaderBytes: number;
  readonly maxUrlBytes: number;
  readonly maxConnections: number;
  /** As `hygiene` says. */
  readonly underscores: 'reject' | 'pass';
  /** Lower-case names of fields that the configuration makes the gateway's own: they name the consumer, or carry a timeout. */
  readonly ownFields: readonly string[];
}

/** All of it must hold. */
export interface MatchSettings {
  /** Whole segments, raw; without a slash at the end; `/` is every path. */
  readonly path: string;
  /** In lower case, without a port. */
  readonly host: string | undefined;
  readonly methods: readonly string[] | undefined;
  /** Names in lower case; values must be equal. */
  readonly headers: Readonly<Record<string, string>>;
  /** `type/subtype;name=value`, in lower case, parameters by name. */
  readonly mediaType: string | undefined;
}

export interface UpstreamSettings {
  /** `http://host:port`, without a slash at the end. */
  readonly url: string;
  /** Send the caller's Host on, or the upstream's own. */
  readonly preserveHost: boolean;
  /** Taken off the beginning of the path, whole segments. */
  readonly stripPrefix: string | undefined;
  readonly connections: number;
  readonly idleMs: number;
}

/** The policies of a route; one that is not there is off. */
export interface RoutePolicies {
  readonly deadline: DeadlineConfig;
  readonly contract: ContractConfig;
  readonly rateLimit?: readonly RateLimitConfig[];
  readonly idempotency?: IdempotencyConfig;
  readonly precondition?: PreconditionConfig;
  readonly retry?: RetryConfig;
  readonly circuitBreaker?: CircuitBreakerConfig;
  readonly concurrency?: ConcurrencyConfig;
  readonly loadShed?: LoadShedConfig;
  readonly fallback?: FallbackConfig;
}

export interface RouteSettings {
  readonly name: string;
  readonly listener: string;
  readonly match: MatchSettings;
  readonly upstream: UpstreamSettings;
  readonly contract: string | undefined;
  /** Undefined: requests are held against the paths of the contract. */
  readonly webhooks: WebhookNaming | undefined;
  readonly policies: RoutePolicies;
}

export interface TracesSettings {
  /** Base address of the receiver, without a slash at the end. */
  readonly otlp: string;
  /** Share of the traces that begin here, 0 to 1. */
  readonly sample: number;
}

export interface TelemetrySettings {
  /** `off`, `stdout`, or an absolute path. */
  readonly accessLog: string;
  readonly limits: {
    readonly operations: number;
    readonly consumers: number;
    readonly versionsPerConsumer: number;
    readonly lines: number;
    readonly violations: number;
    readonly outcomes: number;
    /** 0: none are looked for. */
    readonly findings: number;
    /** Exchanges that speak another protocol, at a time. */
    readonly upgrades: number;
    readonly bufferedBytes: number;
  };
  /** Undefined: no spans are exported. */
  readonly traces: TracesSettings | undefined;
}

/** Where what replicas must agree on is kept. */
export type StoreSettings =
  | { readonly kind: 'memory'; readonly maxBytes: number }
  | {
      readonly kind: 'redis';
      /** May hold a password. */
      readonly url: string;
      readonly timeoutMs: number;
      readonly prefix: string;
      readonly replicas: number | 'auto';
    };

/** A configuration that has no errors, with every default filled in. Frozen throughout. */
export interface Settings {
  readonly service: { readonly name: string; readonly version: string; readonly environment: string };
  readonly admin: { readonly host: string; readonly port: number; readonly token: string | undefined };
  readonly probes: Endpoint | undefined;
  readonly drain: { readonly delayMs: number; readonly graceMs: number };
  /** `watch: false`: files are read again at SIGHUP only. */
  readonly reload: { readonly watch: boolean; readonly pollMs: number };
  /** `dir`: absolute. Undefined: what outlives a request is kept in memory. */
  readonly state: { readonly dir: string } | undefined;
  readonly trust: { /** In CIDR notation, or single addresses. */ readonly peers: readonly string[]; readonly ids: 'anyone' | 'peers' };
  readonly hygiene: { readonly paths: 'reject' | 'normalise'; readonly underscores: 'reject' | 'pass' };
  readonly errors: { readonly detail: 'full' | 'codes' | 'none' };
  readonly identity: IdentitySection;
  readonly telemetry: TelemetrySettings;
  readonly store: StoreSettings;
  readonly contracts: Readonly<Record<string, ContractSettings>>;
  readonly consumers: Readonly<Record<string, ConsumerSettings>>;
  readonly listeners: readonly ListenerSettings[];
  readonly routes: readonly RouteSettings[];
  /** Where a JSON pointer of the configuration stands in its file, for problems that are found later. */
  readonly placeOf: (pointer: string) => Place;
}

/** What may be shown to people: everything but secrets. Plain JSON. */
export function shownSettings({ placeOf: _, ...settings }: Settings): Readonly<Record<string, unknown>> {
  const { admin, probes, listeners, store } = settings;
  const named = <E extends Endpoint>(one: E): E => ({ ...one, host: one.host ?? EVERY_ADDRESS });
  return {
    ...settings,
    admin: { ...admin, token: admin.token === undefined ? null : '***' },
    probes: probes && named(probes),
    listeners: listeners.map(named),
    store: store.kind === 'redis' ? { ...store, url: withoutCredentials(store.url) } : store,
  };
}
