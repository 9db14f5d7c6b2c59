import type { Location, Side } from './contract.ts';
import type { DriftKind } from './drift.ts';

/** One printed scrape of the registry. */
export interface Scrape {
  readonly contentType: string;
  readonly body: string;
}

/** A consumer as the API shows it: with who owns it, where the configuration says so. */
export interface ShownConsumer {
  readonly name: string;
  readonly version: string;
  readonly team?: string;
  readonly oncall?: string;
  readonly support?: string;
}

/** One violation as `/api/violations` shows it. `at` is an instant in ISO 8601, UTC. */
export interface ViolationItem {
  /** Unique over restarts; as `after` it asks for what is older. */
  readonly id: string;
  readonly at: string;
  readonly requestId: string;
  readonly traceId: string;
  readonly api: string;
  readonly contractVersion: string;
  readonly operation: string;
  readonly side: Side;
  readonly mode: 'report' | 'enforce';
  readonly consumer: ShownConsumer;
  readonly rule: string;
  readonly location: Location;
  readonly pointer: string;
  readonly specPointer: string;
  readonly detail: string;
  /** What breaks the rule, where the operator lets it be shown (`policies.contract.showValues`). */
  readonly value?: string;
}

/** Undefined members match everything; the others exactly. */
export interface ViolationQuery {
  readonly api: string | undefined;
  readonly operation: string | undefined;
  readonly consumer: string | undefined;
  readonly side: Side | undefined;
  readonly rule: string | undefined;
  /** At least 1. */
  readonly limit: number;
  /** Id of an item: only older ones. */
  readonly after: string | undefined;
}

/** Newest first. `next`: the value of `after` that goes on from here; null where nothing older matches. */
export interface ViolationPage {
  readonly items: readonly ViolationItem[];
  readonly next: string | null;
}

/** What a person found out of an unknown outcome: the upstream carried it out, or did not. */
export type SettledAs = 'executed' | 'not_executed';

/** One mutation whose outcome nobody knows, as `/api/outcomes` shows it. Instants in ISO 8601, UTC. */
export interface OutcomeItem {
  /** Unique over restarts; as `after` it asks for what is older. */
  readonly id: string;
  readonly at: string;
  readonly api: string;
  readonly route: string;
  readonly operation: string;
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  readonly requestId: string;
  readonly correlationId: string;
  readonly traceId: string;
  readonly consumer: ShownConsumer;
  /** Why nobody knows: a code of the error model, or `LOCK_LAPSED`. */
  readonly reason: string;
  /** Origin that it was sent to. */
  readonly upstream: string;
  /** How much of the request the upstream may have seen; `unknown` where another process, or an earlier run, had sent it. */
  readonly sent: 'part' | 'all' | 'unknown';
  readonly attempts: number;
  /** SHA-256 of the idempotency key and its scope, hexadecimal; empty where there was none. */
  readonly keyHash: string;
  readonly state: 'open' | 'settled';
  /** The three of a settled one; `note` may be empty. */
  readonly settledAs?: SettledAs;
  readonly settledAt?: string;
  readonly note?: string;
}

/** Undefined members match everything; the others exactly. */
export interface OutcomeQuery {
  readonly api: string | undefined;
  readonly operation: string | undefined;
  readonly consumer: string | undefined;
  readonly state: OutcomeItem['state'] | undefined;
  /** At least 1. */
  readonly limit: number;
  /** Id of an item: only older ones. */
  readonly after: string | undefined;
}

/** Newest first. `next`: the value of `after` that goes on from here; null where nothing older matches. */
export interface OutcomePage {
  readonly items: readonly OutcomeItem[];
  readonly next: string | null;
}

/** What somebody says of an outcome. */
export interface Settlement {
  readonly as: SettledAs;
  readonly note: string;
}

