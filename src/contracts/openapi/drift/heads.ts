import type { Location, Side } from '../../../core/contract.ts';
import type { Drift, DriftKind } from '../../../core/drift.ts';
import { type RawHeaders, fieldName } from '../../../core/headers.ts';
import { escapeToken } from '../document/pointer.ts';
import { formDecode } from '../parameters/decode.ts';
import { toldName } from './looks-like.ts';
import { isWellKnownField } from './well-known-fields.ts';

export const NO_DRIFT: readonly Drift[] = Object.freeze([]);

/** What is told of one head. */
const MAX_FOUND = 20;
/** Names come from traffic: what is remembered of them is bounded. */
const MAX_REMEMBERED = 200;
/** Pairs of a query that are looked at. */
const MAX_PAIRS = 500;

/** What names stand under that the document does not know. */
export interface Names {
  readonly side: Side;
  readonly location: Location;
  readonly specPointer: string;
}

/** Names that the document knows at other places, and the place that knows of none of the others. */
export interface Elsewhere {
  readonly names: ReadonlySet<string>;
  readonly specPointer: string;
}

/** Reports on names, made once for each. */
class Strangers {
  readonly #kind: DriftKind;
  readonly #of: Names;
  readonly #elsewhere: Elsewhere | undefined;
  readonly #known = new Map<string, Drift>();

  constructor(kind: DriftKind, of: Names, elsewhere?: Elsewhere) {
    this.#kind = kind;
    this.#of = of;
    this.#elsewhere = elsewhere;
  }

  /** What was found before, and this. */
  add(name: string, before: Drift[] | undefined): Drift[] {
    const found = before ?? [];
    if (found.length >= MAX_FOUND) return found;
    const told = toldName(name);
    let drift = this.#known.get(told);
    if (drift === undefined) {
      const specPointer = this.#elsewhere?.names.has(name) === false ? this.#elsewhere.specPointer : this.#of.specPointer;
      drift = { kind: this.#kind, ...this.#of, specPointer, pointer: `/${escapeToken(told)}`, name: told, types: [], formats: [] };
      if (this.#known.size < MAX_REMEMBERED) this.#known.set(told, drift);
    }
    if (!found.includes(drift)) found.push(drift);
    return found;
  }
}

/**
 * Fields of a message whose document names some at that place. One that the document names nowhere is the same finding in all operations: services add
 * such fields to whatever they answer.
 */
export class FieldNames {
  readonly #declared: ReadonlySet<string>;
  readonly #strangers: Strangers;
  /** Of names in lower case, whether they are told of. */
  readonly #isStrange = new Map<string, boolean>();

  /** `declared`: in lower case. */
  constructor(declared: ReadonlySet<string>, of: Names, elsewhere: Elsewhere) {
    this.#declared = declared;
    this.#strangers = new Strangers('undocumented_header', of, elsewhere);
  }

  find(headers: RawHeaders, found: Drift[] | undefined): Drift[] | undefined {
    let all = found;
    for (let i = 0; i < headers.length; i += 2) {
      const { lower } = fieldName(headers[i] as string);
      if (this.#isStrange.get(lower) ?? this.#decide(lower)) all = this.#strangers.add(lower, all);
    }
    return all;
  }

  #decide(lower: string): boolean {
    const isStrange = !this.#declared.has(lower) && !isWellKnownField(lower);
    if (this.#isStrange.size < MAX_REMEMBERED) this.#isStrange.set(lower, isStrange);
    return isStrange;
  }
}

/**
 * What clients put into any query, whatever the service: against caches (jQuery), and for whom advertises (Google Analytics, Google Ads, Meta, Microsoft
 * Advertising).
 */
const TRACKING = /^(?:_|utm_[a-z]+|gclid|gbraid|wbraid|fbclid|msclkid)$/;

/** Names in a query. */
export class QueryNames {
  readonly #declared: ReadonlySet<string>;
  readonly #strangers: Strangers;

  constructor(declared: ReadonlySet<string>, of: Names) {
    this.#declared = declared;
    this.#strangers = new Strangers('undocumented_parameter', of);
  }

  find(query: string, found: Drift[] | undefined): Drift[] | undefined {
    let all = found;
    let from = 0;
    for (let pairs = 0; from < query.length && pairs < MAX_PAIRS; pairs++) {
      const amp = query.indexOf('&', from);
      const end = amp < 0 ? query.length : amp;
      const equals = query.indexOf('=', from);
      const name = query.slice(from, equals < 0 || equals > end ? end : equals);
      from = end + 1;
      if (name === '' || this.#declared.has(name)) continue;
      const decoded = formDecode(name);
      if (decoded !== undefined && !this.#knows(decoded)) all = this.#strangers.add(decoded, all);
    }
    return all;
  }

  /** Members of objects and items of lists are written behind a name in many ways: `name[member]`, `name[]`, `name.member`. */
  #knows(name: string): boolean {
    if (this.#declared.has(name) || TRACKING.test(name)) return true;
    const end = name.search(/[[.]/);
    return end > 0 && this.#declared.has(name.slice(0, end));
  }
}
