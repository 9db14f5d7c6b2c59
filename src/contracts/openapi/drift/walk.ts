import type { Drift } from '../../../core/drift.ts';
import { escapeToken } from '../document/pointer.ts';
import { budget } from '../schema/budget.ts';
import { STRING } from '../schema/shape.ts';
import { shownValue } from '../schema/shown-value.ts';
import { typeOf } from './atom.ts';
import type { Found, Root } from './found.ts';
import { looksLike } from './looks-like.ts';
import { isSpelling, withoutBrackets } from './spelling.ts';
import { type Member, type RuledText, type State, UNSEEN } from './state.ts';
import type { States } from './states.ts';

/** What one look goes through on the event loop: members and items, some 20 nanoseconds each, and members that are not known for so many as they cost. */
const MAX_LOOKED_AT = 60_000;
const AS_A_STRANGER = 4;
/** Deeper values are not looked into. */
const MAX_DEPTH = 200;
/** What is told of one body. */
const MAX_FOUND = 50;
/** What patterns of names may cost, in units of the budget: some two milliseconds. */
const PATTERN_UNITS = 60_000;
const NONE: readonly Drift[] = Object.freeze([]);

interface Hit {
  readonly found: Found;
  readonly pointer: string;
  types: number;
  /** What a text was that is not as declared: for those whom the operator lets see it. */
  readonly text: string | undefined;
}

/**
 * Goes through values beside the tables of their states. A member that comes after the one that it came after the last time costs one comparison of
 * names, and a value in which there is nothing to look for is not even read: a body of a known shape costs less than its hash would. Only what is
 * found is remembered.
 */
export class Walk {
  readonly #states: States;
  readonly #path: string[] = [];
  #hits: Hit[] = [];
  /** Of the hits, the one that came last. */
  #last = 0;
  #left = 0;

  constructor(states: States) {
    this.#states = states;
  }

  /** Never throws. What is found of a value that is too large until there is no more time is told. */
  look(root: Root, state: State, value: unknown): readonly Drift[] {
    this.#left = MAX_LOOKED_AT * this.#states.patience;
    budget.left = PATTERN_UNITS;
    try {
      this.#value(state, '', value, -1);
    } catch {
      // A pattern that cannot be judged, or costs too much: what was found until then is true all the same.
    } finally {
      budget.left = Infinity;
    }
    return this.#hits.length === 0 ? NONE : this.#told(root);
  }

  /** Names and texts of a form. */
  form(root: Root, state: State, pairs: ReadonlyArray<readonly [name: string, value: string]>): readonly Drift[] {
    this.#states.prepare(state);
    budget.left = PATTERN_UNITS;
    try {
      for (const [name, value] of pairs) if (!isSpelling(name, state.members)) this.#other(state, withoutBrackets(name), value, 0);
    } catch {
      // As above.
    } finally {
      budget.left = Infinity;
    }
    return this.#hits.length === 0 ? NONE : this.#told(root);
  }

  /** `name` is that of the value where it stands, `depth` that of what holds it. */
  #value(state: State, name: string, value: unknown, depth: number): void {
    if (typeof value === 'string') {
      if (state.texts.length > 0) this.#text(state.texts, name, value, depth);
      return;
    }
    if (typeof value !== 'object' || value === null || depth >= MAX_DEPTH) return;
    if (!state.ready) this.#states.prepare(state);
    if (depth >= 0) this.#path[depth] = name;
    if (Array.isArray(value)) this.#items(state, value as readonly unknown[], depth + 1);
    else if (state.otherwise !== 'free' || state.members.size > 0)
      this.#members(state, value as Readonly<Record<string, unknown>>, depth + 1);
  }

  #members(state: State, value: Readonly<Record<string, unknown>>, depth: number): void {
    let expected = state.first;
    let previous: Member | undefined;
    for (const name in value) {
      if (--this.#left < 0) return;
      let member = expected;
      if (member === undefined || member.name !== name) {
        member = state.members.get(name);
        if (member === undefined) {
          if (state.otherwise !== 'free') this.#other(state, name, value[name], depth);
          continue;
        }
        if (previous === undefined) state.first = member;
        else previous.next = member;
      }
      previous = member;
      expected = member.next;
      if (member.state !== undefined) this.#below(member, name, value[name], depth);
    }
  }

  #below(member: Member, name: string, value: unknown, depth: number): void {
    const state = member.state === UNSEEN ? this.#states.stateOf(member) : member.state;
    if (state !== undefined) this.#value(state, name, value, depth);
  }

  #items(state: State, value: readonly unknown[], depth: number): void {
    const { prefix, items } = state;
    if (prefix.length === 0 && items?.state === undefined) return;
    for (let i = 0; i < value.length; i++) {
      if (--this.#left < 0) return;
      const member = i < prefix.length ? prefix[i] : items;
      if (member?.state !== undefined) this.#below(member, '*', value[i], depth);
    }
  }

  /** A member that has no name in the schema. */
  #other(state: State, name: string, value: unknown, depth: number): void {
    const other = state.otherwise === 'pattern' ? this.#states.byPattern(state, name) : (state.other ?? state.otherwise);
    if (other === 'unknown') this.#stranger(state, name, value, depth);
    else if (typeof other === 'object' && other.state !== undefined) this.#below(other, '*', value, depth);
  }

  #stranger(state: State, name: string, value: unknown, depth: number): void {
    this.#left -= AS_A_STRANGER;
    if (this.#hits.length >= MAX_FOUND && !state.strangers.has(name)) return;
    const found = this.#states.stranger(state, name);
    if (found.wantsFormat && typeof value === 'string') found.addFormat(looksLike(value));
    this.#hit(found, found.name, depth, typeOf(value), undefined);
  }

  #text(rules: readonly RuledText[], name: string, value: string, depth: number): void {
    for (const { fits, found } of rules) if (!fits(value)) this.#hit(found, name, depth, STRING, value);
  }

  #hit(found: Found, name: string, depth: number, types: number, text: string | undefined): void {
    // Items of a list have the same members in the same order.
    const { length } = this.#hits;
    for (let i = 0; i < length; i++) {
      const hit = this.#hits[(this.#last + 1 + i) % length] as Hit;
      if (hit.found !== found) continue;
      hit.types |= types;
      this.#last = (this.#last + 1 + i) % length;
      return;
    }
    if (length >= MAX_FOUND) return;
    let pointer = '';
    for (let i = 0; i < depth; i++) pointer += `/${escapeToken(this.#path[i] as string)}`;
    if (depth >= 0) pointer += `/${escapeToken(name)}`;
    this.#hits.push({ found, pointer, types, text });
    this.#last = length;
  }

  /** Several states may have the same thing to tell. */
  #told(root: Root): readonly Drift[] {
    const drifts: Drift[] = [];
    for (const { found, pointer, types, text } of this.#hits) {
      if (drifts.some((one) => one.specPointer === found.specPointer && one.name === found.name && one.kind === found.kind)) continue;
      const drift = found.told(root, types, pointer);
      const value = text === undefined ? undefined : shownValue(text);
      drifts.push(value === undefined ? drift : { ...drift, value });
    }
    this.#hits = [];
    return drifts;
  }
}
