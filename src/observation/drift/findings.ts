import type { Drift } from '../../core/drift.ts';
import type { FindingRow } from '../../core/findings.ts';
import { OTHERS } from '../../core/merge-findings.ts';
import type { FindingQuery } from '../../core/views.ts';
import { FindingChanges } from './finding-changes.ts';
import { FindingIndex } from './finding-index.ts';
import { findingId } from './finding-id.ts';
import { type DriftSeen, type FindingState, KeptFinding, MAX_NAME, MAX_POINTER, cut, own } from './kept-finding.ts';
import { pageOf } from './finding-page.ts';
import { ResolvedOnes } from './resolved-ones.ts';

export interface FindingsOptions {
  /** How many are kept (`telemetry.limits.findings`); 0: none. */
  readonly limit: number;
  /** Told of each change of state. `from` undefined: it is new here; `to` undefined: it had to go. */
  readonly onMoved?: (finding: KeptFinding, from: FindingState | undefined, to: FindingState | undefined) => void;
}

/** A contract as findings look at it. */
export interface ContractInForce {
  /** Undefined: it is configured and could not be loaded, so nobody knows what has changed. */
  readonly digest: string | undefined;
  /** Findings listed in its baseline file, by id, with their notes. */
  readonly baseline: ReadonlyMap<string, string>;
}

/** A finding, and what is made of it at the moment. */
export interface FoundFinding {
  readonly row: FindingRow;
  readonly state: FindingState;
  /** Note of the baseline file, where it lists the finding. */
  readonly baseline: string | undefined;
}

export interface FoundPage {
  readonly items: readonly FoundFinding[];
  readonly next: string | null;
}

/** Different names at one place of a document that are findings of their own: beyond it they are one, called `_other`. */
export const NAMES_PER_PLACE = 100;

/**
 * Drift, grouped into findings. In memory, bounded in number and size; what outlives the process, and what replicas share, others carry in and out.
 * A finding is `resolved` while the contract in force is not the one under which it was seen last; else `acknowledged`, by a person or by the
 * contract's baseline file; else `new`. Nothing throws.
 */
export class Findings {
  readonly #limit: number;
  readonly #onMoved: NonNullable<FindingsOptions['onMoved']>;
  readonly #index = new FindingIndex();
  readonly #byId = new Map<string, KeptFinding>();
  /** By API; undefined until the contracts are loaded, and out of the path: then nothing is resolved. */
  #inForce: ReadonlyMap<string, ContractInForce> | undefined = undefined;
  /** Known before the contracts are loaded: what of it is resolved, or in a baseline, shows then, and until then nobody is told of it. */
  readonly #early = new Set<KeptFinding>();
  #resolved = 0;
  readonly #resolvedOnes = new ResolvedOnes();
  readonly #changes = new FindingChanges();
  #latest: KeptFinding | undefined = undefined;

  constructor({ limit, onMoved = () => undefined }: FindingsOptions) {
    this.#limit = limit;
    this.#onMoved = onMoved;
  }

  get size(): number {
    return this.#byId.size;
  }

  /** What `observe` counted last; undefined where it was dropped. */
  get latest(): KeptFinding | undefined {
    return this.#latest;
  }

  /** `new`: to be told of, as it was not there, or was resolved and is not acknowledged. `dropped`: there are too many. */
  observe(seen: DriftSeen, drift: Drift): 'new' | 'known' | 'dropped' {
    const known = this.#index.find(seen.api, drift.specPointer, drift.name, drift);
    return known === undefined ? this.#unknown(seen, drift) : this.#again(known, seen, drift);
  }