/** One difference between the traffic and its contract, as `/api/findings` shows it. Instants in ISO 8601, UTC. */
export interface FindingItem {
  /** The same over restarts and on all replicas. */
  readonly id: string;
  readonly kind: DriftKind;
  /** `resolved`: the contract has changed, and it was not seen since. */
  readonly state: 'new' | 'acknowledged' | 'resolved';
  readonly direction: 'ingress' | 'egress';
  readonly api: string;
  /** In which it was seen first. */
  readonly operation: string;
  /** All in which it was seen; of many some. */
  readonly operations: readonly string[];
  readonly side: Side;
  readonly location: Location;
  readonly pointer: string;
  readonly specPointer: string;
  readonly name: string;
  readonly count: number;
  readonly firstSeen: string;
  readonly lastSeen: string;
  /** The one that was seen most first; those beyond the limit are `_other`. */
  readonly consumers: ReadonlyArray<FindingConsumer>;
  /** Under which it was seen last. */
  readonly contractVersion: string;
  /** Never a value, but for fields that the operator lets be shown (`policies.contract.showValues`). */
  readonly evidence: { readonly types: readonly string[]; readonly formats: readonly string[]; readonly values?: readonly string[] };
  readonly acknowledgement?: {
    readonly by: 'person' | 'baseline';
    readonly note: string;
    /** Of a person's. */
    readonly at?: string;
  };
  /** One sentence: what would make contract and traffic agree. */
  readonly proposal: string;
}

export interface FindingConsumer extends Omit<ShownConsumer, 'version'> {
  readonly count: number;
  readonly lastSeen: string;
}

/** Undefined members match everything; the others exactly. */
export interface FindingQuery {
  readonly api: string | undefined;
  readonly kind: DriftKind | undefined;
  readonly state: FindingItem['state'] | undefined;
  /** One of those in which it was seen. */
  readonly operation: string | undefined;
  readonly consumer: string | undefined;
  /** At least 1. */
  readonly limit: number;
  /** `next` of a page: what follows. */
  readonly after: string | undefined;
}

/** New ones first, then acknowledged, then resolved; within these the one seen last first. */
export interface FindingPage {
  readonly items: readonly FindingItem[];
  readonly next: string | null;
}

/** One configured contract as `/api/contracts` shows it. */
export interface ContractItem {
  readonly name: string;
  readonly version: string;
  readonly digest: string;
  /** How many. */
  readonly operations: number;
  /** `refused`: the newest document does not compile and an older one serves on; `missing`: none could be loaded. */
  readonly state: 'active' | 'refused' | 'missing';
  readonly error?: string;
  /** ISO 8601, UTC; null where none was ever loaded. */
  readonly loadedAt: string | null;
  readonly owner: unknown;
  readonly sla: unknown;
}

export interface ConfigItem {
  /** Counts up with every configuration that took effect. */
  readonly generation: number;
  readonly digest: string;
  /** With all defaults filled in; secrets are masked. */
  readonly config: unknown;
}

/** What the admin server shows, and the little that it can change. The composition root supplies it; no method waits for traffic or throws. */
export interface Views {
  /** `reasons` says for people why it is not; empty where it is. */
  ready(): { readonly ready: boolean; readonly reasons: readonly string[] };
  started(): boolean;
  /** The service that the gateway stands before is about to end: it lets go of its clients, goes on serving, and is not ready any more. */
  retire(): void;
  /** `accept`: the value of the Accept field. */
  metrics(accept: string | undefined): Promise<Scrape>;
  /** Undefined where `after` is no id that this process has given. */
  violations(query: ViolationQuery): ViolationPage | undefined;
  /** Undefined where `after` is no id that the ledger has given. */
  outcomes(query: OutcomeQuery): OutcomePage | undefined;
  /** The item as it is now; said again, the last word holds. Undefined where the ledger has no item of this id. */
  settleOutcome(id: string, settlement: Settlement): OutcomeItem | undefined;
  /** Undefined where `after` is no `next` of a page. */
  findings(query: FindingQuery): FindingPage | undefined;
  /** Undefined where there is no finding of this id. */
  finding(id: string): FindingItem | undefined;
  /** The finding as it is now; said again, the last note holds. Undefined where there is none of this id. */
  acknowledgeFinding(id: string, note: string): FindingItem | undefined;
  /** Takes an acknowledgement back: one of a person, not that of a baseline file. Undefined where there is no finding of this id. */
  withdrawAcknowledgement(id: string): FindingItem | undefined;
  /** Resolves when what was said of the finding until now outlives the process, with undefined; or with the reason, for people, why it does not. */
  findingKept(id: string): Promise<string | undefined>;
  contracts(): readonly ContractItem[];
  config(): ConfigItem;
}
