import type { WatchedFile } from '../adapters/config-watch/file-watch.ts';
import { RemoteFiles } from '../adapters/contract-source/remote-files.ts';
import type { Problem } from '../config/problem.ts';
import type { ContractSettings, Settings } from '../config/settings.ts';
import { keysByAddress } from '../config/keys-by-address.ts';
import { unknownOperations } from '../config/unknown-operations.ts';
import type { Contract } from '../core/contract.ts';
import type { DocumentReader } from '../core/document-reading.ts';
import type { ContractDocuments } from '../core/contract-documents.ts';
import type { Clock, Logger, Meter } from '../core/ports.ts';
import { ownershipOf } from '../core/ownership.ts';
import type { ContractItem } from '../core/views.ts';
import type { ContractInForce } from '../observation/drift/findings.ts';
import { Baselines, type LoadedBaselines } from './baselines.ts';
import { ContractFetches } from './contract-fetches.ts';
import { type ReadContract, filesOf, isCurrent, readContract, urlsOf } from './contract-files.ts';
import { ContractMetrics } from './contract-metrics.ts';
import type { RemotePart } from './contract-polls.ts';
import { openMutations } from './open-mutations.ts';

/** What one contract of a configuration comes to. */
interface Fate {
  readonly settings: ContractSettings;
  readonly read: ReadContract;
  /** Read now, not known from before. */
  readonly fresh: boolean;
  /** What would be in force: its newest version, an older one in its place, or none. */
  readonly contract: Contract | undefined;
  /** Why the newest version cannot be used. */
  readonly errors: readonly Problem[];
}

/** The contracts of a configuration, ready to come into force. */
export interface LoadedContracts {
  readonly fates: readonly Fate[];
  readonly byName: ReadonlyMap<string, Contract>;
  /** Whether one of them is another than what is in force. */
  readonly changed: boolean;
  /** Why the configuration cannot be taken with them. */
  readonly fatal: readonly Problem[];
  /** Why versions are not taken, where the configuration can be: an older one serves on, or none. */
  readonly refusals: readonly Problem[];
  /** What is doubtful in those that were read now, and in a new configuration for what they say. */
  readonly warnings: readonly Problem[];
  /** Of the newest versions, whether they can be used or not. */
  readonly files: readonly WatchedFile[];
  /** What of them comes over the network. */
  readonly remote: readonly RemotePart[];
  readonly baselines: LoadedBaselines;
}

interface InForce {
  readonly settings: ContractSettings;
  readonly contract: Contract | undefined;
  readonly read: ReadContract;
  /** ISO 8601, UTC; null where there is none. */
  readonly loadedAt: string | null;
  readonly error: string | undefined;
}

/** The contracts in force, and the way to newer ones. A version that cannot be used never replaces one that can. */
export class Contracts {
  readonly #clock: Clock;
  readonly #reader: DocumentReader | undefined;
  readonly #metrics: ContractMetrics;
  readonly #fetches: ContractFetches;
  readonly #newest = new Map<string, ReadContract>();
  /** By name and path: what was fetched of them. */
  readonly #remotes = new Map<string, RemoteFiles>();
  readonly #documents = new WeakMap<Contract, ContractDocuments>();
  readonly #baselines = new Baselines();
  readonly #onTaken: (inForce: ReadonlyMap<string, ContractInForce>) => void;
  #inForce = new Map<string, InForce>();

  /**
   * `reader`: for what is read while there is traffic; absent: large files are read on the event loop. `onTaken`: told, each time that contracts come into
   * force, of what findings are held against.
   */
  constructor(
    clock: Clock,
    meter: Meter,
    logger: Logger,
    reader?: DocumentReader,
    onTaken: (inForce: ReadonlyMap<string, ContractInForce>) => void = () => undefined,
  ) {
    this.#onTaken = onTaken;
    this.#reader = reader;
    this.#clock = clock;
    this.#metrics = new ContractMetrics(meter);
    this.#fetches = new ContractFetches(meter, logger);
  }

  /** What a contract was made of, in force or not. */
  documentsOf(contract: Contract): ContractDocuments | undefined {
    return this.#documents.get(contract);
  }

