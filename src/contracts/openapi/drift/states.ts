import type { Place } from '../document/documents.ts';
import { ARRAY, OBJECT } from '../schema/shape.ts';
import type { SchemaSet } from '../schema/units.ts';
import type { SpecPointers } from '../schema/violations.ts';
import { isShut, keyOf, prefixLength, saidOfItem, saidOfMember } from './describe.ts';
import { eachAtom, type Formula, Formulas, SILENT, type Term } from './formula.ts';
import { Found } from './found.ts';
import { toldName } from './looks-like.ts';
import { Owners } from './owner.ts';
import { type Member, type Otherwise, State, UNSEEN } from './state.ts';
import { Subtypes } from './subtypes.ts';
import { textRules } from './text-rules.ts';
import { Formats } from './unasserted.ts';

/** Of one contract; below a value that would need more nothing is looked for. */
const MAX_STATES = 100_000;
/** Reports and names that are kept, some 500 bytes each: when there are more, all are made again as they come. */
const MAX_KEPT = 10_000;
/** Names of one schema whose patterns are remembered. */
const MAX_MATCHED = 200;

export interface StateLimits {
  readonly states: number;
  readonly kept: number;
}

/** What the messages of one contract are looked through with: prepared as they come, the same for all operations, and gone with the contract. */
export class States {
  /** How many times as long as on the event loop a look may take. */
  readonly patience: number;
  readonly #pointers: SpecPointers;
  readonly #formulas: Formulas;
  readonly #owners: Owners;
  readonly #formats: Formats;
  readonly #limits: StateLimits;
  readonly #states = new Map<string, State | undefined>();
  /** What has something to forget. */
  #keeping: Array<() => void> = [];
  #kept = 0;

  constructor(set: SchemaSet, pointers: SpecPointers, limits: StateLimits = { states: MAX_STATES, kept: MAX_KEPT }) {
    const { documents, dialect } = set;
    this.patience = set.patience;
    this.#pointers = pointers;
    this.#formulas = new Formulas(documents, dialect, new Subtypes(documents));
    this.#owners = new Owners(documents, dialect, this.#formulas);
    this.#formats = new Formats(set.interpreter.formats, dialect);
    this.#limits = limits;
  }

  /** How much is held: bounded whatever comes. */
  get size(): { readonly states: number; readonly kept: number } {
    return { states: this.#states.size, kept: this.#kept };
  }

  /** Undefined: there is nothing to look for in a value of these schemas. Throws SchemaFault where a pattern cannot be judged. */
  of(term: Term): State | undefined {
    if (term === SILENT) return undefined;
    const key = keyOf(term);
    const known = this.#states.get(key);
    if (known !== undefined || this.#states.has(key) || this.#states.size >= this.#limits.states) return known;
    const formula = this.#formulas.of(term);
    const texts = textRules(formula, this.#formats).map(({ kind, place, fits }) => ({ fits, found: this.#found(kind, place, '') }));
    const state = texts.length > 0 || looksBelow(formula) ? new State(term, formula, texts) : undefined;
    this.#states.set(key, state);
    return state;
  }

  stateOf(member: Member): State | undefined {
    if (member.state === UNSEEN) member.state = this.of(member.term);
    return member.state;
  }

  /** Makes the tables of a state. A value of another type than its schemas have is for the validator. */
  prepare(state: State): void {
    if (state.ready) return;
    state.ready = true;
    if ((state.formula.types & OBJECT) !== 0) this.#prepareMembers(state);
    if ((state.formula.types & ARRAY) !== 0) prepareItems(state);
  }

  #prepareMembers(state: State): void {
    const { formula } = state;
    const names = new Set<string>();
    let hasPatterns = false;
    eachAtom(formula, ({ properties, patterns, mentioned }) => {
      for (const name of Object.keys(properties)) names.add(name);
      for (const name of mentioned) names.add(name);
      hasPatterns ||= patterns.length > 0;
    });
    const members = new Map<string, Member>();
    let last: Member | undefined;
    for (const name of names) {
      const said = saidOfMember(formula, name);
      // Only values of another type have it.
      if (typeof said !== 'object') continue;
      const member = memberOf(name, said);
      members.set(name, member);
      if (last === undefined) state.first = member;
      else last.next = member;
      last = member;
    }
    state.members = members;
    if (hasPatterns) {
      state.otherwise = 'pattern';
      state.matched = new Map();
      return;
    }
    const other = this.#otherwise(state, strangerTo(names));
    state.otherwise = typeof other === 'string' ? other : 'map';
    if (typeof other === 'object') state.other = other;
  }

  /** Of a member that has no name in a schema whose patterns decide. */
  byPattern(state: State, name: string): Otherwise | Member {
    const known = state.matched?.get(name);
    if (known !== undefined) return known;
    const other = this.#otherwise(state, name);
    if (state.matched !== undefined && state.matched.size < MAX_MATCHED && name.length < MAX_MATCHED) state.matched.set(name, other);
    return other;
  }

  /** A member that the state does not know. */
  stranger(state: State, name: string): Found {
    const known = state.strangers.get(name);
    if (known !== undefined) return known;
    const told = toldName(name);
    const same = state.strangers.get(told);
    if (same !== undefined) return same;
    if (state.strangers.size === 0) this.#keeping.push(() => state.strangers.clear());
    const found = new Found('undocumented_field', this.#ownerOf(state), told, this.#keep);
    state.strangers.set(told, found);
    return found;
  }

  #otherwise(state: State, name: string): Otherwise | Member {
    const said = saidOfMember(state.formula, name);
    if (said === 'silent') return 'free';
    if (said === 'unknown') return isShut(state.formula) ? 'free' : 'unknown';
    return said === SILENT ? 'free' : memberOf('*', said);
  }

  #ownerOf(state: State): string {
    if (state.ownerPointer === '') {
      const place = this.#owners.of(state.term);
      state.ownerPointer = place === undefined ? '' : this.#pointers.of(place);
    }
    return state.ownerPointer;
  }

  #found(kind: Found['kind'], place: Place, name: string): Found {
    const found = new Found(kind, this.#pointers.of(place), name, () => {
      this.#keeping.push(() => found.forget());
      this.#keep();
    });
    return found;
  }

  readonly #keep = (): void => {
    this.#kept += 1;
    if (this.#kept <= this.#limits.kept) return;
    for (const forget of this.#keeping) forget();
    this.#keeping = [];
    this.#kept = 0;
  };
}

function prepareItems(state: State): void {
  const { formula } = state;
  const length = prefixLength(formula);
  state.prefix = Array.from({ length }, (_, i) => memberOf('*', saidOfItem(formula, i)));
  const rest = saidOfItem(formula, length);
  if (rest !== SILENT) state.items = memberOf('*', rest);
}

function memberOf(name: string, term: Term): Member {
  return { name, term, state: term === SILENT ? undefined : UNSEEN, next: undefined };
}

/** Objects or lists may have something in them that the formula speaks of. */
function looksBelow(formula: Formula): boolean {
  let looks = false;
  eachAtom(formula, ({ declares, patterns, others, unevaluated, prefix, items, someItems }) => {
    looks ||=
      declares ||
      patterns.length > 0 ||
      typeof others === 'object' ||
      unevaluated !== undefined ||
      prefix.length > 0 ||
      items !== undefined ||
      someItems.length > 0;
  });
  return looks;
}

/** A name that is none of these. */
function strangerTo(names: ReadonlySet<string>): string {
  let name = 'x';
  while (names.has(name)) name += 'x';
  return name;
}