  /** All contracts in force, by API. Those of an API that has none were seen under none. */
  contracts(inForce: ReadonlyMap<string, ContractInForce>): void {
    this.#inForce = inForce;
    for (const finding of this.#byId.values()) this.#settle(finding);
  }

  find(id: string): FoundFinding | undefined {
    const finding = this.#byId.get(id);
    return finding && this.#found(finding);
  }

  /** Undefined where there is no such finding. Said again with the same note, the first time stands. */
  acknowledge(id: string, { at, note }: { readonly at: number; readonly note: string }): FindingRow | undefined {
    const before = this.#byId.get(id)?.acknowledged;
    const stands = before !== undefined && before.withdrawn === undefined && before.note === note;
    return this.#say(id, stands ? before : { at: later(at, before), note });
  }

  /** Takes an acknowledgement back. The baseline file's stays. */
  withdraw(id: string, { at }: { readonly at: number }): FindingRow | undefined {
    const before = this.#byId.get(id)?.acknowledged;
    if (before === undefined) return this.#byId.get(id)?.row;
    return this.#say(id, before.withdrawn === true ? before : { at: later(at, before), note: '', withdrawn: true });
  }

  /** New ones first, then acknowledged, then resolved; within these the one seen last first. Undefined where `after` is no `next` of a page. */
  query(query: FindingQuery): FoundPage | undefined {
    const page = pageOf(this.#byId.values(), query);
    return page && { items: page.items.map((finding) => this.#found(finding)), next: page.next };
  }

  /** How many are yet to be written (`unwritten`: changed or gone), and to be told to the other replicas. */
  get waiting(): { readonly unwritten: number; readonly untold: number } {
    const { unwritten, gone, untold } = this.#changes;
    return { unwritten: Math.max(unwritten, gone), untold };
  }

  /** What is different since this was last asked; whole rows, `most` of them and of ids. */
  takeChanged(most = Number.POSITIVE_INFINITY): { readonly put: readonly FindingRow[]; readonly gone: readonly string[] } {
    return { put: this.#changes.takeUnwritten(most).map((finding) => finding.row), gone: this.#changes.takeGone(most) };
  }

  /** It could not be written: it is taken again the next time, as it is then. */
  giveBack({ put, gone }: ReturnType<Findings['takeChanged']>): void {
    for (const { id } of put) {
      const finding = this.#byId.get(id);
      if (finding !== undefined) this.#changes.toWrite(finding);
    }
    for (const id of gone) if (!this.#byId.has(id)) this.#changes.notGone(id);
  }

  /** What was seen and said here since this was last asked, `most` rows of it; counts are differences. Of the same rows nothing is given again. */
  takeDifferences(most = Number.POSITIVE_INFINITY): readonly FindingRow[] {
    return this.#changes.takeUntold(most).map((finding) => finding.takeDifference());
  }

  /** Of all that there are. */
  ids(): readonly string[] {
    return [...this.#byId.keys()];
  }

  /** What all replicas, or earlier runs, knew of it: without what was seen here and not taken yet. Undefined where that is nothing. */
  told(id: string): FindingRow | undefined {
    const row = this.#byId.get(id)?.toldRow;
    return row === undefined || row.seen.count === 0 ? undefined : row;
  }

  /** What all replicas together know. All differences that were taken must be in it. */
  absorb(rows: readonly FindingRow[]): void {
    for (const row of rows) {
      const finding = this.#takeIn(row);
      if (finding !== undefined) this.#changes.toWrite(finding);
    }
  }

  /**
   * What an earlier run has written; before traffic comes. Where there are more than are kept, what was acknowledged and what was seen last; what is left
   * out stays in the journal.
   */
  restore(rows: readonly FindingRow[]): void {
    const wanted = (row: FindingRow): number => (row.acknowledged === undefined ? 0 : 1);
    const sorted = [...rows].sort((a, b) => wanted(b) - wanted(a) || b.seen.lastSeenAt - a.seen.lastSeenAt);
    for (const row of sorted.slice(0, this.#limit)) this.#takeIn(row);
  }

  #unknown(seen: DriftSeen, drift: Drift): 'new' | 'known' | 'dropped' {
    const folded = this.#folded(seen.api, drift);
    const known = folded === drift ? undefined : this.#index.find(seen.api, folded.specPointer, folded.name, folded);
    if (known !== undefined) return this.#again(known, seen, drift);
    const id = findingId(seen.api, folded);
    // What was kept elsewhere may be spelt otherwise: Redis has no half characters.
    const kept = this.#byId.get(id);
    if (kept !== undefined) return this.#again(kept, seen, drift);
    if (!this.#hasRoom()) {
      this.#latest = undefined;
      return 'dropped';
    }
    const { direction, api, operation } = seen;
    const finding = new KeptFinding(id, { ...folded, direction, api, operation });
    finding.version = own(seen.contractVersion, MAX_NAME);
    finding.digest = own(seen.digest, MAX_NAME);
    this.#keep(finding);
    this.#again(finding, seen, drift);
    return 'new';
  }

  #again(finding: KeptFinding, seen: DriftSeen, drift: Drift): 'new' | 'known' {
    finding.add(seen, drift);
    this.#latest = finding;
    if (!finding.unwritten || !finding.untold) this.#changes.toTell(finding);
    return finding.digest === seen.digest ? 'known' : this.#underAnother(finding, seen);
  }

  /** An exchange that began before a reload tells nothing of the contract that came since; one without a contract that should be there, of none. */
  #underAnother(finding: KeptFinding, { contractVersion, digest }: DriftSeen): 'new' | 'known' {
    const contract = this.#inForce?.get(finding.api);
    if (contract !== undefined && (contract.digest === finding.digest || (contract.digest === undefined && digest === ''))) return 'known';
    finding.version = own(contractVersion, MAX_NAME);
    finding.digest = own(digest, MAX_NAME);
    const before = finding.state;
    this.#settle(finding);
    return before === 'resolved' && finding.state === 'new' ? 'new' : 'known';
  }

  /** The drift itself, unless its texts are too long, or there are too many names at its place already. */
  #folded(api: string, drift: Drift): Drift {
    const { specPointer, name, pointer } = drift;
    const long = specPointer.length > MAX_POINTER || name.length > MAX_NAME;
    const bounded = long ? { ...drift, specPointer: cut(specPointer, MAX_POINTER), name: cut(name, MAX_NAME) } : drift;
    if (bounded.name === OTHERS || this.#index.namesAt(api, bounded.specPointer) < NAMES_PER_PLACE) return bounded;
    if (long && this.#index.find(api, bounded.specPointer, bounded.name, bounded) !== undefined) return bounded;
    return { ...bounded, name: OTHERS, pointer: pointer.slice(0, pointer.lastIndexOf('/') + 1) + (pointer === '' ? '' : '*') };
  }

  #takeIn(row: FindingRow): KeptFinding | undefined {
    const known = this.#byId.get(row.id);
    if (known === undefined && !this.#hasRoom()) return undefined;
    const finding = known ?? new KeptFinding(row.id, row);
    const { version, digest } = finding;
    finding.absorb(row);
    // Another replica may not have the contract yet that is in force here.
    if (known !== undefined && digest === this.#inForce?.get(row.api)?.digest) Object.assign(finding, { version, digest });
    if (known !== undefined) this.#settle(finding);
    else if (this.#inForce === undefined) this.#keep(finding, 'early');
    else this.#keep(finding);
    return finding;
  }

  #keep(finding: KeptFinding, when?: 'early'): void {
    this.#byId.set(finding.id, finding);
    this.#index.add(finding);
    this.#changes.cameBack(finding.id);
    finding.state = this.#stateOf(finding);
    if (finding.state === 'resolved') this.#resolved += 1;
    if (when === 'early') this.#early.add(finding);
    else this.#onMoved(finding, undefined, finding.state);
  }

  #settle(finding: KeptFinding): void {
    const before = finding.state;
    const now = this.#stateOf(finding);
    const isEarly = this.#early.has(finding);
    if (before === now && !isEarly) return;
    finding.state = now;
    if (before === 'resolved') this.#resolved -= 1;
    if (now === 'resolved') this.#resolved += 1;
    if (isEarly && this.#inForce === undefined) return;
    this.#early.delete(finding);
    this.#onMoved(finding, isEarly ? undefined : before, now);
  }

  #stateOf({ id, api, digest, acknowledged }: KeptFinding): FindingState {
    const contract = this.#inForce?.get(api);
    if (this.#inForce !== undefined) {
      const inForce = contract === undefined ? '' : contract.digest;
      if (inForce !== undefined && inForce !== digest) return 'resolved';
    }
    const byPerson = acknowledged !== undefined && acknowledged.withdrawn === undefined;
    return byPerson || contract?.baseline.has(id) === true ? 'acknowledged' : 'new';
  }

  /** Resolved ones make room, the oldest first. */
  #hasRoom(): boolean {
    if (this.#byId.size < this.#limit) return true;
    if (this.#resolved === 0) return false;
    const oldest = this.#resolvedOnes.oldest(this.#byId.values());
    if (oldest === undefined) return false;
    this.#byId.delete(oldest.id);
    this.#index.remove(oldest);
    this.#resolved -= 1;
    oldest.gone = true;
    this.#changes.went(oldest);
    this.#onMoved(oldest, 'resolved', undefined);
    return true;
  }

  /** What stands already is told once more: it may be said again because it was not kept. */
  #say(id: string, said: NonNullable<FindingRow['acknowledged']>): FindingRow | undefined {
    const finding = this.#byId.get(id);
    if (finding === undefined) return undefined;
    finding.acknowledged = said;
    this.#settle(finding);
    this.#changes.toTell(finding);
    return finding.row;
  }

  #found(finding: KeptFinding): FoundFinding {
    return { row: finding.row, state: finding.state, baseline: this.#inForce?.get(finding.api)?.baseline.get(finding.id) };
  }
}

/** The last word is the one that holds, even where the clock was set back. */
function later(at: number, before: { readonly at: number } | undefined): number {
  return before === undefined ? at : Math.max(at, before.at + 1);
}