  /** Of all that is in force. */
  get documents(): ReadonlySet<ContractDocuments> {
    const all = [...this.#inForce.values()].map(({ contract }) => contract && this.#documents.get(contract));
    return new Set(all.filter((documents) => documents !== undefined));
  }

  /**
   * Reads what has changed; nothing comes into force. `whole`: the configuration is new, and a contract with `onError: exit` that
   * cannot be used is fatal to it, as at a start. `each`: only documents changed; one that cannot be used leaves its older version in force.
   */
  async load(settings: Settings, how: 'whole' | 'each'): Promise<LoadedContracts> {
    const fates: Fate[] = [];
    for (const one of Object.values(settings.contracts)) fates.push(await this.#fate(one, how));
    const fatal = fates.filter((fate) => isFatal(fate)).flatMap(({ errors }) => errors);
    const unknown = unknownOperations(settings, (name) => fates.find((fate) => fate.settings.name === name)?.contract);
    if (how === 'whole') fatal.push(...unknown);
    else for (const [i, fate] of fates.entries()) fates[i] = this.#without(fate, unknown);
    const baselines = await this.#baselines.load(settings, how, this.#inForce.size > 0 ? this.#reader : undefined);
    fatal.push(...baselines.fatal);
    const byName = new Map<string, Contract>();
    for (const {
      settings: { name },
      contract,
    } of fates)
      if (contract !== undefined) byName.set(name, contract);
    return {
      fates,
      byName,
      changed: fates.some(({ settings: { name }, contract }) => this.#inForce.get(name)?.contract !== contract),
      fatal,
      refusals: fates.filter((fate) => !isFatal(fate)).flatMap(({ errors }) => errors),
      warnings: [
        ...fates
          .filter(({ fresh, errors }) => fresh && errors.length === 0)
          .flatMap(({ read, settings: { name } }) => problemsOf(name, read)),
        ...(how === 'whole' ? keysByAddress(settings, (name) => openOf(byName.get(name))) : []),
        ...baselines.problems,
      ],
      files: [...fates.flatMap(({ read }) => filesOf(read)), ...baselines.files],
      remote: fates.flatMap(({ settings: one, read }) => {
        const urls = urlsOf(read);
        return urls.length === 0 ? [] : [{ name: one.name, pollMs: one.pollMs, urls, remote: this.#remoteOf(one) }];
      }),
      baselines,
    };
  }

  /** They are in force. */
  take({ fates, baselines }: LoadedContracts): void {
    const before = this.#inForce;
    this.#inForce = new Map();
    for (const fate of fates) {
      const { settings, contract, errors } = fate;
      const old = before.get(settings.name);
      const kept = old !== undefined && old.contract === contract;
      const loadedAt = kept ? old.loadedAt : contract === undefined ? null : new Date(this.#clock.wallMs()).toISOString();
      const read = errors.length === 0 || old === undefined ? fate.read : old.read;
      this.#inForce.set(settings.name, { settings, contract, read, loadedAt, error: errorOf(errors) });
      this.#metrics.inForce(settings, contract, errors.length === 0 ? 'newest' : 'refused');
      if (fate.fresh && old !== undefined) this.#metrics.reloaded(settings.name, errors.length === 0 ? 'taken' : 'refused');
    }
    for (const name of before.keys()) if (!this.#inForce.has(name)) this.#metrics.gone(name);
    for (const name of this.#newest.keys()) if (!this.#inForce.has(name)) this.#newest.delete(name);
    this.#forgetRemotes();
    this.#baselines.take(baselines);
    this.#onTaken(
      new Map([...this.#inForce].map(([name, { contract }]) => [name, { digest: contract?.digest, baseline: this.#baselines.of(name) }])),
    );
  }

  /** They are not in force, as the configuration was refused: those at fault are shown as such. */
  refuse({ fates }: LoadedContracts): void {
    for (const {
      settings: { name },
      errors,
      fresh,
    } of fates) {
      const old = this.#inForce.get(name);
      if (old === undefined || errors.length === 0) continue;
      this.#inForce.set(name, { ...old, error: errorOf(errors) });
      this.#metrics.inForce(old.settings, old.contract, 'refused');
      if (fresh) this.#metrics.reloaded(name, 'refused');
    }
  }

  items(): readonly ContractItem[] {
    return [...this.#inForce.values()].map(itemOf);
  }

  async #fate(settings: ContractSettings, how: 'whole' | 'each'): Promise<Fate> {
    const { name, onError } = settings;
    const old = this.#inForce.get(name);
    const { read, fresh } = await this.#read(settings, old);
    const { contract } = read.result;
    if (contract !== undefined && read.documents !== undefined) this.#documents.set(contract, read.documents);
    if (contract !== undefined) return { settings, read, fresh, contract, errors: [] };
    const errors = problemsOf(name, read).filter(({ severity }) => severity === 'error');
    const stands = how === 'each' || onError === 'proxy' ? old?.contract : undefined;
    return { settings, read, fresh, contract: stands, errors };
  }

  /** As it was read before, where no byte has changed since; what is in force may be newer than the last that was read (a change taken back). */
  async #read(settings: ContractSettings, old: InForce | undefined): Promise<{ readonly read: ReadContract; readonly fresh: boolean }> {
    for (const known of new Set([this.#newest.get(settings.name), old?.read])) {
      if (known === undefined || !(await isCurrent(known, settings, this.#remoteOf(settings)))) continue;
      this.#newest.set(settings.name, known);
      return { read: known, fresh: false };
    }
    // At a start nobody waits, and a thread would take longer.
    const reader = this.#inForce.size > 0 ? this.#reader : undefined;
    const read = await readContract(settings, this.#remoteOf(settings), reader);
    this.#newest.set(settings.name, read);
    return { read, fresh: true };
  }

  #remoteOf({ name, path }: ContractSettings): RemoteFiles {
    const key = remoteKey(name, path);
    const known = this.#remotes.get(key);
    if (known !== undefined) return known;
    const remote = new RemoteFiles({ root: path, onFetched: (outcome, url, reason) => this.#fetches.told(name, outcome, url, reason) });
    this.#remotes.set(key, remote);
    return remote;
  }

  /** Keeps what was fetched of what is in force, and of newer versions. */
  #forgetRemotes(): void {
    const wanted = new Map<string, Set<string>>();
    const fetched = new Map<string, Set<string>>();
    for (const { settings, read } of this.#inForce.values()) {
      const newest = this.#newest.get(settings.name) ?? read;
      const urls = new Set([...urlsOf(read), ...urlsOf(newest)]);
      wanted.set(remoteKey(settings.name, settings.path), urls);
      if (urls.size > 0) fetched.set(settings.name, urls);
    }
    for (const [key, remote] of this.#remotes) {
      const urls = wanted.get(key);
      if (urls === undefined) this.#remotes.delete(key);
      else remote.retain(urls);
    }
    this.#fetches.retain(fetched);
  }

  /** A new version without an operation that a route names is not usable either. */
  #without(fate: Fate, unknown: readonly Problem[]): Fate {
    const errors = unknown.filter(({ contract }) => contract === fate.settings.name);
    return errors.length === 0 ? fate : { ...fate, contract: this.#inForce.get(fate.settings.name)?.contract, errors };
  }
}

function isFatal({ settings, contract, errors }: Fate): boolean {
  return errors.length > 0 && contract === undefined && settings.onError === 'exit';
}

function openOf(contract: Contract | undefined): readonly string[] | undefined {
  return contract === undefined ? undefined : openMutations(contract);
}

function remoteKey(name: string, path: string): string {
  return `${name}\n${path}`;
}

function problemsOf(contract: string, { result }: ReadContract): Problem[] {
  return result.problems.map((problem) => ({ ...problem, contract }));
}

/** The first one, with its place: the log has them all. */
function errorOf([first]: readonly Problem[]): string | undefined {
  if (first === undefined) return undefined;
  return first.line > 0 ? `${first.file}:${first.line}:${first.column}: ${first.message}` : first.message;
}

function itemOf({ settings, contract, loadedAt, error }: InForce): ContractItem {
  const { owner, sla } = ownershipOf(settings, contract?.declared);
  return {
    name: settings.name,
    version: contract?.version ?? '',
    digest: contract?.digest ?? '',
    operations: contract?.operations.length ?? 0,
    state: contract === undefined ? 'missing' : error === undefined ? 'active' : 'refused',
    ...(error !== undefined && { error }),
    loadedAt,
    owner: owner ?? null,
    sla: sla ?? null,
  };
}
